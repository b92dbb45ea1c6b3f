"""The steps of the shipped scenarios in which a term happens, found in their runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args, get_type_hints

from raftstep.core.model import Role
from raftstep.core.paxos.rules import Rule as PaxosRule
from raftstep.core.rules import Rule
from raftstep.scenario.played import Played
from raftstep.simulation.cluster import Deliver, Event, Lose, Packet, event_name
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.trace import Step, Trace
from raftstep.site.codex.model import Seeing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A scenario, and the numbers of its steps in which the thing looked for happens."""

    scenario: str
    steps: tuple[int, ...]


def _two_leaders(trace: Trace, step: Step) -> bool:
    """Two live nodes hold themselves for leader, in terms of their own; a node more does so than before."""
    return _leaders(step) > 1 and _leaders(step) > sum(_leads(trace, step))


def _leads(trace: Trace, step: Step) -> Iterator[bool]:
    """For each node, whether it led just before a step."""
    before = trace.before(step)
    return (node.role is Role.LEADER and node.id not in before.down for node in before.nodes)


def _leaders(step: Step) -> int:
    cluster = step.cluster
    return sum(node.role is Role.LEADER and node.id not in cluster.down for node in cluster.nodes)


def _stands_again(trace: Trace, step: Step) -> bool:
    """A candidate starts another election: its last one ended without a leader."""
    if step.outcome is None or Rule.START_ELECTION not in step.outcome.rules:
        return False
    return trace.node_before(step, step.outcome.node.id).role is Role.CANDIDATE


SITUATIONS: Mapping[str, Callable[[Trace, Step], bool]] = {
    "two-leaders": _two_leaders,
    "stands-again": _stands_again,
}

KNOWN: Mapping[str, tuple[str, ...]] = {
    "rules": tuple(rule.slug for rule in Rule),
    "paxos_rules": tuple(rule.slug for rule in PaxosRule),
    "events": tuple(event.__name__.lower() for event in get_args(Event)),
    "messages": tuple(message.__name__ for message in get_args(get_type_hints(Packet)["message"])),
    "roles": tuple(Role),
    "situations": tuple(SITUATIONS),
}
"""What may be looked for, by the keys of ``see:``."""


MAIN = "leader-election"


class Finder:
    """What happens in each step of each scenario, gathered once a build."""

    def __init__(self, everyone: Mapping[str, Played]) -> None:
        self.happens = {id: tuple(_happens(played)) for id, played in everyone.items()}

    def sightings(self, see: Seeing) -> tuple[Sighting, ...]:
        """Where a thing happens: the main explanation first, then the scenario with the fewest such steps.

        The fewer they are, the more plainly the scenario shows the thing.
        """
        wanted = {(key, name) for key in KNOWN for name in getattr(see, key)}
        found = (
            Sighting(scenario=id, steps=tuple(number for number, seen in steps if wanted & seen))
            for id, steps in self.happens.items()
        )
        return tuple(sorted((one for one in found if one.steps), key=_plainest))


def _plainest(one: Sighting) -> tuple[bool, int, str]:
    return one.scenario != MAIN, len(one.steps), one.scenario


Seen = frozenset[tuple[str, str]]


def _happens(played: Played) -> Iterator[tuple[int, Seen]]:
    """A step of the explanation has all that happened after the picture before it, up to its own.

    The first has its own event alone: what came before it is not told.
    """
    begin = played.moments[0].event.number
    for moment in played.moments:
        past = played.trace.steps[begin : moment.shown.number + 1]
        yield moment.number, frozenset(seen for step in past for seen in _seen(played.trace, step))
        begin = moment.shown.number + 1


def _seen(trace: Trace, step: Step) -> Iterator[tuple[str, str]]:
    """All that can be looked for in one event, under the keys of ``see:``.

    Runs of Multi-Paxos show its own words alone: a leader there is not what Raft calls one.
    """
    rules = step.outcome.rules if step.outcome else ()
    if trace.protocol != RAFT.name:
        yield from (("paxos_rules", rule.slug) for rule in rules)
        return
    yield "events", event_name(step.event)
    yield from (("rules", rule.slug) for rule in rules)
    yield from (("messages", kind) for kind in _kinds(step))
    yield from (("roles", role) for role in _roles_taken(trace, step))
    yield from (("situations", name) for name, happens in SITUATIONS.items() if happens(trace, step))


def _kinds(step: Step) -> set[str]:
    """The messages that an event concerns: those sent, and the one that arrived or was lost."""
    kinds = {type(message).__name__ for message in step.outcome.messages} if step.outcome else set()
    if isinstance(step.event, Deliver | Lose):
        kinds.add(type(step.event.packet.message).__name__)
    return kinds


def _roles_taken(trace: Trace, step: Step) -> set[str]:
    """The roles that a node has now and had not before; at the start, every role there is."""
    if step.number == 0:
        return {str(node.role) for node in step.cluster.nodes}
    if step.outcome is None:
        return set()
    now = step.outcome.node
    return {str(now.role)} if trace.node_before(step, now.id).role is not now.role else set()
