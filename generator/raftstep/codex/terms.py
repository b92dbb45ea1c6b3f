"""The terms: read, checked one by one, and made into values. What only all of them show is in checks.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.codex.checks import check_terms, fill_caption
from raftstep.codex.data_file import Document, load_schema, read_documents
from raftstep.codex.model import SearchFor, Term, TermPicture
from raftstep.codex.sources import Bibliography
from raftstep.document.problem import Place
from raftstep.document.value import YamlValue
from raftstep.scenario.model import PlayedScenario, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All terms by id, in the order of the alphabet, and the files they come from."""

    terms: Mapping[str, Term]
    documents: tuple[Document, ...]


def read_terms(
    folder: Path, sources: Bibliography, scenario_runs: Mapping[str, PlayedScenario], other_pages: str = ""
) -> Terms:
    """``terms.yaml`` and ``terms/*.yaml``. Mistakes stay with the documents.

    ``scenario_runs`` are the runs of the shipped scenarios, from which pictures are cut; ``other_pages`` is text of
    other pages that may link to a term, so that it is no orphan.
    """
    data_files = read_documents(folder, "terms", load_schema("terms"))
    check_terms(data_files, sources, scenario_runs, other_pages)
    entries = {
        id: (place, value, data_file.path) for data_file in data_files for id, place, value in data_file.entries()
    }
    terms_by_id = {
        id: _term(id, place, value, path, sources, scenario_runs)
        for id, (place, value, path) in entries.items()
        if value.fields is not None and all(value.get(key) for key in ("term", "definition", "explanation"))
    }
    sorted_terms = sorted(terms_by_id.values(), key=lambda term: (term.term.lower(), term.id))
    return Terms(terms={term.id: term for term in sorted_terms}, documents=data_files)


def _term(
    id: str,
    place: Place,
    value: YamlValue,
    data_file: str,
    sources: Bibliography,
    scenario_runs: Mapping[str, PlayedScenario],
) -> Term:
    systems, see, picture = value.get("in"), value.get("see"), value.get("picture")
    return Term(
        id=id,
        term=_text(value, "term"),
        definition=" ".join(_text(value, "definition").split()),
        explanation=_text(value, "explanation").strip(),
        forms=_text_list(value, "forms"),
        synonyms=_text_list(value, "synonyms"),
        systems=tuple((name, word.text()) for name, word in systems.pairs()) if systems else (),
        confusions=_text_list(value, "confusions"),
        related=_text_list(value, "related"),
        sources=sources.read_citations(value.get("sources")),
        search_for=SearchFor(**{key: _text_list(see, key) for key, _ in see.pairs()}) if see else SearchFor(),
        picture=_term_picture(picture, scenario_runs) if picture else None,
        linked=not (value.get("linked") and value.fields and value.fields["linked"].scalar is False),
        data_file=data_file,
        place=place,
    )


def _term_picture(value: YamlValue, scenario_runs: Mapping[str, PlayedScenario]) -> TermPicture | None:
    """What a ``picture:`` asks for; nothing where it asks for what is not there."""
    played, step, say = scenario_runs.get(_text(value, "scenario")), value.get("step"), value.get("say")
    if not (played and step and say and isinstance(step.scalar, int) and step.scalar <= len(played.moments)):
        return None
    caption = fill_caption(played, step.scalar, Sentence(text=_text(value, "say"), place=say.place))
    return TermPicture(
        scenario=played.scenario.id,
        step=step.scalar,
        view=_text(value, "view") or "cluster",
        caption=caption if isinstance(caption, str) else "",
    )


def _text(value: YamlValue, key: str) -> str:
    inner = value.get(key)
    return inner.scalar if inner and isinstance(inner.scalar, str) else ""


def _text_list(value: YamlValue, key: str) -> tuple[str, ...]:
    inner = value.get(key)
    return tuple(part.scalar for part in inner.list_items() if isinstance(part.scalar, str)) if inner else ()
