"""What is wrong with a value, and how to mend it, in words for authors."""

from __future__ import annotations

import re
from typing import Any

from raftstep.scenario.problem import nearest
from raftstep.scenario.value import Value

WHERE = "scenario.schema.json"
"""Where every word of the format stands; on the site it is published under ``schema/``."""

_EXPECTED = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_MENDING = {
    "integer": "write digits alone, such as 300",
    "number": "write a number, such as 0.5",
    "boolean": "write true or false",
    "string": "write words in quotes",
    "array": 'write it in brackets, or as lines that begin with "- "',
    "object": 'write lines such as "key: value" under it',
}


def wording(rule: str, limit: Any, value: Value, otherwise: str) -> str:
    """What a value breaks, by the name of the schema's rule (``type``, ``minimum``, …) and what the rule asks."""
    match rule:
        case "type":
            return f"expected {_EXPECTED[limit]}, found {found(value)}; {_mending(limit, value)}"
        case "enum":
            word = value.scalar if isinstance(value.scalar, str) else value.raw
            how = nearest(shortened(word), [str(one) for one in limit], where=WHERE)
            return f"unknown word {quoted(word or found(value))}; {how}"
        case "const":
            return f"expected {str(limit).lower()}, found {found(value)}; write {str(limit).lower()}"
        case "minimum":
            return f"{shortened(value.raw)} is too small; write {limit} or more"
        case "maximum":
            return f"{shortened(value.raw)} is too large; write {limit} or less"
        case "minItems" | "minLength":
            begin = f"{_size(value)}: too few" if _length(value) else "it is empty"
            return f"{begin}; write at least {_counted(limit, value)}"
        case "maxItems" | "maxLength":
            return f"{_size(value)}: too many; write at most {limit}"
        case "minProperties":
            return 'it is empty; write a rule or an event, such as "become-leader: S1"'
        case _:
            return f"{otherwise[:200]}; see the schema of scenarios"


def found(value: Value) -> str:
    """A value as named in a complaint."""
    if value.fields is not None:
        return "a mapping"
    if value.items is not None:
        return "a list"
    if isinstance(value.scalar, str):
        return f"text {quoted(value.scalar)}"
    if value.scalar is None:
        return "nothing"
    return shortened(value.raw) if isinstance(value.scalar, bool) else f"the number {shortened(value.raw)}"


def shortened(text: str) -> str:
    """Text short enough, and on one line, to be repeated in a complaint."""
    line = re.sub(r"\s", " ", text)
    return line if len(line) <= 40 else f"{line[:39]}…"


def quoted(text: str) -> str:
    """Text in quotes, shortened."""
    return f'"{shortened(text)}"'


def _mending(kind: str, value: Value) -> str:
    if value.fields is None and value.items is None and value.scalar is None:
        return "write it after the colon, or remove the key"
    quotes = value.raw[:1] in ("'", '"')
    if kind == "string" and value.fields is None and value.items is None:
        return f'put it in quotes: "{shortened(value.raw)}"'
    if kind in ("integer", "number", "boolean") and quotes:
        return "write it without quotes"
    return _MENDING[kind]


def _length(value: Value) -> int:
    if value.items is not None:
        return len(value.items)
    return len(value.scalar) if isinstance(value.scalar, str) else 0


def _size(value: Value) -> str:
    return _counted(_length(value), value)


def _counted(number: int, value: Value) -> str:
    what = "item" if value.items is not None else "character"
    return f"{number} {what}{'' if number == 1 else 's'}"
