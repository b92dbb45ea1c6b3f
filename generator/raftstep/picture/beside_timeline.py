"""The space-time picture of two runs on one axis: the lanes of one above the other's, under one cursor."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.core.model import NodeId
from raftstep.picture.timeline_view import (
    LANE,
    TOP,
    WIDTH,
    Axis,
    LaneShape,
    TimelineFrame,
    axis_of,
    end_of,
    flight_paths,
    moments_of,
    role_paths,
    stop_shapes,
    tick_shapes,
)
from raftstep.scenario.played import Played
from raftstep.simulation.protocols import PROTOCOLS

BAND = 20
"""Room above a run's lanes for its name."""


def beside_view(one: Played, other: Played, *, id: str) -> TimelineFrame:
    """Two runs with the same steps, one below the other."""
    stops = one.moments_ms
    end_ms = max(end_of(one), end_of(other))
    scale = beside_axis(one, other)
    ids = one.trace.start.ids
    first = {node: TOP + BAND + place * LANE for place, node in enumerate(ids)}
    second = {node: y + LANE * len(ids) + BAND for node, y in first.items()}
    bottom = max(second.values()) + 12
    shapes = stop_shapes(stops, scale)
    names = [PROTOCOLS[run.trace.protocol].title for run in (one, other)]
    if names[0] == names[1]:
        names = [one.scenario.title, other.scenario.title]
    return TimelineFrame(
        id=id,
        title=f"Space-time diagram of {one.scenario.title}, and below it of {other.scenario.title}",
        description=f"For each run a lane for each of {', '.join(ids)}; time runs to the right from 0 to {end_ms} ms, "
        f"steps at {', '.join(str(stop) for stop in stops)} ms. Quiet stretches are shortened.",
        width=WIDTH,
        height=bottom + 24,
        lanes=(*_band(first, names[0]), *_band(second, names[1])),
        roles=(*role_paths(one.trace, scale, first, end_ms), *role_paths(other.trace, scale, second, end_ms)),
        flights=(*flight_paths(one.trace, scale, first, end_ms), *flight_paths(other.trace, scale, second, end_ms)),
        stops=shapes,
        guides="".join(f"M{shape.label_x} 25L{shape.x} 32V{bottom}" for shape in shapes),
        ticks=tick_shapes(stops, end_ms, scale),
        tick_y=bottom + 18,
        cursor_x=scale.x(stops[0]),
        cursor_height=bottom,
        current=1,
    )


def beside_axis(one: Played, other: Played) -> Axis:
    """One axis for both runs; its knots are the times at which anything happens in either."""
    end_ms = max(end_of(one), end_of(other))
    return axis_of(moments_of(one.trace, one.moments_ms, end_ms) | moments_of(other.trace, one.moments_ms, end_ms))


def _band(lane_y: dict[NodeId, int], name: str) -> Iterator[LaneShape]:
    yield LaneShape(id=name, y=min(lane_y.values()) - BAND - 2)
    for node, y in lane_y.items():
        yield LaneShape(id=node, y=y)
