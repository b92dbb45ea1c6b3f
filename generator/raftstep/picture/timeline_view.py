"""Space and time: a lane a node, time to the right, messages as slanted lines. Quiet stretches are shortened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from raftstep.core.model import NodeId
from raftstep.picture.flights import kind_of
from raftstep.scenario.expectations import role_of
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.events import Deliver, Lose
from raftstep.simulation.packets import Packet
from raftstep.simulation.trace import Trace

WIDTH = 1180
LEFT = 46
RIGHT = 24
TOP = 44
LANE_HEIGHT = 23
STOP_GAP = 25
TICK_GAP = 40

FLIGHT_LOOKS = {
    "vote-request": "vote",
    "vote-granted": "vote-reply",
    "vote-denied": "vote-reply",
    "append": "append",
    "heartbeat": "append",
    "append-accepted": "append-reply",
    "heartbeat-accepted": "append-reply",
    "append-rejected": "append-reply",
    "pre-vote-request": "vote",
    "pre-vote-granted": "vote-reply",
    "pre-vote-denied": "vote-reply",
    "snapshot": "append",
    "snapshot-accepted": "append-reply",
    "timeout-now": "vote",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Milliseconds to user units: straight between knots, so that it can be read backwards too."""

    knots: tuple[tuple[int, float], ...]

    def x(self, time_ms: float) -> int:
        """Where a moment is, in whole units: a line half a unit off is on the same spot of a screen."""
        if time_ms <= self.knots[0][0]:
            return round(self.knots[0][1])
        index = min(bisect_right(self.knots, time_ms, key=lambda knot: knot[0]), len(self.knots) - 1)
        (start_ms, start_x), (end_ms, end_x) = self.knots[index - 1], self.knots[index]
        part = min(1.0, (time_ms - start_ms) / (end_ms - start_ms))
        return round(start_x + (end_x - start_x) * part)


def build_run_axis(trace: Trace, stops: tuple[int, ...], end_ms: int) -> TimeAxis:
    """A quiet stretch grows more slowly than its length, so that votes can be read next to waiting."""
    return build_axis(collect_times(trace, stops, end_ms))


def collect_times(trace: Trace, stops: tuple[int, ...], end_ms: int) -> set[int]:
    """Every time at which something happens, or is shown."""
    return {step.time_ms for step in trace.steps if step.time_ms <= end_ms} | {*stops, end_ms}


def build_axis(times_ms: set[int]) -> TimeAxis:
    """The axis on which these times are knots."""
    sorted_times = sorted(times_ms)
    weights = [(next_time - time) ** 0.6 for time, next_time in pairwise(sorted_times)]
    scale = (WIDTH - LEFT - RIGHT) / (sum(weights) or 1)
    x = float(LEFT)
    knots = [(sorted_times[0], x)]
    for time_ms, weight in zip(sorted_times[1:], weights, strict=True):
        x += weight * scale
        knots.append((time_ms, round(x, 1)))
    return TimeAxis(knots=tuple(knots))


@dataclass(frozen=True, slots=True, kw_only=True)
class StopShape:
    """A step's marker above the lanes, at ``x``; ``label_x`` keeps neighbours apart."""

    number: int
    x: int
    label_x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneShape:
    """One node's lane."""

    id: NodeId
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFrame:
    """The whole run as one picture; ``roles`` and ``flights`` are paths by their class."""

    id: str
    title: str
    description: str
    width: int
    height: int
    lanes: tuple[LaneShape, ...]
    roles: tuple[tuple[str, str], ...]
    flights: tuple[tuple[str, str], ...]
    stops: tuple[StopShape, ...]
    guides: str
    ticks: tuple[tuple[int, int], ...]
    tick_y: int
    cursor_x: int
    cursor_height: int
    current_step: int

    @property
    def kinds(self) -> frozenset[str]:
        """No glyphs: messages are lines here."""
        return frozenset()


def build_timeline_frame(played: PlayedScenario, *, id: str, current_step: int = 1) -> TimelineFrame:
    """The run up to a little past its last step, with the cursor at one of them."""
    trace = played.trace
    stops = played.moments_ms
    end_ms = find_end_ms(played)
    time_axis = build_run_axis(trace, stops, end_ms)
    ids = trace.start.ids
    lane_y = {node: TOP + index * LANE_HEIGHT for index, node in enumerate(ids)}
    bottom = TOP + (len(ids) - 1) * LANE_HEIGHT + 12
    numbers = [moment.number for moment in played.moments]
    shapes = build_stop_shapes(stops, time_axis, numbers)
    cursor_ms = stops[numbers.index(current_step)] if current_step in numbers else stops[-1]
    return TimelineFrame(
        id=id,
        title=f"Space-time diagram of {played.scenario.title}",
        description=f"One lane for each of {', '.join(ids)}; time runs to the right from 0 to {end_ms} ms, "
        f"steps at {', '.join(str(stop) for stop in stops)} ms. Quiet stretches are shortened.",
        width=WIDTH,
        height=bottom + 24,
        lanes=tuple(LaneShape(id=node, y=y) for node, y in lane_y.items()),
        roles=role_paths(trace, time_axis, lane_y, end_ms),
        flights=flight_paths(trace, time_axis, lane_y, end_ms),
        stops=shapes,
        guides="".join(f"M{shape.label_x} 25L{shape.x} 32V{bottom}" for shape in shapes),
        ticks=build_ticks(stops, end_ms, time_axis),
        tick_y=bottom + 18,
        cursor_x=time_axis.x(cursor_ms),
        cursor_height=bottom,
        current_step=current_step,
    )


def find_end_ms(played: PlayedScenario) -> int:
    """Where the picture ends: a little past the last step."""
    return min(played.trace.until_ms, played.moments_ms[-1] + 40)


def build_stop_shapes(stops: tuple[int, ...], time_axis: TimeAxis, numbers: Sequence[int]) -> tuple[StopShape, ...]:
    """The steps' markers, none over another, with the steps' numbers in them."""
    shapes: list[StopShape] = []
    labels = [time_axis.x(stop) for stop in stops]
    for index in range(1, len(labels)):
        labels[index] = max(labels[index], labels[index - 1] + STOP_GAP)
    overflow = labels[-1] - (WIDTH - 12)
    if overflow > 0:
        labels[-1] -= overflow
        for index in range(len(labels) - 2, -1, -1):
            labels[index] = min(labels[index], labels[index + 1] - STOP_GAP)
    for number, stop, label in zip(numbers, stops, labels, strict=True):
        shapes.append(StopShape(number=number, x=time_axis.x(stop), label_x=label))
    return tuple(shapes)


def build_ticks(stops: tuple[int, ...], end_ms: int, time_axis: TimeAxis) -> tuple[tuple[int, int], ...]:
    """Times under the lanes, the steps' first; none where it would touch another."""
    ticks: list[tuple[int, int]] = []
    for time_ms in (0, *reversed(stops), end_ms):
        x = time_axis.x(time_ms)
        if all(abs(x - tick_x) >= TICK_GAP for tick_x, _ in ticks):
            ticks.append((x, time_ms))
    return tuple(sorted(ticks))


def role_paths(
    trace: Trace, time_axis: TimeAxis, lane_y: dict[NodeId, int], end_ms: int
) -> tuple[tuple[str, str], ...]:
    """The lanes as paths by role; a node that is paused has a line of its own."""
    paths = {"follower": "", "pre-candidate": "", "candidate": "", "leader": "", "crashed": "", "paused": ""}
    for id, y in lane_y.items():
        since, role = 0, "follower"
        for step in trace.steps:
            if step.time_ms > end_ms:
                break
            new_role = role_of(step.cluster, step.cluster.node(id)).replace("down", "crashed")
            new_role = "paused" if step.cluster.is_paused(id) else new_role
            if new_role != role:
                paths[role] += f"M{time_axis.x(since)} {y}H{time_axis.x(step.time_ms)}"
                since, role = step.time_ms, new_role
        paths[role] += f"M{time_axis.x(since)} {y}H{time_axis.x(end_ms)}"
    return tuple(paths.items())


def flight_paths(
    trace: Trace, time_axis: TimeAxis, lane_y: dict[NodeId, int], end_ms: int
) -> tuple[tuple[str, str], ...]:
    """The messages as paths by what they are about; those lost are another path."""
    paths = {"vote": "", "vote-reply": "", "append": "", "append-reply": "", "lost": ""}
    for step in trace.steps:
        match step.event:
            case Deliver(packet=packet) if step.time_ms <= end_ms:
                paths[FLIGHT_LOOKS[kind_of(packet.message)]] += _line_path(packet, time_axis, lane_y, packet.due_ms)
            case Lose(packet=packet) if step.time_ms <= end_ms:
                paths["lost"] += _line_path(packet, time_axis, lane_y, packet.due_ms) + _cross_path(
                    packet, time_axis, lane_y
                )
    return tuple((name, path) for name, path in paths.items() if path)


def _lane_ends(packet: Packet, lane_y: dict[NodeId, int]) -> tuple[float, float]:
    start, target = lane_y[packet.message.source], lane_y[packet.message.target]
    return start, (start + target) / 2 if packet.will_be_lost else target


def _line_path(packet: Packet, time_axis: TimeAxis, lane_y: dict[NodeId, int], until_ms: int) -> str:
    start, stop = _lane_ends(packet, lane_y)
    sent_x, until_x = time_axis.x(packet.sent_ms), time_axis.x(until_ms)
    return f"M{sent_x} {start:g}l{until_x - sent_x} {stop - start:g}"


def _cross_path(packet: Packet, time_axis: TimeAxis, lane_y: dict[NodeId, int]) -> str:
    x, y = time_axis.x(packet.due_ms), _lane_ends(packet, lane_y)[1]
    return f"M{x - 3} {y - 3:g}l6 6m0-6l-6 6"
