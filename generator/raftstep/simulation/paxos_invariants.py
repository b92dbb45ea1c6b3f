"""The safety of Multi-Paxos, checked after every event by an observer outside the nodes.

The observer alone decides what is chosen: a value that a majority has accepted in one ballot (Lamport 2001, §2.1).
What nodes hold to be chosen is held against that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from raftstep.core.model import Index, NodeId
from raftstep.core.paxos.model import Ballot, Node, Slot, Value
from raftstep.core.quorum import majority
from raftstep.simulation.alarm import Alarm

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
    """All acceptances so far, and the values chosen by them."""

    acceptances: frozenset[Acceptance] = frozenset()
    decisions: tuple[Decision, ...] = ()

    def decision(self, index: Index) -> Decision | None:
        """What was chosen for a slot; ``None`` while nothing is."""
        return next((decision for decision in self.decisions if decision.index == index), None)


def observe_node(history: History, node_before: Node, node_after: Node) -> tuple[History, list[Alarm]]:
    """The history after one node may have changed, and what the change broke."""
    if node_before.slots is node_after.slots:
        return history, []
    changed_slots = tuple(_compare_slots(node_before, node_after))
    new_acceptances = frozenset(
        (index, slot.ballot, slot.value, node_after.id)
        for index, old_slot, slot in changed_slots
        if not slot.is_hole and (slot.ballot, slot.value) != (old_slot.ballot, old_slot.value)
    )
    alarms = list(_check_one_value_per_ballot(history, new_acceptances))
    new_history = replace(history, acceptances=history.acceptances | new_acceptances)
    new_history, agreement_alarms = _add_decisions(
        new_history, new_acceptances, majority(len(node_after.configuration.voters))
    )
    return new_history, [*alarms, *agreement_alarms, *_check_learned(new_history, node_after, changed_slots)]


def _compare_slots(node_before: Node, node_after: Node) -> Iterator[tuple[Index, Slot, Slot]]:
    """Each slot that is not as it was: its index, and how it was and is."""
    for index in range(1, max(len(node_before.slots), len(node_after.slots)) + 1):
        if node_before.slot(index) != node_after.slot(index):
            yield index, node_before.slot(index), node_after.slot(index)


def _check_one_value_per_ballot(history: History, new_acceptances: frozenset[Acceptance]) -> Iterator[Alarm]:
    for index, ballot, value, node in sorted(new_acceptances, key=lambda acceptance: acceptance[0]):
        other_values = {acceptance[2] for acceptance in history.acceptances if acceptance[:2] == (index, ballot)} - {
            value
        }
        if other_values:
            words = (
                f"{node} accepts {value_words(value)} for slot {index} in ballot {ballot}, in which another accepted "
            )
            yield Alarm(
                property="One Value a Ballot", words=words + " and ".join(sorted(map(value_words, other_values)))
            )


def _add_decisions(
    history: History, new_acceptances: frozenset[Acceptance], quorum_size: int
) -> tuple[History, list[Alarm]]:
    alarms = []
    for index, ballot, value, _ in sorted(new_acceptances, key=lambda acceptance: acceptance[0]):
        holders = {acceptance[3] for acceptance in history.acceptances if acceptance[:3] == (index, ballot, value)}
        if len(holders) < quorum_size:
            continue
        earlier_decision = history.decision(index)
        if earlier_decision is None:
            decision = Decision(index=index, value=value, ballot=ballot)
            history = replace(history, decisions=(*history.decisions, decision))
        elif earlier_decision.value != value:
            words = (
                f"{value_words(value)} is chosen for slot {index} in ballot {ballot}, "
                f"where {value_words(earlier_decision.value)} was in ballot {earlier_decision.ballot}"
            )
            alarms.append(Alarm(property="Agreement", words=words))
    return history, alarms


def _check_learned(
    history: History, node: Node, changed_slots: tuple[tuple[Index, Slot, Slot], ...]
) -> Iterator[Alarm]:
    for index, old_slot, slot in changed_slots:
        decision = history.decision(index)
        if slot.is_chosen and (decision is None or decision.value != slot.value):
            actual_choice = f"{value_words(decision.value)} is" if decision else "nothing is"
            words = f"{node.id} holds {value_words(slot.value)} to be chosen for slot {index}, where {actual_choice}"
            yield Alarm(property="Learned Is Chosen", words=words)
        elif old_slot.is_chosen and not slot.is_hole and slot.value != old_slot.value:
            words = f"{node.id} held {value_words(old_slot.value)} to be chosen for slot {index}, and now has "
            yield Alarm(property="Learned Is Chosen", words=words + value_words(slot.value))


def value_words(value: Value) -> str:
    """A value in words: its command, or *no-op*."""
    return value.command or "no-op"
