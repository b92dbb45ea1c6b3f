"""What no schema can say of terms: names that must exist, sentences that must stand alone, entries that must be met."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.schema import Complaint
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


def check(found: Sequence[Document], sources: Bibliography, steps: Mapping[str, int], elsewhere: str) -> None:
    """Add all mistakes to the documents they stand in."""
    entries = [Entry(one, id, place, value) for one in found for id, place, value in one.entries()]
    known = tuple(dict.fromkeys(entry.id for entry in entries))
    for entry in entries:
        if entry.value.fields is not None:
            entry.document.found += _alone(entry, known, steps)
            entry.document.found += sources.uncited(entry.value.get("sources"))
    _doubled(entries)
    _orphans(entries, elsewhere)


def _alone(entry: Entry, known: tuple[str, ...], steps: Mapping[str, int]) -> Iterator[Complaint]:
    value = entry.value
    if not ID.fullmatch(entry.id):
        yield entry.place, f"{quoted(entry.id)} {ID_WORDS.replace('ongaro-2014-raft', 'election-timeout')}"
    if (cited := value.get("sources")) and not cited.pairs() and not cited.holes:
        yield value.key_places["sources"], 'no source is named; write its id and where in it: "ongaro-2014-raft: §5.2"'
    yield from _definition(value)
    yield from _related(entry, known)
    yield from _links(value, known)
    yield from _seeing(value.get("see"))
    yield from _picture(value.get("picture"), steps)


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


def _links(value: Value, known: tuple[str, ...]) -> Iterator[Complaint]:
    for key in ("explanation", "confusions"):
        inner = value.get(key)
        for one in [] if inner is None else [inner] if inner.items is None else inner.parts():
            for id in _LINK.findall(one.scalar) if isinstance(one.scalar, str) else []:
                if id not in known:
                    yield one.place, f"a link to the unknown term {quoted(id)}; {near(id, known)}"


def _seeing(see: Value | None) -> Iterator[Complaint]:
    for key, value in see.pairs() if see else []:
        for one in value.parts():
            if one.words() not in KNOWN[key]:
                kind = key.removesuffix("s")
                yield one.place, f"unknown {kind} {quoted(one.words())}; {nearest(shortened(one.words()), KNOWN[key])}"


def _picture(picture: Value | None, steps: Mapping[str, int]) -> Iterator[Complaint]:
    scenario, step = (picture.get("scenario"), picture.get("step")) if picture else (None, None)
    if scenario is None or step is None:
        return
    name = scenario.words()
    if name not in steps:
        yield scenario.place, f"unknown scenario {quoted(name)}; {nearest(shortened(name), tuple(steps))}"
    elif step.whole() > steps[name]:
        yield step.place, f"{quoted(name)} has {steps[name]} steps; name one of them"


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
        for text in [*([t[0]] if (t := _text(entry.value, "explanation")) else []), *_list(entry.value, "confusions")]:
            linked |= set(_LINK.findall(text)) - {entry.id}
    for entry in entries:
        if entry.id not in linked:
            words = f'nothing leads to {quoted(entry.id)}; name it under "related:" of another term'
            entry.document.complain(entry.place, words)
