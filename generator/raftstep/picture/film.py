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
    return {
        "stops": list(stops),
        "axis": [list(knot) for knot in axis(trace, stops, end_of(played)).knots],
        "changes": list(_changes(played, ring, columns)),
        "moves": [
            [
                move.from_ms,
                move.to_ms,
                move.start.x,
                move.start.y,
                move.end.x,
                move.end.y,
                f"raft-glyph-{move.kind}",
                f"raft-mail--{move.kind}",
            ]
            for move in flights
            if move.from_ms <= last_ms
        ],
        "dials": [
            [timer.started_ms, until_ms, timer.node, timer.deadline_ms]
            for timer, until_ms in _dials(trace)
            if timer.started_ms <= last_ms
        ],
        "dial_span": trace.timeout_ms[1],
    }


def _changes(played: Played, ring: Layout, columns: Grid) -> Iterator[list[Any]]:
    """What each event changed in the pictures; events of a stop's own millisecond but after it count just past it."""
    trace = played.trace
    span_ms = trace.timeout_ms[1]
    shown = {moment.time_ms: moment.shown.number for moment in played.moments}
    before = dict(_parts(trace.steps[0], ring, columns, span_ms))
    for step in trace.steps[1:]:
        if step.time_ms > played.moments_ms[-1]:
            return
        late = step.time_ms in shown and step.number > shown[step.time_ms]
        now = dict(_parts(step, ring, columns, span_ms))
        for part, shape in now.items():
            if shape != before[part]:
                yield [step.time_ms + (0.25 if late else 0), part, draw_part(shape)]
        before = now


def _parts(step: Step, ring: Layout, columns: Grid, span_ms: int) -> Iterator[tuple[str, Any]]:
    cluster = step.cluster
    yield "cut", cut_path(cluster, ring)
    yield "key", key_lines(step, ring)
    for node in cluster.nodes:
        shape = node_shape(cluster, node, ring, time_ms=0, span_ms=span_ms)
        yield f"node-{node.id}", replace(shape, dial=None if shape.dial is None else 1.0)
        yield f"log-{node.id}", row_shape(cluster, node, columns)


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
