"""The bibliography: every source once, under an id that does not change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.codex.citing import find_citations, find_malformed, malformed_message
from raftstep.codex.data_file import Document, load_schema, read_documents
from raftstep.codex.model import Citation, Source
from raftstep.document.problem import Place, suggest_nearest
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue
from raftstep.document.wording import quote, shorten_line

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ID_ADVICE = "is no id; write small letters and figures, with - between them: ongaro-2014-raft"

_FIELD_FORMATS = {
    "doi": (
        re.compile(r"10\.\d{4,9}/\S+"),
        'is no DOI; write what follows "https://doi.org/", such as 10.1145/279227.279229',
    ),
    "address": (re.compile(r"https?://[^\s\"<>]+"), 'is no address; begin with "https://"'),
    "repository": (re.compile(r"[\w-]+/[\w.-]+"), "is no repository; write OWNER/NAME, such as etcd-io/raft"),
    "date": (re.compile(r"\d{4}(-\d{2}(-\d{2})?)?"), "is no date; write year-month-day, such as 2014-05-20"),
    "commit": (re.compile(r"[0-9a-f]{7,40}"), "is no commit; write 7 to 40 of the figures 0-9 a-f"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """All sources by id, and the files they come from."""

    sources: Mapping[str, Source]
    documents: tuple[Document, ...]

    def read_citations(self, value: YamlValue | None) -> tuple[Citation, ...]:
        """The citations in a ``sources:`` mapping; those of unknown sources are left out."""
        pairs = value.pairs() if value else []
        return tuple(Citation(source=self.sources[id], at=at.text()) for id, at in pairs if id in self.sources)

    def check_sources(self, value: YamlValue | None) -> Iterator[Finding]:
        """The ids in a ``sources:`` mapping that are of no source."""
        for id, _ in value.pairs() if value else []:
            if id not in self.sources:
                assert value is not None
                yield value.key_places[id], self.unknown_source_message(id)

    def check_citations(self, text: YamlValue) -> Iterator[Finding]:
        """The citations in a Markdown text that are of no source, or none at all."""
        for citation, _ in find_citations(text.text()):
            if citation.id not in self.sources:
                yield text.place, self.unknown_source_message(citation.id)
        yield from ((text.place, malformed_message(words)) for words, _ in find_malformed(text.text()))

    def unknown_source_message(self, id: str) -> str:
        """What is wrong with an id that is of no source, and how to fix it."""
        return f"unknown source {quote(id)}; {_nearest_id(id, tuple(self.sources))}"


def _nearest_id(id: str, known_ids: tuple[str, ...]) -> str:
    """The nearest id alone: the whole list would be longer than a screen."""
    words = suggest_nearest(shorten_line(id), known_ids)
    return words.partition(" (known:")[0] if words.startswith("did you mean") else "add it to sources.yaml"


def read_bibliography(folder: Path) -> Bibliography:
    """``sources.yaml`` and ``sources/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    data_files = read_documents(folder, "sources", load_schema("sources"))
    sources: dict[str, Source] = {}
    for data_file in data_files:
        for id, place, value in data_file.entries():
            data_file.mistakes += _check_source(id, place, value)
            if id in sources:
                first = sources[id]
                words = f"the source {quote(id)} is also in {first.data_file}:{first.place.line}; keep one of them"
                data_file.add_mistake(place, words)
            elif value.fields is not None:
                sources[id] = _source(id, place, value, data_file.path)
    return Bibliography(sources=sources, documents=data_files)


def _check_source(id: str, place: Place, value: YamlValue) -> Iterator[Finding]:
    if not ID.fullmatch(id):
        yield place, f"{quote(id)} {ID_ADVICE}"
    for key, (pattern, advice) in _FIELD_FORMATS.items():
        text = value.get(key)
        if text and isinstance(text.scalar, str) and not pattern.fullmatch(text.scalar):
            yield text.place, f"{quote(text.scalar)} {advice}"
    if value.fields is None or value.is_incomplete or not (kind := value.get("kind")):
        return
    yield from ((place, words) for words in _missing_fields(kind.text(), value))


def _missing_fields(kind: str, value: YamlValue) -> Iterator[str]:
    """What a source of this kind must say in addition to its title."""
    if not any(value.get(key) for key in ("doi", "address", "repository")):
        yield 'it cannot be found; add "address:", "doi:" or "repository:"'
    if kind == "file":
        for key in ("repository", "path"):
            if not value.get(key):
                yield f'a file is found by its repository and path; add "{key}:"'
        if not (value.get("commit") or value.get("version")):
            yield 'a file changes; add the "commit:" or the "version:" that was read'
        return
    if not (value.get("authors") or value.get("organisation")):
        yield 'nobody is said to have written it; add "authors: [...]" or "organisation:"'
    if kind not in ("page", "software") and not value.get("year"):
        yield 'its year is missing; add "year:"'
    if kind in ("article", "paper", "thesis", "report", "book") and not value.get("where"):
        yield 'add "where:", the journal, conference, university or publisher'


def _source(id: str, place: Place, value: YamlValue, data: str) -> Source:
    def get_text(key: str) -> str:
        inner = value.get(key)
        return inner.scalar if inner and isinstance(inner.scalar, str) else ""

    authors, year = value.get("authors"), value.get("year")
    date = get_text("date")
    given_year = year.scalar if year and isinstance(year.scalar, int) else 0
    return Source(
        id=id,
        kind=get_text("kind"),
        title=get_text("title"),
        authors=tuple(author.text() for author in authors.list_items()) if authors else (),
        organisation=get_text("organisation"),
        year=given_year or (int(date[:4]) if date[:4].isdigit() else 0),
        date=date,
        where=get_text("where"),
        volume=get_text("volume"),
        pages=get_text("pages"),
        doi=get_text("doi"),
        address=get_text("address"),
        repository=get_text("repository"),
        path=get_text("path"),
        version=get_text("version"),
        commit=get_text("commit"),
        note=get_text("note"),
        data_file=data,
        place=place,
    )
