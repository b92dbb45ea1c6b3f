"""The five safety properties of Raft (Figure 3), checked after every event by an observer outside the nodes.

A snapshot counts as the log it replaces: it must hold what the entries up to its end, as others applied them, make.
What only an observer can know (who ever led, what was ever committed) is kept in a :class:`History`, never in a node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from raftstep.core.log import Log, entry_at, last_index, term_at
from raftstep.core.machine import apply
from raftstep.core.model import Entry, Index, Machine, Node, NodeId, Role, Term
from raftstep.simulation import configurations
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.trace import Alarm

PROPERTIES = {
    "Election Safety": "At most one leader is elected in a term.",
    "Leader Append-Only": "A leader never overwrites or removes entries of its own log.",
    "Log Matching": "Two logs that hold an entry of the same term at the same index are identical up to it.",
    "Leader Completeness": "An entry committed in a term is in the log of every leader of a later term.",
    "State Machine Safety": "No two nodes ever apply different entries at the same index.",
}
"""The properties by their names in the paper, each as one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """An entry, and the term of the leader that first committed it (which may be later than the entry's own)."""

    entry: Entry
    commit_term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that was ever decided: leaders as (term, node), committed and applied entries by index from 1."""

    leaders: tuple[tuple[Term, NodeId], ...] = ()
    committed: tuple[Committed, ...] = ()
    applied: tuple[Entry, ...] = ()


def observe(history: History, before: Cluster, after: Cluster, where: NodeId | None) -> tuple[History, list[Alarm]]:
    """The history after one event at one node, and what that event broke, in the paper's order of the properties.

    Only that node can have changed.
    """
    if where is None:
        return history, []
    was, now = before.node(where), after.node(where)
    if was is now or _nothing_decided(was, now):
        return history, []
    extended, alarms = remember(history, was, now)
    if was.log is not now.log:
        for other in after.nodes:
            alarms += log_matching(now, other)
    alarms += _leader_completeness(history, extended, was, now, after)
    alarms += configurations.alarms(was, now, before=len(history.committed), after=len(extended.committed))
    order = {name: place for place, name in enumerate(PROPERTIES)}
    return extended, sorted(alarms, key=lambda alarm: order.get(alarm.property, len(order)))


def _nothing_decided(was: Node, now: Node) -> bool:
    """Whether a node changed in nothing that the properties speak of; most steps only note who was heard from."""
    return (
        was.log is now.log
        and was.snapshot is now.snapshot
        and was.configuration is now.configuration
        and was.role is now.role
        and was.current_term == now.current_term
        and was.commit_index == now.commit_index
        and was.last_applied == now.last_applied
    )


def remember(history: History, was: Node, now: Node) -> tuple[History, list[Alarm]]:
    """The history after one node has changed, and what that node broke by itself."""
    extended = _remember(history, was, now)
    alarms = [*_election_safety(history, was, now), *_append_only(was, now)]
    if was.snapshot is not now.snapshot:
        alarms += _snapshot_is_what_was_applied(extended, now)
    alarms += _state_machine_safety(history, was, now)
    return extended, alarms


def elected(was: Node, now: Node) -> bool:
    """Whether a node has just become the leader of a term."""
    return now.role is Role.LEADER and (was.role is not Role.LEADER or was.current_term != now.current_term)


def _remember(history: History, was: Node, now: Node) -> History:
    if elected(was, now):
        history = replace(history, leaders=(*history.leaders, (now.current_term, now.id)))
    if now.last_applied > len(history.applied):
        # Entries that went into a snapshot unapplied are in its machine, so they count as applied from there on.
        holder = was if now.snapshot.index > len(history.applied) else now
        fresh = _entries(holder, len(history.applied), now.last_applied)
        history = replace(history, applied=(*history.applied, *fresh))
    led = now.role is Role.LEADER or (was.role is Role.LEADER and was.current_term == now.current_term)
    if led and now.commit_index > len(history.committed):
        known = len(history.committed)
        fresh = (*history.applied[known : now.snapshot.index], *_entries(now, known, now.commit_index))
        committed = tuple(Committed(entry=entry, commit_term=now.current_term) for entry in fresh)
        history = replace(history, committed=(*history.committed, *committed))
    return history


def _entries(node: Node, after: Index, until: Index) -> Log:
    """The entries of a log behind one index, up to another; those that a snapshot replaced are not there any more."""
    start = node.snapshot.index
    return node.log[max(0, after - start) : max(0, until - start)]


def _election_safety(history: History, was: Node, now: Node) -> Iterator[Alarm]:
    if not elected(was, now):
        return
    for term, leader in history.leaders:
        if term == now.current_term and leader != now.id:
            yield Alarm(property="Election Safety", words=f"{leader} and {now.id} both lead term {term}")


def _append_only(was: Node, now: Node) -> Iterator[Alarm]:
    stayed = was.role is Role.LEADER and now.role is Role.LEADER and was.current_term == now.current_term
    if not stayed or was.log is now.log:
        return
    common = _entries(was, now.snapshot.index, last_index(was))
    if now.log[: len(common)] != common or last_index(now) < last_index(was):
        yield Alarm(
            property="Leader Append-Only",
            words=f"{now.id} changed its own log while it led term {now.current_term}",
        )


def log_matching(now: Node, other: Node) -> Iterator[Alarm]:
    """What the logs of two nodes break, the first of which has just changed."""
    if other.id == now.id:
        return
    low = max(now.snapshot.index, other.snapshot.index)
    one, two = (_entries(node, low, last_index(node)) for node in (now, other))
    index = last_agreement(one, two)
    if one[:index] != two[:index] or (index and term_at(now, low) != term_at(other, low)):
        yield Alarm(
            property="Log Matching",
            words=f"{now.id} and {other.id} hold term {one[index - 1].term} at index {low + index}, "
            "but differ at or before it",
        )


def last_agreement(one: Log, other: Log) -> int:
    """The highest index at which two logs hold entries of the same term; 0 where there is none."""
    for index in range(min(len(one), len(other)), 0, -1):
        if one[index - 1].term == other[index - 1].term:
            return index
    return 0


def _leader_completeness(known: History, extended: History, was: Node, now: Node, after: Cluster) -> Iterator[Alarm]:
    """Every leader is held against what is new, and a new or changed leader against all there is."""
    for leader in after.nodes:
        changed = leader.id == now.id and (elected(was, now) or was.log is not now.log)
        yield from leader_completeness(extended, leader, after=0 if changed else len(known.committed))


def leader_completeness(history: History, leader: Node, after: Index = 0) -> Iterator[Alarm]:
    """What a leader lacks of all that was committed behind an index in earlier terms."""
    if leader.role is not Role.LEADER:
        return
    first = max(after, leader.snapshot.index)
    for index, committed in enumerate(history.committed[first:], first + 1):
        if committed.commit_term < leader.current_term and entry_at(leader, index) != committed.entry:
            yield Alarm(
                property="Leader Completeness",
                words=f"{leader.id} leads term {leader.current_term} without entry {index}, "
                f"committed in term {committed.commit_term}",
            )
            return


def _state_machine_safety(history: History, was: Node, now: Node) -> Iterator[Alarm]:
    for index in range(max(was.last_applied, now.snapshot.index) + 1, now.last_applied + 1):
        entry = entry_at(now, index)
        known = history.applied[index - 1] if index <= len(history.applied) else entry
        if entry is None or entry != known:
            yield Alarm(
                property="State Machine Safety",
                words=f"{now.id} applies another entry at index {index} than was applied there before",
            )
            return


def _snapshot_is_what_was_applied(history: History, now: Node) -> Iterator[Alarm]:
    """A snapshot stands for the entries it replaced: as many, ending in the same term, and making the same state."""
    snapshot = now.snapshot
    replaced = history.applied[: snapshot.index]
    honest = len(replaced) == snapshot.index and _made_by(replaced, now.settings.sessions) == snapshot.machine
    if not honest or (replaced and replaced[-1].term != snapshot.term):
        yield Alarm(
            property="State Machine Safety",
            words=f"{now.id} has a snapshot up to index {snapshot.index} that the entries applied there do not make",
        )


def _made_by(entries: Log, sessions: bool) -> Machine:
    machine = Machine()
    for entry in entries:
        machine = apply(machine, entry, sessions=sessions)
    return machine
