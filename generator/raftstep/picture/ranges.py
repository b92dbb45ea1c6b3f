"""A chart of many things on one logarithmic axis: a row each, with a bar from least to most and signs for numbers.

The name stands over its bar and the numbers in words at the end of the line, so that the chart is read on a phone too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raftstep.picture.curves import SIGNS, Axis, Point

WIDTH = 360
LEFT, RIGHT = 10, 10
ROW = 38
TOP = 26
KEY_LINE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a bar from ``low`` to ``high``, where there is one, and a sign at each of ``marks``.

    ``marks`` has one value for each of the chart's signs, or ``None``; ``words`` say the numbers.
    """

    name: str
    words: str
    bar: tuple[float, float] | None = None
    marks: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShape:
    """A row in user units; ``bar`` is a path, ``marks`` are signs and where they stand."""

    name: str
    words: str
    text_y: float
    rail: str
    bar: str
    marks: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShape:
    """A line of the key: a sign, or none for the bar, and its words."""

    sign: str
    bar: str
    at: Point
    words: str
    text: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesFrame:
    """A whole chart in user units."""

    id: str
    title: str
    description: str
    width: int
    height: int
    grid: str
    ticks: tuple[tuple[float, str], ...]
    tick_ys: tuple[float, float]
    rows: tuple[RowShape, ...]
    left: int
    right: int
    key: tuple[KeyShape, ...]


def ranges_frame(
    id: str,
    *,
    title: str,
    description: str,
    axis: Axis,
    rows: Sequence[Row],
    bar: str = "",
    marks: Sequence[str] = (),
) -> RangesFrame:
    """The chart of these rows. ``bar`` and ``marks`` are what the key says of the bar and of each sign."""

    def x(value: float) -> float:
        return round(LEFT + 8 + axis.share(value) * (WIDTH - LEFT - RIGHT - 16), 1)

    keys = [*([("", bar)] if bar else []), *zip(SIGNS, marks, strict=False)]
    top = TOP + len(keys) * KEY_LINE
    bottom = top + len(rows) * ROW
    return RangesFrame(
        id=id,
        title=title,
        description=description,
        width=WIDTH,
        height=bottom + 34,
        grid="".join(f"M{x(value)} {top - 2}V{bottom + 8}" for value, _ in axis.ticks),
        ticks=tuple((x(value), words) for value, words in axis.ticks),
        tick_ys=(top - 8, bottom + 24),
        rows=tuple(_row(row, top + place * ROW, x) for place, row in enumerate(rows)),
        left=LEFT,
        right=WIDTH - RIGHT,
        key=tuple(_key(sign, words, 12 + place * KEY_LINE) for place, (sign, words) in enumerate(keys)),
    )


def _row(row: Row, top: float, x: object) -> RowShape:
    assert callable(x)
    level = top + 28
    bar = ""
    if row.bar:
        start, end = x(row.bar[0]), x(row.bar[1])
        bar = f"M{start} {level}H{max(end, start + 0.1)}"
    return RowShape(
        name=row.name,
        words=row.words,
        text_y=top + 17,
        rail=f"M{LEFT} {level}H{WIDTH - RIGHT}",
        bar=bar,
        marks=tuple((SIGNS[place], (x(one), level)) for place, one in enumerate(row.marks) if one is not None),
    )


def _key(sign: str, words: str, level: float) -> KeyShape:
    bar = "" if sign else f"M{LEFT + 6} {level}h20"
    return KeyShape(sign=sign, bar=bar, at=(LEFT + 16, level), words=words, text=(LEFT + 38, level + 5))
