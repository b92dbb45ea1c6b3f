"""A picture that stands by itself: the glyphs and the styles go with it, and it follows the system's colours."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files

from raftstep.picture.draw import named, symbols
from raftstep.picture.figures import Figures

_CLASS = re.compile(r"\.(raft-[\w-]+)")


@cache
def styles() -> str:
    """The styles of what is inside any picture, colours included."""
    return (files("raftstep.picture") / "pictures.css").read_text(encoding="utf-8")


@cache
def styles_beyond() -> str:
    """Those of what pictures of Raft beyond its first half have besides."""
    return (files("raftstep.picture") / "beyond.css").read_text(encoding="utf-8")


@cache
def classes_beyond() -> frozenset[str]:
    """The classes by which a page is known to need them."""
    return frozenset(_CLASS.findall(styles_beyond())) - frozenset(_CLASS.findall(styles()))


def standalone(drawn: Figures, *, step: int, view: str) -> str:
    """One step's ``cluster`` or ``log``, or the whole run's ``timeline``, as an SVG file's text."""
    if view == "timeline":
        picture = drawn.timeline
    else:
        shown = drawn.steps[step - 1]
        where = f"{drawn.played.scenario.title}, step {step}, {shown.moment.name}"
        picture = (shown.cluster if view == "cluster" else shown.log).replace(">The ", f">{escape(where)}: the ", 1)
    opening, rest = picture.split(">", 1)
    shared = f"<style>{_styles_of_files()}</style><defs>{symbols(named(picture))}</defs>"
    return f'{opening} xmlns="http://www.w3.org/2000/svg">{shared}{rest}'


def dark_where_the_system_is() -> str:
    """The dark colours for a page whose scheme nobody has chosen, as styles."""
    found = re.search(r'\[data-md-color-scheme="slate"\] \{(.*?)\}', styles(), re.DOTALL)
    names = found[1] if found else ""
    return f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-md-color-scheme]) {{{names}}} }}\n"


@cache
def _styles_of_files() -> str:
    """Pages switch schemes by an attribute; a file follows the reader's system."""
    return f"{styles()}{styles_beyond()}".replace('[data-md-color-scheme="slate"]', ":root").replace(
        "@media screen {", "@media screen and (prefers-color-scheme: dark) {"
    )
