"""A chart of curves over one axis: all arithmetic, and a sign for each curve, so that colour never speaks alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

WIDTH = 400
LEFT, RIGHT, TOP = 54, 22, 14
PLOT_HEIGHT = 216
KEY_LINE = 22
SIGNS = ("disc", "square", "triangle", "diamond", "ring", "cross")
"""The curves' signs in order; each also has a colour and a dash of its own in ``pictures.css``."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From ``low`` to ``high``, with ticks as (value, words). ``logarithmic`` puts equal ratios at equal distances."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value stands, from 0 to 1; what lies outside stands at the end."""
        low, high, value = (log10(one) if self.logarithmic else one for one in (self.low, self.high, value))
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One curve: a line through ``points``, signs at ``marks``, and its ``name`` in the key."""

    name: str
    points: tuple[Point, ...] = ()
    marks: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveShape:
    """A curve in user units: its line, its signs, and its line and sign in the key."""

    sign: str
    path: str
    marks: tuple[Point, ...]
    name: str
    key_line: str
    key_sign: Point
    key_text: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesFrame:
    """A whole chart in user units."""

    id: str
    title: str
    description: str
    width: int
    height: int
    grid: str
    across: tuple[tuple[float, str], ...]
    across_y: float
    across_name: str
    across_name_y: float
    up: tuple[tuple[float, str], ...]
    up_x: float
    middle: float
    curves: tuple[CurveShape, ...]


def curves_frame(
    id: str, *, title: str, description: str, across: Axis, up: Axis, curves: Sequence[Curve]
) -> CurvesFrame:
    """The chart of these curves; at most six, for want of more signs. Raises :class:`ValueError` for more."""
    if len(curves) > len(SIGNS):
        raise ValueError(f"{len(curves)} curves, but only {len(SIGNS)} can be told apart")

    def x(value: float) -> float:
        return round(LEFT + across.share(value) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - up.share(value)) * PLOT_HEIGHT, 1)

    base = TOP + PLOT_HEIGHT
    grid = "".join(f"M{LEFT} {y(value)}H{WIDTH - RIGHT}" for value, _ in up.ticks)
    grid += "".join(f"M{x(value)} {TOP}V{base}" for value, _ in across.ticks)
    lines = (len(curves) + 1) // 2
    return CurvesFrame(
        id=id,
        title=title,
        description=description,
        width=WIDTH,
        height=base + 62 + lines * KEY_LINE,
        grid=grid,
        across=tuple((x(value), words) for value, words in across.ticks),
        across_y=base + 18,
        across_name=across.name,
        across_name_y=base + 37,
        up=tuple((y(value) + 4.5, words) for value, words in up.ticks),
        up_x=LEFT - 7,
        middle=(LEFT + WIDTH - RIGHT) / 2,
        curves=tuple(_shape(curve, place, lines, base + 62, x, y) for place, curve in enumerate(curves)),
    )


def _shape(
    curve: Curve, place: int, lines: int, top: float, x: Callable[[float], float], y: Callable[[float], float]
) -> CurveShape:
    column, line = divmod(place, lines)
    left, level = LEFT - 44 + column * (WIDTH - LEFT) / 2, top + line * KEY_LINE
    path = "".join(f"{'L' if number else 'M'}{x(one)} {y(other)}" for number, (one, other) in enumerate(curve.points))
    return CurveShape(
        sign=SIGNS[place],
        path=path,
        marks=tuple((x(one), y(other)) for one, other in curve.marks),
        name=curve.name,
        key_line=f"M{left} {level}h28",
        key_sign=(left + 14, level),
        key_text=(left + 36, level + 4.5),
    )
