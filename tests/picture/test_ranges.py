"""The chart of ranges: everything to scale on one logarithmic axis, and nothing outside it."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from raftstep.picture.curves import ChartAxis
from raftstep.picture.draw import draw_chart
from raftstep.picture.ranges import RangeRow, RangesFrame, build_ranges_frame

AXIS = ChartAxis(
    low=100, high=10_000, ticks=((100, "0.1 s"), (1000, "1 s"), (10_000, "10 s")), name="", logarithmic=True
)


def build_frame(*rows: RangeRow) -> RangesFrame:
    return build_ranges_frame(
        "waits", title="Waits", description="Each.", axis=AXIS, rows=rows, bar="wait", marks=("beat",)
    )


def test_equal_ratios_are_equal_distances() -> None:
    """What a logarithmic axis means; timeouts of real systems differ by factors of a thousand."""
    (low, _), (middle, _), (high, _) = build_frame().ticks

    assert middle - low == pytest.approx(high - middle, abs=0.1)


def test_a_bar_goes_from_the_least_to_the_most() -> None:
    """The chart's own legend says so."""
    chart = build_frame(RangeRow(name="etcd", words="1 to 10 s", bar=(1000, 10_000), marks=(100,)))
    row = chart.rows[0]

    assert row.bar.startswith(f"M{chart.ticks[1][0]} ")
    assert row.bar.endswith(f"H{chart.ticks[2][0]}")
    assert row.marks == (("disc", (chart.ticks[0][0], row.marks[0][1][1])),)


def test_a_row_without_a_number_has_no_sign_for_it() -> None:
    """No heartbeat is not a heartbeat of 0 ms."""
    assert build_frame(RangeRow(name="Kafka", words="none", bar=(1000, 2000), marks=(None,))).rows[0].marks == ()


def test_a_bar_of_one_number_is_still_seen() -> None:
    """A range from a number to itself has no width, and a line of no length is not drawn."""
    row = build_frame(RangeRow(name="Fixed", words="1 s", bar=(1000, 1000))).rows[0]
    start, end = row.bar.removeprefix("M").split("H")

    assert float(end) > float(start.split()[0])


def test_rows_do_not_touch_each_other_or_the_key() -> None:
    """SVG text does not flow: the arithmetic has to leave the room."""
    chart = build_frame(*(RangeRow(name=f"S{n}", words="", bar=(100, 200)) for n in range(4)))
    levels = [row.text_y for row in chart.rows]

    assert all(after - before >= 30 for before, after in pairwise(levels))
    assert levels[0] - chart.legend[-1].sign_at[1] > 30
    assert chart.height > levels[-1] + 40


def test_the_picture_says_what_it_shows() -> None:
    """Names, numbers and the key are text in it, and its title and description are its label."""
    svg_text = draw_chart(build_frame(RangeRow(name="<etcd>", words="1 to 2 s", bar=(1000, 2000), marks=(100,))))
    svg = ElementTree.fromstring(svg_text)
    texts = [text.text for text in svg.iter("text")]

    assert svg.get("aria-labelledby") == "waits-t waits-d"
    assert {"<etcd>", "1 to 2 s", "wait", "beat", "0.1 s", "10 s"} <= set(texts)
