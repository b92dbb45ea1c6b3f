"""The run between the steps, for a player that knows nothing of Raft: what changes, what moves, what runs down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from raftstep.core.model import Node
from raftstep.picture.caption_lines import build_caption_lines
from raftstep.picture.cluster_view import NodeShape, build_node_shape
from raftstep.picture.draw import draw_part
from raftstep.picture.flights import Flight
from raftstep.picture.layout import Layout
from raftstep.picture.log_view import Grid, build_log_row
from raftstep.picture.overlay import build_overlay, build_underlay, cut_path, find_speaking_step, list_broken_properties
from raftstep.picture.regions import find_standing, shows_membership
from raftstep.picture.timeline_view import build_run_axis, find_end_ms
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.cluster import Cluster, Timer
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def build_film(
    played: PlayedScenario, ring: Layout, log_grid: Grid, flights: tuple[Flight, ...], part_prefix: str = ""
) -> dict[str, Any]:
    """The run from the first step's moment to the last one's, as plain data.

    The names of the parts that it moves begin with ``part_prefix``.
    """
    trace, stops = played.trace, played.moments_ms
    last_ms = stops[-1]
    visible_flights = [flight for flight in flights if flight.from_ms <= last_ms]
    kinds = list(dict.fromkeys(flight.kind for flight in visible_flights))
    ways = list(dict.fromkeys((flight.start, flight.end) for flight in visible_flights))
    return {
        "stops": list(stops),
        "axis": [list(knot) for knot in build_run_axis(trace, stops, find_end_ms(played)).knots],
        "changes": list(_list_changes(played, ring, log_grid, part_prefix)),
        "kinds": kinds,
        "ways": [[start.x, start.y, end.x, end.y] for start, end in ways],
        "moves": [
            [flight.from_ms, flight.to_ms, ways.index((flight.start, flight.end)), kinds.index(flight.kind)]
            for flight in visible_flights
        ],
        "dials": [
            [timer.started_ms, until_ms, part_prefix + timer.node, timer.deadline_ms]
            for timer, until_ms in _list_dials(trace)
            if timer.started_ms <= last_ms
        ],
        "dial_span": trace.timeout_ms[1],
    }


def _list_changes(played: PlayedScenario, ring: Layout, log_grid: Grid, part_prefix: str) -> Iterator[list[Any]]:
    """What each event changed in the pictures: when, which part, and its new look.

    The look is the number of a step, counted from 0, whose pictures have it, or else the part's own markup.
    Events of a stop's own millisecond but after it count just past it.
    """
    steps, last_ms = played.trace.steps, played.moments_ms[-1]
    step_shown_at = {moment.time_ms: moment.shown_step.number for moment in played.moments}
    shown_steps = {moment.shown_step.number for moment in played.moments}
    parts = _PictureParts(played.trace, ring, log_grid)
    looks: dict[tuple[str, Any], int] = {}
    for number, moment in enumerate(played.moments):
        for part, shape in parts.shapes_after(moment.shown_step, at_rest=True).items():
            looks.setdefault((part, shape), number)
    old_shapes = parts.shapes_after(steps[0], at_rest=0 in shown_steps)
    for step in steps[1:]:
        if step.time_ms > last_ms:
            return
        is_late = step.time_ms in step_shown_at and step.number > step_shown_at[step.time_ms]
        new_shapes = parts.shapes_after(step, at_rest=step.number in shown_steps)
        for part, shape in new_shapes.items():
            if shape is not old_shapes[part] and shape != old_shapes[part]:
                look = looks.get((part, shape))
                new_look = draw_part(shape, part_prefix) if look is None else look
                yield [step.time_ms + (0.25 if is_late else 0), part_prefix + part, new_look]
        old_shapes = new_shapes


class _PictureParts:
    """The parts of the pictures after an event; a part is made again where something that it shows has changed."""

    def __init__(self, trace: Trace, ring: Layout, log_grid: Grid) -> None:
        self.trace, self.ring, self.log_grid, self.span_ms = trace, ring, log_grid, trace.timeout_ms[1]
        self.has_alarms = any(step.alarms for step in trace.steps)
        self.cached_shapes: dict[str, tuple[Any, Any]] = {}

    def shapes_after(self, step: Step, *, at_rest: bool) -> dict[str, Any]:
        cluster = step.cluster
        everyone = cluster.nodes, cluster.down_nodes
        leader = self._reuse_or_build("leader", everyone, partial(current_leader, cluster))
        standings = self._reuse_or_build("standings", everyone, partial(_find_standings, cluster))
        broken_properties = list_broken_properties(self.trace, step.number) if self.has_alarms else ()
        speaking = find_speaking_step(self.trace, step)
        parts: dict[str, Any] = {
            "cut": cut_path(cluster, self.ring),
            "key": build_caption_lines(
                step,
                self.ring,
                speaking=speaking,
                in_motion=not at_rest,
                room=2 if broken_properties else 3,
            ),
            "under": self._reuse_or_build("under", everyone, partial(build_underlay, cluster, self.ring)),
            "over": build_overlay(speaking, self.ring, broken_properties),
        }
        progress_by_peer = {progress.peer: progress for progress in leader.progress} if leader else {}
        waiting_ids = {timer.node for timer in cluster.timers if timer.is_election_timeout}
        for node in cluster.nodes:
            is_down = node.id in cluster.down_nodes
            state = (
                node.role,
                node.current_term,
                node.votes_granted,
                node.id in waiting_ids,
                is_down,
                cluster.is_paused(node.id),
                standings.get(node.id),
            )
            parts[f"node-{node.id}"] = self._reuse_or_build(
                f"node-{node.id}", state, partial(self._build_node, cluster, node)
            )
            log_state = node.log, node.snapshot, node.commit_index, progress_by_peer.get(node.id), is_down
            build_row = partial(build_log_row, cluster, node, self.log_grid)
            parts[f"log-{node.id}"] = self._reuse_or_build(f"log-{node.id}", log_state, build_row)
        return parts

    def _reuse_or_build(self, part: str, state: object, make: Callable[[], Any]) -> Any:
        if part not in self.cached_shapes or self.cached_shapes[part][0] != state:
            self.cached_shapes[part] = state, make()
        return self.cached_shapes[part][1]

    def _build_node(self, cluster: Cluster, node: Node) -> NodeShape:
        shape = build_node_shape(cluster, node, self.ring, time_ms=0, span_ms=self.span_ms)
        return replace(shape, dial=None if shape.dial is None else 1.0)


def _find_standings(cluster: Cluster) -> dict[str, str]:
    """Every node's standing; nothing where it does not matter."""
    return {node.id: find_standing(cluster, node) for node in cluster.nodes} if shows_membership(cluster) else {}


def _list_dials(trace: Trace) -> Iterator[tuple[Timer, int]]:
    running: dict[str, Timer] = {}
    for step in trace.steps:
        timers = {timer.node: timer for timer in step.cluster.timers}
        for node, timer in list(running.items()):
            if timers.get(node) != timer:
                yield timer, step.time_ms
                del running[node]
        running |= {node: timer for node, timer in timers.items() if timer.is_election_timeout and node not in running}
    for timer in running.values():
        yield timer, trace.until_ms
