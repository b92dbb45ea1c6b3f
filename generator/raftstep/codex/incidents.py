"""The incidents: what happened, which assumption failed, the lesson, and the scenario that has the same shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.codex.checks import nearest_id
from raftstep.codex.data_file import Document, load_schema, read_documents
from raftstep.codex.model import Citation
from raftstep.codex.sources import ID, ID_ADVICE, Bibliography
from raftstep.document.problem import Place, suggest_nearest
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_text
from raftstep.document.wording import quote, shorten_line

REQUIRED_KEYS = ("title", "where", "systems", "what", "assumption", "lesson", "read", "sources")


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
    read_note: str
    sources: tuple[Citation, ...]
    data_file: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """All incidents by id, in the order of the file, and the files they come from."""

    incidents: Mapping[str, Incident]
    documents: tuple[Document, ...]


def read_incidents(
    folder: Path, sources: Bibliography, systems: Collection[str], scenarios: Collection[str]
) -> Incidents:
    """``incidents.yaml`` and ``incidents/*.yaml`` of a folder of data. Mistakes stay with the documents."""
    data_files = read_documents(folder, "incidents", load_schema("incidents"))
    incidents_by_id: dict[str, Incident] = {}
    for data_file in data_files:
        for id, place, value in data_file.entries():
            if value.fields is None:
                continue
            data_file.mistakes += _check_incident(id, place, value, tuple(systems), tuple(scenarios))
            data_file.mistakes += sources.check_sources(value.get("sources"))
            if id in incidents_by_id:
                where = f"{incidents_by_id[id].data_file}:{incidents_by_id[id].place.line}"
                data_file.add_mistake(place, f"the incident {quote(id)} is also in {where}; keep one of them")
            elif all(value.get(key) for key in REQUIRED_KEYS):
                incidents_by_id[id] = _incident(id, place, value, data_file.path, sources)
    return Incidents(incidents=incidents_by_id, documents=data_files)


def _check_incident(
    id: str, place: Place, value: YamlValue, systems: tuple[str, ...], scenarios: tuple[str, ...]
) -> Iterator[Finding]:
    if not ID.fullmatch(id):
        yield place, f"{quote(id)} {ID_ADVICE.replace('ongaro-2014-raft', 'slow-disks')}"
    systems_value = value.get("systems")
    for item in systems_value.list_items() if systems_value else []:
        if item.text() not in systems:
            yield item.place, f"unknown system {quote(item.text())}; {nearest_id(item.text(), systems)}"
    shape = value.get("shape")
    scenario = shape.get("scenario") if shape else None
    if scenario and scenario.text() not in scenarios:
        advice = suggest_nearest(shorten_line(scenario.text()), scenarios)
        yield scenario.place, f"unknown scenario {quote(scenario.text())}; {advice}"
    if (sources_value := value.get("sources")) and not sources_value.pairs() and not sources_value.is_incomplete:
        yield value.key_places["sources"], 'no source is named; write its id and where in it: "etcd-faq: lines 97-99"'


def _incident(id: str, place: Place, value: YamlValue, data_file: str, sources: Bibliography) -> Incident:
    systems_value = value.get("systems")
    return Incident(
        id=id,
        title=read_text(value, "title") or "",
        where=read_text(value, "where") or "",
        date=read_text(value, "date") or "",
        systems=tuple(item.text() for item in systems_value.list_items()) if systems_value else (),
        what=read_text(value, "what") or "",
        assumption=read_text(value, "assumption") or "",
        lesson=read_text(value, "lesson") or "",
        scenario=read_text(value.get("shape"), "scenario") or "",
        shape=read_text(value.get("shape"), "say") or "",
        read_note=read_text(value, "read") or "",
        sources=sources.read_citations(value.get("sources")),
        data_file=data_file,
        place=place,
    )
