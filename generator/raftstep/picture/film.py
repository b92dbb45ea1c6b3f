"""The run between the steps, for a player that knows nothing of Raft: what changes, what moves, what runs down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from raftstep.picture.cluster_view import cut_path, key_lines, node_shape
from raftstep.picture.draw import draw_part
from raftstep.picture.layout import Layout
from raftstep.picture.log_view import Grid, row_shape
from raftstep.picture.moves import Move
from raftstep.picture.timeline_view import axis, end_of
from raftstep.scenario.play import Played
from raftstep.simulation.cluster import Timer
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
    trace = played.trace
    span_ms = trace.timeout_ms[1]
    shown = {moment.time_ms: moment.shown.number for moment in played.moments}
    looks: dict[tuple[str, Any], int] = {}
    for number, moment in enumerate(played.moments):
        for part in _parts(moment.shown, ring, columns, span_ms, at_rest=True).items():
            looks.setdefault(part, number)
    resting = {moment.shown.number for moment in played.moments}
    parts = _parts(trace.steps[0], ring, columns, span_ms, at_rest=0 in resting)
    for step in trace.steps[1:]:
        if step.time_ms > played.moments_ms[-1]:
            return
        late = step.time_ms in shown and step.number > shown[step.time_ms]
        for part, shape in _parts(step, ring, columns, span_ms, at_rest=step.number in resting).items():
            if shape != parts[part]:
                parts[part] = shape
                look = looks.get((part, shape))
                yield [step.time_ms + (0.25 if late else 0), part, draw_part(shape) if look is None else look]


def _parts(step: Step, ring: Layout, columns: Grid, span_ms: int, *, at_rest: bool) -> dict[str, Any]:
    cluster = step.cluster
    parts: dict[str, Any] = {"cut": cut_path(cluster, ring), "key": key_lines(step, ring, in_motion=not at_rest)}
    for node in cluster.nodes:
        shape = node_shape(cluster, node, ring, time_ms=0, span_ms=span_ms)
        parts[f"node-{node.id}"] = replace(shape, dial=None if shape.dial is None else 1.0)
        parts[f"log-{node.id}"] = row_shape(cluster, node, columns)
    return parts


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
