"""Short words for values that hold much: what a REPL shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any

NUMBER_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

LONGEST_VALUE = 60
LONGEST_REPR = 180


def count_words(count: int, noun: str) -> str:
    """A count and what is counted.

    >>> count_words(1, "node"), count_words(5, "node")
    ('1 node', '5 nodes')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def number_word(number: int) -> str:
    """A small number as a word: ``3`` is *three*; larger ones stay digits."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else str(number)


def join_and(items: Iterable[object]) -> str:
    """*S1*, *S1 and S2*, *S1, S2 and S3*."""
    names = [str(item) for item in items]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def shorten_words(words: str, most: int) -> str:
    """Words of at most so many letters.

    >>> shorten_words("The leader commits and answers", 18)
    'The leader commit…'
    """
    return words if len(words) <= most else words[: most - 1] + "…"


def describe_changes(value: Any) -> str:
    """A dataclass by its fields that differ from what they are by default; long ones and long lists are cut short."""
    changes = ", ".join(
        f"{field.name}={_value_words(getattr(value, field.name))}"
        for field in fields(value)
        if getattr(value, field.name) != _default_of(field)
    )
    return f"{type(value).__name__}({shorten_words(changes, LONGEST_REPR)})"


def _value_words(value: object) -> str:
    words = repr(value)
    if len(words) > LONGEST_VALUE and isinstance(value, (tuple, frozenset)):
        return f"<{len(value)} items>"
    return words if len(words) <= LONGEST_VALUE else f"<{type(value).__name__}>"


def _default_of(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
