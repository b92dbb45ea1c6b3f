"""The pages about all of the Codex: the index, A to Z, and the bibliography."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from raftstep.codex.book import Book
from raftstep.codex.model import Source, term_title
from raftstep.document.markdown_text import escape_markdown
from raftstep.site.codex.term_page import front_matter, other_names

BIBLIOGRAPHY_PARTS = {
    "Papers, theses and reports": ("article", "paper", "thesis", "report"),
    "Books": ("book",),
    "Pages": ("page",),
    "Software, and files of it": ("software", "file"),
}
"""The parts of the bibliography, and the kinds of source in each."""

MAX_CITING = 12
"""How many entries are named that cite a source; the paper itself is cited by most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """One line of the index: a term, a system, or whatever else has a page. ``uri`` is its Markdown file."""

    name: str
    uri: str
    description: str
    kind: str = "term"
    other_names: str = ""


def term_index_entries(book: Book) -> list[IndexEntry]:
    """The terms as lines of the index."""
    return [
        IndexEntry(
            name=term.term, uri=f"codex/terms/{term.id}.md", description=term.definition, other_names=other_names(term)
        )
        for term in book.terms.values()
    ]


INDEX_INSERTIONS = {"opening": '<div class="raft-codex">', "closing": "</div>"}
"""What the filter of codex.js looks for."""


def codex_index_page(index_entries: Iterable[IndexEntry], sources: int) -> str:
    """Everything from A to Z."""
    sorted_entries = sorted(index_entries, key=lambda entry: (entry.name.casefold(), entry.uri))
    letters = [(letter, list(entries)) for letter, entries in groupby(sorted_entries, key=_letter)]
    kind_counts = {
        kind: sum(entry.kind == kind for entry in sorted_entries)
        for kind in dict.fromkeys(entry.kind for entry in sorted_entries)
    }
    most_first = sorted(kind_counts.items(), key=lambda pair: -pair[1])
    count_words = " and ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in most_first)
    text = [
        *front_matter(
            title="The Codex",
            description="Every term and every system on this site, A to Z, with sources and the runs that show it.",
            hide=["navigation", "toc"],
            search={"exclude": True},
        ),
        "# The Codex",
        "",
        f"{count_words or 'No entries'}, each with where it comes from: {sources} [sources](sources.md) in all.",
        "Where a run on this site shows the thing, its entry leads there.",
        "",
        "<!-- drawn: opening -->",
        "",
        " ".join(f"[{letter}](#{letter.lower()})" for letter, _ in letters),
        "{: .raft-letters }",
        "",
    ]
    for letter, entries in letters:
        text += [f"## {letter} {{#{letter.lower()}}}", "", *map(_entry_line, entries), ""]
    return "\n".join([*text, "<!-- drawn: closing -->", "", "<!-- drawn: structured-data -->", ""])


def _letter(entry: IndexEntry) -> str:
    first = entry.name[0].upper()
    return first if first.isascii() and first.isalpha() else "Other"


def _entry_line(entry: IndexEntry) -> str:
    uri = entry.uri.removeprefix("codex/")
    alias_words = f" *Also called: {escape_markdown(entry.other_names)}.*{{ .raft-also }}" if entry.other_names else ""
    link = f'[{escape_markdown(entry.name)}]({uri}){{ .raft-entry data-kind="{entry.kind}" }}'
    return f"- {link} {entry.description}{alias_words}"


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
        "Files of programs are cited as they were at one version or commit, because they change.",
        "",
        f"[All {len(book.sources)} as BibTeX](sources.bib){{ download }}",
        "",
    ]
    citing_entries = _entries_by_source(book)
    for title, kinds in BIBLIOGRAPHY_PARTS.items():
        sources = [source for source in book.sources.values() if source.kind in kinds]
        if sources:
            text += [f"## {title}", ""]
            for source in sorted(sources, key=_sort_key):
                text += [*_source_paragraph(source, citing_entries.get(source.id, ())), ""]
    return "\n".join(text)


def _sort_key(source: Source) -> tuple[str, int, str]:
    first = source.authors[0].split()[-1] if source.authors else source.organisation
    return (first or source.title).casefold(), source.year, source.id


def _source_paragraph(source: Source, citing_entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A paragraph of its own, so that its id is on it."""
    author = f"{escape_markdown(source.author_words)}. " if source.author_words else ""
    yield f"{author}[*{escape_markdown(source.title)}*]({source.url}). {escape_markdown(_details(source))}"
    links = [f"[{escape_markdown(words)}]({uri})" for words, uri in citing_entries]
    more = len(links) - MAX_CITING
    if links:
        link_list = ", ".join(links[:MAX_CITING]) + (f" and {more} more" if more > 0 else "")
        yield f'<span class="raft-citing">Cited by {link_list}.</span>'
    yield f"{{: #{source.id} .raft-source .raft-plain }}"


def _entries_by_source(book: Book) -> dict[str, list[tuple[str, str]]]:
    """For each source by its id, the entries that name it, and where they are."""
    entries = [(term_title(term), f"terms/{term.id}.md", term.sources) for term in book.terms.values()]
    for system in book.systems.values():
        citations = (*system.word_sources, *(citation for fact in system.facts.values() for citation in fact.sources))
        entries.append((system.name, f"systems/{system.id}.md", citations))
    entries += [
        (incident.title, f"incidents.md#{incident.id}", incident.sources) for incident in book.incidents.values()
    ]
    entries_by_source: dict[str, list[tuple[str, str]]] = {}
    for words, uri, sources in entries:
        for id in dict.fromkeys(citation.source.id for citation in sources):
            entries_by_source.setdefault(id, []).append((words, uri))
    return entries_by_source


def _details(source: Source) -> str:
    """Where it came out, and which copy was read."""
    journal = " ".join(part for part in (source.where, source.volume) if part)
    pages = f"pp. {source.pages.replace('-', '–')}" if source.pages else ""
    copy_parts = [
        source.repository,
        source.path,
        source.version,
        f"commit {source.commit[:10]}" if source.commit else "",
    ]
    parts = [journal, pages, *copy_parts, source.date or str(source.year or "")]
    details = ", ".join(part for part in parts if part)
    sentence = f"{details}." if details else ""
    return f"{sentence} {source.note}".strip() if source.note else sentence
