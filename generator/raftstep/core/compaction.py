"""Snapshots in place of the log's beginning (§7, Figure 13; dissertation chapter 5)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import Outcome
from raftstep.core.log import agrees_at, configuration_at, entries_from, entry_at, last_index, term_at, with_log
from raftstep.core.machine import apply
from raftstep.core.messages import InstallSnapshot, InstallSnapshotResponse
from raftstep.core.model import Index, Node, Role, Snapshot
from raftstep.core.rules import Rule


def take_snapshot(so_far: Outcome) -> Outcome:
    """Write down the applied state and drop the log up to there; with nothing new applied, nothing happens."""
    node = so_far.node
    if not node.keeps(Guard.SNAPSHOT_OF_APPLIED):
        node = _apply_everything(node)
    if node.last_applied <= node.snapshot.index:
        return so_far
    return replace(so_far, node=compacted(node, node.last_applied), rules=(*so_far.rules, Rule.TAKE_SNAPSHOT))


def compacted(node: Node, index: Index) -> Node:
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
        machine = apply(machine, entry, sessions=node.settings.sessions) if entry else machine
    return replace(node, machine=machine, last_applied=last_index(node))


def take_when_due(node: Node) -> Outcome:
    """Where the settings say so, take a snapshot once so many entries have been applied, before anything else."""
    due = node.settings.snapshot_after
    if not due or node.last_applied - node.snapshot.index < due:
        return Outcome(node=node)
    return take_snapshot(Outcome(node=node))


def answer_install(node: Node, request: InstallSnapshot) -> Outcome:
    """A follower takes a snapshot, keeps what its own log has behind it, or is already past it (Figure 13)."""
    if request.term < node.current_term:
        response = _response(node, request, match_index=0)
        return Outcome(node=node, messages=(response,), rules=(Rule.REJECT_STALE_LEADER,))
    follower, rules = replication.follow(node, request.source)
    installed, rule = _install(follower, request.snapshot)
    response = _response(installed, request, match_index=request.snapshot.index)
    return Outcome(node=installed, messages=(response,), rearm=True, rules=(*rules, rule))


def _install(node: Node, snapshot: Snapshot) -> tuple[Node, Rule]:
    is_an_entry = node.keeps(Guard.SNAPSHOT_IS_AN_ENTRY)
    if snapshot.index <= node.commit_index and is_an_entry:
        return node, Rule.IGNORE_OLD_SNAPSHOT
    holds = snapshot.index > node.snapshot.index and agrees_at(node, index=snapshot.index, term=snapshot.term)
    kept = entries_from(node, snapshot.index + 1) if holds else ()
    behind = replace(node, log=(), snapshot=snapshot)
    if not is_an_entry and not holds:
        behind = replace(behind, commit_index=0, last_applied=0)
    if snapshot.index > behind.last_applied:
        behind = replace(behind, machine=snapshot.machine, last_applied=snapshot.index)
    committed = replace(behind, commit_index=max(behind.commit_index, snapshot.index))
    return with_log(committed, kept), Rule.KEEP_SUFFIX if holds else Rule.INSTALL_SNAPSHOT


def _response(node: Node, request: InstallSnapshot, *, match_index: Index) -> InstallSnapshotResponse:
    return InstallSnapshotResponse(
        source=node.id, target=request.source, term=node.current_term, match_index=match_index, round=request.round
    )


def take_install_response(node: Node, response: InstallSnapshotResponse) -> Outcome:
    """The follower now agrees up to the snapshot's end; entries follow from there at the next heartbeat."""
    before = replication.progress_of(node, response.source)
    if node.role is not Role.LEADER or response.term < node.current_term or before is None:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    return replication.record_match(node, before, response.match_index)
