"""The Python-Markdown extension: a ```` ```raft ```` fence becomes headings, captions and stashed figures, and a
```` ```raft-exhibit ```` fence a table or chart made from data.

It is a preprocessor, so that the table of contents, anchors, search and link checks see real Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.picture.comparison import Comparison
from raftstep.picture.figures import Figures
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.site.author_html import PlainWords, ShownSigns, StepperEnds
from raftstep.site.exhibit import describe_unknown_exhibit
from raftstep.site.fence import Fence, find_fences
from raftstep.site.host import Host, MarkdownHost
from raftstep.site.numbers import NumberHoles
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
        md.preprocessors.register(NumberHoles(md, host), "raft-numbers", 28)  # before a fence becomes many lines
        md.preprocessors.register(preprocessor, "raft", 27)
        md.treeprocessors.register(PlainWords(md, preprocessor), "raft-words", 7)  # after attr_list, before toc
        taken_ids = TakenIds(md, preprocessor)
        md.treeprocessors.register(taken_ids, "raft-taken-ids", 6)
        md.treeprocessors.register(ForgetTakenIds(taken_ids), "raft-forget-taken-ids", 4)  # after toc
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
        self.steppers: list[StepperEnds] = []
        self.exhibit_names: list[str] = []
        self.glyph_kinds: frozenset[str] = frozenset()

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with every raft fence expanded; problems are reported and shown, never raised."""
        self.ids, self.steppers, self.exhibit_names, self.glyph_kinds = set(), [], [], frozenset()
        result: list[str] = []
        done, level = 0, 1
        for fence in find_fences(lines):
            lines_above = lines[done : fence.first_line]
            result += lines_above
            level = _find_level(lines_above, level)
            if fence.exhibit_name is None:
                expanded = self._expand_fence(fence, min(6, level + 1))
            else:
                expanded = self._expand_exhibit(fence, fence.exhibit_name)
            result += [fence.indent + line if line else line for line in expanded]
            done = fence.last_line + 1
        return result + lines[done:]

    def _expand_fence(self, fence: Fence, level: int) -> list[str]:
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
        return list(self._write_stepper(fence, played, twin, id, anchor, level))

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
        self.steppers.append(StepperEnds(fence=fence, first=placeholders[0], last=placeholders[-1]))

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

    def report_unread(self, stepper: StepperEnds) -> None:
        """Put a problem in the place of a stepper that lies in raw HTML, where its Markdown is not read.

        Within a comment nothing is wrong, because nobody sees it.
        """
        words = (
            "the fence lies inside raw HTML, where Markdown is not read; "
            'move it out, or let Markdown read there: the extension md_in_html, and markdown="1" in the tag around it'
        )
        text = describe_fence_mistakes(stepper.fence, self.host.page, [words]).show()
        blocks = self.md.htmlStash.rawHtmlBlocks
        for number, html in enumerate(blocks):
            if isinstance(html, str) and stepper.first in html and stepper.last in html:
                before, _, rest = html.partition(stepper.first)
                is_comment = html.lstrip().startswith("<!--")
                box = "" if is_comment else problem_box(text, "scenario")
                blocks[number] = before + box + rest.partition(stepper.last)[2]
                if not is_comment:
                    self.host.report(text)

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


class TakenIds(Treeprocessor):
    """Shows toc the ids in stashed HTML, so that it gives no heading one of them."""

    def __init__(self, md: Markdown, preprocessor: RaftPreprocessor) -> None:
        super().__init__(md)
        self.preprocessor = preprocessor
        self.markers: list[Element] = []

    def run(self, root: Element) -> None:
        """Add an empty element for each id; nothing else sees them."""
        headings = {element.get("id") for element in root.iter()}
        self.markers = [SubElement(root, "span", id=id) for id in sorted(self.preprocessor.ids - headings)]


class ForgetTakenIds(Treeprocessor):
    """Takes out again what :class:`TakenIds` has added."""

    def __init__(self, taken_ids: TakenIds) -> None:
        super().__init__(taken_ids.md)
        self.taken_ids = taken_ids

    def run(self, root: Element) -> None:
        """Leave the page's own elements alone."""
        for marker in self.taken_ids.markers:
            root.remove(marker)


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


def _find_level(lines: list[str], level: int) -> int:
    """The level of the last heading among some lines of a page; ``level`` where there is none."""
    is_in_code = False
    for line in lines:
        if line.lstrip().startswith(("```", "~~~")):
            is_in_code = not is_in_code
        match = re.match(r"(#{1,6})\s", line)
        if match and not is_in_code:
            level = len(match[1])
    return level
