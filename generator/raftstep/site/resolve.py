"""The run that a fence asks for, or everything that is wrong with what it asks."""

from __future__ import annotations

import re

from raftstep.document.problem import Place, Problem, Problems, sort_problems, suggest_nearest
from raftstep.document.reading import UnreadableError
from raftstep.picture.comparison import list_mismatches
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped
from raftstep.site.fence import Fence
from raftstep.site.host import Host, Page

OPTION_FORMATS = {
    "heading": (r"[1-6]", "is not a number from 1 to 6; the steps' headings need one"),
    "picture": (r"[1-9]\d?", "is not a number of a step; write one"),
    "id": (r"[A-Za-z][\w-]*", "is no id; write a letter, then letters, digits, - or _"),
}
"""What an option's value may look like, and how to fix one that does not."""


def resolve_fence(fence: Fence, host: Host) -> PlayedScenario | Problems:
    """The run that a fence asks for: of the scenario inside it, of a shipped one, or of one in a file."""
    src, picture = fence.options.get("src"), fence.options.get("picture")
    mistakes = list(fence.mistakes)
    if (src is None) == (not fence.body.strip()):
        mistakes.append('a raft fence needs either a scenario inside it or src="…", not both')
    for option, (pattern, advice) in OPTION_FORMATS.items():
        if option in fence.options and not re.fullmatch(pattern, fence.options[option], re.ASCII):
            mistakes.append(f'{option}="{fence.options[option]}" {advice}')
    if mistakes:
        return describe_fence_mistakes(fence, host.page, mistakes)
    if src is None:
        result = load_and_play(host.page.path, fence.body)
        if isinstance(result, Problems):
            return _shift_to_page(result, fence, line_offset=host.page.first_line + fence.first_line)
        return _check_picture(result, picture)
    if run := find_named_run(src, host):
        return _check_picture(run, picture)
    try:
        text = host.read_file(src)
    except UnreadableError as error:
        return describe_fence_mistakes(fence, host.page, [f'src="{src}": {error.words}'])
    if text is None:
        nearest = suggest_nearest(src, list(list_scenario_ids()))
        return describe_fence_mistakes(
            fence, host.page, [f'there is no scenario "{src}"; {nearest}, or give a file\'s path']
        )
    return _check_picture(load_and_play(src, text), picture)


def find_named_run(name: str, host: Host) -> PlayedScenario | Problems | None:
    """A run by its name: one that only this site has, or a shipped scenario's."""
    return host.find_run(name) or (play_shipped(name) if name in list_scenario_ids() else None)


def resolve_twin(fence: Fence, played: PlayedScenario, host: Host) -> PlayedScenario | Problems:
    """The other run that a fence names, to be stepped together with the first."""
    name = fence.options["beside"]
    twin = find_named_run(name, host)
    if isinstance(twin, Problems):
        return twin
    if twin is None:
        nearest = suggest_nearest(name, list(list_scenario_ids()))
        return describe_fence_mistakes(fence, host.page, [f'beside="{name}": there is no such scenario; {nearest}'])
    mismatches = [f'beside="{name}": {words}' for words in list_mismatches(played, twin)]
    return describe_fence_mistakes(fence, host.page, mismatches) if mismatches else twin


def describe_fence_mistakes(fence: Fence, page: Page, mistakes: list[str]) -> Problems:
    """What is wrong with a fence itself, at the line on which it begins."""
    place = Place(line=page.first_line + fence.first_line, column=1, length=7 + len(fence.indent))
    return sort_problems(page.path, "", [Problem(path=page.path, place=place, words=words) for words in mistakes])


def _shift_to_page(result: Problems, fence: Fence, *, line_offset: int) -> Problems:
    """Problems of a scenario inside a page, at the lines and columns where they are in the page."""
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
