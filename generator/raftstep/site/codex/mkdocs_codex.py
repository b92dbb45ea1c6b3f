"""The Codex in a MkDocs build: its pages among the site's, and its links on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from raftstep.codex.book import read_book
from raftstep.codex.exports import bibtex, defined_term, defined_term_set
from raftstep.codex.model import TermPicture
from raftstep.document.files import digest_folder
from raftstep.picture.figures import Figures
from raftstep.scenario.model import PlayedScenario
from raftstep.site.codex.extension import CodexContext, CodexExtension
from raftstep.site.codex.incidents_page import incidents_page
from raftstep.site.codex.pages import INDEX_INSERTIONS, IndexEntry, codex_index_page, sources_page, term_index_entries
from raftstep.site.codex.system_exhibits import SystemExhibits
from raftstep.site.codex.system_run import SCRIPT_ID
from raftstep.site.codex.term_page import picture_insertions, term_page
from raftstep.site.exhibit import Exhibit
from raftstep.site.memory import Memory

DATA_FOLDER = "data/codex"
"""Where the data is among a site's documents. A site without it has no Codex."""

_FENCE_SOURCE = re.compile(r'src="([\w-]+)"')


class Codex:
    """The Codex of one build.

    ``index_entries`` are the lines of its index, ``system_uris`` each system's page by its names.
    """

    def __init__(
        self,
        config: MkDocsConfig,
        scenario_runs: Mapping[str, PlayedScenario],
        draw_run: Callable[[PlayedScenario, str], Figures],
        report: Callable[[str], None],
        memory: Memory,
    ) -> None:
        self.scenario_runs = scenario_runs
        self.draw_run = draw_run
        self.site_url = config.site_url or ""
        self.edit_uri = config.edit_uri or ""
        self.docs = Path(config.docs_dir)
        data_folder = self.docs / DATA_FOLDER
        self.data_digest = digest_folder(data_folder)
        self.book = memory.reuse(
            "book", (self.data_digest, *scenario_runs.values()), lambda: read_book(data_folder, scenario_runs)
        )
        for file_problems in self.book.problems:
            report(file_problems.show())
        self.context = CodexContext(self.book, report)
        self.system_exhibits = memory.reuse(
            "systems",
            (self.data_digest, scenario_runs.get(SCRIPT_ID)),
            lambda: SystemExhibits(self.book, scenario_runs),
        )
        for problem in self.system_exhibits.list_problems():
            report(problem)
        self.index_entries: list[IndexEntry] = [*term_index_entries(self.book), *self.system_exhibits.index_entries()]
        self.system_uris = self.system_exhibits.page_uris()
        config.markdown_extensions.append(CodexExtension(self.context))  # type: ignore[arg-type]

    def add_to(self, files: Files, config: MkDocsConfig) -> None:
        """Add the index, a page for each term, and the bibliography."""
        for file in [file for file in files if file.src_uri.startswith(f"{DATA_FOLDER}/")]:
            files.remove(file)
        for uri, data_file, content in self._pages():
            page = File.generated(config, uri, content=content)
            if data_file:
                page.edit_uri = data_file
                page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)

    def _pages(self) -> Iterator[tuple[str, str, str]]:
        """Each page: where it is, the file of data that it is made from, if it is one, and its content."""
        yield "codex/index.md", "", codex_index_page(self.index_entries, len(self.book.sources))
        yield "codex/sources.md", "", sources_page(self.book)
        yield "codex/sources.bib", "", bibtex(self.book.sources.values())
        for term in self.book.terms.values():
            data_file, edit_url = self._edit_paths(term.data_file)
            content = term_page(term, self.book, self.scenario_runs, system_uris=self.system_uris, edit_url=edit_url)
            yield f"codex/terms/{term.id}.md", data_file, content
        if self.book.incidents:
            yield "codex/incidents.md", "", incidents_page(self.book, self.scenario_runs)
        for system in self.book.systems.values():
            data_file, edit_url = self._edit_paths(system.data_file)
            yield f"codex/systems/{system.id}.md", data_file, self.system_exhibits.page(system, edit_url=edit_url)

    def _edit_paths(self, data_file: str) -> tuple[str, str]:
        """A file of data as MkDocs knows it, and where it can be edited."""
        relative_path = data_file.removeprefix(f"{self.docs.name}/")
        return relative_path, urljoin(self.edit_uri, relative_path) if self.edit_uri else ""

    def exhibits(self) -> dict[str, Exhibit]:
        """What pages can show of the systems by name."""
        return self.system_exhibits.exhibits()

    def open_page(self, page: Page) -> None:
        """Begin a page: everywhere its terms are linked, but for the index, which is links already."""
        uri = page.file.src_uri
        term = self.book.terms.get(uri.removeprefix("codex/terms/").removesuffix(".md"))
        insertions: dict[str, str] = {}
        if uri == "codex/index.md":
            insertions = INDEX_INSERTIONS | {
                "structured-data": defined_term_set(self.book.terms.values(), self.site_url)
            }
        if term and uri == f"codex/terms/{term.id}.md":
            insertions = {"structured-data": defined_term(term, self.site_url)}
            if term.picture:
                insertions |= self._picture_insertions(term.picture)
        self.context.open_page(
            uri,
            lambda: [
                (f"{self.docs.name}/{uri}", page.file.content_string),
                *self._scenario_files(page.file.content_string),
            ],
            excluded_term=term.id if term else "",
            should_link=uri not in ("codex/index.md", "codex/sources.md") and page.meta.get("terms") is not False,
            insertions=insertions,
        )

    def _picture_insertions(self, picture: TermPicture) -> dict[str, str]:
        return picture_insertions(picture, self.draw_run(self.scenario_runs[picture.scenario], "codex"))

    def _scenario_files(self, text: str) -> list[tuple[str, str]]:
        """The files of the scenarios that a page shows, because their captions cite too."""
        scenarios = [
            self.scenario_runs[id].scenario
            for id in dict.fromkeys(_FENCE_SOURCE.findall(text))
            if id in self.scenario_runs
        ]
        return [(scenario.path, scenario.source) for scenario in scenarios]
