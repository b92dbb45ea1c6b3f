"""What a caption may speak of: the state of the run at one moment, under plain names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from raftstep.core.inputs import Answer, ReadResult, RequestRefused
from raftstep.core.model import Node, NodeId, Role
from raftstep.scenario.caption_values import Facts
from raftstep.scenario.fact_functions import collect_functions
from raftstep.scenario.fact_values import AlarmFacts, ConfigurationFacts, EventFacts, NodeFacts, majorities
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import event_node
from raftstep.simulation.explore.clocks import clock_reading_ms
from raftstep.simulation.plan import Setup
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace

T = TypeVar("T")

SOMETIMES = ("it", "leader", "read", "refusal")
"""Names that captions know at some moments only."""


class ReadFacts(Facts):
    """One answer to a read as captions see it; written alone it is what was read."""

    KIND = "an answer to a read"

    def __init__(self, node: NodeId, answer: ReadResult) -> None:
        self.node = node
        self.key = answer.key
        self.value = answer.value or "none"
        self.index = answer.index

    def write_alone(self) -> str:
        """What was read."""
        return self.value


def collect_facts(
    trace: Trace,
    event_step: Step,
    shown_step: Step,
    time_ms: int,
    waypoint_times_ms: Sequence[int],
    *,
    setup: Setup | None = None,
    clocks_stopped_ms: int | None = None,
    alarms: Sequence[Alarm] = (),
) -> dict[str, Any]:
    """The names a caption may use.

    ``event_step`` is the step that reached the waypoint, ``shown_step`` the last one by the moment the picture shows,
    and ``waypoint_times_ms`` the times of the events that reached the waypoints so far, this one's last.
    ``setup`` has the speeds of the clocks that do not run true, and the latency; in a schedule all clocks stand still
    between two ticks, at ``clocks_stopped_ms``. ``alarms`` are those since the waypoint before.
    """
    cluster = shown_step.cluster
    speeds = dict(setup.clock_speeds) if setup else {}
    clocks_ms = time_ms if clocks_stopped_ms is None else clocks_stopped_ms
    nodes = {
        node.id: _collect_node_facts(
            trace,
            event_step,
            cluster,
            node,
            time_ms,
            clock_reading_ms(cluster.clock_time_ms(node.id, clocks_ms), speeds.get(node.id, 1.0)),
        )
        for node in cluster.nodes
    }
    all_nodes = list(nodes.values())
    configuration = cluster.configuration
    read_facts = collect_reads(trace, shown_step)
    return {
        **nodes,
        **_collect_facts_of_some_moments(event_step, cluster, nodes, read_facts),
        "nodes": all_nodes,
        "alive": [node for node in all_nodes if node.alive],
        "down": [node for node in all_nodes if not node.alive],
        "others": [node for node in all_nodes if node.id != event_node(event_step.event)],
        "size": len(configuration.voters),
        "majority": cluster.majority,
        "time_ms": event_step.time_ms,
        "shown_ms": time_ms,
        "minimum_ms": trace.timeout_ms[0],
        "maximum_ms": trace.timeout_ms[1],
        **({"least_latency_ms": setup.latency_ms[0], "most_latency_ms": setup.latency_ms[1]} if setup else {}),
        "in_flight": len(cluster.packets),
        "answered": trace.answered_commands(shown_step),
        "event": EventFacts(event_step.event),
        "configuration": ConfigurationFacts(configuration),
        "majorities": majorities(configuration, current_leader(cluster)),
        "reads": read_facts,
        "broken": [AlarmFacts(alarm) for alarm in alarms],
        "next_to_fire": _next_to_fire(cluster),
        **collect_functions(trace, shown_step, event_step.time_ms, waypoint_times_ms),
    }


def _collect_facts_of_some_moments(
    event_step: Step, cluster: Cluster, nodes: Mapping[NodeId, NodeFacts], read_facts: Sequence[ReadFacts]
) -> dict[str, Any]:
    """Those of the names in ``SOMETIMES`` that there are at this moment."""
    caption_facts: dict[str, Any] = {}
    if leader := current_leader(cluster):
        caption_facts["leader"] = nodes[leader.id]
    if acting_node := event_node(event_step.event):
        caption_facts["it"] = nodes[acting_node]
    if read_facts:
        caption_facts["read"] = read_facts[-1]
    refusals = [answer.rule.sentence for answer in _answers(event_step) if isinstance(answer, RequestRefused)]
    if refusals:
        caption_facts["refusal"] = refusals[-1]
    return caption_facts


def _answers(step: Step) -> tuple[Answer, ...]:
    return step.outcome.answers if step.outcome else ()


def collect_reads(trace: Trace, until: Step) -> list[ReadFacts]:
    """What clients have read of keys, up to and with a step, in order."""
    return [
        ReadFacts(step.outcome.node.id, answer)
        for step in trace.steps[: until.number + 1]
        if step.outcome
        for answer in step.outcome.answers
        if isinstance(answer, ReadResult)
    ]


def _collect_node_facts(
    trace: Trace, event_step: Step, cluster: Cluster, node: Node, time_ms: int, node_clock_ms: int
) -> NodeFacts:
    timer = trace.cluster_before(event_step).timer(node.id)
    waited_ms = event_step.time_ms - timer.started_ms if timer else 0
    return NodeFacts(cluster, node, waited_ms, time_ms, node_clock_ms)


def _next_to_fire(cluster: Cluster) -> NodeId | None:
    waiting = [
        timer
        for timer in cluster.timers
        if timer.is_election_timeout and cluster.node(timer.node).role is not Role.LEADER
    ]
    return min(waiting, key=lambda timer: timer.deadline_ms).node if waiting else None


def group_equal(pairs: Iterable[tuple[NodeId, T]]) -> dict[T, list[NodeId]]:
    """The nodes of which the same is said, together, in the order of the first of each."""
    groups: dict[T, list[NodeId]] = {}
    for id, value in pairs:
        groups.setdefault(value, []).append(id)
    return groups
