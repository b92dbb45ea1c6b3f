"""The run between the steps, for a player that knows nothing of Raft: what changes, what moves, what runs down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from raftstep.core.model import Node
from raftstep.picture.cluster_view import NodeShape, node_shape
from raftstep.picture.cut import cut_path
from raftstep.picture.draw import draw_part
from raftstep.picture.entries import snapshot_of
from raftstep.picture.key import key_lines
from raftstep.picture.layout import Layout
from raftstep.picture.log_view import Grid, row_shape
from raftstep.picture.moves import Move
from raftstep.picture.overlay import broken_by, over, under
from raftstep.picture.regions import has_members, standing
from raftstep.picture.timeline_view import axis, end_of
from raftstep.scenario.played import Played
from raftstep.simulation.cluster import Cluster, Timer
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def film(played: Played, ring: Layout, columns: Grid, flights: tuple[Move, ...]) -> dict[str, Any]:
    """The run from the first step's moment to the last one's, as plain data."""
    trace, stops = played.trace, played.moments_ms
    last_ms = stops[-1]
    seen = [move for move in flights if move.from_ms <= last_ms]
    kinds = list(dict.fromkeys(move.kind for move in seen))
    ways = list(dict.fromkeys((move.start, move.end) for move in seen))
    return {
        "stops": list(stops),
        "axis": [list(knot) for knot in axis(trace, stops, end_of(played)).knots],
        "changes": list(_changes(played, ring, columns)),
        "kinds": kinds,
        "ways": [[one.x, one.y, other.x, other.y] for one, other in ways],
        "moves": [
            [move.from_ms, move.to_ms, ways.index((move.start, move.end)), kinds.index(move.kind)] for move in seen
        ],
        "dials": [
            [timer.started_ms, until_ms, timer.node, timer.deadline_ms]
            for timer, until_ms in _dials(trace)
            if timer.started_ms <= last_ms
        ],
        "dial_span": trace.timeout_ms[1],
    }


def _changes(played: Played, ring: Layout, columns: Grid) -> Iterator[list[Any]]:
    """What each event changed in the pictures: when, which part, and its new look.

    The look is the number of a step, counted from 0, whose pictures have it, or else the part's own markup.
    Events of a stop's own millisecond but after it count just past it.
    """
    steps, last_ms = played.trace.steps, played.moments_ms[-1]
    shown = {moment.time_ms: moment.shown.number for moment in played.moments}
    resting = {moment.shown.number for moment in played.moments}
    parts = _Parts(played.trace, ring, columns)
    looks: dict[tuple[str, Any], int] = {}
    for number, moment in enumerate(played.moments):
        for part, shape in parts.of(moment.shown, at_rest=True).items():
            looks.setdefault((part, shape), number)
    before = parts.of(steps[0], at_rest=0 in resting)
    for step in steps[1:]:
        if step.time_ms > last_ms:
            return
        late = step.time_ms in shown and step.number > shown[step.time_ms]
        now = parts.of(step, at_rest=step.number in resting)
        for part, shape in now.items():
            if shape is not before[part] and shape != before[part]:
                look = looks.get((part, shape))
                yield [step.time_ms + (0.25 if late else 0), part, draw_part(shape) if look is None else look]
        before = now


class _Parts:
    """The parts of the pictures after an event; a part is made again where something that it shows has changed."""

    def __init__(self, trace: Trace, ring: Layout, columns: Grid) -> None:
        self.trace, self.ring, self.columns, self.span_ms = trace, ring, columns, trace.timeout_ms[1]
        self.alarmed = any(step.alarms for step in trace.steps)
        self.made: dict[str, tuple[Any, Any]] = {}

    def of(self, step: Step, *, at_rest: bool) -> dict[str, Any]:
        cluster = step.cluster
        everyone = cluster.nodes, cluster.down
        leader = self._once("leader", everyone, partial(current_leader, cluster))
        standings = self._once("standings", everyone, partial(_standings, cluster))
        broken = broken_by(self.trace, step.number) if self.alarmed else ()
        parts: dict[str, Any] = {
            "cut": cut_path(cluster, self.ring),
            "key": key_lines(step, self.ring, in_motion=not at_rest, room=2 if broken else 3),
            "under": self._once("under", everyone, partial(under, cluster, self.ring)),
            "over": over(step, self.ring, broken),
        }
        known = {one.peer: one for one in leader.progress} if leader else {}
        waiting = {timer.node for timer in cluster.timers if timer.election}
        for node in cluster.nodes:
            down = node.id in cluster.down
            state = node.role, node.current_term, node.votes_granted, node.id in waiting, down, standings.get(node.id)
            parts[f"node-{node.id}"] = self._once(f"node-{node.id}", state, partial(self._node, cluster, node))
            held = node.log, snapshot_of(node), node.commit_index, known.get(node.id), down
            row = partial(row_shape, cluster, node, self.columns)
            parts[f"log-{node.id}"] = self._once(f"log-{node.id}", held, row)
        return parts

    def _once(self, part: str, state: object, make: Callable[[], Any]) -> Any:
        if part not in self.made or self.made[part][0] != state:
            self.made[part] = state, make()
        return self.made[part][1]

    def _node(self, cluster: Cluster, node: Node) -> NodeShape:
        shape = node_shape(cluster, node, self.ring, time_ms=0, span_ms=self.span_ms)
        return replace(shape, dial=None if shape.dial is None else 1.0)


def _standings(cluster: Cluster) -> dict[str, str]:
    """Every node's standing; nothing where it does not matter."""
    return {node.id: standing(cluster, node) for node in cluster.nodes} if has_members(cluster) else {}


def _dials(trace: Trace) -> Iterator[tuple[Timer, int]]:
    running: dict[str, Timer] = {}
    for step in trace.steps:
        now = {timer.node: timer for timer in step.cluster.timers}
        for node, timer in list(running.items()):
            if now.get(node) != timer:
                yield timer, step.time_ms
                del running[node]
        running |= {node: timer for node, timer in now.items() if timer.election and node not in running}
    for timer in running.values():
        yield timer, trace.until_ms
