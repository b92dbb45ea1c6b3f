"""The pages about all of the Codex: the index, A to Z, and the bibliography."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from raftstep.site.codex.book import Book
from raftstep.site.codex.model import Source
from raftstep.site.codex.term_page import also, front_matter, name, plain

KINDS = {
    "Papers, theses and reports": ("article", "paper", "thesis", "report"),
    "Books": ("book",),
    "Pages": ("page",),
    "Software, and files of it": ("software", "file"),
}
"""The parts of the bibliography, and the kinds of source in each."""

MOST_NAMED = 12
"""How many entries are named that cite a source; the paper itself is cited by most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the index: a term, a system, or whatever else has a page. ``uri`` is its Markdown file."""

    name: str
    uri: str
    words: str
    kind: str = "term"
    also: str = ""


def listed_terms(book: Book) -> list[Listed]:
    """The terms as lines of the index."""
    return [
        Listed(name=term.term, uri=f"codex/terms/{term.id}.md", words=term.definition, also=also(term))
        for term in book.terms.values()
    ]


INDEX_DRAWN = {"opening": '<div class="raft-codex">', "closing": "</div>"}
"""What the filter of codex.js looks for."""


def index_page(lines: Iterable[Listed], sources: int) -> str:
    """Everything from A to Z."""
    ordered = sorted(lines, key=lambda one: (one.name.casefold(), one.uri))
    letters = [(letter, list(entries)) for letter, entries in groupby(ordered, key=_letter)]
    kinds = {kind: sum(one.kind == kind for one in ordered) for kind in dict.fromkeys(one.kind for one in ordered)}
    most_first = sorted(kinds.items(), key=lambda pair: -pair[1])
    counted = " and ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in most_first)
    text = [
        *front_matter(
            title="The Codex",
            description="Every term and every system on this site, A to Z, with sources and the runs that show it.",
            hide=["navigation", "toc"],
            search={"exclude": True},
        ),
        "# The Codex",
        "",
        f"{counted or 'No entries'}, each with where it comes from: {sources} [sources](sources.md) in all.",
        "Where a run on this site shows the thing, its entry leads there.",
        "",
        "<!-- drawn: opening -->",
        "",
        " ".join(f"[{letter}](#{letter.lower()})" for letter, _ in letters),
        "{: .raft-letters }",
        "",
    ]
    for letter, entries in letters:
        text += [f"## {letter} {{#{letter.lower()}}}", "", *map(_line, entries), ""]
    return "\n".join([*text, "<!-- drawn: closing -->", "", "<!-- drawn: structured-data -->", ""])


def _letter(one: Listed) -> str:
    first = one.name[0].upper()
    return first if first.isascii() and first.isalpha() else "Other"


def _line(one: Listed) -> str:
    uri = one.uri.removeprefix("codex/")
    called = f" *Also called: {plain(one.also)}.*{{ .raft-also }}" if one.also else ""
    return f'- [{one.name}]({uri}){{ .raft-entry data-kind="{one.kind}" }} {one.words}{called}'


def sources_page(book: Book) -> str:
    """The bibliography. Each source's id is its address on the page, and does not change."""
    text = [
        *front_matter(
            title="Sources",
            description="Every paper, thesis, page and file that this site cites, and where to find it; as BibTeX too.",
            hide=["navigation"],
        ),
        "# Sources",
        "",
        "Every citation on this site leads here.",
        "Files of programs are cited as they were at one version or commit, for they change.",
        "",
        f"[All {len(book.sources)} as BibTeX](sources.bib){{ download }}",
        "",
    ]
    citing = _citing(book)
    for title, kinds in KINDS.items():
        found = [source for source in book.sources.values() if source.kind in kinds]
        if found:
            text += [f"## {title}", ""]
            for source in sorted(found, key=_order):
                text += [*_source(source, citing.get(source.id, ())), ""]
    return "\n".join(text)


def _order(source: Source) -> tuple[str, int, str]:
    first = source.authors[0].split()[-1] if source.authors else source.organisation
    return (first or source.title).casefold(), source.year, source.id


def _source(source: Source, named_by: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A paragraph of its own, so that its id stands on it."""
    who = f"{source.people}. " if source.people else ""
    yield f"{who}[*{plain(source.title)}*]({source.href}). {plain(_details(source))}"
    citing = [f"[{words}]({uri})" for words, uri in named_by]
    more = len(citing) - MOST_NAMED
    if citing:
        named = ", ".join(citing[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f'<span class="raft-citing">Cited by {named}.</span>'
    yield f"{{: #{source.id} .raft-source .raft-plain }}"


def _citing(book: Book) -> dict[str, list[tuple[str, str]]]:
    """For each source by its id, the entries that name it, and where they stand."""
    named = [(name(term), f"terms/{term.id}.md", term.sources) for term in book.terms.values()]
    for system in book.systems.values():
        said = (*system.word_sources, *(one for fact in system.facts.values() for one in fact.sources))
        named.append((system.name, f"systems/{system.id}.md", said))
    named += [(one.title, f"incidents.md#{one.id}", one.sources) for one in book.incidents.values()]
    found: dict[str, list[tuple[str, str]]] = {}
    for words, uri, sources in named:
        for id in dict.fromkeys(one.source.id for one in sources):
            found.setdefault(id, []).append((words, uri))
    return found


def _details(source: Source) -> str:
    """Where it came out, and which copy was read."""
    journal = " ".join(part for part in (source.where, source.volume) if part)
    pages = f"pp. {source.pages.replace('-', '–')}" if source.pages else ""
    copy = [source.repository, source.path, source.version, f"commit {source.commit[:10]}" if source.commit else ""]
    parts = [journal, pages, *copy, source.date or str(source.year or "")]
    told = ", ".join(part for part in parts if part)
    found = f"{told}." if told else ""
    return f"{found} {source.note}".strip() if source.note else found
