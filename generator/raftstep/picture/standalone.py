"""A picture that stands by itself: the glyphs and the styles go with it, and it follows the system's colours."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files

from raftstep.picture.draw import draw_symbols, find_glyph_kinds
from raftstep.picture.figures import Figures


@cache
def read_styles() -> str:
    """The styles of what is inside any picture, colours included."""
    return files("raftstep").joinpath("assets", "pictures.css").read_text(encoding="utf-8")


def draw_standalone(figures: Figures, *, step: int, view: str) -> str:
    """One step's ``cluster`` or ``log``, or the whole run's ``timeline``, as an SVG file's text."""
    if view == "timeline":
        picture = figures.timeline
    else:
        step_figures = figures.steps[step - 1]
        title = f"{figures.played.scenario.title}, step {step}, {step_figures.moment.name}"
        picture = (step_figures.cluster_svg if view == "cluster" else step_figures.log_svg).replace(
            ">The ", f">{escape(title)}: the ", 1
        )
    opening, rest = picture.split(">", 1)
    styles_and_glyphs = f"<style>{_read_file_styles()}</style><defs>{draw_symbols(find_glyph_kinds(picture))}</defs>"
    return f'{opening} xmlns="http://www.w3.org/2000/svg">{styles_and_glyphs}{rest}'


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
