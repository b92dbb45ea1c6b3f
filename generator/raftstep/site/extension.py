"""The Python-Markdown extension: a ```` ```raft ```` fence becomes headings, captions and stashed figures, and a
```` ```raft-exhibit ```` fence a table or chart made from data.

It is a preprocessor, so that the table of contents, anchors, search and link checks see real Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.picture.comparison import Comparison
from raftstep.picture.figures import Figures
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.site.author_html import PlainWords, ShownSigns
from raftstep.site.exhibit import describe_unknown_exhibit
from raftstep.site.fence import Fence, find_fences
from raftstep.site.host import Host, MarkdownHost
from raftstep.site.resolve import describe_fence_mistakes, resolve_fence, resolve_twin
from raftstep.site.stepper import (
    StepperOptions,
    problem_box,
    render_card,
    stepper_kinds,
    write_comparison,
    write_stepper,
)


class RaftExtension(Extension):
    """Turns raft fences into steppers. ``host`` is what shows the pages; without one, Markdown alone.

    ``html`` is for sites that write all their scenarios themselves: HTML in the words of steps is then markup.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {
            "host": [MarkdownHost(), "what shows the pages"],
            "html": [False, "whether HTML in the words of a scenario is markup, not text"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register, before code fences are taken away and with heading attributes on."""
        md.registerExtensions(["attr_list"], {})
        if "raft-stepper" not in md.block_level_elements:
            md.block_level_elements.append("raft-stepper")
        host = self.getConfig("host")
        preprocessor = RaftPreprocessor(md, host, html=self.getConfig("html"))
        md.preprocessors.register(preprocessor, "raft", 27)
        md.treeprocessors.register(PlainWords(md, preprocessor), "raft-words", 7)  # after attr_list, before toc
        md.postprocessors.register(ShownSigns(md), "raft-signs", 5)
        if preprocessor.html and "fenced_code_block" not in md.preprocessors:
            md.registerExtensions(["fenced_code"], {})  # a value in a fence would be markup without it
        md.preprocessors.register(GeneratedCode(md, host), "raft-generated-code", 24)


class RaftPreprocessor(Preprocessor):
    """Replaces each raft fence of a page by what it stands for."""

    def __init__(self, md: Markdown, host: Host, *, html: bool = False) -> None:
        super().__init__(md)
        self.host = host
        self.html = html
        self.ids: set[str] = set()
        self.stepper_ends: list[tuple[str, str]] = []
        self.exhibit_names: list[str] = []
        self.glyph_kinds: frozenset[str] = frozenset()

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with every raft fence expanded; problems are reported and shown, never raised."""
        self.ids, self.stepper_ends, self.exhibit_names, self.glyph_kinds = set(), [], [], frozenset()
        result: list[str] = []
        done = 0
        for fence in find_fences(lines):
            result += lines[done : fence.first_line]
            if fence.exhibit_name is None:
                expanded = self._expand_fence(fence, lines[: fence.first_line])
            else:
                expanded = self._expand_exhibit(fence, fence.exhibit_name)
            result += [fence.indent + line if line else line for line in expanded]
            done = fence.last_line + 1
        return result + lines[done:]

    def _expand_fence(self, fence: Fence, lines_above: list[str]) -> list[str]:
        played = resolve_fence(fence, self.host)
        if isinstance(played, Problems):
            return self._show_problem(played.show())
        twin = resolve_twin(fence, played, self.host) if "beside" in fence.options else None
        if isinstance(twin, Problems):
            return self._show_problem(twin.show())
        id, anchor = _choose_ids(fence, played, self.ids)
        ids = {id, *(f"{anchor}step-{moment.number}" for moment in played.moments)}
        if taken_ids := sorted(ids & self.ids):
            words = f'id="{id}": "{taken_ids[0]}" is the id of something else on this page; choose another id'
            return self._show_problem(describe_fence_mistakes(fence, self.host.page, [words]).show())
        self.ids |= ids
        if "picture" in fence.options:
            return ["", self._stash(self._draw_card(fence, played, id)), ""]
        return list(self._write_stepper(fence, played, twin, id, anchor, _level_below(lines_above)))

    def _draw_card(self, fence: Fence, played: PlayedScenario, id: str) -> str:
        picture = self.host.draw_run(played, id).draw_cluster(int(fence.options["picture"]))
        href = self.host.link_scenario(played.scenario.id) if _is_shipped(fence) else ""
        return render_card(played.scenario, picture, href=href, glyph_kinds=self._bring_glyphs(picture.kinds))

    def _write_stepper(
        self, fence: Fence, played: PlayedScenario, twin: PlayedScenario | None, id: str, anchor: str, level: int
    ) -> Iterator[str]:
        run = self.host.draw_run(played, id)
        figures: Figures | Comparison = run
        if twin:
            figures = Comparison(run.run_pictures, self.host.draw_run(twin, id).run_pictures, prefix=id)
        scenario_id = played.scenario.id
        options = StepperOptions(
            id=id,
            anchor=anchor,
            heading=int(fence.options.get("heading", level)),
            forks=self.host.link_forks(scenario_id) if _is_shipped(fence) else {},
            links=self.host.link_steps(scenario_id, len(played.moments)) if _is_shipped(fence) else {},
            home=self.host.home,
            glyph_kinds=self._bring_glyphs(stepper_kinds(figures)),
            film_href=self.host.publish_film(figures.film_json),
            html=self.html,
        )
        placeholders: list[str] = []

        def stash(html: str) -> str:
            placeholders.append(self._stash(html))
            return placeholders[-1]

        if isinstance(figures, Comparison):
            yield from write_comparison(figures, options, stash)
        else:
            yield from write_stepper(figures, options, stash)
        self.stepper_ends.append((placeholders[0], placeholders[-1]))

    def _stash(self, html: str) -> str:
        return self.md.htmlStash.store(self.host.place_figure(html))

    def _bring_glyphs(self, kinds: frozenset[str]) -> frozenset[str]:
        """The message kinds whose glyphs nothing above on the page has brought; from now on they are there."""
        missing = kinds - self.glyph_kinds
        self.glyph_kinds |= kinds
        return missing

    def _show_problem(self, text: str, what: str = "scenario") -> list[str]:
        self.host.report(text)
        return ["", self.md.htmlStash.store(problem_box(text, what)), ""]

    def _expand_exhibit(self, fence: Fence, name: str) -> list[str]:
        mistakes = list(fence.mistakes)
        exhibits = self.host.find_exhibits()
        if name in self.exhibit_names:
            mistakes.append(f'"{name}" is on this page already, so its ids would not be unique; remove one')
        elif name not in exhibits:
            mistakes.append(describe_unknown_exhibit(name, exhibits))
        html = ""
        if not mistakes:
            try:
                html = exhibits[name](self.host.link_to)
            except ValueError as error:
                mistakes.append(str(error))
        if mistakes:
            page = self.host.page
            place = Place(line=page.first_line + fence.first_line, column=fence.column, length=max(1, len(name)))
            problems = [Problem(path=page.path, place=place, words=words) for words in mistakes]
            return self._show_problem(sort_problems(page.path, "", problems).show(), "exhibit")
        self.exhibit_names.append(name)
        return ["", self.md.htmlStash.store(html), ""]


class GeneratedCode(Preprocessor):
    """Treats the code of a generated page as a figure, once it has its colours.

    It is a run's source or transcript. Every message is in there, so every search would end there, and each reader's
    browser would load it all before the first.
    """

    def __init__(self, md: Markdown, host: Host) -> None:
        super().__init__(md)
        self.host = host

    def run(self, lines: list[str]) -> list[str]:
        """The same lines; what stands for code among them has been put aside."""
        if self.host.page.is_generated:
            stashed = self.md.htmlStash.rawHtmlBlocks
            for number, html in enumerate(stashed):
                if isinstance(html, str) and html.startswith('<div class="highlight">'):
                    stashed[number] = self.host.place_figure(html)
        return lines


def _is_shipped(fence: Fence) -> bool:
    return fence.options.get("src") in list_scenario_ids()


def _choose_ids(fence: Fence, played: PlayedScenario, used_ids: Collection[str]) -> tuple[str, str]:
    """The element's id, and what its step anchors begin with: nothing for the first stepper of a page.

    An id that the author chose stays; another is changed until nothing on the page has it.
    """
    id = fence.options.get("id") or re.sub(r"[^a-z0-9-]+", "-", played.scenario.id.lower()).strip("-") or "raft"
    if "id" not in fence.options and re.fullmatch(r"step-\d+", id):
        id = f"raft-{id}"  # the first stepper's anchors are step-1, step-2 and so on
    while "id" not in fence.options and id in used_ids:
        match = re.fullmatch(r"(.*)-(\d+)", id)
        id = f"{match[1]}-{int(match[2]) + 1}" if match else f"{id}-2"
    anchor = "" if not used_ids and "id" not in fence.options else f"{id}-"
    return id, anchor


def _level_below(lines_above: list[str]) -> int:
    """One level below the heading that the fence is under."""
    level = 1
    is_in_code = False
    for line in lines_above:
        if line.lstrip().startswith(("```", "~~~")):
            is_in_code = not is_in_code
        match = re.match(r"(#{1,6})\s", line)
        if match and not is_in_code:
            level = len(match[1])
    return min(6, level + 1)
