"""The Python-Markdown extension: a ```` ```raft ```` fence becomes headings, captions and stashed figures, and a
```` ```raft-exhibit ```` fence a table or chart made from data.

It is a preprocessor, so that the table of contents, anchors, search and link checks see real Markdown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from raftstep.picture.beside import Beside, complaints
from raftstep.picture.figures import Figures, figures
from raftstep.scenario.library import names
from raftstep.scenario.load import load
from raftstep.scenario.model import Place
from raftstep.scenario.play import Played, play
from raftstep.scenario.problem import Problem, Problems, nearest, problems
from raftstep.scenario.shipped import shipped
from raftstep.site.beside import beside
from raftstep.site.exhibit import Exhibit, unknown
from raftstep.site.fence import Fence, find
from raftstep.site.stepper import ForkLink, Link, Surroundings, problem_box, single, stepper

ALLOWED = {
    "heading": (r"[1-6]", "is not a number from 1 to 6; the steps' headings need one"),
    "picture": (r"[1-9]\d?", "is not a number of a step; write one"),
    "id": (r"[A-Za-z][\w-]*", "is no id; write a letter, then letters, digits, - or _"),
}
"""What an option's value may look like, and how to mend one that does not."""

Report = Callable[[str], None]


def _log(words: str) -> None:
    logging.getLogger("raftstep").error(words)


class PageContext:
    """What a host knows of the page being built; without a host, only the defaults."""

    def __init__(self) -> None:
        self.path = "page.md"
        self.first_line = 1
        self.report: Report = _log
        self.forks: Callable[[str], Mapping[int, Sequence[ForkLink]]] = lambda _id: {}
        self.links: Callable[[str, int], Mapping[int, Sequence[Link]]] = lambda _id, _size: {}
        self.page_of: Callable[[str], str] = lambda _id: ""
        self.drawn: Callable[[Played, str], Figures] = lambda played, prefix: figures(played, prefix=prefix)
        self.keep: Callable[[str], str] = lambda html: html
        self.home = ""
        self.folder = Path()
        self.exhibits: Mapping[str, Exhibit] = {}
        self.runs: Mapping[str, Played] = {}
        self.href: Callable[[str], str] = lambda address: f"/{address}"


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

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with every raft fence expanded; problems are reported and shown, never raised."""
        result: list[str] = []
        done = 0
        used: list[str] = []
        shown: list[str] = []
        for fence in find(lines):
            result += lines[done : fence.first]
            if fence.exhibit is None:
                expanded = self._expand(fence, lines[: fence.first], used)
            else:
                expanded = self._exhibit(fence, fence.exhibit, shown)
            result += [fence.indent + line if line else line for line in expanded]
            done = fence.last + 1
        return result + lines[done:]

    def _expand(self, fence: Fence, above: list[str], used: list[str]) -> list[str]:
        outcome = self._play(fence)
        if isinstance(outcome, Problems):
            text = outcome.show()
            self.context.report(text)
            return ["", self.md.htmlStash.store(problem_box(text)), ""]
        id, anchor = _ids(fence, outcome, used)
        drawn = self.context.drawn(outcome, id)
        first = not used
        used.append(id)
        if "beside" in fence.options:
            return self._beside(fence, drawn, self._surroundings(fence, drawn, above, (id, anchor), first))
        if "picture" in fence.options:
            href = self.context.page_of(outcome.scenario.id) if fence.options.get("src") in names() else ""
            card = single(drawn, int(fence.options["picture"]), href=href, first_on_page=first)
            return ["", self._stash(card), ""]
        return list(stepper(drawn, self._surroundings(fence, drawn, above, (id, anchor), first), self._stash))

    def _stash(self, html: str) -> str:
        return self.md.htmlStash.store(self.context.keep(html))

    def _beside(self, fence: Fence, drawn: Figures, around: Surroundings) -> list[str]:
        """The fence's run and another one, in one stepper."""
        name = fence.options["beside"]
        twin = self.context.runs.get(name) or (shipped(name) if name in names() else None)
        found: list[str] = []
        if twin is None:
            found.append(f'beside="{name}": there is no such scenario; {nearest(name, list(names()))}')
        elif not isinstance(twin, Problems):
            found += [f'beside="{name}": {words}' for words in complaints(drawn.played, twin)]
        if found:
            here = Place(line=self.context.first_line + fence.first, column=1, length=7 + len(fence.indent))
            twin = problems(
                self.context.path, "", [Problem(path=self.context.path, place=here, words=words) for words in found]
            )
        if twin is None or isinstance(twin, Problems):
            text = twin.show() if twin else ""
            self.context.report(text)
            return ["", self.md.htmlStash.store(problem_box(text)), ""]
        both = Beside(drawn, self.context.drawn(twin, f"{around.id}-beside"))
        return list(beside(both, around, self._stash))

    def _exhibit(self, fence: Fence, name: str, shown: list[str]) -> list[str]:
        complaints = list(fence.complaints)
        if name not in self.context.exhibits:
            complaints.append(unknown(name, self.context.exhibits))
        elif name in shown:
            complaints.append(f'"{name}" stands on this page already; its ids would be there twice, so remove one')
        made = ""
        if not complaints:
            try:
                made = self.context.exhibits[name](self.context.href)
            except ValueError as mistake:
                complaints.append(str(mistake))
        if complaints:
            line = self.context.first_line + fence.first
            place = Place(line=line, column=fence.column, length=max(1, len(name)))
            found = [Problem(path=self.context.path, place=place, words=words) for words in complaints]
            text = problems(self.context.path, "", found).show()
            self.context.report(text)
            return ["", self.md.htmlStash.store(problem_box(text, what="exhibit")), ""]
        shown.append(name)
        return ["", self.md.htmlStash.store(made), ""]

    def _surroundings(
        self, fence: Fence, drawn: Figures, above: list[str], ids: tuple[str, str], first: bool
    ) -> Surroundings:
        scenario = drawn.played.scenario
        shipped = fence.options.get("src") in names()
        return Surroundings(
            id=ids[0],
            anchor=ids[1],
            heading=int(fence.options.get("heading", _level_below(above))),
            first_on_page=first,
            forks=self.context.forks(scenario.id) if shipped else {},
            links=self.context.links(scenario.id, len(drawn.steps)) if shipped else {},
            home=self.context.home,
        )

    def _play(self, fence: Fence) -> Played | Problems:
        line = self.context.first_line + fence.first
        here = Place(line=line, column=1, length=7 + len(fence.indent))
        complaints = list(fence.complaints)
        src = fence.options.get("src")
        if (src is None) == (not fence.body.strip()):
            complaints.append('a raft fence needs either a scenario inside it or src="…", not both')
        for option, (allowed, mend) in ALLOWED.items():
            if option in fence.options and not re.fullmatch(allowed, fence.options[option], re.ASCII):
                complaints.append(f'{option}="{fence.options[option]}" {mend}')
        text: str | None = fence.body
        path = self.context.path
        if src is not None and not complaints:
            if src in self.context.runs:
                return _with_picture(self.context.runs[src], fence.options.get("picture"))
            if src in names():
                return _with_picture(shipped(src), fence.options.get("picture"))
            text, path = self._source(src)
            if text is None:
                complaints.append(
                    f'there is no scenario "{src}"; {nearest(src, list(names()))}, or give a file\'s path'
                )
        if complaints or text is None:
            found = [Problem(path=self.context.path, place=here, words=words) for words in complaints]
            return problems(self.context.path, "", found)
        outcome = _played(path, text)
        if src is None and isinstance(outcome, Problems):
            return _moved(outcome, fence, by=line)
        return _with_picture(outcome, fence.options.get("picture"))

    def _source(self, src: str) -> tuple[str | None, str]:
        try:
            return (self.context.folder / src).read_text(encoding="utf-8", errors="replace"), src
        except (OSError, ValueError):
            return None, src


def _played(path: str, text: str) -> Played | Problems:
    loaded = load(path, text)
    return loaded if isinstance(loaded, Problems) else play(loaded)


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


def _ids(fence: Fence, played: Played, used: list[str]) -> tuple[str, str]:
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
