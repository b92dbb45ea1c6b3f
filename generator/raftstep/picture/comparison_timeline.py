"""The space-time picture of two runs on one axis: the lanes of one above the other's, under one cursor."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.core.model import NodeId
from raftstep.picture.timeline_view import (
    LANE_HEIGHT,
    TOP,
    WIDTH,
    LaneShape,
    TimeAxis,
    TimelineFrame,
    build_axis,
    build_stop_shapes,
    build_ticks,
    collect_times,
    find_end_ms,
    flight_paths,
    role_paths,
)
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.protocols import PROTOCOLS

RUN_NAME_HEIGHT = 20
"""Room above a run's lanes for its name."""


def build_comparison_frame(first_run: PlayedScenario, second_run: PlayedScenario, *, id: str) -> TimelineFrame:
    """Two runs with the same steps, one below the other."""
    stops = first_run.moments_ms
    end_ms = max(find_end_ms(first_run), find_end_ms(second_run))
    time_axis = build_shared_axis(first_run, second_run)
    ids = first_run.trace.start.ids
    first_lane_y = {node: TOP + RUN_NAME_HEIGHT + index * LANE_HEIGHT for index, node in enumerate(ids)}
    second_lane_y = {node: y + LANE_HEIGHT * len(ids) + RUN_NAME_HEIGHT for node, y in first_lane_y.items()}
    bottom = max(second_lane_y.values()) + 12
    shapes = build_stop_shapes(stops, time_axis, range(1, len(stops) + 1))
    run_names = [PROTOCOLS[run.trace.protocol].title for run in (first_run, second_run)]
    if run_names[0] == run_names[1]:
        run_names = [first_run.scenario.title, second_run.scenario.title]
    return TimelineFrame(
        id=id,
        title=f"Space-time diagram of {first_run.scenario.title}, and below it of {second_run.scenario.title}",
        description=f"For each run a lane for each of {', '.join(ids)}; time runs to the right from 0 to {end_ms} ms, "
        f"steps at {', '.join(str(stop) for stop in stops)} ms. Quiet stretches are shortened.",
        width=WIDTH,
        height=bottom + 24,
        lanes=(*_build_lanes(first_lane_y, run_names[0]), *_build_lanes(second_lane_y, run_names[1])),
        roles=(
            *role_paths(first_run.trace, time_axis, first_lane_y, end_ms),
            *role_paths(second_run.trace, time_axis, second_lane_y, end_ms),
        ),
        flights=(
            *flight_paths(first_run.trace, time_axis, first_lane_y, end_ms),
            *flight_paths(second_run.trace, time_axis, second_lane_y, end_ms),
        ),
        stops=shapes,
        guides="".join(f"M{shape.label_x} 25L{shape.x} 32V{bottom}" for shape in shapes),
        ticks=build_ticks(stops, end_ms, time_axis),
        tick_y=bottom + 18,
        cursor_x=time_axis.x(stops[0]),
        cursor_height=bottom,
        current_step=1,
    )


def build_shared_axis(first_run: PlayedScenario, second_run: PlayedScenario) -> TimeAxis:
    """One axis for both runs; its knots are the times at which anything happens in either."""
    end_ms = max(find_end_ms(first_run), find_end_ms(second_run))
    return build_axis(
        collect_times(first_run.trace, first_run.moments_ms, end_ms)
        | collect_times(second_run.trace, first_run.moments_ms, end_ms)
    )


def _build_lanes(lane_y: dict[NodeId, int], name: str) -> Iterator[LaneShape]:
    yield LaneShape(id=name, y=min(lane_y.values()) - RUN_NAME_HEIGHT - 2)
    for node, y in lane_y.items():
        yield LaneShape(id=node, y=y)
