"""A picture that stands by itself: the glyphs and the styles go with it, and it follows the system's colours."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files

from raftstep.picture.draw import Frame, draw, draw_symbols
from raftstep.picture.figures import Figures


@cache
def read_styles() -> str:
    """The styles of what is inside any picture, colours included."""
    return files("raftstep").joinpath("assets", "pictures.css").read_text(encoding="utf-8")


def draw_standalone(figures: Figures, *, step: int, view: str) -> str:
    """One step's ``cluster`` or ``log``, or the whole run's ``timeline`` with a mark at it, as an SVG file's text."""
    frame: Frame
    if view == "timeline":
        frame = figures.build_timeline(step)
    else:
        moment = figures.moment(step)
        frame = figures.build_cluster(step) if view == "cluster" else figures.build_log(step)
        where = f"{figures.played.scenario.title}, step {step}, {moment.name}"
        frame = replace(frame, title=f"{where}: the {view if view == 'cluster' else 'logs'} at {moment.time_ms} ms")
    return draw(frame, f"<style>{_read_file_styles()}</style><defs>{draw_symbols(frame.kinds)}</defs>")


def write_dark_styles() -> str:
    """The dark colours for a page whose scheme nobody has chosen, as styles."""
    dark_block = re.search(r'\[data-md-color-scheme="slate"\] \{(.*?)\}', read_styles(), re.DOTALL)
    declarations = dark_block[1] if dark_block else ""
    return (
        f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-md-color-scheme]) {{{declarations}}} }}\n"
    )


@cache
def _read_file_styles() -> str:
    """Pages switch schemes by an attribute; a file follows the reader's system."""
    return (
        read_styles()
        .replace('[data-md-color-scheme="slate"]', ":root")
        .replace("@media screen {", "@media screen and (prefers-color-scheme: dark) {")
    )
