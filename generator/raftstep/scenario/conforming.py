"""Whether a value is in order by a schema: yes or no, and quickly, for nearly all that is ever read is in order.

Each part of the schema becomes a function, once. Where the answer is no, jsonschema tells why, or says yes after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sized
from typing import Any

Check = Callable[[Any], bool]

SAYS_NOTHING = {"$defs", "$id", "$schema", "default", "description", "errorMessage", "examples", "title"}
"""Keys of a schema that ask for nothing."""


class BeyondError(ValueError):
    """A schema asks for something that is not known here."""


def conforms(asked: Any) -> Check:
    """The check of one part of a schema, which has no references; raises :class:`BeyondError`."""
    if isinstance(asked, bool):
        return lambda _: asked
    if unknown := asked.keys() - KEYWORDS.keys() - SAYS_NOTHING:
        raise BeyondError(f"{sorted(unknown)[0]} is not known here")
    checks = [check for key, value in asked.items() if (check := KEYWORDS.get(key, _nothing)(value, asked))]
    return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)


def _nothing(_value: Any, _asked: dict[str, Any]) -> None:
    """For what is said by another key already, or asks for nothing."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


def _type(names: Any, _asked: dict[str, Any]) -> Check:
    kinds = [TYPES[name] for name in ([names] if isinstance(names, str) else names)]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def _one_of_these(known: Iterable[Any], _asked: dict[str, Any]) -> Check:
    """Whether it is one of them; ``true`` is not 1 here."""
    plain = [(type(one), one) for one in known]
    return lambda value: (type(value), value) in plain


def _properties(_value: Any, asked: dict[str, Any]) -> Check:
    """The keys that are known, and all others."""
    known = {key: conforms(part) for key, part in asked.get("properties", {}).items()}
    other = conforms(asked.get("additionalProperties", True))
    return lambda value: (
        not isinstance(value, dict) or all(known.get(key, other)(inner) for key, inner in value.items())
    )


def _items(part: Any, _asked: dict[str, Any]) -> Check:
    check = conforms(part)
    return lambda value: not isinstance(value, list) or all(check(one) for one in value)


def _unique(_value: Any, _asked: dict[str, Any]) -> Check:
    return lambda value: not isinstance(value, list) or all(one not in value[:at] for at, one in enumerate(value))


def _if(part: Any, asked: dict[str, Any]) -> Check:
    check, then, otherwise = conforms(part), conforms(asked.get("then", True)), conforms(asked.get("else", True))
    return lambda value: then(value) if check(value) else otherwise(value)


def _size(kind: type[Sized], count: Callable[[int, int], bool]) -> Callable[[int, dict[str, Any]], Check]:
    return lambda bound, _asked: lambda value: not isinstance(value, kind) or count(len(value), bound)


def _together(how: Callable[[Iterable[bool]], bool]) -> Callable[[list[Any], dict[str, Any]], Check]:
    def made(parts: list[Any], _asked: dict[str, Any]) -> Check:
        checks = [conforms(part) for part in parts]
        return lambda value: how(check(value) for check in checks)

    return made


def _not(part: Any, _asked: dict[str, Any]) -> Check:
    check = conforms(part)
    return lambda value: not check(value)


KEYWORDS: dict[str, Callable[[Any, dict[str, Any]], Check | None]] = {
    "type": _type,
    "enum": _one_of_these,
    "const": lambda known, asked: _one_of_these([known], asked),
    "properties": _properties,
    "additionalProperties": lambda value, asked: None if "properties" in asked else _properties(value, asked),
    "required": lambda keys, _: lambda value: not isinstance(value, dict) or all(key in value for key in keys),
    "dependentRequired": lambda needs, _: (
        lambda value: (
            not isinstance(value, dict) or all(one in value for key in needs if key in value for one in needs[key])
        )
    ),
    "minProperties": _size(dict, int.__ge__),
    "items": _items,
    "uniqueItems": lambda asked_for, asked: _unique(asked_for, asked) if asked_for else None,
    "minItems": _size(list, int.__ge__),
    "maxItems": _size(list, int.__le__),
    "minLength": _size(str, int.__ge__),
    "maxLength": _size(str, int.__le__),
    "pattern": lambda words, _: lambda value: not isinstance(value, str) or re.search(words, value) is not None,
    "minimum": lambda bound, _: lambda value: not _is_number(value) or value >= bound,
    "maximum": lambda bound, _: lambda value: not _is_number(value) or value <= bound,
    "not": _not,
    "anyOf": _together(any),
    "allOf": _together(all),
    "oneOf": _together(lambda found: sum(found) == 1),
    "if": _if,
    "then": _nothing,
    "else": _nothing,
}
"""The check that each key of a schema asks for, made of its value and of what stands beside it."""
