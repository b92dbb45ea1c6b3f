"""The bibliography: every source once, under an id that does not change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.schema import Complaint
from raftstep.scenario.value import Value
from raftstep.scenario.wording import quoted, shortened
from raftstep.site.codex.citing import amiss, citations, malformed
from raftstep.site.codex.document import Document, documents, published
from raftstep.site.codex.model import Citation, Source

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ID_WORDS = "is no id; write small letters and figures, with - between them: ongaro-2014-raft"

_ALLOWED = {
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

    def cited(self, value: Value | None) -> tuple[Citation, ...]:
        """The citations in a ``sources:`` mapping; those of unknown sources are left out."""
        pairs = value.pairs() if value else []
        return tuple(Citation(source=self.sources[id], at=at.words()) for id, at in pairs if id in self.sources)

    def uncited(self, value: Value | None) -> Iterator[Complaint]:
        """The ids in a ``sources:`` mapping that are of no source."""
        for id, _ in value.pairs() if value else []:
            if id not in self.sources:
                assert value is not None
                yield value.key_places[id], self.unknown(id)

    def unresolved(self, text: Value) -> Iterator[Complaint]:
        """The citations in a Markdown text that are of no source, or none at all."""
        for one, _ in citations(text.words()):
            if one.id not in self.sources:
                yield text.place, self.unknown(one.id)
        yield from ((text.place, amiss(words)) for words, _ in malformed(text.words()))

    def unknown(self, id: str) -> str:
        """What is wrong with an id that is of no source, and how to mend it."""
        return f"unknown source {quoted(id)}; {_near(id, tuple(self.sources))}"


def _near(id: str, known: tuple[str, ...]) -> str:
    """The nearest id alone: the whole list would be longer than a screen."""
    words = nearest(shortened(id), known)
    return words.partition(" (known:")[0] if words.startswith("did you mean") else "add it to sources.yaml"


def bibliography(folder: Path) -> Bibliography:
    """``sources.yaml`` and ``sources/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    found = documents(folder, "sources", published("sources"))
    sources: dict[str, Source] = {}
    for one in found:
        for id, place, value in one.entries():
            one.found += _wrong(id, place, value)
            if id in sources:
                first = sources[id]
                words = f"the source {quoted(id)} stands in {first.data}:{first.place.line} too; keep one of them"
                one.complain(place, words)
            elif value.fields is not None:
                sources[id] = _source(id, place, value, one.path)
    return Bibliography(sources=sources, documents=found)


def _wrong(id: str, place: Place, value: Value) -> Iterator[Complaint]:
    if not ID.fullmatch(id):
        yield place, f"{quoted(id)} {ID_WORDS}"
    for key, (allowed, words) in _ALLOWED.items():
        text = value.get(key)
        if text and isinstance(text.scalar, str) and not allowed.fullmatch(text.scalar):
            yield text.place, f"{quoted(text.scalar)} {words}"
    if value.fields is None or value.holes or not (kind := value.get("kind")):
        return
    yield from ((place, words) for words in _lacking(kind.words(), value))


def _lacking(kind: str, value: Value) -> Iterator[str]:
    """What a source of this kind must say besides its title."""
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


def _source(id: str, place: Place, value: Value, data: str) -> Source:
    def words(key: str) -> str:
        inner = value.get(key)
        return inner.scalar if inner and isinstance(inner.scalar, str) else ""

    authors, year = value.get("authors"), value.get("year")
    date = words("date")
    named = year.scalar if year and isinstance(year.scalar, int) else 0
    return Source(
        id=id,
        kind=words("kind"),
        title=words("title"),
        authors=tuple(one.words() for one in authors.parts()) if authors else (),
        organisation=words("organisation"),
        year=named or (int(date[:4]) if date[:4].isdigit() else 0),
        date=date,
        where=words("where"),
        volume=words("volume"),
        pages=words("pages"),
        doi=words("doi"),
        address=words("address"),
        repository=words("repository"),
        path=words("path"),
        version=words("version"),
        commit=words("commit"),
        note=words("note"),
        data=data,
        place=place,
    )
