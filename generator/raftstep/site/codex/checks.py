"""What no schema can say of terms: names that must exist, sentences that must stand alone, entries that must be met."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from raftstep.scenario.caption import fill
from raftstep.scenario.facts import facts
from raftstep.scenario.model import Place, Sentence
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problem, nearest
from raftstep.scenario.schema import Complaint
from raftstep.scenario.sentence import faults
from raftstep.scenario.value import Value
from raftstep.scenario.wording import quoted, shortened
from raftstep.site.codex.document import Document
from raftstep.site.codex.sightings import KNOWN
from raftstep.site.codex.sources import ID, ID_WORDS, Bibliography

MOST_WORDS = 40

_LINK = re.compile(r"\]\((?:\.\./|codex/|terms/)*([a-z0-9-]+)(?:\.md|/)?(?:#[\w-]+)?\)")
"""A link of an explanation to another term: ``[votes](vote.md)``."""


class Entry(NamedTuple):
    """One term as its author wrote it."""

    document: Document
    id: str
    place: Place
    value: Value


def check(found: Sequence[Document], sources: Bibliography, everyone: Mapping[str, Played], elsewhere: str) -> None:
    """Add all mistakes to the documents they stand in."""
    entries = [Entry(one, id, place, value) for one in found for id, place, value in one.entries()]
    known = tuple(dict.fromkeys(entry.id for entry in entries))
    for entry in entries:
        if entry.value.fields is not None:
            entry.document.found += _alone(entry, known, everyone)
            entry.document.found += sources.uncited(entry.value.get("sources"))
            for text in _markdown(entry.value):
                entry.document.found += sources.unresolved(text)
    _doubled(entries)
    _orphans(entries, elsewhere)


def _alone(entry: Entry, known: tuple[str, ...], everyone: Mapping[str, Played]) -> Iterator[Complaint]:
    value = entry.value
    if not ID.fullmatch(entry.id):
        yield entry.place, f"{quoted(entry.id)} {ID_WORDS.replace('ongaro-2014-raft', 'election-timeout')}"
    if entry.id in ("index", "readme"):
        yield entry.place, f'{quoted(entry.id)} would stand at the address of all terms; write "log-index", or the like'
    if (cited := value.get("sources")) and not cited.pairs() and not cited.holes:
        yield value.key_places["sources"], 'no source is named; write its id and where in it: "ongaro-2014-raft: §5.2"'
    yield from _definition(value)
    yield from _related(entry, known)
    yield from _links(value, known)
    yield from _seeing(value.get("see"))
    yield from _picture(value.get("picture"), everyone)


def _text(value: Value, key: str) -> tuple[str, Value] | None:
    inner = value.get(key)
    return (inner.scalar, inner) if inner and isinstance(inner.scalar, str) else None


def _definition(value: Value) -> Iterator[Complaint]:
    given, term = _text(value, "definition"), _text(value, "term")
    if not given:
        return
    text, written = given
    words = text.split()
    if len(words) > MOST_WORDS:
        yield written.place, f"the definition has {len(words)} words; say it in {MOST_WORDS} or fewer"
    if re.search(r"[.!?]\s+[A-Z]", text) or not text.rstrip().endswith("."):
        yield written.place, "the definition is not one sentence; write one, with a full stop at its end"
    if re.search(r"[`*_\[\]<>]", text):
        yield written.place, "the definition holds Markdown; write plain text, it is shown in search engines too"
    names = [term[0], *(_list(value, "forms"))] if term else []
    if any(_says(text, name) for name in names):
        yield written.place, f"{quoted(names[0])} is defined by itself; say it in other words"


def _says(text: str, name: str) -> bool:
    """Whether the words of a name stand in a text, in a row and whole."""
    if name.lower() not in text.lower():
        return False  # as nearly always, and seen much sooner than by a pattern of its own
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _list(value: Value, key: str) -> list[str]:
    inner = value.get(key)
    return [one.scalar for one in inner.parts() if isinstance(one.scalar, str)] if inner else []


def _related(entry: Entry, known: tuple[str, ...]) -> Iterator[Complaint]:
    related = entry.value.get("related")
    seen: set[str] = set()
    for one in related.parts() if related else []:
        id = one.words()
        if id == entry.id:
            yield one.place, f"{quoted(id)} is this term itself; name others"
        elif id not in known:
            yield one.place, f"unknown term {quoted(id)}; {near(id, known)}"
        elif id in seen:
            yield one.place, f"{quoted(id)} is named twice; remove one of them"
        seen.add(id)


def near(id: str, known: tuple[str, ...]) -> str:
    """The nearest id; the whole list would fill a screen."""
    words = nearest(shortened(id), known)
    return words.partition(" (known:")[0] if words.startswith("did you mean") else "add it, or name another"


def _markdown(value: Value) -> Iterator[Value]:
    """The parts of an entry that are Markdown."""
    for key in ("explanation", "confusions"):
        inner = value.get(key)
        parts = [] if inner is None else [inner] if inner.items is None else inner.parts()
        yield from (one for one in parts if isinstance(one.scalar, str))


def _links(value: Value, known: tuple[str, ...]) -> Iterator[Complaint]:
    for text in _markdown(value):
        for id in _LINK.findall(text.words()):
            if id not in known:
                yield text.place, f"a link to the unknown term {quoted(id)}; {near(id, known)}"


def _seeing(see: Value | None) -> Iterator[Complaint]:
    for key, value in see.pairs() if see else []:
        for one in value.parts():
            if one.words() not in KNOWN[key]:
                kind = key.removesuffix("s").replace("_", " ")
                yield one.place, f"unknown {kind} {quoted(one.words())}; {nearest(shortened(one.words()), KNOWN[key])}"


def _picture(picture: Value | None, everyone: Mapping[str, Played]) -> Iterator[Complaint]:
    scenario, step, say = (picture.get(key) if picture else None for key in ("scenario", "step", "say"))
    if scenario is None or step is None:
        return
    name = scenario.words()
    if name not in everyone:
        yield scenario.place, f"unknown scenario {quoted(name)}; {nearest(shortened(name), tuple(everyone))}"
    elif step.whole() > (size := len(everyone[name].moments)):
        yield step.place, f"{quoted(name)} has {size} steps; name one of them"
    elif say and not (wrong := tuple(faults(say))):
        words = said(everyone[name], step.whole(), Sentence(text=say.words(), place=say.place))
        if isinstance(words, Problem):
            yield words.place, words.words
    elif say:
        yield from wrong


def said(played: Played, step: int, sentence: Sentence) -> str | Problem:
    """A caption about one step with its holes filled, or why the run does not bear it out."""
    moments = played.moments[:step]
    last = moments[-1]
    known = facts(played.trace, last.event, last.shown, last.time_ms, [one.event.time_ms for one in moments])
    return fill(sentence, known, "")


def _doubled(entries: Sequence[Entry]) -> None:
    """An id twice in two files, and words that would link to two entries."""
    ids: dict[str, Entry] = {}
    forms: dict[str, Entry] = {}
    for entry in entries:
        if first := ids.get(entry.id):
            where = f"{first.document.path}:{first.place.line}"
            entry.document.complain(entry.place, f"the term {quoted(entry.id)} stands in {where} too; keep one of them")
            continue
        ids[entry.id] = entry
        term = _text(entry.value, "term")
        for form in [*([term[0]] if term else []), *_list(entry.value, "forms")]:
            if other := forms.get(form):
                words = f"{quoted(form)} would link to {quoted(other.id)} too; keep it in one of them"
                place = entry.value.key_places.get("forms", entry.place)
                entry.document.complain(entry.place if term and form == term[0] else place, words)
            forms[form] = entry


def _orphans(entries: Sequence[Entry], elsewhere: str) -> None:
    """Terms that no other term and no page leads to."""
    linked = set(_LINK.findall(elsewhere))
    for entry in entries:
        linked |= set(_list(entry.value, "related")) - {entry.id}
        for text in _markdown(entry.value):
            linked |= set(_LINK.findall(text.words())) - {entry.id}
    for entry in entries:
        if entry.id not in linked:
            words = f'nothing leads to {quoted(entry.id)}; name it under "related:" of another term'
            entry.document.complain(entry.place, words)
