"""Captions: sentences whose holes only the run can fill, and what is wrong with those that cannot be filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from raftstep.document.markdown_text import fill_markdown, find_forbidden
from raftstep.document.problem import Place, Problem, suggest_nearest
from raftstep.scenario.caption_filters import FILTERS
from raftstep.scenario.caption_language import CaptionError, Span
from raftstep.scenario.caption_parser import parse_caption, read_condition
from raftstep.scenario.caption_values import Evaluation
from raftstep.scenario.facts import SOMETIMES, collect_facts
from raftstep.scenario.model import Scenario, Sentence
from raftstep.simulation.trace import Trace


def fill_sentence(
    sentence: Sentence, caption_facts: dict[str, Any], path: str, *, is_title: bool = False
) -> str | Problem:
    """The sentence as Markdown with its holes filled, or why the run does not bear it out.

    Markdown shows each value of the run as it is; :func:`read_markdown` makes text of the whole. A title has one line.
    """
    try:
        pieces = Evaluation(parse_caption(sentence.text), caption_facts, FILTERS, SOMETIMES).fill()
    except CaptionError as fault:
        start = "names something the run does not have" if fault.is_missing else "has a hole that cannot be filled"
        place = find_place(sentence.place, sentence.raw, sentence.text, fault.span)
        return Problem(path=path, place=place, words=f"the caption {start}: {fault.words}")
    markdown = fill_markdown(
        [(piece, False) if isinstance(piece, str) else (piece.text, True) for piece in pieces]
    ).strip()
    text = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces).strip()
    words = _find_mistake(text, is_title=is_title) or _find_stranger(text, [node.id for node in caption_facts["nodes"]])
    return Problem(path=path, place=sentence.place, words=words) if words else markdown


def check_conditions(conditions: Sequence[Sentence], caption_facts: dict[str, Any], path: str) -> Iterator[Problem]:
    """What the run does not bear out of the conditions that an expectation names."""
    for condition in conditions:
        try:
            answer = Evaluation(read_condition(condition.text), caption_facts, FILTERS, SOMETIMES).answer()
        except CaptionError as fault:
            words = f"the condition {condition.text} has no answer here: {fault.words}"
        else:
            words = f"at this step it is not true that {condition.text}; fix the condition and the words it is for"
            if answer:
                continue
        yield Problem(path=path, place=condition.place, words=words)


def check_last_conditions(scenario: Scenario, trace: Trace) -> Iterator[Problem]:
    """What the end of a run does not bear out of the conditions for it."""
    if scenario.expect and scenario.expect.conditions:
        last = trace.steps[-1]
        last_facts = collect_facts(trace, last, last, last.time_ms, [], setup=scenario.setup)
        yield from check_conditions(scenario.expect.conditions, last_facts, scenario.path)


def _find_mistake(text: str, *, is_title: bool) -> str:
    if not text:
        return f"the {'title' if is_title else 'caption'} is empty once filled; write words that are always there"
    if is_title and len(text.splitlines()) > 1:
        return "the title has more than one line once filled; write one line"
    if forbidden := find_forbidden(text):
        return f"the caption holds the character U+{ord(forbidden):04X}, which cannot be shown; remove it"
    return ""


def _find_stranger(text: str, ids: list[str]) -> str:
    """What is wrong with a word shaped like this cluster's node names that names none of them."""
    prefixes = {match[1] for id in ids if (match := re.fullmatch(r"([A-Za-z]+)\d+", id))}
    for prefix in prefixes:
        for word in re.findall(rf"\b{prefix}\d+\b", text):
            if word not in ids:
                return (
                    f'the caption names "{word}", which is no node of this run; {suggest_nearest(word, ids, "nodes")}'
                )
    return ""


_MARKS = re.compile(r"\{[{%#]")


def find_place(place: Place, raw: str, text: str, span: Span) -> Place:
    """Where a part of a sentence is in its file.

    ``raw`` is the sentence as typed. Its holes are in the same order as in ``text``, though quotes, line breaks and
    indents are not the same; what is in no hole has the sentence's place.
    """
    openings = [match.start() for match in _MARKS.finditer(text) if match.start() <= span[0]]
    raw_openings = [match.start() for match in _MARKS.finditer(raw)]
    if not openings or len(raw_openings) < len(openings):
        return place
    start = _follow(raw, raw_openings[len(openings) - 1], text[openings[-1] : span[0]])
    end = _follow(raw, start, text[slice(*span)])
    line_end = raw.find("\n", start)
    end = min(end, len(raw) if line_end < 0 else line_end)
    before = raw[:start]
    column = start - before.rfind("\n") if "\n" in before else place.column + start
    length = max(1, len(raw[start:end].rstrip()))
    return Place(line=_first_line(place, raw) + before.count("\n"), column=column, length=length)


def _follow(raw: str, start: int, part: str) -> int:
    """Where what follows a part of a sentence begins in it as typed, where white space may be other."""
    position = start
    for sign in part:
        if sign.isspace():
            continue
        while position < len(raw) and raw[position].isspace():
            position += 1
        if raw[position : position + 1] != sign:
            return start
        position += 1
    if part[-1:].isspace():
        position += len(raw[position:]) - len(raw[position:].lstrip())
    return position


def _first_line(place: Place, raw: str) -> int:
    """The line of a sentence's first sign; the place of a block is that of its first words."""
    lines = raw.splitlines()
    if lines and lines[0][:1] in ("|", ">"):
        return place.line - next((index for index, line in enumerate(lines) if index and line.strip()), 1)
    return place.line
