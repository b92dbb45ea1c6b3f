"""Whether a sentence with holes can be read at all. What fills the holes is known only once the scenario has run."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.document.problem import Place
from raftstep.document.value import YamlValue
from raftstep.scenario.caption import find_place
from raftstep.scenario.caption_filters import FILTERS
from raftstep.scenario.caption_language import CaptionError
from raftstep.scenario.caption_parser import parse_caption, read_condition
from raftstep.scenario.caption_values import unknown_filter


def check_sentence(sentence: YamlValue, *, is_title: bool = False) -> Iterator[tuple[Place, str]]:
    """What is wrong with the holes of a sentence, at its place."""
    text = sentence.text()
    try:
        caption = parse_caption(text)
        for used_filter in caption.filters:
            if used_filter.name not in FILTERS:
                raise unknown_filter(used_filter, FILTERS)
    except CaptionError as fault:
        place = find_place(sentence.place, sentence.raw, text, fault.span)
        yield place, f"this caption cannot be read: {fault.words}"
        return
    if "{" not in text:
        yield from check_words(sentence, "title" if is_title else "caption")


def check_condition(condition: YamlValue) -> Iterator[tuple[Place, str]]:
    """What is wrong with a condition that an expectation names, at its place."""
    try:
        for used_filter in read_condition(condition.text()).filters:
            if used_filter.name not in FILTERS:
                raise unknown_filter(used_filter, FILTERS)
    except CaptionError as fault:
        yield condition.place, f"this condition cannot be read: {fault.words}"


def check_words(value: YamlValue, kind: str) -> Iterator[tuple[Place, str]]:
    """What is wrong with words: there must be some, and a title or a question has one line."""
    words = value.text().strip()
    if not words and value.text():
        yield value.place, f"the {kind} is blank; write some words"
    elif kind in ("title", "question") and len(words.splitlines()) > 1:
        yield value.place, f"the {kind} has more than one line; write one line"
