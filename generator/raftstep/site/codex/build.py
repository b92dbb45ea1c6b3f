"""The Codex in a MkDocs build: its pages among the site's, and its links on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from raftstep.picture.figures import Figures
from raftstep.scenario.play import Played
from raftstep.site.codex.bibtex import bibtex
from raftstep.site.codex.book import read_book
from raftstep.site.codex.extension import CodexContext, CodexExtension
from raftstep.site.codex.incidents_page import incidents_page
from raftstep.site.codex.pages import INDEX_DRAWN, Listed, index_page, listed_terms, sources_page
from raftstep.site.codex.practice import Practice
from raftstep.site.codex.structured import defined_term, defined_term_set
from raftstep.site.codex.term_page import drawn_for, term_page
from raftstep.site.exhibit import Exhibit

FOLDER = "data/codex"
"""Where the data stands among a site's documents. A site without it has no Codex."""

_SHOWN = re.compile(r'src="([\w-]+)"')


class Codex:
    """The Codex of one build: ``listed`` are the lines of its index, ``systems`` each system's page by its names."""

    def __init__(
        self,
        config: MkDocsConfig,
        everyone: Mapping[str, Played],
        drawn: Callable[[Played, str], Figures],
        report: Callable[[str], None],
    ) -> None:
        self.everyone = everyone
        self.drawn = drawn
        self.site_url = config.site_url or ""
        self.edit_uri = config.edit_uri or ""
        self.docs = Path(config.docs_dir)
        self.book = read_book(self.docs / FOLDER, everyone)
        for found in self.book.problems:
            report(found.show())
        self.context = CodexContext(self.book, report)
        self.practice = Practice(self.book, everyone, report)
        self.listed: list[Listed] = [*listed_terms(self.book), *self.practice.listed()]
        self.systems = self.practice.uris()
        config.markdown_extensions.append(CodexExtension(self.context))  # type: ignore[arg-type]

    def add_to(self, files: Files, config: MkDocsConfig) -> None:
        """Add the index, a page for each term, and the bibliography."""
        for file in [file for file in files if file.src_uri.startswith(f"{FOLDER}/")]:
            files.remove(file)
        index = index_page(self.listed, len(self.book.sources))
        files.append(File.generated(config, "codex/index.md", content=index))
        files.append(File.generated(config, "codex/sources.md", content=sources_page(self.book)))
        files.append(File.generated(config, "codex/sources.bib", content=bibtex(self.book.sources.values())))
        for term in self.book.terms.values():
            data = term.data.removeprefix(f"{self.docs.name}/")
            edit_url = urljoin(self.edit_uri, data) if self.edit_uri else ""
            content = term_page(term, self.book, self.everyone, systems=self.systems, edit_url=edit_url)
            page = File.generated(config, f"codex/terms/{term.id}.md", content=content)
            page.edit_uri = data
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
        self._add_systems(files, config)

    def _add_systems(self, files: Files, config: MkDocsConfig) -> None:
        """A page for each system, and the incidents."""
        if self.book.incidents:
            content = incidents_page(self.book, self.everyone)
            files.append(File.generated(config, "codex/incidents.md", content=content))
        for system in self.book.systems.values():
            data = system.data.removeprefix(f"{self.docs.name}/")
            edit_url = urljoin(self.edit_uri, data) if self.edit_uri else ""
            content = self.practice.page(system, edit_url=edit_url)
            page = File.generated(config, f"codex/systems/{system.id}.md", content=content)
            page.edit_uri = data
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)

    def exhibits(self) -> dict[str, Exhibit]:
        """What pages can show of the systems by name."""
        return self.practice.exhibits()

    def open(self, page: Page) -> None:
        """Begin a page: everywhere its terms are linked, but for the index, which is links already."""
        uri = page.file.src_uri
        term = self.book.terms.get(uri.removeprefix("codex/terms/").removesuffix(".md"))
        drawn: dict[str, str] = {}
        if uri == "codex/index.md":
            drawn = INDEX_DRAWN | {"structured-data": defined_term_set(self.book.terms.values(), self.site_url)}
        if term and uri == f"codex/terms/{term.id}.md":
            drawn = {"structured-data": defined_term(term, self.site_url)}
            if term.picture:
                figures = self.drawn(self.everyone[term.picture.scenario], "codex")
                drawn |= drawn_for(term.picture, figures)
        self.context.open(
            uri,
            [(f"{self.docs.name}/{uri}", page.file.content_string), *self._scenarios(page.file.content_string)],
            without=term.id if term else "",
            linked=uri not in ("codex/index.md", "codex/sources.md") and page.meta.get("terms") is not False,
            drawn=drawn,
        )

    def _scenarios(self, text: str) -> list[tuple[str, str]]:
        """The files of the scenarios that a page shows, for their captions cite too."""
        shown = [self.everyone[id].scenario for id in dict.fromkeys(_SHOWN.findall(text)) if id in self.everyone]
        return [(scenario.path, scenario.source) for scenario in shown]
