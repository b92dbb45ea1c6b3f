"""Whether a sentence with holes can be read at all. What fills the holes is known only once the scenario has run."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes

from raftstep.document.problem import Place
from raftstep.document.value import YamlValue
from raftstep.scenario.caption import ENVIRONMENT, compile_sentence

_TEMPLATE_TAGS = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


def check_sentence(sentence: YamlValue) -> Iterator[tuple[Place, str]]:
    """What is wrong with the Jinja2 of a sentence, at its line."""
    error = _template_error(sentence.text())
    if error is None:
        return
    line, words = error
    raw_error = _template_error(sentence.raw)  # as typed, so that lines are those of the file
    number = (
        raw_error[0] if raw_error is not None and raw_error[1] == words else line if "\n" not in sentence.raw else 1
    )
    yield (
        _line_place(sentence, number),
        f"not a Jinja2 sentence: {words.rstrip('.')[:160]}; write a hole as {{{{ name }}}}",
    )


def _template_error(text: str) -> tuple[int, str] | None:
    if "{" not in text:
        return None  # no hole, and nothing else that could be wrong
    try:
        if "{%" in text:
            for tag in ENVIRONMENT.parse(text).find_all(_TEMPLATE_TAGS):
                return tag.lineno, "it asks for another template, and there is none"
        compile_sentence(text)  # knows the filters, and finds what Python itself refuses
    except TemplateSyntaxError as error:
        return error.lineno, error.message or "it cannot be read"
    except (RecursionError, MemoryError, SyntaxError):
        return 1, "it is nested too deeply"
    except (ValueError, ArithmeticError):
        return 1, "a number in it is out of range"
    return None


def _line_place(sentence: YamlValue, number: int) -> Place:
    """The ``number``-th line of a sentence as typed; a block's first line is its sign, ``|`` or ``>``."""
    lines = sentence.raw.splitlines()
    if number <= 1 or number > len(lines):
        return sentence.place
    words = lines[number - 1].strip()
    column = len(lines[number - 1]) - len(lines[number - 1].lstrip()) + 1
    first_line = sentence.place.line
    if lines[0][:1] in ("|", ">"):
        text_index = next((index for index, line in enumerate(lines) if index and line.strip()), 1)
        first_line -= text_index
    return Place(line=first_line + number - 1, column=column, length=max(1, len(words)))
