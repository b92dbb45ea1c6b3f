"""Captions: Jinja2 sentences whose holes only the run can fill."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from raftstep.scenario.facts import in_words, listed
from raftstep.scenario.model import Place, Sentence
from raftstep.scenario.problem import Problem, nearest

ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # captions are Markdown
del ENVIRONMENT.filters["random"], ENVIRONMENT.globals["lipsum"]  # a caption is the same in every build
ENVIRONMENT.filters |= {"in_words": in_words, "listed": listed}


_HOLE = re.compile(r"(\{\{(?![-+])[^{}\r]*(?<![-+])\}\})")


@lru_cache(maxsize=4096)
def compiled(text: str) -> tuple[str | Template, ...]:
    """A sentence made ready to be filled; forks share their parent's, and checks share all with what comes after.

    Plain holes are made ready one by one, for most of them stand in many sentences; where a sentence holds anything
    else, or something is wrong with it, it is Jinja2's as a whole.
    """
    parts = _HOLE.split(text)
    if not any(sign in part for part in parts[::2] for sign in "{}\r"):
        with suppress(TemplateError):
            return tuple(_hole(part) if place % 2 else part for place, part in enumerate(parts))
    return (ENVIRONMENT.from_string(text),)


@lru_cache(maxsize=4096)
def _hole(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


def _filled(text: str, known: dict[str, Any]) -> str:
    return "".join(part if isinstance(part, str) else part.render(known) for part in compiled(text))


def fill(sentence: Sentence, known: dict[str, Any], path: str) -> str | Problem:
    """The sentence with its holes filled, or why the run does not bear it out."""
    try:
        text = (_filled(sentence.text, known) if "{" in sentence.text else sentence.text).strip()
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
        return _problem(path, sentence.place, f"the caption names something the run does not have: {error}", known)
    stranger = _stranger(text, [node.id for node in known["nodes"]])
    if stranger:
        ids = [node.id for node in known["nodes"]]
        words = f'the caption names "{stranger}", which is no node of this run; {nearest(stranger, ids, "nodes")}'
        return Problem(path=path, place=sentence.place, words=words)
    return text


def _problem(path: str, place: Place, what: str, known: dict[str, Any]) -> Problem:
    names = ", ".join(sorted(known))
    return Problem(path=path, place=place, words=f"{what}; at this moment a caption may name: {names}")


def _stranger(text: str, ids: list[str]) -> str | None:
    """A word shaped like this cluster's node names that names none of them."""
    prefixes = {match[1] for id in ids if (match := re.fullmatch(r"([A-Za-z]+)\d+", id))}
    for prefix in prefixes:
        for word in re.findall(rf"\b{prefix}\d+\b", text):
            if word not in ids:
                return str(word)
    return None
