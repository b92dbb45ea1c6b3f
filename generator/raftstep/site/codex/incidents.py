"""The incidents: what happened, which assumption failed, the lesson, and the scenario that has the same shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.schema import Complaint
from raftstep.scenario.value import Value, words
from raftstep.scenario.wording import quoted, shortened
from raftstep.site.codex.checks import near
from raftstep.site.codex.document import Document, documents, published
from raftstep.site.codex.model import Citation
from raftstep.site.codex.sources import ID, ID_WORDS, Bibliography

NEEDED = ("title", "where", "systems", "what", "assumption", "lesson", "read", "sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident. ``systems`` are ids; ``scenario`` is empty where no run on the site has its shape."""

    id: str
    title: str
    where: str
    date: str
    systems: tuple[str, ...]
    what: str
    assumption: str
    lesson: str
    scenario: str
    shape: str
    read: str
    sources: tuple[Citation, ...]
    data: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """All incidents by id, in the order of the file, and the files they come from."""

    incidents: Mapping[str, Incident]
    documents: tuple[Document, ...]


def incidents(folder: Path, sources: Bibliography, systems: Collection[str], scenarios: Collection[str]) -> Incidents:
    """``incidents.yaml`` and ``incidents/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    found = documents(folder, "incidents", published("incidents"))
    made: dict[str, Incident] = {}
    for one in found:
        for id, place, value in one.entries():
            if value.fields is None:
                continue
            one.found += _wrong(id, place, value, tuple(systems), tuple(scenarios))
            one.found += sources.uncited(value.get("sources"))
            if id in made:
                where = f"{made[id].data}:{made[id].place.line}"
                one.complain(place, f"the incident {quoted(id)} stands in {where} too; keep one of them")
            elif all(value.get(key) for key in NEEDED):
                made[id] = _incident(id, place, value, one.path, sources)
    return Incidents(incidents=made, documents=found)


def _wrong(
    id: str, place: Place, value: Value, systems: tuple[str, ...], scenarios: tuple[str, ...]
) -> Iterator[Complaint]:
    if not ID.fullmatch(id):
        yield place, f"{quoted(id)} {ID_WORDS.replace('ongaro-2014-raft', 'slow-disks')}"
    named = value.get("systems")
    for one in named.parts() if named else []:
        if one.words() not in systems:
            yield one.place, f"unknown system {quoted(one.words())}; {near(one.words(), systems)}"
    shape = value.get("shape")
    scenario = shape.get("scenario") if shape else None
    if scenario and scenario.words() not in scenarios:
        mend = nearest(shortened(scenario.words()), scenarios)
        yield scenario.place, f"unknown scenario {quoted(scenario.words())}; {mend}"
    if (cited := value.get("sources")) and not cited.pairs() and not cited.holes:
        yield value.key_places["sources"], 'no source is named; write its id and where in it: "etcd-faq: lines 97-99"'


def _incident(id: str, place: Place, value: Value, data: str, sources: Bibliography) -> Incident:
    named = value.get("systems")
    return Incident(
        id=id,
        title=words(value, "title") or "",
        where=words(value, "where") or "",
        date=words(value, "date") or "",
        systems=tuple(one.words() for one in named.parts()) if named else (),
        what=words(value, "what") or "",
        assumption=words(value, "assumption") or "",
        lesson=words(value, "lesson") or "",
        scenario=words(value.get("shape"), "scenario") or "",
        shape=words(value.get("shape"), "say") or "",
        read=words(value, "read") or "",
        sources=sources.cited(value.get("sources")),
        data=data,
        place=place,
    )
