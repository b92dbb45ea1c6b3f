"""Where Markdown has code: spans between backticks, fenced blocks that are closed, and indented blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_BLOCK_START = r"\n[ \t]*(?:\n|$|[-*+#>|:=!?~`<]|\d+[.)])"
CODE_SPAN = re.compile(
    rf"(?:(?<![\\`])|(?<=[^\\]\\\\)|(?<=^\\\\))(`+)(?!`)((?:(?!{_BLOCK_START}).)+?)(?<!`)\1(?!`)", re.DOTALL
)
"""Code within a paragraph: no span reaches over a blank line, or over a line that may begin another block."""

_OPENING = re.compile(r"(?P<prefix>[ >]*)(?P<ticks>`{3,}|~{3,})[^`]*")
_HOLDS_BLOCKS = re.compile(r"[ \t]*(?:[-*+>:!?\[]|\d+[.)])")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A block of code: its first and its last line, from 0, and what its fence is of; nothing if it is indented."""

    first_line: int
    last_line: int
    ticks: str = ""


def find_fenced_blocks(lines: Sequence[str]) -> Iterator[CodeBlock]:
    """The fences that every reader of Markdown finds closed where they are closed here.

    A fence is closed by the same ticks behind the same indent, and each line between has that indent too.
    """
    number = 0
    while number < len(lines):
        opening = _OPENING.fullmatch(lines[number])
        last_line = _find_closing(lines, number, opening["prefix"], opening["ticks"]) if opening else None
        if opening and last_line is not None:
            yield CodeBlock(number, last_line, opening["ticks"])
            number = last_line
        number += 1


def _find_closing(lines: Sequence[str], first_line: int, prefix: str, ticks: str) -> int | None:
    for number in range(first_line + 1, len(lines)):
        line = lines[number]
        if line.rstrip(" \t") == prefix + ticks:
            return number
        is_blank = line.rstrip(" \t") == prefix.rstrip() or (not line.strip() and ">" not in prefix)
        if not line.startswith(prefix) and not is_blank:
            return None
    return None


def find_indented_blocks(lines: Sequence[str]) -> Iterator[CodeBlock]:
    """The indented lines that are code, whatever is around the words: none where they may be a part of a list."""
    is_after_blank = True
    for number, line in enumerate(lines):
        is_indented = line.startswith("    ")
        if line.strip() and not is_indented and _HOLDS_BLOCKS.match(line):
            return
        if is_indented and is_after_blank and line.strip():
            yield CodeBlock(number, number)
        is_after_blank = not line.strip() or (is_indented and is_after_blank)


def change_words(markdown: str, change: Callable[[str], str]) -> str:
    """Markdown with its words changed, and its spans of code as they were."""
    result, done = [], 0
    for code in CODE_SPAN.finditer(markdown):
        result += [change(markdown[done : code.start()]), code[0]]
        done = code.end()
    return "".join([*result, change(markdown[done:])])


def longest_run(text: str, sign: str = "`") -> int:
    """The length of the longest row of one sign."""
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", text)), default=0)
