"""The run that a fence asks for, or everything that is wrong with what it asks."""

from __future__ import annotations

import re

from raftstep.document.problem import Place, Problem, Problems, sort_problems, suggest_nearest
from raftstep.picture.comparison import list_mismatches
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped
from raftstep.site.context import PageContext
from raftstep.site.fence import Fence

OPTION_FORMATS = {
    "heading": (r"[1-6]", "is not a number from 1 to 6; the steps' headings need one"),
    "picture": (r"[1-9]\d?", "is not a number of a step; write one"),
    "id": (r"[A-Za-z][\w-]*", "is no id; write a letter, then letters, digits, - or _"),
}
"""What an option's value may look like, and how to mend one that does not."""


def read_source(fence: Fence, context: PageContext) -> str | None:
    """The scenario inside a fence, or in the file that it names; ``None`` where there is no such file."""
    src = fence.options.get("src")
    if src is None:
        return fence.body
    if src in list_scenario_ids():
        return None
    try:
        return (context.folder / src).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None


def resolve_fence(fence: Fence, text: str | None, context: PageContext) -> PlayedScenario | Problems:
    """The run that a fence asks for; ``text`` is what :func:`read_source` has found."""
    line = context.first_line + fence.first_line
    fence_place = Place(line=line, column=1, length=7 + len(fence.indent))
    mistakes = list(fence.mistakes)
    src = fence.options.get("src")
    if (src is None) == (not fence.body.strip()):
        mistakes.append('a raft fence needs either a scenario inside it or src="…", not both')
    for option, (pattern, advice) in OPTION_FORMATS.items():
        if option in fence.options and not re.fullmatch(pattern, fence.options[option], re.ASCII):
            mistakes.append(f'{option}="{fence.options[option]}" {advice}')
    if src is not None and not mistakes:
        if src in context.runs:
            return _check_picture(context.runs[src], fence.options.get("picture"))
        if src in list_scenario_ids():
            return _check_picture(play_shipped(src), fence.options.get("picture"))
        if text is None:
            mistakes.append(
                f'there is no scenario "{src}"; {suggest_nearest(src, list(list_scenario_ids()))}, or give '
                "a file's path"
            )
    if mistakes or text is None:
        fence_problems = [Problem(path=context.path, place=fence_place, words=words) for words in mistakes]
        return sort_problems(context.path, "", fence_problems)
    result = load_and_play(src or context.path, text)
    if src is None and isinstance(result, Problems):
        return _shift_to_page(result, fence, line_offset=line)
    return _check_picture(result, fence.options.get("picture"))


def resolve_twin(fence: Fence, played: PlayedScenario, context: PageContext) -> PlayedScenario | Problems:
    """The other run that a fence names, to be stepped together with the first."""
    twin_name = fence.options["beside"]
    twin = context.runs.get(twin_name) or (play_shipped(twin_name) if twin_name in list_scenario_ids() else None)
    mistakes: list[str] = []
    if twin is None:
        mistakes.append(
            f'beside="{twin_name}": there is no such scenario; {suggest_nearest(twin_name, list(list_scenario_ids()))}'
        )
    elif isinstance(twin, Problems):
        return twin
    else:
        mistakes += [f'beside="{twin_name}": {words}' for words in list_mismatches(played, twin)]
    if twin is None or mistakes:
        fence_place = Place(line=context.first_line + fence.first_line, column=1, length=7 + len(fence.indent))
        return sort_problems(
            context.path, "", [Problem(path=context.path, place=fence_place, words=words) for words in mistakes]
        )
    return twin


def _shift_to_page(result: Problems, fence: Fence, *, line_offset: int) -> Problems:
    """Problems of a scenario inside a page, at the lines and columns where they stand in the page."""
    lines = fence.source.splitlines()

    def place_in_page(place: Place) -> Place:
        is_indented = place.line <= len(lines) and lines[place.line - 1].startswith(fence.indent)
        column = place.column + (len(fence.indent) if is_indented else 0)
        return Place(line=place.line + line_offset, column=column, length=place.length)

    page_problems = (
        Problem(path=problem.path, place=place_in_page(problem.place), words=problem.words)
        for problem in result.problems
    )
    return sort_problems(result.path, "\n" * line_offset + fence.source, page_problems)


def _check_picture(result: PlayedScenario | Problems, picture: str | None) -> PlayedScenario | Problems:
    if isinstance(result, Problems) or not picture or int(picture) <= len(result.moments):
        return result
    words = f'picture="{picture}": the scenario has {len(result.moments)} steps; name one of them'
    place = Place(line=1, column=1)
    return sort_problems(result.scenario.path, "", [Problem(path=result.scenario.path, place=place, words=words)])
