"""A chart of many things on one logarithmic axis: a row each, with a bar from least to most and signs for numbers.

The name is over its bar and the numbers in words at the end of the line, so that the chart is read on a phone too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raftstep.picture.curves import SIGNS, ChartAxis, Point

WIDTH = 360
LEFT, RIGHT = 10, 10
ROW_HEIGHT = 38
TOP = 26
LEGEND_LINE_HEIGHT = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRow:
    """One row: a bar from ``low`` to ``high``, where there is one, and a sign at each of ``marks``.

    ``marks`` has one value for each of the chart's signs, or ``None``; ``words`` say the numbers.
    """

    name: str
    words: str
    bar: tuple[float, float] | None = None
    marks: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRowShape:
    """A row in user units; ``bar`` is a path, ``marks`` are signs and where they are."""

    name: str
    words: str
    text_y: float
    rail: str
    bar: str
    marks: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendShape:
    """A line of the key: a sign, or none for the bar, and its words."""

    sign: str
    bar: str
    sign_at: Point
    words: str
    text_at: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesFrame:
    """A whole chart in user units."""

    id: str
    title: str
    description: str
    width: int
    height: int
    grid_path: str
    ticks: tuple[tuple[float, str], ...]
    tick_ys: tuple[float, float]
    rows: tuple[RangeRowShape, ...]
    left: int
    right: int
    legend: tuple[LegendShape, ...]


def build_ranges_frame(
    id: str,
    *,
    title: str,
    description: str,
    axis: ChartAxis,
    rows: Sequence[RangeRow],
    bar: str = "",
    marks: Sequence[str] = (),
) -> RangesFrame:
    """The chart of these rows. ``bar`` and ``marks`` are what the key says of the bar and of each sign."""

    def x(value: float) -> float:
        return round(LEFT + 8 + axis.fraction_of(value) * (WIDTH - LEFT - RIGHT - 16), 1)

    legend_lines = [*([("", bar)] if bar else []), *zip(SIGNS, marks, strict=False)]
    top = TOP + len(legend_lines) * LEGEND_LINE_HEIGHT
    bottom = top + len(rows) * ROW_HEIGHT
    return RangesFrame(
        id=id,
        title=title,
        description=description,
        width=WIDTH,
        height=bottom + 34,
        grid_path="".join(f"M{x(value)} {top - 2}V{bottom + 8}" for value, _ in axis.ticks),
        ticks=tuple((x(value), words) for value, words in axis.ticks),
        tick_ys=(top - 8, bottom + 24),
        rows=tuple(_build_row_shape(row, top + index * ROW_HEIGHT, x) for index, row in enumerate(rows)),
        left=LEFT,
        right=WIDTH - RIGHT,
        legend=tuple(
            _build_legend_shape(sign, words, 12 + index * LEGEND_LINE_HEIGHT)
            for index, (sign, words) in enumerate(legend_lines)
        ),
    )


def _build_row_shape(row: RangeRow, top: float, x: object) -> RangeRowShape:
    assert callable(x)
    level = top + 28
    bar = ""
    if row.bar:
        start, end = x(row.bar[0]), x(row.bar[1])
        bar = f"M{start} {level}H{max(end, start + 0.1)}"
    return RangeRowShape(
        name=row.name,
        words=row.words,
        text_y=top + 17,
        rail=f"M{LEFT} {level}H{WIDTH - RIGHT}",
        bar=bar,
        marks=tuple((SIGNS[index], (x(value), level)) for index, value in enumerate(row.marks) if value is not None),
    )


def _build_legend_shape(sign: str, words: str, level: float) -> LegendShape:
    bar = "" if sign else f"M{LEFT + 6} {level}h20"
    return LegendShape(sign=sign, bar=bar, sign_at=(LEFT + 16, level), words=words, text_at=(LEFT + 38, level + 5))
