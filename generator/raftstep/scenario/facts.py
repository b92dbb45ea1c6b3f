"""What a caption may speak of: the state of the run at one moment, under plain names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from raftstep.core.log import Log
from raftstep.core.model import Index, Node, NodeId, Role
from raftstep.simulation.cluster import Cluster, event_node
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class NodeFacts:
    """One node as captions see it: ``{{ S3.term }}``; written alone it is the node's name."""

    def __init__(self, cluster: Cluster, node: Node, waited_ms: int, time_ms: int) -> None:
        timer = cluster.timer(node.id)
        self.id = node.id
        self.alive = node.id not in cluster.down
        self.role = node.role.value if self.alive else "down"
        self.term = node.current_term
        self.vote = node.voted_for
        self.log = [EntryFacts(node.log, index) for index in range(1, len(node.log) + 1)]
        self.last_index = len(node.log)
        self.commit_index = node.commit_index
        self.votes = [id for id in cluster.ids if id in node.votes_granted]
        self.waited_ms = waited_ms
        self.timeout_ms = timer.deadline_ms - timer.started_ms if timer else None
        self.deadline_ms = timer.deadline_ms if timer else None
        self.left_ms = max(0, timer.deadline_ms - time_ms) if timer else None

    def __str__(self) -> str:
        return self.id


class EntryFacts:
    """One entry as captions see it; written alone it is its command."""

    def __init__(self, log: Log, index: Index) -> None:
        entry = log[index - 1]
        self.index = index
        self.term = entry.term
        self.command = entry.command or "no-op"

    def __str__(self) -> str:
        return self.command


def facts(trace: Trace, event: Step, shown: Step, time_ms: int, earlier_ms: Sequence[int]) -> dict[str, Any]:
    """The names a caption may use.

    ``event`` is the step that reached the waypoint, ``shown`` the last one by the moment the picture shows, and
    ``earlier_ms`` the times of the events that reached the waypoints so far, this one's last.
    """
    cluster = shown.cluster
    nodes = {node.id: _node_facts(trace, event, cluster, node, time_ms) for node in cluster.nodes}
    known: dict[str, Any] = dict(nodes)
    leader = current_leader(cluster)
    if leader:
        known["leader"] = nodes[leader.id]
    where = event_node(event.event)
    if where:
        known["it"] = nodes[where]
    everyone = list(nodes.values())
    known |= {
        "nodes": everyone,
        "alive": [node for node in everyone if node.alive],
        "down": [node for node in everyone if not node.alive],
        "others": [node for node in everyone if node.id != where],
        "size": len(everyone),
        "majority": cluster.majority,
        "time_ms": event.time_ms,
        "shown_ms": time_ms,
        "minimum_ms": trace.timeout_ms[0],
        "maximum_ms": trace.timeout_ms[1],
        "in_flight": len(cluster.packets),
        "answered": trace.answered(shown),
        "event": event.event,
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


def _node_facts(trace: Trace, event: Step, cluster: Cluster, node: Node, time_ms: int) -> NodeFacts:
    timer = trace.before(event).timer(node.id)
    waited_ms = event.time_ms - timer.started_ms if timer else 0
    return NodeFacts(cluster, node, waited_ms, time_ms)


def holders(cluster: Cluster, index: Index, command: str | None = None) -> list[NodeId]:
    """The nodes with an entry at an index (that command's, where one is named), down ones too: their disk has it."""
    return [
        node.id
        for node in cluster.nodes
        if len(node.log) >= index and (command is None or node.log[index - 1].command == command)
    ]


def _next_to_fire(cluster: Cluster) -> NodeId | None:
    waiting = [timer for timer in cluster.timers if timer.election and cluster.node(timer.node).role is not Role.LEADER]
    return min(waiting, key=lambda timer: timer.deadline_ms).node if waiting else None


def in_words(number: int) -> str:
    """A small number as a word: ``3`` is *three*; larger ones stay digits."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def listed(items: Iterable[object]) -> str:
    """*S1*, *S1 and S2*, *S1, S2 and S3*."""
    names = [str(item) for item in items]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
