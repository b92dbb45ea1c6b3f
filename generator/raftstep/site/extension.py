"""The Python-Markdown extension: a ```` ```raft ```` fence becomes headings, captions and stashed figures, and a
```` ```raft-exhibit ```` fence a table or chart made from data.

It is a preprocessor, so that the table of contents, anchors, search and link checks see real Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.picture.comparison import Comparison
from raftstep.picture.draw import draw_glyphs, find_glyph_kinds
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.site.beside import beside
from raftstep.site.context import PageContext
from raftstep.site.exhibit import describe_unknown_exhibit
from raftstep.site.fence import Fence, find_fences
from raftstep.site.resolve import read_source, resolve_fence, resolve_twin
from raftstep.site.stepper import GLYPHS, Html, Surroundings, problem_box, single, stepper, together


class WrongError(Exception):
    """What is wrong with a fence, in words for its author."""


class RaftExtension(Extension):
    """Turns raft fences into steppers. ``context`` is filled by a host that knows paths and lines."""

    def __init__(self, **options: Any) -> None:
        self.config = {"context": [PageContext(), "what the host knows of the page"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register, before code fences are taken away and with heading attributes on."""
        md.registerExtensions(["attr_list"], {})
        if "raft-stepper" not in md.block_level_elements:
            md.block_level_elements.append("raft-stepper")
        md.preprocessors.register(RaftPreprocessor(md, self.getConfig("context")), "raft", 27)


class RaftPreprocessor(Preprocessor):
    """Replaces each raft fence of a page by what it stands for."""

    def __init__(self, md: Markdown, context: PageContext) -> None:
        super().__init__(md)
        self.context = context
        self.glyphs: frozenset[str] = frozenset()

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with every raft fence expanded; problems are reported and shown, never raised."""
        result: list[str] = []
        done = 0
        used: list[str] = []
        shown: list[str] = []
        self.glyphs = frozenset()
        for fence in find_fences(lines):
            result += lines[done : fence.first_line]
            if fence.exhibit_name is None:
                expanded = self._expand(fence, lines[: fence.first_line], used)
            else:
                expanded = self._exhibit(fence, fence.exhibit_name, shown)
            result += [fence.indent + line if line else line for line in expanded]
            done = fence.last_line + 1
        return result + lines[done:]

    def _expand(self, fence: Fence, above: list[str], used: list[str]) -> list[str]:
        text, level = read_source(fence, self.context), _level_below(above)
        key = ("fence", self.context.place, self.context.path, *sorted(fence.options.items()), *fence.mistakes, text)
        try:
            id, lines = self.context.once((*key, level, *used), lambda: self._made(fence, text, level, used))
        except WrongError as wrong:
            self.context.report(str(wrong))
            return ["", self.md.htmlStash.store(problem_box(str(wrong))), ""]
        used.append(id)
        return [self._stashed(one) if isinstance(one, Html) else one for one in self._with_glyphs(lines)]

    def _stashed(self, html: str) -> str:
        return self.md.htmlStash.store(self.context.keep(html))

    def _with_glyphs(self, lines: tuple[str, ...]) -> Iterator[str]:
        """The lines with the glyphs that they name and nothing above them on the page has brought."""
        lacking = find_glyph_kinds(*(one for one in lines if isinstance(one, Html))) - self.glyphs
        self.glyphs |= lacking
        brought = draw_glyphs(lacking)
        yield from (Html(one.replace(GLYPHS, brought)) if GLYPHS in one else one for one in lines)

    def _made(self, fence: Fence, text: str | None, level: int, used: list[str]) -> tuple[str, tuple[str, ...]]:
        """The id of what a fence stands for, and its lines, of which some are HTML."""
        outcome = resolve_fence(fence, text, self.context)
        if isinstance(outcome, Problems):
            raise WrongError(outcome.show())
        id, anchor = _ids(fence, outcome, used)
        drawn = self.context.drawn(outcome, id)
        shipped = fence.options.get("src") in list_scenario_ids()
        if "picture" in fence.options:
            href = self.context.page_of(outcome.scenario.id) if shipped else ""
            card = single(drawn, int(fence.options["picture"]), href=href)
            return id, ("", Html(card), "")
        around = Surroundings(
            id=id,
            anchor=anchor,
            heading=int(fence.options.get("heading", level)),
            forks=self.context.forks(outcome.scenario.id) if shipped else {},
            links=self.context.links(outcome.scenario.id, len(drawn.steps)) if shipped else {},
            home=self.context.home,
        )
        if "beside" not in fence.options:
            return id, tuple(together(stepper(drawn, around, Html)))
        twin = resolve_twin(fence, outcome, self.context)
        if isinstance(twin, Problems):
            raise WrongError(twin.show())
        both = Comparison(drawn, self.context.drawn(twin, f"{id}-beside"))
        return id, tuple(together(beside(both, around, Html)))

    def _exhibit(self, fence: Fence, name: str, shown: list[str]) -> list[str]:
        complaints = list(fence.mistakes)
        if name in shown:
            complaints.append(f'"{name}" stands on this page already; its ids would be there twice, so remove one')
        made = ""
        if not complaints:
            try:
                made = self.context.once(("exhibit", self.context.place, name), lambda: self._shown(name))
            except ValueError as mistake:
                complaints.append(str(mistake))
        if complaints:
            line = self.context.first_line + fence.first_line
            place = Place(line=line, column=fence.column, length=max(1, len(name)))
            found = [Problem(path=self.context.path, place=place, words=words) for words in complaints]
            text = sort_problems(self.context.path, "", found).show()
            self.context.report(text)
            return ["", self.md.htmlStash.store(problem_box(text, what="exhibit")), ""]
        shown.append(name)
        return ["", self.md.htmlStash.store(made), ""]

    def _shown(self, name: str) -> str:
        """An exhibit as HTML; raises :class:`ValueError` where there is none, or its data are wrong."""
        if name not in self.context.exhibits:
            raise ValueError(describe_unknown_exhibit(name, self.context.exhibits))
        return self.context.exhibits[name](self.context.href)


def _ids(fence: Fence, played: PlayedScenario, used: list[str]) -> tuple[str, str]:
    """The element's id, and what its step anchors begin with: nothing for the first stepper of a page."""
    id = fence.options.get("id") or re.sub(r"[^a-z0-9-]+", "-", played.scenario.id.lower()).strip("-") or "raft"
    while id in used:
        match = re.fullmatch(r"(.*)-(\d+)", id)
        id = f"{match[1]}-{int(match[2]) + 1}" if match else f"{id}-2"
    anchor = "" if not used and "id" not in fence.options else f"{id}-"
    return id, anchor


def _level_below(above: list[str]) -> int:
    """One level below the heading that the fence stands under."""
    level = 1
    fenced = False
    for line in above:
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        match = re.match(r"(#{1,6})\s", line)
        if match and not fenced:
            level = len(match[1])
    return min(6, level + 1)
