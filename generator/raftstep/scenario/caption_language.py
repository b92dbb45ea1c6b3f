"""The small language of captions: sentences with holes, such as ``{{ leader }} leads term {{ leader.term }}.``

This file has its signs and its tree; ``caption_parser.py`` makes the tree of a text, and ``caption_values.py`` works
out what is in the holes. All need the standard library alone, and take a bounded number of steps for any text.

``{{ expression }}``  a value of the run
``{% if condition %}…{% elif condition %}…{% else %}…{% endif %}``  words for one case
``{# note #}``  nothing; ``-`` inside a mark, as in ``{%- else -%}``, removes the white space on that side
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_CAPTION = 2000
"""How many characters a caption has at most, as written and as filled."""

LONGEST_NUMBER = 12
"""How many digits a number has at most."""

DEEPEST_NESTING = 20
"""How many expressions or conditions may be inside one another."""

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
KEYWORDS = ("and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None")

Span = tuple[int, int]
"""Where something begins and ends in the text of its caption, from 0."""


class CaptionError(Exception):
    """What is wrong with a caption, and where in its text. ``words`` end with how to fix it, after a semicolon.

    ``is_missing``: the caption asks for something that the run does not have.
    """

    def __init__(self, words: str, span: Span, *, is_missing: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.span = span
        self.is_missing = is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value written as such: ``2``, ``"x=1"``, ``true``, ``none``."""

    value: str | int | bool | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """``[S1, S2]``"""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """``leader``"""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """``leader.term``"""

    subject: Expression
    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """``S1.log[-1]``, ``S1.machine["x"]``"""

    subject: Expression
    index: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``holders(1, command="x=1")``"""

    function: Expression
    arguments: tuple[Expression, ...]
    named_arguments: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``nodes | listed``, ``holders(1) | join(", ")``"""

    subject: Expression
    name: str
    arguments: tuple[Expression, ...]
    named_arguments: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``leader is defined``, ``S1.vote is not none``"""

    subject: Expression
    name: str
    is_negated: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """``not S1.alive``"""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """``-1``"""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """``a and b``, ``a or b``"""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``S1.term == 2``, ``1 <= x < 3``, ``S1 in voters("S2")``: one value, then each operator with the next."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """``S3.term + 1``, ``time_ms - 200``"""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """``leader ~ "'s"``: texts put together"""

    parts: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``"up" if S1.alive else "down"``"""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


Expression = (
    Literal
    | ListOf
    | Name
    | Attribute
    | Index
    | Call
    | Filter
    | Question
    | Not
    | Negative
    | Logic
    | Comparison
    | Sum
    | Joined
    | Choice
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that are shown as written."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """``{{ expression }}``"""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """``{% if … %}``: the parts of the first condition that holds, or else ``otherwise``."""

    cases: tuple[tuple[Expression, tuple[Part, ...]], ...]
    otherwise: tuple[Part, ...]


Part = Words | Hole | Branches


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A caption as a tree, with every name and filter that is anywhere in it."""

    text: str
    parts: tuple[Part, ...]
    names: tuple[Name, ...] = ()
    filters: tuple[Filter, ...] = ()


class Token(NamedTuple):
    """One word or sign inside a mark."""

    kind: str
    text: str
    span: Span


class Mark(NamedTuple):
    """What is between two pieces of plain words: ``{{ … }}`` or ``{% … %}``, without its braces."""

    kind: str
    tokens: tuple[Token, ...]
    span: Span
    trims_before: bool
    trims_after: bool


CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENING = re.compile(r"\{[{%#]")
_TOKEN = re.compile(
    r"""\s+
    | (?P<number>\d+(?:\.\d+|[eE][+-]?\d+|\w+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<close>-?(?:\}\}|%\}))
    | (?P<sign>==|!=|<=|>=|//|\*\*|[-+~.,:|()\[\]<>=*/%{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n"}


def split_marks(text: str) -> list[str | Mark]:
    """Plain words and marks in their order. Raises :class:`CaptionError`."""
    pieces: list[str | Mark] = []
    position = 0
    while opening := _OPENING.search(text, position):
        pieces.append(text[position : opening.start()])
        mark = _read_mark(text, opening.start())
        if mark.trims_before:
            pieces[-1] = str(pieces[-1]).rstrip()
        if mark.kind != "{#":
            pieces.append(mark)
        position = mark.span[1]
        if mark.trims_after:
            position += len(text[position:]) - len(text[position:].lstrip())
    pieces.append(text[position:])
    return pieces


def _read_mark(text: str, start: int) -> Mark:
    kind = text[start : start + 2]
    closing = CLOSING[kind]
    inner_start = start + 2
    trims_before = text[inner_start : inner_start + 1] == "-"
    position = inner_start + trims_before
    if kind == "{#":
        end = text.find(closing, position)
        if end < 0:
            raise CaptionError("{# is never closed; add #}", (start, len(text)))
        return Mark(kind, (), (start, end + 2), trims_before, text[end - 1] == "-" and end > position)
    tokens: list[Token] = []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable_sign(text, position)
        position = match.end()
        if match.lastgroup == "close" and match[0].endswith(closing):
            return Mark(kind, tuple(tokens), (start, position), trims_before, match[0].startswith("-"))
        if match.lastgroup is not None:
            tokens.append(Token(match.lastgroup, match[0], match.span()))
    raise CaptionError(f"{kind} is never closed; add {closing}", (start, len(text)))


def _unreadable_sign(text: str, position: int) -> CaptionError:
    sign = text[position]
    if sign in "\"'":
        return CaptionError(f"the text after {sign} is never closed; add {sign}", (position, len(text)))
    return CaptionError(
        f'the sign "{sign}" has no meaning in a hole; write names, and signs such as . [ ] ( ) |',
        (position, position + 1),
    )


def read_string(token: Token) -> str:
    """The text that a string in quotes stands for."""

    def escape(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise CaptionError(f'"{match[0]}" has no meaning in a text; write \\\\ for a backslash', token.span)
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", escape, token.text[1:-1], flags=re.DOTALL)
