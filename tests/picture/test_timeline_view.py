"""Space and time: markers and times stand apart, and the axis can be read both ways."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from raftstep.picture.timeline_view import LEFT, WIDTH, axis, end_of, timeline_view
from raftstep.simulation.cluster import Deliver, Lose
from tests.picture.runs import ALL, NAMES, classes, drawn, parsed, played


@pytest.mark.parametrize("name", ALL)
def test_step_markers_stand_apart_in_order_and_within_the_picture(name: str) -> None:
    """24 units at least: two circles never touch, and each is a target that a finger can hit."""
    shapes = timeline_view(played(name), id="x").stops

    assert [shape.number for shape in shapes] == list(range(1, len(played(name).moments) + 1))
    assert all(other.label_x - one.label_x >= 24 for one, other in pairwise(shapes))
    assert shapes[0].label_x >= 11
    assert shapes[-1].label_x <= WIDTH - 11


@pytest.mark.parametrize("name", ALL)
def test_times_under_the_lanes_do_not_collide(name: str) -> None:
    svg = parsed(drawn(name).timeline)
    ticks = [(float(tick.get("x", 0)), tick.text or "") for tick in svg.iter("text") if "raft-tick" in classes(tick)]

    assert len(ticks) >= 2
    for (one, time), (other, later) in pairwise(ticks):
        assert int(time) < int(later)
        assert other - one >= (len(time) + len(later)) / 2 * 7.5
    assert ticks[-1][0] + len(ticks[-1][1]) * 3.8 <= WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_the_axis_rises_everywhere(name: str) -> None:
    run = played(name)
    knots = axis(run.trace, run.moments_ms, end_of(run)).knots

    assert knots[0] == (0, LEFT)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(knots))
    assert knots[-1][1] < WIDTH


def test_a_quiet_stretch_is_shortened_and_never_turned_round() -> None:
    """Votes of a few ms can be read beside a wait of 170 ms."""
    run = played("leader-election")
    scale = axis(run.trace, run.moments_ms, end_of(run))
    gaps = [(other[0] - one[0], other[1] - one[1]) for one, other in pairwise(scale.knots)]

    assert [scale.x(time) for time in range(400)] == sorted(scale.x(time) for time in range(400))
    for time, width in gaps:
        for other_time, other_width in gaps:
            if time > other_time:
                assert width > other_width - 0.11
                assert width / time <= (other_width + 0.11) / other_time


@pytest.mark.parametrize("name", NAMES)
def test_every_message_that_ended_is_a_line(name: str) -> None:
    run = played(name)
    ended = [step for step in run.trace.steps if step.time_ms <= end_of(run)]
    svg = parsed(drawn(name).timeline)
    paths = {
        classes(path)[0]: path.get("d", "") for path in svg.iter("path") if "raft-flight--" in path.get("class", "")
    }

    lost = sum(isinstance(step.event, Lose) for step in ended)
    arrived = sum(isinstance(step.event, Deliver) for step in ended)

    lines = sum(path.count("M") for look, path in paths.items() if look != "raft-flight--lost")
    assert lines == arrived
    assert paths.get("raft-flight--lost", "").count("M") == 2 * lost  # a line and a cross


@pytest.mark.parametrize("name", NAMES)
def test_roles_fill_each_lane_from_end_to_end(name: str) -> None:
    run = played(name)
    frame = timeline_view(run, id="x")
    scale = axis(run.trace, run.moments_ms, end_of(run))
    for lane in frame.lanes:
        pieces = sorted(
            (float(start), float(stop))
            for _, path in frame.roles
            for start, y, stop in re.findall(r"M([\d.]+) (\d+)H([\d.]+)", path)
            if int(y) == lane.y
        )
        assert pieces[0][0] == LEFT
        assert pieces[-1][1] == scale.x(end_of(run))
        assert all(one[1] == other[0] for one, other in pairwise(pieces))
