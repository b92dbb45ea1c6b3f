"""The terms: read, checked one by one, and made into values. What only all of them show is in checks.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.scenario.model import Place, Sentence
from raftstep.scenario.played import Played
from raftstep.scenario.value import Value
from raftstep.site.codex.checks import check, said
from raftstep.site.codex.document import Document, documents, published
from raftstep.site.codex.model import PictureOf, Seeing, Term
from raftstep.site.codex.sources import Bibliography


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All terms by id, in the order of the alphabet, and the files they come from."""

    terms: Mapping[str, Term]
    documents: tuple[Document, ...]


def terms(folder: Path, sources: Bibliography, everyone: Mapping[str, Played], elsewhere: str = "") -> Terms:
    """``terms.yaml`` and ``terms/*.yaml``. Mistakes stay with the documents.

    ``everyone`` are the shipped scenarios, from which pictures are cut; ``elsewhere`` is text of other pages that may
    link to a term, so that it is no orphan.
    """
    found = documents(folder, "terms", published("terms"))
    check(found, sources, everyone, elsewhere)
    entries = {id: (place, value, one.path) for one in found for id, place, value in one.entries()}
    made = {
        id: _term(id, place, value, path, sources, everyone)
        for id, (place, value, path) in entries.items()
        if value.fields is not None and all(value.get(key) for key in ("term", "definition", "explanation"))
    }
    ordered = sorted(made.values(), key=lambda term: (term.term.lower(), term.id))
    return Terms(terms={term.id: term for term in ordered}, documents=found)


def _term(
    id: str, place: Place, value: Value, data: str, sources: Bibliography, everyone: Mapping[str, Played]
) -> Term:
    systems, see, picture = value.get("in"), value.get("see"), value.get("picture")
    return Term(
        id=id,
        term=_words(value, "term"),
        definition=" ".join(_words(value, "definition").split()),
        explanation=_words(value, "explanation").strip(),
        forms=_list(value, "forms"),
        synonyms=_list(value, "synonyms"),
        systems=tuple((name, word.words()) for name, word in systems.pairs()) if systems else (),
        confusions=_list(value, "confusions"),
        related=_list(value, "related"),
        sources=sources.cited(value.get("sources")),
        see=Seeing(**{key: _list(see, key) for key, _ in see.pairs()}) if see else Seeing(),
        picture=_picture(picture, everyone) if picture else None,
        linked=not (value.get("linked") and value.fields and value.fields["linked"].scalar is False),
        data=data,
        place=place,
    )


def _picture(value: Value, everyone: Mapping[str, Played]) -> PictureOf | None:
    """What a ``picture:`` asks for; nothing where it asks for what is not there."""
    played, step, say = everyone.get(_words(value, "scenario")), value.get("step"), value.get("say")
    if not (played and step and say and isinstance(step.scalar, int) and step.scalar <= len(played.moments)):
        return None
    words = said(played, step.scalar, Sentence(text=_words(value, "say"), place=say.place))
    return PictureOf(
        scenario=played.scenario.id,
        step=step.scalar,
        view=_words(value, "view") or "cluster",
        say=words if isinstance(words, str) else "",
    )


def _words(value: Value, key: str) -> str:
    inner = value.get(key)
    return inner.scalar if inner and isinstance(inner.scalar, str) else ""


def _list(value: Value, key: str) -> tuple[str, ...]:
    inner = value.get(key)
    return tuple(one.scalar for one in inner.parts() if isinstance(one.scalar, str)) if inner else ()
