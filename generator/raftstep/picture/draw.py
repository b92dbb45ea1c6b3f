"""From frames to SVG text, through Jinja2 templates that do no arithmetic."""

from __future__ import annotations

import re
from collections.abc import Collection
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

_GLYPH = re.compile(r'"#raft-glyph-([\w-]+)"')


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


def draw(frame: ClusterFrame | LogFrame | TimelineFrame | CurvesFrame | RangesFrame) -> str:
    """A whole picture as SVG text."""
    match frame:
        case ClusterFrame():
            return str(_load_macros("cluster.svg.jinja").cluster(frame))
        case LogFrame():
            return str(_load_macros("log.svg.jinja").log(frame))
        case TimelineFrame():
            return str(_load_macros("timeline.svg.jinja").timeline(frame))
        case CurvesFrame():
            return str(_load_macros("curves.svg.jinja").curves(frame))
        case RangesFrame():
            return str(_load_macros("ranges.svg.jinja").ranges(frame))


@lru_cache(maxsize=4096)
def draw_part(shape: NodeShape | LogRowShape | Underlay | Overlay | tuple[CaptionLine, ...] | str) -> str:
    """One part of a picture, as the film replaces it: a node, a log's row, what lies under or over, the key, a cut.

    Each is drawn once, for from step to step most parts stay as they are.
    """
    match shape:
        case Underlay():
            return str(_load_macros("cluster.svg.jinja").under(shape))
        case Overlay():
            return str(_load_macros("cluster.svg.jinja").over(shape))
        case NodeShape():
            return str(_load_macros("cluster.svg.jinja").node(shape))
        case LogRowShape():
            return str(_load_macros("log.svg.jinja").row(shape))
        case tuple():
            return str(_load_macros("cluster.svg.jinja").key(shape))
        case str():
            return str(_load_macros("cluster.svg.jinja").cut(shape))


def find_glyph_kinds(*pictures: str) -> frozenset[str]:
    """The kinds of messages whose glyphs these pictures and legends name."""
    return frozenset(kind for picture in pictures for kind in _GLYPH.findall(picture))


def draw_glyphs(kinds: Collection[str]) -> str:
    """The message glyphs that pictures of a page share, so that each is written once a page; nothing for none."""
    return str(_load_macros("glyphs.svg.jinja").glyphs(kinds)) if kinds else ""


@cache
def draw_symbols(kinds: frozenset[str]) -> str:
    """The glyphs' definitions alone, for a picture that stands by itself."""
    return str(_load_macros("glyphs.svg.jinja").symbols(kinds))
