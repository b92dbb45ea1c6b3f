"""The systems: what each uses Raft for, its words, defaults and departures; read from data and checked one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.scenario.model import Place
from raftstep.scenario.schema import Complaint
from raftstep.scenario.value import Value
from raftstep.scenario.wording import quoted
from raftstep.site.codex.document import Document, documents, published
from raftstep.site.codex.model import Citation
from raftstep.site.codex.sources import ID, ID_WORDS, Bibliography

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

COMPARED = tuple(TOPICS)[4:13]
"""The topics that tables compare: a fact of theirs has a ``brief``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of a system, or known not to be known: then ``say`` is empty.

    ``unverified`` is what of it was not verified, as the end of a sentence.
    """

    topic: str
    say: tuple[str, ...]
    brief: str
    status: str
    unverified: str
    sources: tuple[Citation, ...]

    @property
    def stated(self) -> bool:
        """Whether anything is said: it was read in its sources, or follows from them."""
        return self.status != "not verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPair:
    """A word of the paper and what the system says instead."""

    paper: str
    here: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The least and most ms that a node waits before it stands, and between heartbeats; ``None`` where not known.

    ``run`` tells whether the eight steps are run with these numbers, ``run_note`` what that leaves out or why not.
    """

    wait_ms: tuple[int, int] | None
    wait_note: str
    heartbeat_ms: tuple[int, int] | None
    run: bool
    run_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """When a snapshot is due: entries, bytes or seconds since the last; 0 where that plays no part."""

    entries: int = 0
    bytes: int = 0
    kept: int = 0
    every_s: int = 0
    longest_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system; the data file is ``data``."""

    id: str
    name: str
    relation: str
    read: str
    facts: Mapping[str, Fact]
    words: tuple[WordPair, ...]
    word_sources: tuple[Citation, ...]
    timing: Timing
    compaction: Compaction | None
    data: str
    place: Place

    def fact(self, topic: str) -> Fact:
        """What is known on a topic; where nothing was looked for, that it is not verified."""
        nothing = Fact(topic=topic, say=(), brief="", status="not verified", unverified="", sources=())
        return self.facts.get(topic, nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """All systems by id, in the order of their names, and the files they come from."""

    systems: Mapping[str, System]
    documents: tuple[Document, ...]


def systems(folder: Path, sources: Bibliography) -> Systems:
    """``systems/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    found = documents(folder, "systems", published("systems"))
    made: dict[str, System] = {}
    for one in found:
        for id, place, value in one.entries():
            if value.fields is None:
                continue
            one.found += _wrong(id, place, value, sources)
            if id in made:
                where = f"{made[id].data}:{made[id].place.line}"
                one.complain(place, f"the system {quoted(id)} stands in {where} too; keep one of them")
            elif all(value.get(key) for key in ("name", "relation", "read", "facts", "timing")):
                made[id] = _system(id, place, value, one.path, sources)
    ordered = sorted(made.values(), key=lambda system: (system.name.lower(), system.id))
    return Systems(systems={system.id: system for system in ordered}, documents=found)


def _wrong(id: str, place: Place, value: Value, sources: Bibliography) -> Iterator[Complaint]:
    if not ID.fullmatch(id):
        yield place, f"{quoted(id)} {ID_WORDS.replace('ongaro-2014-raft', 'clickhouse-keeper')}"
    facts = value.get("facts")
    for topic, fact in facts.pairs() if facts else []:
        if fact.fields is not None and not fact.holes:
            assert facts is not None
            yield from _of_fact(topic, facts.key_places[topic], fact)
            yield from sources.uncited(fact.get("sources"))
    if words := value.get("words"):
        yield from sources.uncited(words.get("sources"))
    if (timing := value.get("timing")) and timing.fields is not None and not timing.holes:
        yield from _of_timing(value.key_places["timing"], timing)


def _of_fact(topic: str, place: Place, fact: Value) -> Iterator[Complaint]:
    """What is said needs sources; what was not verified must not be said."""
    status = fact.get("status")
    if status is None:
        return
    said = [key for key in ("say", "brief", "sources") if fact.get(key)]
    if status.scalar == "not verified":
        for key in said:
            yield fact.key_places[key], f'what was not verified is not said; remove "{key}:", or verify it'
        return
    for key in ("say", "sources"):
        if key not in said:
            yield place, f'"{topic}" is {status.scalar}, so it says what, and where it was read; add "{key}:"'
    if topic in COMPARED and "brief" not in said:
        yield place, f'"{topic}" stands in tables; add "brief:" with two to five words'
    if (cited := fact.get("sources")) and not cited.pairs() and not cited.holes:
        yield fact.key_places["sources"], 'no source is named; write its id and where in it: "etcd-raft-go: line 40"'


def _of_timing(place: Place, timing: Value) -> Iterator[Complaint]:
    for key in ("wait_ms", "heartbeat_ms"):
        given = timing.get(key)
        low, high = (one.whole() for one in given.parts()) if given and len(given.parts()) == 2 else (0, 0)
        if given and low > high:
            yield given.place, f"{low} is more than {high}; write the least first"
    run = timing.get("run")
    if run and run.scalar is True and not (timing.get("wait_ms") and timing.get("heartbeat_ms")):
        yield run.place, 'a run needs both "wait_ms:" and "heartbeat_ms:"; add them, or write "run: false"'
    if run and run.scalar is False and not timing.get("run_note"):
        yield place, 'there is no run; say why not with "run_note:"'


def _system(id: str, place: Place, value: Value, data: str, sources: Bibliography) -> System:
    facts, words, timing, due = (value.get(key) for key in ("facts", "words", "timing", "compaction"))
    assert timing is not None
    run = timing.get("run")
    return System(
        id=id,
        name=_words(value, "name"),
        relation=_words(value, "relation"),
        read=_words(value, "read"),
        facts={topic: _fact(topic, one, sources) for topic, one in (facts.pairs() if facts else [])},
        words=tuple(_pair(one) for one in _parts(words, "pairs")),
        word_sources=sources.cited(words.get("sources")) if words else (),
        timing=Timing(
            wait_ms=_range(timing, "wait_ms"),
            wait_note=_words(timing, "wait_note"),
            heartbeat_ms=_range(timing, "heartbeat_ms"),
            run=bool(run and run.scalar) and not timing.holes,
            run_note=_words(timing, "run_note"),
        ),
        compaction=Compaction(**{key: one.whole() for key, one in due.pairs()}) if due else None,
        data=data,
        place=place,
    )


def _fact(topic: str, value: Value, sources: Bibliography) -> Fact:
    said = value.get("say")
    parts = () if said is None else (said,) if said.items is None else tuple(said.parts())
    return Fact(
        topic=topic,
        say=tuple(one.scalar.strip() for one in parts if isinstance(one.scalar, str)),
        brief=_words(value, "brief"),
        status=_words(value, "status") or "not verified",
        unverified=_words(value, "unverified"),
        sources=sources.cited(value.get("sources")),
    )


def _pair(value: Value) -> WordPair:
    return WordPair(paper=_words(value, "paper"), here=_words(value, "here"), note=_words(value, "note"))


def _words(value: Value, key: str) -> str:
    inner = value.get(key)
    return inner.scalar if inner and isinstance(inner.scalar, str) else ""


def _parts(value: Value | None, key: str) -> list[Value]:
    inner = value.get(key) if value else None
    return inner.parts() if inner else []


def _range(value: Value, key: str) -> tuple[int, int] | None:
    numbers = [one.whole() for one in _parts(value, key)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and numbers[0] <= numbers[1] else None
