"""What a caption may speak of: the state of the run at one moment, under plain names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from raftstep.core.inputs import Answer, ReadResult, Refused
from raftstep.core.log import entry_at, last_index
from raftstep.core.model import Index, Node, NodeId, Role
from raftstep.scenario.node_facts import ConfigurationFacts, NodeFacts, majorities
from raftstep.simulation.cluster import Cluster, event_node
from raftstep.simulation.explore.clocks import clock_ms
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Alarm, Step, Trace

T = TypeVar("T")

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class ReadFacts:
    """One answer to a read as captions see it; written alone it is what was read."""

    def __init__(self, node: NodeId, answer: ReadResult) -> None:
        self.node = node
        self.key = answer.key
        self.value = answer.value or "none"
        self.index = answer.index

    def __str__(self) -> str:
        return self.value


def facts(
    trace: Trace,
    event: Step,
    shown: Step,
    time_ms: int,
    earlier_ms: Sequence[int],
    *,
    clocks: Mapping[NodeId, float] | None = None,
    clocks_stood_ms: int | None = None,
    broken: Sequence[Alarm] = (),
) -> dict[str, Any]:
    """The names a caption may use.

    ``event`` is the step that reached the waypoint, ``shown`` the last one by the moment the picture shows, and
    ``earlier_ms`` the times of the events that reached the waypoints so far, this one's last. ``clocks`` are the
    speeds of those that do not run true; in a schedule all stand still between two ticks, at ``clocks_stood_ms``.
    ``broken`` are the alarms since the waypoint before.
    """
    cluster = shown.cluster
    speeds = clocks or {}
    clocks_ms = time_ms if clocks_stood_ms is None else clocks_stood_ms
    nodes = {
        node.id: _node_facts(trace, event, cluster, node, time_ms, clock_ms(clocks_ms, speeds.get(node.id, 1.0)))
        for node in cluster.nodes
    }
    known: dict[str, Any] = dict(nodes)
    leader = current_leader(cluster)
    if leader:
        known["leader"] = nodes[leader.id]
    where = event_node(event.event)
    if where:
        known["it"] = nodes[where]
    everyone = list(nodes.values())
    configuration = cluster.configuration
    read = reads(trace, shown)
    if read:
        known["read"] = read[-1]
    refused = [answer.rule.sentence for answer in _answers(event) if isinstance(answer, Refused)]
    if refused:
        known["refusal"] = refused[-1]
    known |= {
        "nodes": everyone,
        "alive": [node for node in everyone if node.alive],
        "down": [node for node in everyone if not node.alive],
        "others": [node for node in everyone if node.id != where],
        "size": len(configuration.voters),
        "majority": cluster.majority,
        "time_ms": event.time_ms,
        "shown_ms": time_ms,
        "minimum_ms": trace.timeout_ms[0],
        "maximum_ms": trace.timeout_ms[1],
        "in_flight": len(cluster.packets),
        "answered": trace.answered(shown),
        "event": event.event,
        "configuration": ConfigurationFacts(configuration),
        "majorities": majorities(configuration, leader),
        "reads": read,
        "broken": list(broken),
        "ms_since": lambda step: event.time_ms - _nth(earlier_ms, step),
        "holders": lambda index, command=None: holders(cluster, index, command),
        "voters": lambda id: [node.id for node in cluster.nodes if node.voted_for == str(id)],
        "next_to_fire": _next_to_fire(cluster),
    }
    return known


def _nth(times_ms: Sequence[int], step: object) -> int:
    if not isinstance(step, int) or not 1 <= step <= len(times_ms):
        raise ValueError(f"ms_since({step!r}): by then there are steps 1 to {len(times_ms)}")
    return times_ms[step - 1]


def _answers(step: Step) -> tuple[Answer, ...]:
    return step.outcome.answers if step.outcome else ()


def reads(trace: Trace, until: Step) -> list[ReadFacts]:
    """What clients have been told of keys, up to and with a step, in order."""
    return [
        ReadFacts(step.outcome.node.id, answer)
        for step in trace.steps[: until.number + 1]
        if step.outcome
        for answer in step.outcome.answers
        if isinstance(answer, ReadResult)
    ]


def _node_facts(trace: Trace, event: Step, cluster: Cluster, node: Node, time_ms: int, shows_ms: int) -> NodeFacts:
    timer = trace.before(event).timer(node.id)
    waited_ms = event.time_ms - timer.started_ms if timer else 0
    return NodeFacts(cluster, node, waited_ms, time_ms, shows_ms)


def holders(cluster: Cluster, index: Index, command: str | None = None) -> list[NodeId]:
    """The nodes with an entry at an index (that command's, where one is named), down ones too: their disk has it.

    A snapshot that reaches to the index counts as the entry it replaced.
    """
    return [node.id for node in cluster.nodes if last_index(node) >= index and _holds(node, index, command)]


def _holds(node: Node, index: Index, command: str | None) -> bool:
    entry = entry_at(node, index)
    return entry is None or command is None or entry.command == command


def _next_to_fire(cluster: Cluster) -> NodeId | None:
    waiting = [timer for timer in cluster.timers if timer.election and cluster.node(timer.node).role is not Role.LEADER]
    return min(waiting, key=lambda timer: timer.deadline_ms).node if waiting else None


def in_words(number: int) -> str:
    """A small number as a word: ``3`` is *three*; larger ones stay digits."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def gathered(told: Iterable[tuple[NodeId, T]]) -> dict[T, list[NodeId]]:
    """The nodes of which the same is told, together, in the order of the first of each."""
    found: dict[T, list[NodeId]] = {}
    for id, words in told:
        found.setdefault(words, []).append(id)
    return found


def listed(items: Iterable[object]) -> str:
    """*S1*, *S1 and S2*, *S1, S2 and S3*."""
    names = [str(item) for item in items]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
