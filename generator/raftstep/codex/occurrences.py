"""The steps of the shipped scenarios in which a term happens, found in their runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args, get_type_hints

from raftstep.codex.model import SearchFor
from raftstep.core.model import Role
from raftstep.core.paxos.rules import Rule as PaxosRule
from raftstep.core.rules import Rule
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.events import VERBS, Deliver, Lose, event_name
from raftstep.simulation.packets import Packet
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.trace import Step, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A scenario, and the numbers of its steps in which the thing looked for happens."""

    scenario: str
    steps: tuple[int, ...]


def _two_leaders(trace: Trace, step: Step) -> bool:
    """Two live nodes each believe that they lead, in different terms, and one more does than before."""
    return _leader_count(step) > 1 and _leader_count(step) > sum(_led_before(trace, step))


def _led_before(trace: Trace, step: Step) -> Iterator[bool]:
    """For each node, whether it led just before a step."""
    before = trace.cluster_before(step)
    return (node.role is Role.LEADER and node.id not in before.down_nodes for node in before.nodes)


def _leader_count(step: Step) -> int:
    cluster = step.cluster
    return sum(node.role is Role.LEADER and node.id not in cluster.down_nodes for node in cluster.nodes)


def _restarts_election(trace: Trace, step: Step) -> bool:
    """A candidate starts another election: its last one ended without a leader."""
    if step.outcome is None or Rule.START_ELECTION not in step.outcome.rules:
        return False
    return trace.node_before(step, step.outcome.node.id).role is Role.CANDIDATE


SITUATIONS: Mapping[str, Callable[[Trace, Step], bool]] = {
    "two-leaders": _two_leaders,
    "starts-another-election": _restarts_election,
}

SEARCHABLE: Mapping[str, tuple[str, ...]] = {
    "rules": tuple(rule.slug for rule in Rule),
    "paxos_rules": tuple(rule.slug for rule in PaxosRule),
    "events": tuple(verb.name for verb in VERBS),
    "messages": tuple(message.__name__ for message in get_args(get_type_hints(Packet)["message"])),
    "roles": tuple(Role),
    "situations": tuple(SITUATIONS),
}
"""What may be looked for, by the keys of ``see:``."""


MAIN_SCENARIO = "leader-election"


class OccurrenceIndex:
    """What happens in each step of each scenario, gathered once a build."""

    def __init__(self, scenario_runs: Mapping[str, PlayedScenario]) -> None:
        self.facts_by_scenario = {id: tuple(_facts_by_step(played)) for id, played in scenario_runs.items()}

    def find(self, search_for: SearchFor) -> tuple[Occurrence, ...]:
        """Where a thing happens: the main explanation first, then the scenario with the fewest such steps.

        The fewer they are, the more plainly the scenario shows the thing.
        """
        wanted_facts = {(key, name) for key in SEARCHABLE for name in getattr(search_for, key)}
        occurrences = (
            Occurrence(scenario=id, steps=tuple(number for number, facts in steps if wanted_facts & facts))
            for id, steps in self.facts_by_scenario.items()
        )
        return tuple(sorted((occurrence for occurrence in occurrences if occurrence.steps), key=_sort_key))


def _sort_key(occurrence: Occurrence) -> tuple[bool, int, str]:
    return occurrence.scenario != MAIN_SCENARIO, len(occurrence.steps), occurrence.scenario


StepFacts = frozenset[tuple[str, str]]


def _facts_by_step(played: PlayedScenario) -> Iterator[tuple[int, StepFacts]]:
    """A step of the explanation has all that happened after the picture before it, up to its own.

    The first has its own event alone: what came before it is not described.
    """
    first_event = played.moments[0].event_step.number
    for moment in played.moments:
        event_steps = played.trace.steps[first_event : moment.shown_step.number + 1]
        yield moment.number, frozenset(fact for step in event_steps for fact in _step_facts(played.trace, step))
        first_event = moment.shown_step.number + 1


def _step_facts(trace: Trace, step: Step) -> Iterator[tuple[str, str]]:
    """All that can be looked for in one event, under the keys of ``see:``.

    Runs of Multi-Paxos show its own words alone: a leader there is not what Raft calls one.
    """
    rules = step.outcome.rules if step.outcome else ()
    if trace.protocol != RAFT.name:
        yield from (("paxos_rules", rule.slug) for rule in rules)
        return
    yield "events", event_name(step.event)
    yield from (("rules", rule.slug) for rule in rules)
    yield from (("messages", kind) for kind in _message_kinds(step))
    yield from (("roles", role) for role in _new_roles(trace, step))
    yield from (("situations", name) for name, applies in SITUATIONS.items() if applies(trace, step))


def _message_kinds(step: Step) -> set[str]:
    """The messages that an event concerns: those sent, and the one that arrived or was lost."""
    kinds = {type(message).__name__ for message in step.outcome.messages} if step.outcome else set()
    if isinstance(step.event, Deliver | Lose):
        kinds.add(type(step.event.packet.message).__name__)
    return kinds


def _new_roles(trace: Trace, step: Step) -> set[str]:
    """The roles that a node has now and had not before; at the start, every role there is."""
    if step.number == 0:
        return {str(node.role) for node in step.cluster.nodes}
    if step.outcome is None:
        return set()
    node = step.outcome.node
    return {str(node.role)} if trace.node_before(step, node.id).role is not node.role else set()
