"""A chart of curves over one axis: all arithmetic, and a sign for each curve, so that colour never speaks alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

WIDTH = 400
LEFT, RIGHT, TOP = 54, 22, 14
PLOT_HEIGHT = 216
LEGEND_LINE_HEIGHT = 22
SIGNS = ("disc", "square", "triangle", "diamond", "ring", "cross")
"""The curves' signs in order; each also has a colour and a dash of its own in ``pictures.css``."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAxis:
    """From ``low`` to ``high``, with ticks as (value, words). ``logarithmic`` puts equal ratios at equal distances."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str
    logarithmic: bool = False

    def fraction_of(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1; what lies outside is at the end."""
        low, high, value = (log10(number) if self.logarithmic else number for number in (self.low, self.high, value))
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
    legend_line: str
    legend_sign: Point
    legend_text: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesFrame:
    """A whole chart in user units."""

    id: str
    title: str
    description: str
    width: int
    height: int
    grid_path: str
    x_ticks: tuple[tuple[float, str], ...]
    x_ticks_y: float
    x_axis_name: str
    x_axis_name_y: float
    y_ticks: tuple[tuple[float, str], ...]
    y_ticks_x: float
    middle: float
    curves: tuple[CurveShape, ...]


def build_curves_frame(
    id: str, *, title: str, description: str, x_axis: ChartAxis, y_axis: ChartAxis, curves: Sequence[Curve]
) -> CurvesFrame:
    """The chart of these curves; at most six, for want of more signs. Raises :class:`ValueError` for more."""
    if len(curves) > len(SIGNS):
        raise ValueError(f"{len(curves)} curves, but only {len(SIGNS)} can be distinguished")

    def x(value: float) -> float:
        return round(LEFT + x_axis.fraction_of(value) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - y_axis.fraction_of(value)) * PLOT_HEIGHT, 1)

    base = TOP + PLOT_HEIGHT
    grid_path = "".join(f"M{LEFT} {y(value)}H{WIDTH - RIGHT}" for value, _ in y_axis.ticks)
    grid_path += "".join(f"M{x(value)} {TOP}V{base}" for value, _ in x_axis.ticks)
    line_count = (len(curves) + 1) // 2
    return CurvesFrame(
        id=id,
        title=title,
        description=description,
        width=WIDTH,
        height=base + 62 + line_count * LEGEND_LINE_HEIGHT,
        grid_path=grid_path,
        x_ticks=tuple((x(value), words) for value, words in x_axis.ticks),
        x_ticks_y=base + 18,
        x_axis_name=x_axis.name,
        x_axis_name_y=base + 37,
        y_ticks=tuple((y(value) + 4.5, words) for value, words in y_axis.ticks),
        y_ticks_x=LEFT - 7,
        middle=(LEFT + WIDTH - RIGHT) / 2,
        curves=tuple(
            _build_curve_shape(curve, curve_index, line_count, base + 62, x, y)
            for curve_index, curve in enumerate(curves)
        ),
    )


def _build_curve_shape(
    curve: Curve,
    curve_index: int,
    line_count: int,
    top: float,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> CurveShape:
    column, line = divmod(curve_index, line_count)
    left, level = LEFT - 44 + column * (WIDTH - LEFT) / 2, top + line * LEGEND_LINE_HEIGHT
    path = "".join(
        f"{'L' if number else 'M'}{x(x_value)} {y(y_value)}" for number, (x_value, y_value) in enumerate(curve.points)
    )
    return CurveShape(
        sign=SIGNS[curve_index],
        path=path,
        marks=tuple((x(x_value), y(y_value)) for x_value, y_value in curve.marks),
        name=curve.name,
        legend_line=f"M{left} {level}h28",
        legend_sign=(left + 14, level),
        legend_text=(left + 36, level + 4.5),
    )
