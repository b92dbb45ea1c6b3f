"""What is wrong with a value, and how to fix it, in words for authors."""

from __future__ import annotations

import re
from typing import Any

from raftstep.document.problem import suggest_nearest
from raftstep.document.value import YamlValue

SCHEMA_FILE = "scenario.schema.json"
"""Where every word of the format is; on the site it is published under ``schema/``."""

_TYPE_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_TYPE_ADVICE = {
    "integer": "write digits alone, such as 300",
    "number": "write a number, such as 0.5",
    "boolean": "write true or false",
    "string": "write words in quotes",
    "array": 'write it in brackets, or as lines that begin with "- "',
    "object": 'write lines such as "key: value" under it',
}


def describe_violation(rule: str, limit: Any, value: YamlValue, default: str) -> str:
    """What a value breaks, by the name of the schema's rule (``type``, ``minimum``, …) and what the rule asks."""
    match rule:
        case "type":
            return f"expected {_TYPE_NAMES[limit]}, found {describe_value(value)}; {_advise_on_type(limit, value)}"
        case "enum":
            word = value.scalar if isinstance(value.scalar, str) else value.raw
            advice = suggest_nearest(shorten_line(word), [str(choice) for choice in limit], where=SCHEMA_FILE)
            return f"unknown word {quote(word or describe_value(value))}; {advice}"
        case "const":
            return f"expected {str(limit).lower()}, found {describe_value(value)}; write {str(limit).lower()}"
        case "minimum":
            return f"{shorten_line(value.raw)} is too small; write {limit} or more"
        case "maximum":
            return f"{shorten_line(value.raw)} is too large; write {limit} or less"
        case "minItems" | "minLength":
            size_words = f"{_size(value)}: too few" if _length(value) else "it is empty"
            return f"{size_words}; write at least {_count_words(limit, value)}"
        case "maxItems" | "maxLength":
            return f"{_size(value)}: too many; write at most {limit}"
        case "minProperties":
            return 'it is empty; write a rule or an event, such as "become-leader: S1"'
        case _:
            return f"{default[:200]}; see the schema of scenarios"


def describe_value(value: YamlValue) -> str:
    """A value as named in a complaint."""
    if value.fields is not None:
        return "a mapping"
    if value.items is not None:
        return "a list"
    if isinstance(value.scalar, str):
        return f"text {quote(value.scalar)}"
    if value.scalar is None:
        return "nothing"
    return shorten_line(value.raw) if isinstance(value.scalar, bool) else f"the number {shorten_line(value.raw)}"


def shorten_line(text: str) -> str:
    """Text short enough, and on one line, to be repeated in a complaint."""
    line = re.sub(r"\s", " ", text)
    return line if len(line) <= 40 else f"{line[:39]}…"


def quote(text: str) -> str:
    """Text in quotes, shortened."""
    return f'"{shorten_line(text)}"'


def _advise_on_type(kind: str, value: YamlValue) -> str:
    if value.fields is None and value.items is None and value.scalar is None:
        return "write it after the colon, or remove the key"
    is_quoted = value.raw[:1] in ("'", '"')
    if kind == "string" and value.fields is None and value.items is None:
        return f'put it in quotes: "{shorten_line(value.raw)}"'
    if kind in ("integer", "number", "boolean") and is_quoted:
        return "write it without quotes"
    return _TYPE_ADVICE[kind]


def _length(value: YamlValue) -> int:
    if value.items is not None:
        return len(value.items)
    return len(value.scalar) if isinstance(value.scalar, str) else 0


def _size(value: YamlValue) -> str:
    return _count_words(_length(value), value)


def _count_words(number: int, value: YamlValue) -> str:
    unit = "item" if value.items is not None else "character"
    return f"{number} {unit}{'' if number == 1 else 's'}"
