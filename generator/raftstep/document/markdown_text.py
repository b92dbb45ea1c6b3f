"""Text and Markdown: how text is written so that Markdown shows it as it is, and how Markdown is read as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from raftstep.document.markdown_code import (
    CODE_SPAN,
    change_words,
    find_fenced_blocks,
    find_indented_blocks,
    longest_run,
)

_TAG_START = re.compile(r"<[A-Za-z/!?]")
_BACKSLASHED = frozenset("\\`*_{}[]#")
"""Signs with a meaning wherever they are, which a backslash takes from them; in HTML they are as they were."""

_BACKSLASHED_SOMEWHERE = frozenset("()+-.!")
"""Signs that a backslash can take the meaning from where they have one."""

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"} | {sign: f"&#{ord(sign)};" for sign in "|$~^"}
"""Signs that only an entity takes the meaning from: HTML's, and those of extensions."""

_UNUSUAL_SPACE = re.compile(r"[^\S ]|(?<= ) ")
_LINE_START = re.compile(r"[:=?!%]|(?:[+-]|\d*[.)])(?=\s|$)")
_WITH_NEIGHBOUR = re.compile(r"([+=:.-])(?=\1)|(?<=([+=:.-]))\2|:(?=\S)|(?<!\w)'|'(?![\w ])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")


def escape_markdown(text: str) -> str:
    """Text as Markdown that shows it letter by letter, whatever is before and after it.

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

    Text is escaped for where it lands: in running words; behind what may be a tag that an author wrote, where it has to
    mean the same in HTML; or in code, where nothing can be escaped and the fence is made longer instead.
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
    tag = _TAG_START.search(outline)
    if tag:
        return _fill_words(outline[: tag.start()], values) + _fill_behind_tag(outline[tag.start() :], values)
    groups = _split_blocks(outline)
    return "\n".join(_fill_block(part, ticks, values) if ticks else _fill_words(part, values) for part, ticks in groups)


_VALUE_START, _VALUE_END = "\ufdd0", "\ufdd1"
"""Noncharacters of Unicode: no text holds them, for :func:`find_forbidden` refuses them."""

_VALUE = re.compile(f"{_VALUE_START}(\\d+){_VALUE_END}")
_NUMBER = re.compile(rf"^([ \t>*+-]*)((?:\d|{_VALUE.pattern})+)([.)])(?=\s|$)", re.MULTILINE)


def _split_blocks(markdown: str) -> Iterator[tuple[str, str]]:
    """Groups of lines: words, with nothing next to them, and blocks of code, each with its fence or its indent."""
    lines = markdown.split("\n")
    blocks = {block.first_line: block for block in [*find_indented_blocks(lines), *find_fenced_blocks(lines)]}
    number, first_line = 0, 0
    while number < len(lines):
        if block := blocks.get(number):
            if first_line < number:
                yield "\n".join(lines[first_line:number]), ""
            number = first_line = block.last_line + 1
            yield "\n".join(lines[block.first_line : number]), block.ticks or " "
        else:
            number += 1
    if first_line < number:
        yield "\n".join(lines[first_line:]), ""


def _fill_block(code: str, ticks: str, values: Sequence[str]) -> str:
    filled = _fill_raw(code, values)
    if ticks == " " or filled == code:
        return filled
    opening, *content, closing = filled.split("\n")
    longer = ticks[0] * max(len(ticks), longest_run("\n".join(content), ticks[0]) + 1)
    return "\n".join([opening.replace(ticks, longer, 1), *content, closing.replace(ticks, longer, 1)])


def _fill_raw(code: str, values: Sequence[str]) -> str:
    return _VALUE.sub(lambda value: " ".join(values[int(value[1])].splitlines()), code)


def _fill_words(words: str, values: Sequence[str]) -> str:
    words = CODE_SPAN.sub(lambda code: _fill_span(code[1], code[2], values), words)
    words = _keep_from_listing(words, values)
    return _VALUE.sub(lambda value: escape_markdown(values[int(value[1])]), words)


def _keep_from_listing(words: str, values: Sequence[str]) -> str:
    """Words in which no line begins a list because its first word, with a value in it, is a number."""

    def escape_stop(match: re.Match[str]) -> str:
        number = _VALUE.sub(lambda value: values[int(value[1])], match[2])
        is_listed = number.isdigit() and _VALUE_START in match[2]
        return f"{match[1]}{match[2]}\\{match[4]}" if is_listed else match[0]

    return _NUMBER.sub(escape_stop, words)


def _fill_behind_tag(markdown: str, values: Sequence[str]) -> str:
    """Markdown that begins with what may be a tag: no value can end an attribute or an element, or begin one.

    What seems to be code may be HTML there, so code that would then be more than text is written as text.
    """

    def fill_code(code: re.Match[str]) -> str:
        if not _VALUE.search(code[2]):
            return code[0]
        filled = _fill_raw(code[2], values)
        return _write_entities(f"`{filled}`") if re.search("[<>&\"'`]", filled) else f"{code[1]}{filled}{code[1]}"

    markdown = CODE_SPAN.sub(fill_code, markdown)
    markdown = _keep_from_listing(markdown, values)
    return _VALUE.sub(lambda value: _write_entities(values[int(value[1])]), markdown)


def _write_entities(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"&#{ord(sign)};" for sign in text)


def _fill_span(fence: str, content: str, values: Sequence[str]) -> str:
    filled = _VALUE.sub(lambda value: " ".join(values[int(value[1])].split("\n")), content)
    if filled == content:
        return f"{fence}{content}{fence}"
    if run := longest_run(filled):
        fence = "`" * (run + 1)
        filled = f" {filled.strip()} "
    return f"{fence}{filled}{fence}"


def read_markdown(markdown: str) -> str:
    """Markdown as text: what backslashes and entities stand for. Emphasis and links stay as they were written.

    >>> read_markdown("x=2\\\\*3 &lt;b&gt;")
    'x=2*3 <b>'
    """
    if "\\" not in markdown and "&" not in markdown:
        return markdown
    parts: list[str] = []
    for part, ticks in _split_blocks(markdown):
        parts.append(part if ticks else change_words(part, lambda words: _ESCAPED.sub(_unescape, words)))
    return "\n".join(parts)


def _unescape(match: re.Match[str]) -> str:
    return match[1] or html.unescape(match[0])


def find_forbidden(text: str) -> str:
    """The first character that no words may hold: those that control, and those that Unicode leaves to programs."""
    match = _FORBIDDEN.search(text)
    return match[0] if match else ""


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
"""Among them are the ends of lines that Markdown does not know as such, and Python does."""
