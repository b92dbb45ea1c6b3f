"""The systems: what each uses Raft for, its words, defaults and departures; read from data and checked one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from raftstep.codex.data_file import Document, load_schema, read_documents
from raftstep.codex.model import Citation, Source
from raftstep.codex.sources import ID, ID_ADVICE, Bibliography
from raftstep.document.problem import Place
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue
from raftstep.document.wording import quote

TOPICS: Mapping[str, str] = {
    "library": "Implementation",
    "language": "Language",
    "uses": "What for",
    "groups": "Groups",
    "election-timeout": "Election timeout",
    "heartbeat": "Heartbeat",
    "pre-vote": "Pre-vote",
    "check-quorum": "Check-quorum",
    "learners": "Nodes without a vote",
    "membership-change": "Membership change",
    "snapshot": "Snapshots",
    "linearizable-read": "Linearizable reads",
    "leadership-transfer": "Leadership transfer",
    "departures": "Departures from the paper",
    "since": "Since when",
}
"""What is said of a system, in the order of its page."""

COMPARED_TOPICS = tuple(TOPICS)[4:13]
"""The topics that tables compare: a fact of theirs has a ``brief``."""

DEFAULT_TOPICS = ("election-timeout", "heartbeat", "pre-vote", "check-quorum", "snapshot")
"""The topics that quote a default: a fact of theirs names the line it was read in, and who sets the value."""

_PLACE_IN_CODE = re.compile(r"\blines? \d|\w_\w|[a-z][A-Z]")
"""A place in code: ``line 40``, or what a search finds in any copy, ``resetTimer`` or ``ELECTION_TIMEOUT``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of a system, or known not to be known: then ``say`` is empty.

    ``unverified`` is what of it was not verified, as the end of a sentence. ``set_by`` is "program" or "library" in a
    program that embeds a library, and empty elsewhere.
    """

    topic: str
    say: tuple[str, ...]
    brief: str
    status: str
    unverified: str
    set_by: str
    sources: tuple[Citation, ...]

    @property
    def is_stated(self) -> bool:
        """Whether anything is said: it was read in its sources, or follows from them."""
        return self.status != "not verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPair:
    """A word of the paper and what the system says instead."""

    paper_word: str
    system_word: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The least and most ms before a node starts an election, and between heartbeats; ``None`` where not known.

    ``has_run`` says whether the eight steps are run with these numbers, ``run_note`` what that leaves out or why not.
    """

    election_timeout_ms: tuple[int, int] | None
    timeout_note: str
    heartbeat_ms: tuple[int, int] | None
    has_run: bool
    run_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """When a snapshot is due: entries, bytes or seconds since the last; 0 where that plays no part.

    A node checks every ``every_s`` seconds, or at random times up to ``every_most_s`` apart.
    """

    entries: int = 0
    bytes: int = 0
    kept: int = 0
    every_s: int = 0
    every_most_s: int = 0
    longest_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The library that a program embeds: its name, its repository on GitHub, and its folder there."""

    name: str
    repository: str
    folder: str

    def contains(self, source: Source) -> bool:
        """Whether a source is a file of the library, and so says nothing of the program around it."""
        return source.repository == self.repository and source.path.startswith(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system; it is in ``data_file``."""

    id: str
    name: str
    relation: str
    read_note: str
    library: Library | None
    facts: Mapping[str, Fact]
    words: tuple[WordPair, ...]
    word_sources: tuple[Citation, ...]
    timing: Timing
    compaction: Compaction | None
    data_file: str
    place: Place

    def fact(self, topic: str) -> Fact:
        """What is known on a topic; where nothing was looked for, that it is not verified."""
        unverified_fact = Fact(
            topic=topic, say=(), brief="", status="not verified", unverified="", set_by="", sources=()
        )
        return self.facts.get(topic, unverified_fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """All systems by id, in the order of their names, and the files they come from."""

    systems: Mapping[str, System]
    documents: tuple[Document, ...]


def read_systems(folder: Path, sources: Bibliography) -> Systems:
    """``systems/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    data_files = read_documents(folder, "systems", load_schema("systems"))
    systems_by_id: dict[str, System] = {}
    for data_file in data_files:
        for id, place, value in data_file.entries():
            if value.fields is None:
                continue
            data_file.mistakes += _check_system(id, place, value, sources)
            if id in systems_by_id:
                where = f"{systems_by_id[id].data_file}:{systems_by_id[id].place.line}"
                data_file.add_mistake(place, f"the system {quote(id)} is also in {where}; keep one of them")
            elif all(value.get(key) for key in ("name", "relation", "read", "facts", "timing")):
                systems_by_id[id] = _system(id, place, value, data_file.path, sources)
    sorted_systems = sorted(systems_by_id.values(), key=lambda system: (system.name.lower(), system.id))
    return Systems(systems={system.id: system for system in sorted_systems}, documents=data_files)


def _check_system(id: str, place: Place, value: YamlValue, sources: Bibliography) -> Iterator[Finding]:
    if not ID.fullmatch(id):
        yield place, f"{quote(id)} {ID_ADVICE.replace('ongaro-2014-raft', 'clickhouse-keeper')}"
    facts = value.get("facts")
    library = _library(value.get("embeds"))
    for topic, fact in facts.pairs() if facts else []:
        if fact.fields is not None and not fact.is_incomplete:
            assert facts is not None
            yield from _check_fact(topic, facts.key_places[topic], fact)
            yield from sources.check_sources(fact.get("sources"))
            yield from _check_default(topic, facts.key_places[topic], fact, library, sources)
    if words := value.get("words"):
        yield from sources.check_sources(words.get("sources"))
    if (timing := value.get("timing")) and timing.fields is not None and not timing.is_incomplete:
        yield from _check_timing(value.key_places["timing"], timing)


def _check_fact(topic: str, place: Place, fact: YamlValue) -> Iterator[Finding]:
    """What is said needs sources; what was not verified must not be said."""
    status = fact.get("status")
    if status is None:
        return
    given_keys = [key for key in ("say", "brief", "sources") if fact.get(key)]
    if status.scalar == "not verified":
        for key in given_keys:
            yield fact.key_places[key], f'what was not verified is not said; remove "{key}:", or verify it'
        return
    for key in ("say", "sources"):
        if key not in given_keys:
            yield place, f'"{topic}" is {status.scalar}, so it says what, and where it was read; add "{key}:"'
    if topic in COMPARED_TOPICS and "brief" not in given_keys:
        yield place, f'"{topic}" is shown in tables; add "brief:" with two to five words'
    if (sources_value := fact.get("sources")) and not sources_value.pairs() and not sources_value.is_incomplete:
        yield fact.key_places["sources"], 'no source is named; write its id and where in it: "etcd-raft-go: line 40"'


def _check_default(
    topic: str, place: Place, fact: YamlValue, library: Library | None, sources: Bibliography
) -> Iterator[Finding]:
    """A default names the line it was read in; in a program around a library it says which of the two sets it."""
    set_by = fact.get("set_by")
    is_default = topic in DEFAULT_TOPICS and _fact(topic, fact, sources).is_stated
    if set_by and not (is_default and library):
        words = 'only a default of a system with "embeds:" says who sets it; remove "set_by:"'
        yield fact.key_places["set_by"], words
    citations = sources.read_citations(fact.get("sources"))
    if not is_default or not citations:
        return
    for citation in citations:
        if not _PLACE_IN_CODE.search(citation.at) and not citation.source.is_prose:
            words = f"{quote(citation.source.id)} is code, in which a default has one place"
            yield _source_place(fact, citation), f'{words}; name its lines or its constant: "lines 40-44"'
    if all(citation.at == "whole" for citation in citations):
        yield place, f'nobody can look up the default of "{topic}" in a whole page; name the line or the section'
    if library:
        yield from _check_setter(topic, place, fact, library, citations)


def _check_setter(
    topic: str, place: Place, fact: YamlValue, library: Library, citations: Sequence[Citation]
) -> Iterator[Finding]:
    """A default of a library is not taken for that of the program around it."""
    set_by = fact.get("set_by")
    if set_by is None:
        words = f'"{topic}" does not say whether the program changes the default of {library.name}'
        yield place, f'{words}; add "set_by: program" or "set_by: library"'
        return
    is_in_library = [library.contains(citation.source) for citation in citations]
    if all(is_in_library):
        words = f'all sources of "{topic}" are files of {library.name}, which do not show what the program sets'
        yield place, f"{words}; cite the program too"
    if set_by.scalar == "library" and not any(is_in_library):
        words = f'no source of "{topic}" is a file of {library.name}, whose default it is'
        yield place, f"{words}; cite the line there"


def _source_place(fact: YamlValue, citation: Citation) -> Place:
    sources_value = fact.get("sources")
    assert sources_value is not None
    return sources_value.key_places[citation.source.id]


def _check_timing(place: Place, timing: YamlValue) -> Iterator[Finding]:
    for key in ("wait_ms", "heartbeat_ms"):
        range_value = timing.get(key)
        low, high = (
            (part.integer() for part in range_value.list_items())
            if range_value and len(range_value.list_items()) == 2
            else (0, 0)
        )
        if range_value and low > high:
            yield range_value.place, f"{low} is more than {high}; write the least first"
    run = timing.get("run")
    if run and run.scalar is True and not (timing.get("wait_ms") and timing.get("heartbeat_ms")):
        yield run.place, 'a run needs both "wait_ms:" and "heartbeat_ms:"; add them, or write "run: false"'
    if run and run.scalar is False and not timing.get("run_note"):
        yield place, 'there is no run; say why not with "run_note:"'


def _system(id: str, place: Place, value: YamlValue, data_file: str, sources: Bibliography) -> System:
    facts, words, timing, compaction = (value.get(key) for key in ("facts", "words", "timing", "compaction"))
    assert timing is not None
    run = timing.get("run")
    return System(
        id=id,
        name=_text(value, "name"),
        relation=_text(value, "relation"),
        read_note=_text(value, "read"),
        library=_library(value.get("embeds")),
        facts={topic: _fact(topic, fact, sources) for topic, fact in (facts.pairs() if facts else [])},
        words=tuple(_pair(pair) for pair in _parts(words, "pairs")),
        word_sources=sources.read_citations(words.get("sources")) if words else (),
        timing=Timing(
            election_timeout_ms=_range(timing, "wait_ms"),
            timeout_note=_text(timing, "wait_note"),
            heartbeat_ms=_range(timing, "heartbeat_ms"),
            has_run=bool(run and run.scalar) and not timing.is_incomplete,
            run_note=_text(timing, "run_note"),
        ),
        compaction=Compaction(**{key: part.integer() for key, part in compaction.pairs()}) if compaction else None,
        data_file=data_file,
        place=place,
    )


def _fact(topic: str, value: YamlValue, sources: Bibliography) -> Fact:
    say = value.get("say")
    parts = () if say is None else (say,) if say.items is None else tuple(say.list_items())
    return Fact(
        topic=topic,
        say=tuple(part.scalar.strip() for part in parts if isinstance(part.scalar, str)),
        brief=_text(value, "brief"),
        status=_text(value, "status") or "not verified",
        unverified=_text(value, "unverified"),
        set_by=_text(value, "set_by"),
        sources=sources.read_citations(value.get("sources")),
    )


def _library(value: YamlValue | None) -> Library | None:
    if value is None or value.fields is None:
        return None
    return Library(name=_text(value, "name"), repository=_text(value, "repository"), folder=_text(value, "folder"))


def _pair(value: YamlValue) -> WordPair:
    return WordPair(paper_word=_text(value, "paper"), system_word=_text(value, "here"), note=_text(value, "note"))


def _text(value: YamlValue, key: str) -> str:
    inner = value.get(key)
    return inner.scalar if inner and isinstance(inner.scalar, str) else ""


def _parts(value: YamlValue | None, key: str) -> list[YamlValue]:
    inner = value.get(key) if value else None
    return inner.list_items() if inner else []


def _range(value: YamlValue, key: str) -> tuple[int, int] | None:
    numbers = [part.integer() for part in _parts(value, key)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and numbers[0] <= numbers[1] else None
