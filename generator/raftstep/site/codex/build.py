"""The Codex in a MkDocs build: its pages among the site's, and its links on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from raftstep.picture.figures import Figures
from raftstep.scenario.played import Played
from raftstep.site.codex.bibtex import bibtex
from raftstep.site.codex.book import read_book
from raftstep.site.codex.extension import CodexContext, CodexExtension
from raftstep.site.codex.incidents_page import incidents_page
from raftstep.site.codex.model import Term
from raftstep.site.codex.pages import INDEX_DRAWN, Listed, index_page, listed_terms, sources_page
from raftstep.site.codex.practice import Practice
from raftstep.site.codex.structured import defined_term, defined_term_set
from raftstep.site.codex.term_page import drawn_for, term_page
from raftstep.site.context import Once, now
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
        once: Once = now,
    ) -> None:
        self.everyone = everyone
        self.drawn = drawn
        self.once = once
        self.site_url = config.site_url or ""
        self.edit_uri = config.edit_uri or ""
        self.docs = Path(config.docs_dir)
        self.book = once(("book",), lambda: read_book(self.docs / FOLDER, everyone))
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
        for uri, data, content in self.once(("codex", self.edit_uri), lambda: tuple(self._pages())):
            page = File.generated(config, uri, content=content)
            if data:
                page.edit_uri = data
                page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)

    def _pages(self) -> Iterator[tuple[str, str, str]]:
        """Each page: where it is, the file of data that it is made from, if it is one, and its content."""
        yield "codex/index.md", "", index_page(self.listed, len(self.book.sources))
        yield "codex/sources.md", "", sources_page(self.book)
        yield "codex/sources.bib", "", bibtex(self.book.sources.values())
        for term in self.book.terms.values():
            data, edit_url = self._edited(term.data)
            content = term_page(term, self.book, self.everyone, systems=self.systems, edit_url=edit_url)
            yield f"codex/terms/{term.id}.md", data, content
        if self.book.incidents:
            yield "codex/incidents.md", "", incidents_page(self.book, self.everyone)
        for system in self.book.systems.values():
            data, edit_url = self._edited(system.data)
            yield f"codex/systems/{system.id}.md", data, self.practice.page(system, edit_url=edit_url)

    def _edited(self, data: str) -> tuple[str, str]:
        """A file of data as MkDocs knows it, and where it can be edited."""
        inner = data.removeprefix(f"{self.docs.name}/")
        return inner, urljoin(self.edit_uri, inner) if self.edit_uri else ""

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
                drawn |= self.once(("drawn", uri), lambda: self._drawn_for(term))
        self.context.open(
            uri,
            lambda: [(f"{self.docs.name}/{uri}", page.file.content_string), *self._scenarios(page.file.content_string)],
            without=term.id if term else "",
            linked=uri not in ("codex/index.md", "codex/sources.md") and page.meta.get("terms") is not False,
            drawn=drawn,
        )

    def _drawn_for(self, term: Term) -> dict[str, str]:
        assert term.picture
        return drawn_for(term.picture, self.drawn(self.everyone[term.picture.scenario], "codex"))

    def _scenarios(self, text: str) -> list[tuple[str, str]]:
        """The files of the scenarios that a page shows, for their captions cite too."""
        shown = [self.everyone[id].scenario for id in dict.fromkeys(_SHOWN.findall(text)) if id in self.everyone]
        return [(scenario.path, scenario.source) for scenario in shown]
