"""The five safety properties of Raft (Figure 3), checked after every event by an observer outside the nodes.

A snapshot counts as the log it replaces: it must hold what the entries up to its end, as others applied them, make.
What only an observer can know (who ever led, what was ever committed) is kept in a :class:`History`, never in a node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from raftstep.core.log import Log, entry_at, last_index, term_at
from raftstep.core.machine import apply_with_sessions
from raftstep.core.model import Entry, Index, Node, NodeId, Role, Settings, StateMachine, Term
from raftstep.simulation import configuration_invariants
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster

PROPERTIES = {
    "Election Safety": "At most one leader is elected in a term.",
    "Leader Append-Only": "A leader never overwrites or removes entries of its own log.",
    "Log Matching": "Two logs that hold an entry of the same term at the same index are identical up to it.",
    "Leader Completeness": "An entry committed in a term is in the log of every leader of a later term.",
    "State Machine Safety": "No two nodes ever apply different entries at the same index.",
}
"""The properties by their names in the paper, each as one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedEntry:
    """An entry, and the term of the leader that first committed it (which may be later than the entry's own)."""

    entry: Entry
    commit_term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that was ever decided: leaders as (term, node), committed and applied entries by index from 1."""

    leaders: tuple[tuple[Term, NodeId], ...] = ()
    committed_entries: tuple[CommittedEntry, ...] = ()
    applied_entries: tuple[Entry, ...] = ()


def observe(history: History, before: Cluster, after: Cluster, node_id: NodeId | None) -> tuple[History, list[Alarm]]:
    """The history after one event at one node, and what that event broke, in the paper's order of the properties.

    Only that node can have changed.
    """
    if node_id is None:
        return history, []
    node_before, node_after = before.node(node_id), after.node(node_id)
    if node_before is node_after or _is_irrelevant_change(node_before, node_after):
        return history, []
    new_history, alarms = observe_node(history, node_before, node_after)
    if node_before.log is not node_after.log:
        for other_node in after.nodes:
            alarms += check_log_matching(node_after, other_node)
    alarms += _check_leaders(history, new_history, node_before, node_after, after)
    alarms += configuration_invariants.check_configurations(
        node_before,
        node_after,
        committed_before=len(history.committed_entries),
        committed_after=len(new_history.committed_entries),
    )
    order = {name: position for position, name in enumerate(PROPERTIES)}
    return new_history, sorted(alarms, key=lambda alarm: order.get(alarm.property, len(order)))


def _is_irrelevant_change(node_before: Node, node_after: Node) -> bool:
    """Whether a node changed in nothing that the properties speak of; most steps only note who was heard from."""
    return (
        node_before.log is node_after.log
        and node_before.snapshot is node_after.snapshot
        and node_before.configuration is node_after.configuration
        and node_before.role is node_after.role
        and node_before.current_term == node_after.current_term
        and node_before.commit_index == node_after.commit_index
        and node_before.last_applied == node_after.last_applied
    )


def observe_node(history: History, node_before: Node, node_after: Node) -> tuple[History, list[Alarm]]:
    """The history after one node has changed, and what that node broke by itself."""
    new_history = _extend_history(history, node_before, node_after)
    alarms = [*_check_election_safety(history, node_before, node_after), *_check_append_only(node_before, node_after)]
    if node_before.snapshot is not node_after.snapshot:
        alarms += _check_snapshot(new_history, node_after)
    alarms += _check_state_machine_safety(history, node_before, node_after)
    return new_history, alarms


def became_leader(node_before: Node, node_after: Node) -> bool:
    """Whether a node has just become the leader of a term."""
    return node_after.role is Role.LEADER and (
        node_before.role is not Role.LEADER or node_before.current_term != node_after.current_term
    )


def _extend_history(history: History, node_before: Node, node_after: Node) -> History:
    if became_leader(node_before, node_after):
        history = replace(history, leaders=(*history.leaders, (node_after.current_term, node_after.id)))
    if node_after.last_applied > len(history.applied_entries):
        # Entries that went into a snapshot unapplied are in its machine, so they count as applied from there on.
        holder = node_before if node_after.snapshot.index > len(history.applied_entries) else node_after
        new_entries = _slice_log(holder, len(history.applied_entries), node_after.last_applied)
        history = replace(history, applied_entries=(*history.applied_entries, *new_entries))
    has_led = node_after.role is Role.LEADER or (
        node_before.role is Role.LEADER and node_before.current_term == node_after.current_term
    )
    if has_led and node_after.commit_index > len(history.committed_entries):
        committed_count = len(history.committed_entries)
        new_entries = (
            *history.applied_entries[committed_count : node_after.snapshot.index],
            *_slice_log(node_after, committed_count, node_after.commit_index),
        )
        committed_entries = tuple(
            CommittedEntry(entry=entry, commit_term=node_after.current_term) for entry in new_entries
        )
        history = replace(history, committed_entries=(*history.committed_entries, *committed_entries))
    return history


def _slice_log(node: Node, after_index: Index, until_index: Index) -> Log:
    """The entries of a log behind one index, up to another; those that a snapshot replaced are not there any more."""
    start = node.snapshot.index
    return node.log[max(0, after_index - start) : max(0, until_index - start)]


def _check_election_safety(history: History, node_before: Node, node_after: Node) -> Iterator[Alarm]:
    if not became_leader(node_before, node_after):
        return
    for term, leader in history.leaders:
        if term == node_after.current_term and leader != node_after.id:
            yield Alarm(property="Election Safety", words=f"{leader} and {node_after.id} both lead term {term}")


def _check_append_only(node_before: Node, node_after: Node) -> Iterator[Alarm]:
    stayed_leader = (
        node_before.role is Role.LEADER
        and node_after.role is Role.LEADER
        and node_before.current_term == node_after.current_term
    )
    if not stayed_leader or node_before.log is node_after.log:
        return
    common_entries = _slice_log(node_before, node_after.snapshot.index, last_index(node_before))
    if node_after.log[: len(common_entries)] != common_entries or last_index(node_after) < last_index(node_before):
        yield Alarm(
            property="Leader Append-Only",
            words=f"{node_after.id} changed its own log while it led term {node_after.current_term}",
        )


def check_log_matching(changed_node: Node, other_node: Node) -> Iterator[Alarm]:
    """What the logs of two nodes break, the first of which has just changed."""
    if other_node.id == changed_node.id:
        return
    low = max(changed_node.snapshot.index, other_node.snapshot.index)
    first_log, second_log = (_slice_log(node, low, last_index(node)) for node in (changed_node, other_node))
    index = find_last_agreement(first_log, second_log)
    if first_log[:index] != second_log[:index] or (index and term_at(changed_node, low) != term_at(other_node, low)):
        yield Alarm(
            property="Log Matching",
            words=f"{changed_node.id} and {other_node.id} hold term {first_log[index - 1].term} "
            f"at index {low + index}, but differ at or before it",
        )


def find_last_agreement(first_log: Log, second_log: Log) -> int:
    """The highest index at which two logs hold entries of the same term; 0 where there is none."""
    for index in range(min(len(first_log), len(second_log)), 0, -1):
        if first_log[index - 1].term == second_log[index - 1].term:
            return index
    return 0


def _check_leaders(
    old_history: History, new_history: History, node_before: Node, node_after: Node, after: Cluster
) -> Iterator[Alarm]:
    """Every leader is held against what is new, and a new or changed leader against all there is."""
    for leader in after.nodes:
        is_changed = leader.id == node_after.id and (
            became_leader(node_before, node_after) or node_before.log is not node_after.log
        )
        yield from check_leader_completeness(
            new_history, leader, after_index=0 if is_changed else len(old_history.committed_entries)
        )


def check_leader_completeness(history: History, leader: Node, after_index: Index = 0) -> Iterator[Alarm]:
    """What a leader lacks of all that was committed behind an index in earlier terms."""
    if leader.role is not Role.LEADER:
        return
    start_index = max(after_index, leader.snapshot.index)
    for index, committed_entry in enumerate(history.committed_entries[start_index:], start_index + 1):
        if committed_entry.commit_term < leader.current_term and entry_at(leader, index) != committed_entry.entry:
            yield Alarm(
                property="Leader Completeness",
                words=f"{leader.id} leads term {leader.current_term} without entry {index}, "
                f"committed in term {committed_entry.commit_term}",
            )
            return


def _check_state_machine_safety(history: History, node_before: Node, node_after: Node) -> Iterator[Alarm]:
    for index in range(max(node_before.last_applied, node_after.snapshot.index) + 1, node_after.last_applied + 1):
        entry = entry_at(node_after, index)
        applied_entry = history.applied_entries[index - 1] if index <= len(history.applied_entries) else entry
        if entry is None or entry != applied_entry:
            yield Alarm(
                property="State Machine Safety",
                words=f"{node_after.id} applies another entry at index {index} than was applied there before",
            )
            return


def _check_snapshot(history: History, node: Node) -> Iterator[Alarm]:
    """A snapshot stands for the entries it replaced: as many, ending in the same term, and making the same state."""
    snapshot = node.snapshot
    replaced_entries = history.applied_entries[: snapshot.index]
    is_faithful = (
        len(replaced_entries) == snapshot.index and _apply_all(replaced_entries, node.settings) == snapshot.machine
    )
    if not is_faithful or (replaced_entries and replaced_entries[-1].term != snapshot.term):
        yield Alarm(
            property="State Machine Safety",
            words=f"{node.id} has a snapshot up to index {snapshot.index} that the entries applied there do not make",
        )


def _apply_all(entries: Log, settings: Settings) -> StateMachine:
    machine = StateMachine()
    for entry in entries:
        machine = apply_with_sessions(machine, entry, settings)
    return machine
