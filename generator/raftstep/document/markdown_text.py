"""Text and Markdown: how text is written so that Markdown shows it as it is, and how Markdown is read as text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_CODE = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_BACKSLASHED = frozenset("\\`*_{}[]#")
"""Signs with a meaning wherever they stand, which a backslash takes from them; in HTML they are as they were."""

_BACKSLASHED_SOMEWHERE = frozenset("()+-.!")
"""Signs that a backslash can take the meaning from where they have one."""

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"} | {sign: f"&#{ord(sign)};" for sign in "|$~^"}
"""Signs that only an entity takes the meaning from: HTML's, and those of extensions."""

_UNUSUAL_SPACE = re.compile(r"[^\S ]|(?<= ) ")
_LINE_START = re.compile(r"[:=?!%]|(?:[+-]|\d+[.)])(?=\s|$)")
_WITH_NEIGHBOUR = re.compile(r"([+=:.-])(?=\1)|(?<=([+=:.-]))\2|:(?=\S)|(?<!\w)'|'(?![\w ])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")


def escape_markdown(text: str) -> str:
    """Text as Markdown that shows it letter by letter, whatever stands before and after it.

    Only an apostrophe in a word is left to the site, which may have a sign of its own for it.

    >>> escape_markdown("x=2*3 <b>")
    'x=2\\\\*3 &lt;b&gt;'
    """
    special = {match.start() for match in _WITH_NEIGHBOUR.finditer(text)}
    if start := _LINE_START.match(text):
        special.add(start.end() - 1)
    special |= {match.start() for match in _UNUSUAL_SPACE.finditer(text)}
    return "".join(_escape_sign(sign, position in special) for position, sign in enumerate(text))


def _escape_sign(sign: str, is_special: bool) -> str:
    if sign in _BACKSLASHED:
        return f"\\{sign}"
    if sign in _ENTITIES:
        return _ENTITIES[sign]
    if not is_special:
        return sign
    return f"\\{sign}" if sign in _BACKSLASHED_SOMEWHERE else f"&#{ord(sign)};"


def fill_markdown(pieces: Sequence[tuple[str, bool]]) -> str:
    """Markdown put together of pieces, of which some are Markdown and some, marked true, are text.

    Text is escaped for where it lands: in running words, in a tag that an author wrote, or between backticks, where
    nothing can be escaped and the backticks are made more instead.
    """
    if not any(is_text for _, is_text in pieces):
        return "".join(text for text, _ in pieces)
    values = [text for text, is_text in pieces if is_text]
    number = -1

    def place(text: str, is_text: bool) -> str:
        nonlocal number
        number += is_text
        return f"{_VALUE_START}{number}{_VALUE_END}" if is_text else text

    outline = "".join(place(text, is_text) for text, is_text in pieces)
    outline = _CODE.sub(lambda code: _fill_code(code[1], code[2], values), outline)
    outline = _TAG.sub(lambda tag: _VALUE.sub(lambda value: html.escape(values[int(value[1])]), tag[0]), outline)
    return _VALUE.sub(lambda value: escape_markdown(values[int(value[1])]), outline)


_VALUE_START, _VALUE_END = "\ufdd0", "\ufdd1"
"""Noncharacters of Unicode: no text holds them, for :func:`find_forbidden` refuses them."""

_VALUE = re.compile(f"{_VALUE_START}(\\d+){_VALUE_END}")


def _fill_code(fence: str, content: str, values: Sequence[str]) -> str:
    filled = _VALUE.sub(lambda value: " ".join(values[int(value[1])].split("\n")), content)
    if filled == content:
        return f"{fence}{content}{fence}"
    longest_run = max((len(run) for run in re.findall("`+", filled)), default=0)
    if longest_run:
        fence = "`" * (longest_run + 1)
        filled = f" {filled.strip()} "
    return f"{fence}{filled}{fence}"


def read_markdown(markdown: str) -> str:
    """Markdown as text: what backslashes and entities stand for. Emphasis and links stay as they were written.

    >>> read_markdown("x=2\\\\*3 &lt;b&gt;")
    'x=2*3 <b>'
    """
    parts, position = [], 0
    for code in _CODE.finditer(markdown):
        parts += [_ESCAPED.sub(_unescape, markdown[position : code.start()]), code[0]]
        position = code.end()
    return "".join([*parts, _ESCAPED.sub(_unescape, markdown[position:])])


def _unescape(match: re.Match[str]) -> str:
    return match[1] or html.unescape(match[0])


def find_forbidden(text: str) -> str:
    """The first character that no words may hold: those that control, and those that Unicode leaves to programs."""
    match = _FORBIDDEN.search(text)
    return match[0] if match else ""


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
