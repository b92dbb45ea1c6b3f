"""The safety of Multi-Paxos, checked after every event by an observer outside the nodes.

The observer alone decides what is chosen: a value that a majority has accepted in one ballot (Lamport 2001, §2.1).
What nodes hold to be chosen is held against that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from raftstep.core.model import Index, NodeId
from raftstep.core.paxos.model import Ballot, Node, Slot, Value
from raftstep.core.quorum import majority
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.trace import Alarm

PROPERTIES = {
    "One Value a Ballot": "In one ballot, at most one value is accepted for a slot.",
    "Agreement": "For each slot, at most one value is ever chosen.",
    "Learned Is Chosen": "What a node holds to be chosen has been chosen, and never changes.",
}
"""The properties by name, each as one sentence."""

Acceptance = tuple[Index, Ballot, Value, NodeId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A slot's chosen value, and the first ballot in which a majority accepted it."""

    index: Index
    value: Value
    ballot: Ballot


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Every acceptance there ever was, and what was chosen by that."""

    accepted: frozenset[Acceptance] = frozenset()
    chosen: tuple[Decision, ...] = ()

    def decision(self, index: Index) -> Decision | None:
        """What was chosen for a slot; ``None`` while nothing is."""
        return next((one for one in self.chosen if one.index == index), None)


def observe(history: History, before: Cluster, after: Cluster, where: NodeId | None) -> tuple[History, list[Alarm]]:
    """The history after one event at one node, and what that event broke. Only that node can have changed."""
    if where is None:
        return history, []
    was, now = (cast("Node", cast("object", cluster.node(where))) for cluster in (before, after))
    return remember(history, was, now)


def remember(history: History, was: Node, now: Node) -> tuple[History, list[Alarm]]:
    """The same for the one node that may have changed."""
    if was.slots is now.slots:
        return history, []
    changed = tuple(_changed(was, now))
    fresh = frozenset(
        (index, slot.ballot, slot.value, now.id)
        for index, old, slot in changed
        if not slot.hole and (slot.ballot, slot.value) != (old.ballot, old.value)
    )
    alarms = list(_one_value(history, fresh))
    extended = replace(history, accepted=history.accepted | fresh)
    extended, broken = _decide(extended, fresh, majority(len(now.configuration.voters)))
    return extended, [*alarms, *broken, *_learned(extended, now, changed)]


def _changed(was: Node, now: Node) -> Iterator[tuple[Index, Slot, Slot]]:
    """Each slot that is not as it was: its index, and how it was and is."""
    for index in range(1, max(len(was.slots), len(now.slots)) + 1):
        if was.slot(index) != now.slot(index):
            yield index, was.slot(index), now.slot(index)


def _one_value(history: History, fresh: frozenset[Acceptance]) -> Iterator[Alarm]:
    for index, ballot, value, node in sorted(fresh, key=lambda one: one[0]):
        others = {known[2] for known in history.accepted if known[:2] == (index, ballot)} - {value}
        if others:
            words = f"{node} accepts {words_of(value)} for slot {index} in ballot {ballot}, in which another accepted "
            yield Alarm(property="One Value a Ballot", words=words + " and ".join(sorted(map(words_of, others))))


def _decide(history: History, fresh: frozenset[Acceptance], enough: int) -> tuple[History, list[Alarm]]:
    alarms = []
    for index, ballot, value, _ in sorted(fresh, key=lambda one: one[0]):
        holders = {known[3] for known in history.accepted if known[:3] == (index, ballot, value)}
        if len(holders) < enough:
            continue
        known = history.decision(index)
        if known is None:
            decision = Decision(index=index, value=value, ballot=ballot)
            history = replace(history, chosen=(*history.chosen, decision))
        elif known.value != value:
            words = (
                f"{words_of(value)} is chosen for slot {index} in ballot {ballot}, "
                f"where {words_of(known.value)} was in ballot {known.ballot}"
            )
            alarms.append(Alarm(property="Agreement", words=words))
    return history, alarms


def _learned(history: History, now: Node, changed: tuple[tuple[Index, Slot, Slot], ...]) -> Iterator[Alarm]:
    for index, old, slot in changed:
        decision = history.decision(index)
        if slot.chosen and (decision is None or decision.value != slot.value):
            rather = f"{words_of(decision.value)} is" if decision else "nothing is"
            words = f"{now.id} holds {words_of(slot.value)} to be chosen for slot {index}, where {rather}"
            yield Alarm(property="Learned Is Chosen", words=words)
        elif old.chosen and not slot.hole and slot.value != old.value:
            words = f"{now.id} held {words_of(old.value)} to be chosen for slot {index}, and now has "
            yield Alarm(property="Learned Is Chosen", words=words + words_of(slot.value))


def words_of(value: Value) -> str:
    """A value in words: its command, or *no-op*."""
    return value.command or "no-op"
