"""Snapshots in place of the log's beginning (§7, Figure 13; dissertation chapter 5)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import Outcome
from raftstep.core.log import agrees_at, configuration_at, entries_from, entry_at, last_index, term_at, with_log
from raftstep.core.machine import apply_with_sessions
from raftstep.core.messages import InstallSnapshot, InstallSnapshotResponse
from raftstep.core.model import Index, Node, Role, Snapshot
from raftstep.core.rules import Rule


def take_snapshot(outcome: Outcome) -> Outcome:
    """Write down the applied state and drop the log up to there; with nothing new applied, nothing happens."""
    node = outcome.node
    if not node.keeps(Guard.SNAPSHOT_OF_APPLIED):
        node = _apply_everything(node)
    if node.last_applied <= node.snapshot.index:
        return outcome
    return replace(outcome, node=compact_log(node, node.last_applied), rules=(*outcome.rules, Rule.TAKE_SNAPSHOT))


def compact_log(node: Node, index: Index) -> Node:
    """The node with its log up to ``index`` replaced by a snapshot of its state machine.

    Raises :class:`ValueError` for an index other than the last applied one: the machine has no other state.
    """
    if index != node.last_applied:
        raise ValueError(f"the state machine is at index {node.last_applied}, not {index}")
    snapshot = Snapshot(
        index=index, term=term_at(node, index), machine=node.machine, configuration=configuration_at(node, index)
    )
    return replace(node, log=entries_from(node, index + 1), snapshot=snapshot)


def _apply_everything(node: Node) -> Node:
    machine = node.machine
    for index in range(node.last_applied + 1, last_index(node) + 1):
        entry = entry_at(node, index)
        machine = apply_with_sessions(machine, entry, node.settings) if entry else machine
    return replace(node, machine=machine, last_applied=last_index(node))


def take_snapshot_when_due(node: Node) -> Outcome:
    """Where the settings say so, take a snapshot once so many entries have been applied, before anything else."""
    threshold = node.settings.snapshot_after
    if not threshold or node.last_applied - node.snapshot.index < threshold:
        return Outcome(node=node)
    return take_snapshot(Outcome(node=node))


def answer_install_snapshot(node: Node, request: InstallSnapshot) -> Outcome:
    """A follower takes a snapshot, keeps what its own log has behind it, or is already past it (Figure 13)."""
    if request.term < node.current_term:
        response = _build_response(node, request, match_index=0)
        return Outcome(node=node, messages=(response,), rules=(Rule.REJECT_STALE_LEADER,))
    follower, rules = replication.follow_leader(node, request.source)
    updated_node, rule = _install_snapshot(follower, request.snapshot)
    response = _build_response(updated_node, request, match_index=request.snapshot.index)
    return Outcome(node=updated_node, messages=(response,), rearm=True, rules=(*rules, rule))


def _install_snapshot(node: Node, snapshot: Snapshot) -> tuple[Node, Rule]:
    counts_as_entry = node.keeps(Guard.SNAPSHOT_IS_AN_ENTRY)
    if snapshot.index <= node.commit_index and counts_as_entry:
        return node, Rule.IGNORE_OLD_SNAPSHOT
    has_matching_entry = snapshot.index > node.snapshot.index and agrees_at(
        node, index=snapshot.index, term=snapshot.term
    )
    suffix = entries_from(node, snapshot.index + 1) if has_matching_entry else ()
    follower = replace(node, log=(), snapshot=snapshot)
    if not counts_as_entry and not has_matching_entry:
        follower = replace(follower, commit_index=0, last_applied=0)
    if snapshot.index > follower.last_applied:
        follower = replace(follower, machine=snapshot.machine, last_applied=snapshot.index)
    committed_node = replace(follower, commit_index=max(follower.commit_index, snapshot.index))
    return with_log(committed_node, suffix), Rule.KEEP_SUFFIX if has_matching_entry else Rule.INSTALL_SNAPSHOT


def _build_response(node: Node, request: InstallSnapshot, *, match_index: Index) -> InstallSnapshotResponse:
    return InstallSnapshotResponse(
        source=node.id, target=request.source, term=node.current_term, match_index=match_index, round=request.round
    )


def handle_install_response(node: Node, response: InstallSnapshotResponse) -> Outcome:
    """The follower now agrees up to the snapshot's end; entries follow from there at the next heartbeat."""
    progress = replication.progress_of(node, response.source)
    if node.role is not Role.LEADER or response.term < node.current_term or progress is None:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    return replication.record_match(node, progress, response.match_index)
