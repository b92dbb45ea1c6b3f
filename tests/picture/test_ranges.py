"""The chart of ranges: everything to scale on one logarithmic axis, and nothing outside it."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from raftstep.picture.curves import Axis
from raftstep.picture.draw import draw
from raftstep.picture.ranges import RangesFrame, Row, ranges_frame

AXIS = Axis(low=100, high=10_000, ticks=((100, "0.1 s"), (1000, "1 s"), (10_000, "10 s")), name="", logarithmic=True)


def frame(*rows: Row) -> RangesFrame:
    return ranges_frame("waits", title="Waits", description="Each.", axis=AXIS, rows=rows, bar="wait", marks=("beat",))


def test_equal_ratios_are_equal_distances() -> None:
    (low, _), (middle, _), (high, _) = frame().ticks

    assert middle - low == pytest.approx(high - middle, abs=0.1)


def test_a_bar_goes_from_the_least_to_the_most() -> None:
    shown = frame(Row(name="etcd", words="1 to 10 s", bar=(1000, 10_000), marks=(100,)))
    row = shown.rows[0]

    assert row.bar.startswith(f"M{shown.ticks[1][0]} ")
    assert row.bar.endswith(f"H{shown.ticks[2][0]}")
    assert row.marks == (("disc", (shown.ticks[0][0], row.marks[0][1][1])),)


def test_a_row_without_a_number_has_no_sign_for_it() -> None:
    """No heartbeat is not a heartbeat of 0 ms."""
    assert frame(Row(name="Kafka", words="none", bar=(1000, 2000), marks=(None,))).rows[0].marks == ()


def test_a_bar_of_one_number_is_still_seen() -> None:
    row = frame(Row(name="Fixed", words="1 s", bar=(1000, 1000))).rows[0]
    start, end = row.bar.removeprefix("M").split("H")

    assert float(end) > float(start.split()[0])


def test_rows_do_not_touch_each_other_or_the_key() -> None:
    shown = frame(*(Row(name=f"S{n}", words="", bar=(100, 200)) for n in range(4)))
    levels = [row.text_y for row in shown.rows]

    assert all(after - before >= 30 for before, after in pairwise(levels))
    assert levels[0] - shown.key[-1].at[1] > 30
    assert shown.height > levels[-1] + 40


def test_the_picture_says_what_it_shows() -> None:
    """Names, numbers and the key are text in it, and its title and description are its label."""
    drawn = draw(frame(Row(name="<etcd>", words="1 to 2 s", bar=(1000, 2000), marks=(100,))))
    svg = ElementTree.fromstring(drawn)
    texts = [text.text for text in svg.iter("text")]

    assert svg.get("aria-labelledby") == "waits-t waits-d"
    assert {"<etcd>", "1 to 2 s", "wait", "beat", "0.1 s", "10 s"} <= set(texts)
