"""Space and time: markers and times stand apart, and the axis can be read both ways."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from raftstep.picture.timeline_view import LEFT, WIDTH, build_run_axis, build_timeline_frame, find_end_ms
from raftstep.simulation.events import Deliver, Lose
from tests.picture.runs import ALL_NAMES, SCENARIO_NAMES, draw_scenario, list_classes, parse_svg, play_scenario


@pytest.mark.parametrize("name", ALL_NAMES)
def test_step_markers_stand_apart_in_order_and_within_the_picture(name: str) -> None:
    """24 units at least: two circles never touch, and each is a target that a finger can hit."""
    shapes = build_timeline_frame(play_scenario(name), id="x").stops

    assert [shape.number for shape in shapes] == list(range(1, len(play_scenario(name).moments) + 1))
    assert all(next_shape.label_x - shape.label_x >= 24 for shape, next_shape in pairwise(shapes))
    assert shapes[0].label_x >= 11
    assert shapes[-1].label_x <= WIDTH - 11


@pytest.mark.parametrize("name", ALL_NAMES)
def test_times_under_the_lanes_do_not_collide(name: str) -> None:
    """Events a millisecond apart have labels that cannot both be drawn."""
    svg = parse_svg(draw_scenario(name).timeline.svg)
    ticks = [
        (float(tick.get("x", 0)), tick.text or "") for tick in svg.iter("text") if "raft-tick" in list_classes(tick)
    ]

    assert len(ticks) >= 2
    for (x, time), (next_x, next_time) in pairwise(ticks):
        assert int(time) < int(next_time)
        assert next_x - x >= (len(time) + len(next_time)) / 2 * 7.5
    assert ticks[-1][0] + len(ticks[-1][1]) * 3.8 <= WIDTH


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_the_axis_rises_everywhere(name: str) -> None:
    """The cursor maps time to place and back, which needs an axis that never stands still."""
    run = play_scenario(name)
    knots = build_run_axis(run.trace, run.moments_ms, find_end_ms(run)).knots

    assert knots[0] == (0, LEFT)
    assert all(knot[0] < next_knot[0] and knot[1] < next_knot[1] for knot, next_knot in pairwise(knots))
    assert knots[-1][1] < WIDTH


def test_a_quiet_stretch_is_shortened_and_never_turned_round() -> None:
    """Votes of a few ms can be read beside a wait of 170 ms."""
    run = play_scenario("leader-election")
    time_axis = build_run_axis(run.trace, run.moments_ms, find_end_ms(run))
    gaps = [(next_knot[0] - knot[0], next_knot[1] - knot[1]) for knot, next_knot in pairwise(time_axis.knots)]

    assert [time_axis.x(time) for time in range(400)] == sorted(time_axis.x(time) for time in range(400))
    for time, width in gaps:
        for other_time, other_width in gaps:
            if time > other_time:
                assert width > other_width - 0.11
                assert width / time <= (other_width + 0.11) / other_time


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_every_message_that_ended_is_a_line(name: str) -> None:
    """Space-time diagrams since Lamport 1978: each message is one line, and a lost one ends in a cross."""
    run = play_scenario(name)
    past_steps = [step for step in run.trace.steps if step.time_ms <= find_end_ms(run)]
    svg = parse_svg(draw_scenario(name).timeline.svg)
    paths = {
        list_classes(path)[0]: path.get("d", "")
        for path in svg.iter("path")
        if "raft-flight--" in path.get("class", "")
    }

    lost = sum(isinstance(step.event, Lose) for step in past_steps)
    arrived = sum(isinstance(step.event, Deliver) for step in past_steps)

    lines = sum(path.count("M") for look, path in paths.items() if look != "raft-flight--lost")
    assert lines == arrived
    assert paths.get("raft-flight--lost", "").count("M") == 2 * lost  # a line and a cross


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_roles_fill_each_lane_from_end_to_end(name: str) -> None:
    """§5.1: a server is in one of the roles at any given time, so a lane has no gap and no overlap."""
    run = play_scenario(name)
    frame = build_timeline_frame(run, id="x")
    time_axis = build_run_axis(run.trace, run.moments_ms, find_end_ms(run))
    for lane in frame.lanes:
        pieces = sorted(
            (float(start), float(stop))
            for _, path in frame.roles
            for start, y, stop in re.findall(r"M([\d.]+) (\d+)H([\d.]+)", path)
            if int(y) == lane.y
        )
        assert pieces[0][0] == LEFT
        assert pieces[-1][1] == time_axis.x(find_end_ms(run))
        assert all(piece[1] == next_piece[0] for piece, next_piece in pairwise(pieces))
