"""A chart with its caption, and its numbers as a table for those who cannot see it: what such an exhibit looks like."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from raftstep.picture.curves import CurvesFrame
from raftstep.picture.draw import draw_chart as draw_chart_svg
from raftstep.picture.ranges import RangesFrame
from raftstep.site.macros import load_macros

TableRows = Sequence[Sequence[str]]
"""A table's cells as plain text, its heading first; the first cell of each row names the row."""


_macros = partial(load_macros, "chart.html.jinja")


def draw_chart(frame: CurvesFrame | RangesFrame, table_rows: TableRows, caption: str) -> str:
    """The chart as HTML; its table opens below it."""
    shape = {
        "picture": draw_chart_svg(frame),
        "title": frame.title,
        "caption": caption,
        "head": table_rows[0],
        "rows": table_rows[1:],
    }
    return str(_macros().chart(shape))
