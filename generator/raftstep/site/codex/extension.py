"""The Codex in Markdown: terms are linked, citations lead to the bibliography, what was drawn is in its place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from raftstep.codex.book import Book
from raftstep.codex.citing import (
    CITATION,
    RawCitation,
    find_citations,
    find_malformed,
    malformed_message,
    parse_citations,
)
from raftstep.document.problem import Place, Problem, sort_problems
from raftstep.site.codex.linking import Linker

SOURCES_PAGE = "codex/sources.md"
INSERTION = re.compile(r"<!-- drawn: ([\w-]+) -->")


class CodexContext:
    """What is known of the page being built: where it is, its text as written, what was drawn for it."""

    def __init__(self, book: Book, report: Callable[[str], None]) -> None:
        self.book = book
        self.report = report
        self.linker = Linker(book.terms)
        self.open_page("index.md", lambda: ())

    def open_page(
        self,
        uri: str,
        texts: Callable[[], Sequence[tuple[str, str]]],
        *,
        excluded_term: str = "",
        should_link: bool = True,
        insertions: Mapping[str, str] | None = None,
    ) -> None:
        """Begin a page. ``texts`` gives the files that its words come from, to find the places of mistakes in."""
        self.uri = uri
        self.texts = texts
        self.excluded_term = excluded_term
        self.should_link = should_link
        self.insertions = insertions or {}
        self.reported: set[str] = set()

    def link_to(self, target: str) -> str:
        """A link to another page, as Markdown files link to each other; MkDocs checks it and makes it an address."""
        return _relative_path(target, posixpath.dirname(self.uri))

    def report_unknown_source(self, id: str) -> None:
        """Report a citation of no source, at each place where it is."""
        message = self.book.bibliography.unknown_source_message(id)
        self._report_once(
            message,
            len(id),
            lambda text: (position for citation, position in find_citations(text) if citation.id == id),
        )

    def report_malformed(self, words: str) -> None:
        """Report brackets that begin as a citation and are none, likewise."""
        self._report_once(
            malformed_message(words),
            len(words),
            lambda text: (position for brackets, position in find_malformed(text) if brackets == words),
        )

    def _report_once(self, words: str, length: int, find_positions: Callable[[str], Iterable[int]]) -> None:
        if words in self.reported:
            return
        self.reported.add(words)
        texts = self.texts()
        matches = [(path, text, list(find_positions(text))) for path, text in texts]
        for path, text, positions in matches:
            if positions:
                page_problems = (
                    Problem(path=path, place=_place_at(text, position, length), words=words) for position in positions
                )
                self.report(sort_problems(path, text, page_problems).show())
        if not any(positions for _, _, positions in matches):
            path = texts[0][0] if texts else self.uri
            self.report(Problem(path=path, place=Place(line=1, column=1), words=words).show())


@cache
def _relative_path(target: str, folder: str) -> str:
    """A way from a folder to a file; most pages are in a few folders, and link to the same terms."""
    return posixpath.relpath(target, folder or ".")


def _place_at(text: str, position: int, length: int) -> Place:
    return Place(line=text.count("\n", 0, position) + 1, column=position - text.rfind("\n", 0, position), length=length)


class CodexExtension(Extension):
    """Wires the Codex into Markdown; the host opens each page in the ``context``."""

    def __init__(self, context: CodexContext) -> None:
        super().__init__()
        self.context = context

    def extendMarkdown(self, md: Markdown) -> None:
        """Citations before links and footnotes; terms after all that is inline, before links become addresses."""
        md.preprocessors.register(_InsertionProcessor(md, self.context), "codex-drawn", 26)
        md.inlinePatterns.register(_CitationProcessor(md, self.context), "codex-citations", 176)
        md.treeprocessors.register(_TermProcessor(md, self.context), "codex-terms", 6)


class _InsertionProcessor(Preprocessor):
    """Puts what was drawn for a page in the place that its Markdown keeps for it."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(md)
        self.context = context

    def run(self, lines: list[str]) -> list[str]:
        insertions = self.context.insertions
        return [
            self.md.htmlStash.store(insertions[match[1]])
            if (match := INSERTION.fullmatch(line)) and match[1] in insertions
            else line
            for line in lines
        ]


class _CitationProcessor(InlineProcessor):
    """``[@id §5.2]`` becomes a link to the source; one of no source is reported, and stays as it is."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(CITATION.pattern, md)
        self.context = context

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        raw_citations = parse_citations(m[1])
        if raw_citations is None:
            return None, None, None
        sources = self.context.book.sources
        unknown_ids = [citation.id for citation in raw_citations if citation.id not in sources]
        for id in unknown_ids:
            self.context.report_unknown_source(id)
        if not raw_citations:
            self.context.report_malformed(m[0])
        if unknown_ids or not raw_citations:
            return None, None, None
        span = Element("span", {"class": "raft-cites"})
        span.text = "("
        for number, citation in enumerate(raw_citations, 1):
            link = self._link(citation)
            link.tail = ")" if number == len(raw_citations) else "; "
            span.append(link)
        return span, m.start(0), m.end(0)

    def _link(self, citation: RawCitation) -> Element:
        source = self.context.book.sources[citation.id]
        href = f"{self.context.link_to(SOURCES_PAGE)}#{citation.id}"
        link = Element("a", {"class": "raft-codex-cite", "href": href, "title": source.one_line})
        link.text = AtomicString(f"{source.short_citation}, {citation.at}" if citation.at else source.short_citation)
        return link


class _TermProcessor(Treeprocessor):
    """Links the words of the Codex."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(md)
        self.context = context

    def run(self, root: Element) -> None:
        context = self.context
        if context.should_link:
            raw = self.md.htmlStash.rawHtmlBlocks
            context.linker.link(
                root,
                lambda id: context.link_to(f"codex/terms/{id}.md"),
                excluded_term=context.excluded_term,
                raw_html=raw,
            )
