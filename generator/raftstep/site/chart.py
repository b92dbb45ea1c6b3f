"""A chart with its caption, and its numbers as a table for those who cannot see it: what such an exhibit looks like."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from raftstep.picture.curves import CurvesFrame
from raftstep.picture.draw import draw
from raftstep.picture.ranges import RangesFrame

Rows = Sequence[Sequence[str]]
"""A table's cells as plain text, its heading first; the first cell of each row names the row."""


@cache
def _macros() -> Any:
    environment = Environment(
        loader=PackageLoader("raftstep.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("chart.html.jinja").module


def chart(frame: CurvesFrame | RangesFrame, numbers: Rows, caption: str) -> str:
    """The chart as HTML; its table opens below it."""
    shape = {"picture": draw(frame), "title": frame.title, "caption": caption, "head": numbers[0], "rows": numbers[1:]}
    return str(_macros().chart(shape))
