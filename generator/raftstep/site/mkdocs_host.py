"""MkDocs as a host of fences: it knows its pages, what else the site has, and where files can be put."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import get_relative_url

from raftstep.picture.figures import Figures
from raftstep.scenario.model import PlayedScenario
from raftstep.site.exhibit import Exhibit
from raftstep.site.host import ForkLink, Host, Link, Page, read_page_file
from raftstep.site.pages import Pages, scenario_address

_FIGURE_PLACE = re.compile(r"<!--raft-figure:(\w+)-->")


class MkDocsHost(Host):
    """One build's host, at one page after the other.

    ``films`` and ``page_figures`` are what the present page has brought so far.
    """

    def __init__(
        self,
        config: MkDocsConfig,
        pages: Pages,
        find_exhibits: Callable[[], Mapping[str, Exhibit]],
        report: Callable[[str], None],
    ) -> None:
        self.config = config
        self.pages = pages
        self._find_exhibits = find_exhibits
        self._report = report
        self._page = Page()
        self._files = Files([])
        self._figures: dict[str, dict[str, str]] = {}
        self.films: list[str] = []
        self.page_figures: dict[str, str] = {}

    def open_page(self, page: MkDocsPage, markdown: str, files: Files) -> None:
        """Begin a page. Its lines count from the file's first, front matter included."""
        source = page.file.content_string
        body_start = source.find(markdown.strip()[:200]) if markdown.strip() else 0
        blank_lines = markdown[: len(markdown) - len(markdown.lstrip("\n"))].count("\n")
        self._files = files
        self.films, self.page_figures = [], {}
        self._figures[page.file.src_uri] = self.page_figures
        self._page = Page(
            path=f"{Path(self.config.docs_dir).name}/{page.file.src_uri}",
            url=page.file.url,
            first_line=source.count("\n", 0, max(body_start, 0)) + 1 - blank_lines,
            is_generated=page.file.generated_by is not None,
        )

    @property
    def page(self) -> Page:
        """The page that MkDocs is at."""
        return self._page

    def report(self, problem: str) -> None:
        """In MkDocs' own log, so that a strict build fails."""
        self._report(problem)

    def read_file(self, name: str) -> bytes | None:
        """From the folder of the pages."""
        return read_page_file(Path(self.config.docs_dir), name)

    def link_to(self, address: str) -> str:
        """From this page to an address of the site."""
        return get_relative_url(address, self._page.url)

    def find_run(self, name: str) -> PlayedScenario | None:
        """The pages on rules have runs of their own."""
        return self.pages.safety.runs.get(name)

    def draw_run(self, played: PlayedScenario, prefix: str) -> Figures:
        """Once for all pages of the build."""
        return self.pages.draw_run(played, prefix)

    def link_scenario(self, id: str) -> str:
        """Every shipped scenario has a page."""
        return self.link_to(scenario_address(id))

    def link_steps(self, id: str, count: int) -> Mapping[int, Sequence[Link]]:
        """The step to embed, its picture, the scenario's source and transcript."""
        return self.pages.link_steps(id, count, self._page.url)

    def link_forks(self, id: str) -> Mapping[int, Sequence[ForkLink]]:
        """The scenarios that follow this one for a while."""
        return self.pages.link_forks(id, self._page.url)

    def find_exhibits(self) -> Mapping[str, Exhibit]:
        """Those of the runs, and of the Codex where the site has one."""
        return self._exhibits

    @cached_property
    def _exhibits(self) -> Mapping[str, Exhibit]:
        return self._find_exhibits()

    def find_numbers(self) -> Mapping[str, Callable[[], str]]:
        """Those of the site's recorded measurements."""
        return self._numbers

    @cached_property
    def _numbers(self) -> Mapping[str, Callable[[], str]]:
        return self.pages.numbers()

    def publish_film(self, film: str) -> str | None:
        """In a file next to the styles, so that a page is read without it."""
        self.films.append(film)
        return self.link_to(self.pages.assets.add_film(film, self._files, self.config))

    def place_figure(self, html: str) -> str:
        """A comment, until the search has read the page.

        Drawings hold no words for it, but it would parse them all: 3.3 of a build's 8 s of CPU.
        """
        name = sha256(html.encode()).hexdigest()
        self.page_figures[name] = html
        return f"<!--raft-figure:{name}-->"

    def put_figures_back(self, html: str, page_uri: str) -> str:
        """A page's HTML with its figures where they belong; what looks like the place of one and is none stays."""
        figures = self._figures.get(page_uri, {})
        return _FIGURE_PLACE.sub(lambda place: figures.get(place[1], place[0]), html)
