"""From frames to SVG text, through Jinja2 templates that do no arithmetic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from raftstep.picture.caption_lines import CaptionLine
from raftstep.picture.cluster_view import ClusterFrame, NodeShape
from raftstep.picture.curves import CurvesFrame
from raftstep.picture.log_view import LogFrame, LogRowShape
from raftstep.picture.overlay import Overlay, Underlay
from raftstep.picture.ranges import RangesFrame
from raftstep.picture.timeline_view import TimelineFrame


@cache
def get_environment() -> Environment:
    """The one environment for everything drawn: escaping on, undefined names are errors."""
    jinja_environment = Environment(
        loader=PackageLoader("raftstep.picture"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    jinja_environment.globals["part"] = draw_part
    return jinja_environment


@cache
def _load_macros(template: str) -> Any:
    return get_environment().get_template(template).module


Frame = ClusterFrame | LogFrame | TimelineFrame
"""A picture of a run, all its arithmetic done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture of a run: its SVG, what it shows in words, and the message kinds whose glyphs it needs."""

    svg: str
    title: str
    description: str
    kinds: frozenset[str]
    is_wide: bool = False


def draw_figure(frame: Frame) -> Figure:
    """A picture for a page that has the glyphs of its message kinds."""
    is_wide = isinstance(frame, LogFrame) and frame.is_wide
    return Figure(svg=draw(frame), title=frame.title, description=frame.description, kinds=frame.kinds, is_wide=is_wide)


def draw(frame: Frame, own_parts: str = "") -> str:
    """A picture of a run as SVG text; ``own_parts`` are the styles and glyphs of one that is in its own file."""
    match frame:
        case ClusterFrame():
            return str(_load_macros("cluster.svg.jinja").cluster(frame, own_parts))
        case LogFrame():
            return str(_load_macros("log.svg.jinja").log(frame, own_parts))
        case TimelineFrame():
            return str(_load_macros("timeline.svg.jinja").timeline(frame, own_parts))


def draw_chart(frame: CurvesFrame | RangesFrame) -> str:
    """A chart as SVG text."""
    match frame:
        case CurvesFrame():
            return str(_load_macros("curves.svg.jinja").curves(frame))
        case RangesFrame():
            return str(_load_macros("ranges.svg.jinja").ranges(frame))


Part = NodeShape | LogRowShape | Underlay | Overlay | tuple[CaptionLine, ...] | str
"""A part of a picture, as a film replaces it: a node, a log's row, what lies under or over, the lines below, a cut."""


@lru_cache(maxsize=4096)
def draw_part(part: Part, prefix: str = "") -> str:
    """One part of a picture; its name begins with ``prefix``.

    Each is drawn once, for from step to step most parts stay as they are.
    """
    macros = _load_macros("log.svg.jinja" if isinstance(part, LogRowShape) else "cluster.svg.jinja")
    match part:
        case Underlay():
            return str(macros.under(part, prefix))
        case Overlay():
            return str(macros.over(part, prefix))
        case NodeShape():
            return str(macros.node(part, prefix))
        case LogRowShape():
            return str(macros.row(part, prefix))
        case tuple():
            return str(macros.key(part, prefix))
        case str():
            return str(macros.cut(part, prefix))


def draw_glyphs(kinds: Collection[str]) -> str:
    """The message glyphs that pictures of a page share, so that each is written once a page; nothing for none."""
    return str(_load_macros("glyphs.svg.jinja").glyphs(kinds)) if kinds else ""


@cache
def draw_symbols(kinds: frozenset[str]) -> str:
    """The glyphs' definitions alone, for a picture that stands by itself."""
    return str(_load_macros("glyphs.svg.jinja").symbols(kinds))
