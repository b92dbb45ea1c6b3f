"""The Codex in Markdown: terms are linked, citations lead to the bibliography, what was drawn stands in its place."""

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

from raftstep.scenario.model import Place
from raftstep.scenario.problem import Problem, problems
from raftstep.site.codex.book import Book
from raftstep.site.codex.citing import CITATION, Cited, amiss, citations, cited, malformed
from raftstep.site.codex.linking import Linker

SOURCES = "codex/sources.md"
DRAWN = re.compile(r"<!-- drawn: ([\w-]+) -->")


class CodexContext:
    """What is known of the page being built: where it stands, its text as written, what was drawn for it."""

    def __init__(self, book: Book, report: Callable[[str], None]) -> None:
        self.book = book
        self.report = report
        self.linker = Linker(book.terms)
        self.open("index.md", lambda: ())

    def open(
        self,
        uri: str,
        texts: Callable[[], Sequence[tuple[str, str]]],
        *,
        without: str = "",
        linked: bool = True,
        drawn: Mapping[str, str] | None = None,
    ) -> None:
        """Begin a page. ``texts`` gives the files that its words come from, to find the places of mistakes in."""
        self.uri = uri
        self.texts = texts
        self.without = without
        self.linked = linked
        self.drawn = drawn or {}
        self.told: set[str] = set()

    def href(self, target: str) -> str:
        """A link to another page, as Markdown files link to each other; MkDocs checks it and makes it an address."""
        return _relative(target, posixpath.dirname(self.uri))

    def unresolved(self, id: str) -> None:
        """Report a citation of no source, at each place where it stands."""
        wanted = self.book.bibliography.unknown(id)
        self._tell(wanted, len(id), lambda text: (at for one, at in citations(text) if one.id == id))

    def malformed(self, words: str) -> None:
        """Report brackets that begin as a citation and are none, likewise."""
        self._tell(amiss(words), len(words), lambda text: (at for found, at in malformed(text) if found == words))

    def _tell(self, words: str, length: int, places: Callable[[str], Iterable[int]]) -> None:
        if words in self.told:
            return
        self.told.add(words)
        texts = self.texts()
        found = [(path, text, list(places(text))) for path, text in texts]
        for path, text, starts in found:
            if starts:
                here = (Problem(path=path, place=_place(text, at, length), words=words) for at in starts)
                self.report(problems(path, text, here).show())
        if not any(starts for _, _, starts in found):
            path = texts[0][0] if texts else self.uri
            self.report(Problem(path=path, place=Place(line=1, column=1), words=words).show())


@cache
def _relative(target: str, folder: str) -> str:
    """A way from a folder to a file; most pages stand in a few folders, and link to the same terms."""
    return posixpath.relpath(target, folder or ".")


def _place(text: str, at: int, length: int) -> Place:
    return Place(line=text.count("\n", 0, at) + 1, column=at - text.rfind("\n", 0, at), length=length)


class CodexExtension(Extension):
    """Wires the Codex into Markdown; the host opens each page in the ``context``."""

    def __init__(self, context: CodexContext) -> None:
        super().__init__()
        self.context = context

    def extendMarkdown(self, md: Markdown) -> None:
        """Citations before links and footnotes; terms after all that is inline, before links become addresses."""
        md.preprocessors.register(_Drawn(md, self.context), "codex-drawn", 26)
        md.inlinePatterns.register(_Citations(md, self.context), "codex-citations", 176)
        md.treeprocessors.register(_Terms(md, self.context), "codex-terms", 6)


class _Drawn(Preprocessor):
    """Puts what was drawn for a page in the place that its Markdown keeps for it."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(md)
        self.context = context

    def run(self, lines: list[str]) -> list[str]:
        found = self.context.drawn
        return [
            self.md.htmlStash.store(found[match[1]]) if (match := DRAWN.fullmatch(line)) and match[1] in found else line
            for line in lines
        ]


class _Citations(InlineProcessor):
    """``[@id §5.2]`` becomes a link to the source; one of no source is reported, and stays as it is."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(CITATION.pattern, md)
        self.context = context

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        found = cited(m[1])
        if found is None:
            return None, None, None
        sources = self.context.book.sources
        unknown = [one.id for one in found if one.id not in sources]
        for id in unknown:
            self.context.unresolved(id)
        if not found:
            self.context.malformed(m[0])
        if unknown or not found:
            return None, None, None
        span = Element("span", {"class": "raft-cites"})
        span.text = "("
        for number, one in enumerate(found, 1):
            link = self._link(one)
            link.tail = ")" if number == len(found) else "; "
            span.append(link)
        return span, m.start(0), m.end(0)

    def _link(self, one: Cited) -> Element:
        source = self.context.book.sources[one.id]
        href = f"{self.context.href(SOURCES)}#{one.id}"
        link = Element("a", {"class": "raft-codex-cite", "href": href, "title": source.words})
        link.text = AtomicString(f"{source.short}, {one.at}" if one.at else source.short)
        return link


class _Terms(Treeprocessor):
    """Links the words of the Codex."""

    def __init__(self, md: Markdown, context: CodexContext) -> None:
        super().__init__(md)
        self.context = context

    def run(self, root: Element) -> None:
        here = self.context
        if here.linked:
            raw = self.md.htmlStash.rawHtmlBlocks
            here.linker.link(root, lambda id: here.href(f"codex/terms/{id}.md"), without=here.without, raw=raw)
