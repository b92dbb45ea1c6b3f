"""Captions: Jinja2 sentences whose holes only the run can fill."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from raftstep.document.problem import Place, Problem, suggest_nearest
from raftstep.scenario.facts import join_and, number_word
from raftstep.scenario.model import Sentence

ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # captions are Markdown
del ENVIRONMENT.filters["random"], ENVIRONMENT.globals["lipsum"]  # a caption is the same in every build
ENVIRONMENT.filters |= {"in_words": number_word, "listed": join_and}


_HOLE = re.compile(r"(\{\{(?![-+])[^{}\r]*(?<![-+])\}\})")


@lru_cache(maxsize=4096)
def compile_sentence(text: str) -> tuple[str | Template, ...]:
    """A sentence made ready to be filled; forks share their parent's, and checks share all with what comes after.

    Plain holes are made ready one by one, for most of them stand in many sentences; where a sentence holds anything
    else, or something is wrong with it, it is Jinja2's as a whole.
    """
    parts = _HOLE.split(text)
    if not any(sign in part for part in parts[::2] for sign in "{}\r"):
        with suppress(TemplateError):
            return tuple(_compile_hole(part) if index % 2 else part for index, part in enumerate(parts))
    return (ENVIRONMENT.from_string(text),)


@lru_cache(maxsize=4096)
def _compile_hole(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


def _fill_holes(text: str, caption_facts: dict[str, Any]) -> str:
    return "".join(part if isinstance(part, str) else part.render(caption_facts) for part in compile_sentence(text))


def fill_sentence(sentence: Sentence, caption_facts: dict[str, Any], path: str) -> str | Problem:
    """The sentence with its holes filled, or why the run does not bear it out."""
    try:
        text = (_fill_holes(sentence.text, caption_facts) if "{" in sentence.text else sentence.text).strip()
    except (
        TemplateError,
        TypeError,
        AttributeError,
        LookupError,
        ValueError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        return _caption_problem(
            path, sentence.place, f"the caption names something the run does not have: {error}", caption_facts
        )
    unknown_node = _find_unknown_node(text, [node.id for node in caption_facts["nodes"]])
    if unknown_node:
        ids = [node.id for node in caption_facts["nodes"]]
        words = (
            f'the caption names "{unknown_node}", which is no node of this run; '
            f"{suggest_nearest(unknown_node, ids, 'nodes')}"
        )
        return Problem(path=path, place=sentence.place, words=words)
    return text


def _caption_problem(path: str, place: Place, what: str, caption_facts: dict[str, Any]) -> Problem:
    names = ", ".join(sorted(caption_facts))
    return Problem(path=path, place=place, words=f"{what}; at this moment a caption may name: {names}")


def _find_unknown_node(text: str, ids: list[str]) -> str | None:
    """A word shaped like this cluster's node names that names none of them."""
    prefixes = {match[1] for id in ids if (match := re.fullmatch(r"([A-Za-z]+)\d+", id))}
    for prefix in prefixes:
        for word in re.findall(rf"\b{prefix}\d+\b", text):
            if word not in ids:
                return str(word)
    return None
