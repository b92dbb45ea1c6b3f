"""What no schema can say of terms: names that exist, sentences that are clear on their own, entries that are linked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from raftstep.codex.data_file import Document
from raftstep.codex.occurrences import SEARCHABLE
from raftstep.codex.sources import ID, ID_ADVICE, Bibliography
from raftstep.document.problem import Place, Problem, suggest_nearest
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue
from raftstep.document.wording import quote, shorten_line
from raftstep.scenario.caption import fill_sentence
from raftstep.scenario.facts import collect_facts
from raftstep.scenario.model import PlayedScenario, Sentence
from raftstep.scenario.sentence import check_sentence

MAX_WORDS = 40

_TERM_LINK = re.compile(r"\]\((?:\.\./|codex/|terms/)*([a-z0-9-]+)(?:\.md|/)?(?:#[\w-]+)?\)")
"""A link of an explanation to another term: ``[votes](vote.md)``."""


class TermEntry(NamedTuple):
    """One term as its author wrote it."""

    document: Document
    id: str
    place: Place
    value: YamlValue


def check_terms(
    documents: Sequence[Document], sources: Bibliography, scenario_runs: Mapping[str, PlayedScenario], other_pages: str
) -> None:
    """Add all mistakes to the documents they are in."""
    entries = [
        TermEntry(document, id, place, value) for document in documents for id, place, value in document.entries()
    ]
    term_ids = tuple(dict.fromkeys(entry.id for entry in entries))
    for entry in entries:
        if entry.value.fields is not None:
            entry.document.mistakes += _check_entry(entry, term_ids, scenario_runs)
            entry.document.mistakes += sources.check_sources(entry.value.get("sources"))
            for text in _markdown_values(entry.value):
                entry.document.mistakes += sources.check_citations(text)
    _check_duplicates(entries)
    _check_orphans(entries, other_pages)


def _check_entry(
    entry: TermEntry, term_ids: tuple[str, ...], scenario_runs: Mapping[str, PlayedScenario]
) -> Iterator[Finding]:
    value = entry.value
    if not ID.fullmatch(entry.id):
        yield entry.place, f"{quote(entry.id)} {ID_ADVICE.replace('ongaro-2014-raft', 'election-timeout')}"
    if entry.id in ("index", "readme"):
        yield (
            entry.place,
            f'{quote(entry.id)} would have the address of the list of terms; write "log-index", or the like',
        )
    if (sources_value := value.get("sources")) and not sources_value.pairs() and not sources_value.is_incomplete:
        yield value.key_places["sources"], 'no source is named; write its id and where in it: "ongaro-2014-raft: §5.2"'
    yield from _check_definition(value)
    yield from _check_related(entry, term_ids)
    yield from _check_links(value, term_ids)
    yield from _check_search(value.get("see"))
    yield from _check_picture(value.get("picture"), scenario_runs)


def _text_field(value: YamlValue, key: str) -> tuple[str, YamlValue] | None:
    inner = value.get(key)
    return (inner.scalar, inner) if inner and isinstance(inner.scalar, str) else None


def _check_definition(value: YamlValue) -> Iterator[Finding]:
    definition, term = _text_field(value, "definition"), _text_field(value, "term")
    if not definition:
        return
    text, definition_value = definition
    words = text.split()
    if len(words) > MAX_WORDS:
        yield definition_value.place, f"the definition has {len(words)} words; say it in {MAX_WORDS} or fewer"
    if re.search(r"[.!?]\s+[A-Z]", text) or not text.rstrip().endswith("."):
        yield definition_value.place, "the definition is not one sentence; write one, with a full stop at its end"
    if re.search(r"[`*_\[\]<>]", text):
        yield (
            definition_value.place,
            "the definition holds Markdown; write plain text, it is shown in search engines too",
        )
    names = [term[0], *(_text_list(value, "forms"))] if term else []
    if any(_contains_name(text, name) for name in names):
        yield definition_value.place, f"{quote(names[0])} is defined by itself; say it in other words"


def _contains_name(text: str, name: str) -> bool:
    """Whether a text contains the words of a name, whole and in their order."""
    if name.lower() not in text.lower():
        return False  # as nearly always, and seen much sooner than by a pattern of its own
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _text_list(value: YamlValue, key: str) -> list[str]:
    inner = value.get(key)
    return [part.scalar for part in inner.list_items() if isinstance(part.scalar, str)] if inner else []


def _check_related(entry: TermEntry, term_ids: tuple[str, ...]) -> Iterator[Finding]:
    related = entry.value.get("related")
    seen_ids: set[str] = set()
    for item in related.list_items() if related else []:
        id = item.text()
        if id == entry.id:
            yield item.place, f"{quote(id)} is this term itself; name others"
        elif id not in term_ids:
            yield item.place, f"unknown term {quote(id)}; {nearest_id(id, term_ids)}"
        elif id in seen_ids:
            yield item.place, f"{quote(id)} is named twice; remove one of them"
        seen_ids.add(id)


def nearest_id(id: str, known_ids: tuple[str, ...]) -> str:
    """The nearest id; the whole list would fill a screen."""
    words = suggest_nearest(shorten_line(id), known_ids)
    return words.partition(" (known:")[0] if words.startswith("did you mean") else "add it, or name another"


def _markdown_values(value: YamlValue) -> Iterator[YamlValue]:
    """The parts of an entry that are Markdown."""
    for key in ("explanation", "confusions"):
        inner = value.get(key)
        parts = [] if inner is None else [inner] if inner.items is None else inner.list_items()
        yield from (part for part in parts if isinstance(part.scalar, str))


def _check_links(value: YamlValue, term_ids: tuple[str, ...]) -> Iterator[Finding]:
    for text in _markdown_values(value):
        for id in _TERM_LINK.findall(text.text()):
            if id not in term_ids:
                yield text.place, f"a link to the unknown term {quote(id)}; {nearest_id(id, term_ids)}"


def _check_search(see: YamlValue | None) -> Iterator[Finding]:
    for key, value in see.pairs() if see else []:
        for item in value.list_items():
            if item.text() not in SEARCHABLE[key]:
                kind = key.removesuffix("s").replace("_", " ")
                yield (
                    item.place,
                    (
                        f"unknown {kind} {quote(item.text())}; "
                        f"{suggest_nearest(shorten_line(item.text()), SEARCHABLE[key])}"
                    ),
                )


def _check_picture(picture: YamlValue | None, scenario_runs: Mapping[str, PlayedScenario]) -> Iterator[Finding]:
    scenario, step, say = (picture.get(key) if picture else None for key in ("scenario", "step", "say"))
    if scenario is None or step is None:
        return
    name = scenario.text()
    if name not in scenario_runs:
        yield (
            scenario.place,
            f"unknown scenario {quote(name)}; {suggest_nearest(shorten_line(name), tuple(scenario_runs))}",
        )
    elif step.integer() > (size := len(scenario_runs[name].moments)):
        yield step.place, f"{quote(name)} has {size} steps; name one of them"
    elif say and not (sentence_faults := tuple(check_sentence(say))):
        words = fill_caption(
            scenario_runs[name], step.integer(), Sentence(text=say.text(), place=say.place, raw=say.raw)
        )
        if isinstance(words, Problem):
            yield words.place, words.words
    elif say:
        yield from sentence_faults


def fill_caption(played: PlayedScenario, step: int, sentence: Sentence) -> str | Problem:
    """A caption about one step with its holes filled, or why the run does not bear it out."""
    moments = played.moments[:step]
    last = moments[-1]
    caption_facts = collect_facts(
        played.trace,
        last.event_step,
        last.shown_step,
        last.time_ms,
        [moment.event_step.time_ms for moment in moments],
        setup=played.scenario.setup,
    )
    return fill_sentence(sentence, caption_facts, "")


def _check_duplicates(entries: Sequence[TermEntry]) -> None:
    """An id twice in two files, and words that would link to two entries."""
    ids: dict[str, TermEntry] = {}
    forms: dict[str, TermEntry] = {}
    for entry in entries:
        if first_entry := ids.get(entry.id):
            where = f"{first_entry.document.path}:{first_entry.place.line}"
            entry.document.add_mistake(entry.place, f"the term {quote(entry.id)} is also in {where}; keep one of them")
            continue
        ids[entry.id] = entry
        term = _text_field(entry.value, "term")
        for form in [*([term[0]] if term else []), *_text_list(entry.value, "forms")]:
            if other_entry := forms.get(form):
                words = f"{quote(form)} would link to {quote(other_entry.id)} too; keep it in one of them"
                place = entry.value.key_places.get("forms", entry.place)
                entry.document.add_mistake(entry.place if term and form == term[0] else place, words)
            forms[form] = entry


def _check_orphans(entries: Sequence[TermEntry], other_pages: str) -> None:
    """Terms that no other term and no page leads to."""
    linked_ids = set(_TERM_LINK.findall(other_pages))
    for entry in entries:
        linked_ids |= set(_text_list(entry.value, "related")) - {entry.id}
        for text in _markdown_values(entry.value):
            linked_ids |= set(_TERM_LINK.findall(text.text())) - {entry.id}
    for entry in entries:
        if entry.id not in linked_ids:
            words = f'nothing leads to {quote(entry.id)}; name it under "related:" of another term'
            entry.document.add_mistake(entry.place, words)
