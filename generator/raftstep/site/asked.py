"""The run that a fence asks for, or everything that is wrong with what it asks."""

from __future__ import annotations

import re

from raftstep.picture.beside import complaints
from raftstep.scenario.library import names
from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import Place
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problem, Problems, nearest, problems
from raftstep.scenario.shipped import shipped
from raftstep.site.context import PageContext
from raftstep.site.fence import Fence

ALLOWED = {
    "heading": (r"[1-6]", "is not a number from 1 to 6; the steps' headings need one"),
    "picture": (r"[1-9]\d?", "is not a number of a step; write one"),
    "id": (r"[A-Za-z][\w-]*", "is no id; write a letter, then letters, digits, - or _"),
}
"""What an option's value may look like, and how to mend one that does not."""


def text_of(fence: Fence, context: PageContext) -> str | None:
    """The scenario inside a fence, or in the file that it names; ``None`` where there is no such file."""
    src = fence.options.get("src")
    if src is None:
        return fence.body
    if src in names():
        return None
    try:
        return (context.folder / src).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None


def asked(fence: Fence, text: str | None, context: PageContext) -> Played | Problems:
    """The run that a fence asks for; ``text`` is what :func:`text_of` has found."""
    line = context.first_line + fence.first
    here = Place(line=line, column=1, length=7 + len(fence.indent))
    wrong = list(fence.complaints)
    src = fence.options.get("src")
    if (src is None) == (not fence.body.strip()):
        wrong.append('a raft fence needs either a scenario inside it or src="…", not both')
    for option, (allowed, mend) in ALLOWED.items():
        if option in fence.options and not re.fullmatch(allowed, fence.options[option], re.ASCII):
            wrong.append(f'{option}="{fence.options[option]}" {mend}')
    if src is not None and not wrong:
        if src in context.runs:
            return _with_picture(context.runs[src], fence.options.get("picture"))
        if src in names():
            return _with_picture(shipped(src), fence.options.get("picture"))
        if text is None:
            wrong.append(f'there is no scenario "{src}"; {nearest(src, list(names()))}, or give a file\'s path')
    if wrong or text is None:
        found = [Problem(path=context.path, place=here, words=words) for words in wrong]
        return problems(context.path, "", found)
    outcome = load_and_play(src or context.path, text)
    if src is None and isinstance(outcome, Problems):
        return _moved(outcome, fence, by=line)
    return _with_picture(outcome, fence.options.get("picture"))


def beside_it(fence: Fence, played: Played, context: PageContext) -> Played | Problems:
    """The other run that a fence names, to be stepped together with the first."""
    name = fence.options["beside"]
    twin = context.runs.get(name) or (shipped(name) if name in names() else None)
    found: list[str] = []
    if twin is None:
        found.append(f'beside="{name}": there is no such scenario; {nearest(name, list(names()))}')
    elif isinstance(twin, Problems):
        return twin
    else:
        found += [f'beside="{name}": {words}' for words in complaints(played, twin)]
    if twin is None or found:
        here = Place(line=context.first_line + fence.first, column=1, length=7 + len(fence.indent))
        return problems(context.path, "", [Problem(path=context.path, place=here, words=words) for words in found])
    return twin


def _moved(outcome: Problems, fence: Fence, *, by: int) -> Problems:
    """Problems of a scenario inside a page, at the lines and columns where they stand in the page."""
    lines = fence.source.splitlines()

    def there(place: Place) -> Place:
        indented = place.line <= len(lines) and lines[place.line - 1].startswith(fence.indent)
        column = place.column + (len(fence.indent) if indented else 0)
        return Place(line=place.line + by, column=column, length=place.length)

    found = (Problem(path=one.path, place=there(one.place), words=one.words) for one in outcome.found)
    return problems(outcome.path, "\n" * by + fence.source, found)


def _with_picture(outcome: Played | Problems, picture: str | None) -> Played | Problems:
    if isinstance(outcome, Problems) or not picture or int(picture) <= len(outcome.moments):
        return outcome
    words = f'picture="{picture}": the scenario has {len(outcome.moments)} steps; name one of them'
    place = Place(line=1, column=1)
    return problems(outcome.scenario.path, "", [Problem(path=outcome.scenario.path, place=place, words=words)])
