"""Space and time: a lane a node, time to the right, messages as slanted lines. Quiet stretches are shortened."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from raftstep.core.model import NodeId
from raftstep.picture.moves import kind_of
from raftstep.scenario.expect import role_of
from raftstep.scenario.played import Played
from raftstep.simulation.cluster import Deliver, Lose, Packet
from raftstep.simulation.trace import Trace

WIDTH = 1180
LEFT = 46
RIGHT = 24
TOP = 44
LANE = 23
STOP_GAP = 25
TICK_GAP = 40

FLIGHTS = {
    "vote-request": "vote",
    "vote-granted": "vote-reply",
    "vote-denied": "vote-reply",
    "append": "append",
    "heartbeat": "append",
    "append-accepted": "append-reply",
    "append-rejected": "append-reply",
    "pre-vote-request": "vote",
    "pre-vote-granted": "vote-reply",
    "pre-vote-denied": "vote-reply",
    "snapshot": "append",
    "snapshot-accepted": "append-reply",
    "timeout-now": "vote",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Milliseconds to user units: straight between knots, so that it can be read backwards too."""

    knots: tuple[tuple[int, float], ...]

    def x(self, time_ms: float) -> int:
        """Where a moment stands, in whole units: a line half a unit off is on the same spot of a screen."""
        if time_ms <= self.knots[0][0]:
            return round(self.knots[0][1])
        place = min(bisect_right(self.knots, time_ms, key=lambda knot: knot[0]), len(self.knots) - 1)
        (one_ms, one_x), (other_ms, other_x) = self.knots[place - 1], self.knots[place]
        part = min(1.0, (time_ms - one_ms) / (other_ms - one_ms))
        return round(one_x + (other_x - one_x) * part)


def axis(trace: Trace, stops: tuple[int, ...], end_ms: int) -> Axis:
    """A quiet stretch grows more slowly than its length, so that votes can be read beside waiting."""
    return axis_of(moments_of(trace, stops, end_ms))


def moments_of(trace: Trace, stops: tuple[int, ...], end_ms: int) -> set[int]:
    """Every time at which something happens, or is shown."""
    return {step.time_ms for step in trace.steps if step.time_ms <= end_ms} | {*stops, end_ms}


def axis_of(times_ms: set[int]) -> Axis:
    """The axis on which these times are knots."""
    moments = sorted(times_ms)
    weights = [(other - one) ** 0.6 for one, other in pairwise(moments)]
    scale = (WIDTH - LEFT - RIGHT) / (sum(weights) or 1)
    x = float(LEFT)
    knots = [(moments[0], x)]
    for moment, weight in zip(moments[1:], weights, strict=True):
        x += weight * scale
        knots.append((moment, round(x, 1)))
    return Axis(knots=tuple(knots))


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
    current: int


def timeline_view(played: Played, *, id: str, current: int = 1) -> TimelineFrame:
    """The run up to a little past its last step, with the cursor at one of them."""
    trace = played.trace
    stops = played.moments_ms
    end_ms = end_of(played)
    scale = axis(trace, stops, end_ms)
    ids = trace.start.ids
    lane_y = {node: TOP + place * LANE for place, node in enumerate(ids)}
    bottom = TOP + (len(ids) - 1) * LANE + 12
    shapes = stop_shapes(stops, scale)
    return TimelineFrame(
        id=id,
        title=f"Space-time diagram of {played.scenario.title}",
        description=f"One lane for each of {', '.join(ids)}; time runs to the right from 0 to {end_ms} ms, "
        f"steps at {', '.join(str(stop) for stop in stops)} ms. Quiet stretches are shortened.",
        width=WIDTH,
        height=bottom + 24,
        lanes=tuple(LaneShape(id=node, y=y) for node, y in lane_y.items()),
        roles=role_paths(trace, scale, lane_y, end_ms),
        flights=flight_paths(trace, scale, lane_y, end_ms),
        stops=shapes,
        guides="".join(f"M{shape.label_x} 25L{shape.x} 32V{bottom}" for shape in shapes),
        ticks=tick_shapes(stops, end_ms, scale),
        tick_y=bottom + 18,
        cursor_x=scale.x(stops[current - 1]),
        cursor_height=bottom,
        current=current,
    )


def end_of(played: Played) -> int:
    """Where the picture ends: a little past the last step."""
    return min(played.trace.until_ms, played.moments_ms[-1] + 40)


def stop_shapes(stops: tuple[int, ...], scale: Axis) -> tuple[StopShape, ...]:
    """The steps' markers, none over another."""
    shapes: list[StopShape] = []
    labels = [scale.x(stop) for stop in stops]
    for place in range(1, len(labels)):
        labels[place] = max(labels[place], labels[place - 1] + STOP_GAP)
    over = labels[-1] - (WIDTH - 12)
    if over > 0:
        labels[-1] -= over
        for place in range(len(labels) - 2, -1, -1):
            labels[place] = min(labels[place], labels[place + 1] - STOP_GAP)
    for number, (stop, label) in enumerate(zip(stops, labels, strict=True), 1):
        shapes.append(StopShape(number=number, x=scale.x(stop), label_x=label))
    return tuple(shapes)


def tick_shapes(stops: tuple[int, ...], end_ms: int, scale: Axis) -> tuple[tuple[int, int], ...]:
    """Times under the lanes, the steps' first; none where it would touch another."""
    placed: list[tuple[int, int]] = []
    for moment in (0, *reversed(stops), end_ms):
        x = scale.x(moment)
        if all(abs(x - other) >= TICK_GAP for other, _ in placed):
            placed.append((x, moment))
    return tuple(sorted(placed))


def role_paths(trace: Trace, scale: Axis, lane_y: dict[NodeId, int], end_ms: int) -> tuple[tuple[str, str], ...]:
    """The lanes as paths by role."""
    paths = {"follower": "", "pre-candidate": "", "candidate": "", "leader": "", "crashed": ""}
    for id, y in lane_y.items():
        since, role = 0, "follower"
        for step in trace.steps:
            if step.time_ms > end_ms:
                break
            now = role_of(step.cluster, step.cluster.node(id)).replace("down", "crashed")
            if now != role:
                paths[role] += f"M{scale.x(since)} {y}H{scale.x(step.time_ms)}"
                since, role = step.time_ms, now
        paths[role] += f"M{scale.x(since)} {y}H{scale.x(end_ms)}"
    return tuple(paths.items())


def flight_paths(trace: Trace, scale: Axis, lane_y: dict[NodeId, int], end_ms: int) -> tuple[tuple[str, str], ...]:
    """The messages as paths by what they are about; those lost are another path."""
    paths = {"vote": "", "vote-reply": "", "append": "", "append-reply": "", "lost": ""}
    for step in trace.steps:
        match step.event:
            case Deliver(packet=packet) if step.time_ms <= end_ms:
                paths[FLIGHTS[kind_of(packet.message)]] += _line(packet, scale, lane_y, packet.due_ms)
            case Lose(packet=packet) if step.time_ms <= end_ms:
                paths["lost"] += _line(packet, scale, lane_y, packet.due_ms) + _cross(packet, scale, lane_y)
    return tuple((name, path) for name, path in paths.items() if path)


def _ends(packet: Packet, lane_y: dict[NodeId, int]) -> tuple[float, float]:
    start, target = lane_y[packet.message.source], lane_y[packet.message.target]
    return start, (start + target) / 2 if packet.doomed else target


def _line(packet: Packet, scale: Axis, lane_y: dict[NodeId, int], until_ms: int) -> str:
    start, stop = _ends(packet, lane_y)
    sent, until = scale.x(packet.sent_ms), scale.x(until_ms)
    return f"M{sent} {start:g}l{until - sent} {stop - start:g}"


def _cross(packet: Packet, scale: Axis, lane_y: dict[NodeId, int]) -> str:
    x, y = scale.x(packet.due_ms), _ends(packet, lane_y)[1]
    return f"M{x - 3} {y - 3:g}l6 6m0-6l-6 6"
