"""A mistake in a file written by hand: where it is, what is wrong, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import east_asian_width

_MOST_COLUMNS = 200
_MOST_WORDS = 12
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def hide_controls(text: str) -> str:
    """Text in which nothing but tabs and line breaks controls the terminal that shows it.

    >>> hide_controls("a\\x1b[2Jb")
    'a�[2Jb'
    """
    return _CONTROL.sub("\ufffd", text)


def printable_name(name: object) -> str:
    """The name of a file, or whatever was given for one, on one line: strangers name files too."""
    return hide_controls(re.sub("[\t\n]", "\ufffd", str(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file; line and column count from 1."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake. ``words`` say what is wrong, then, after a semicolon, how to fix it."""

    path: str
    place: Place
    words: str

    def show(self, source: str = "") -> str:
        """``file:line:column: words``, with the line itself and a caret under it where the source is at hand."""
        head = f"{printable_name(self.path)}:{self.place.line}:{self.place.column}: {hide_controls(self.words)}"
        lines = source.splitlines()
        if not 1 <= self.place.line <= len(lines):
            return head
        number = str(self.place.line)
        margin = " " * len(number)
        line, before, width = _window(lines[self.place.line - 1], self.place)
        padding = "".join(
            "\t" if character == "\t" else "  " if east_asian_width(character) in "WF" else " " for character in before
        )
        return f"{head}\n{margin} |\n{number} | {hide_controls(line)}\n{margin} | {padding}{'^' * width}"


def _window(line: str, place: Place) -> tuple[str, str, int]:
    """As much of a line as is worth showing, what is in it before the place, and how long the place is there."""
    start = 0 if place.column <= _MOST_COLUMNS // 2 else place.column - _MOST_COLUMNS // 4
    visible_text = line[start : start + _MOST_COLUMNS]
    before = visible_text[: place.column - 1 - start]
    return visible_text, before, max(1, min(place.length, len(visible_text) - len(before)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """All mistakes found in one file, in the order of their places. Never empty."""

    path: str
    source: str
    problems: tuple[Problem, ...]

    def __repr__(self) -> str:
        return f"<Problems: {len(self.problems)} in {self.path[-80:]}>"

    def show(self) -> str:
        """Every mistake with its line, a blank line between them."""
        return "\n\n".join(problem.show(self.source) for problem in self.problems)


def sort_problems(path: str, source: str, mistakes: Iterable[Problem]) -> Problems:
    """Mistakes in the order a reader meets them."""
    ordered = sorted(mistakes, key=lambda problem: (problem.place.line, problem.place.column, problem.words))
    return Problems(path=path, source=source, problems=tuple(ordered))


def suggest_nearest(word: str, known_words: Sequence[str], label: str = "known", where: str = "") -> str:
    """How to correct a word that is not known: the nearest one, and the whole list where it is short.

    Of a long list the nearest dozen is shown; ``where`` says where all of it is.

    >>> suggest_nearest("crahs", ["crash", "heal"])
    'did you mean "crash"? (known: crash, heal)'
    """
    matches = get_close_matches(word, known_words, n=1)
    if len(known_words) > _MOST_WORDS and matches:
        return f'did you mean "{matches[0]}"?'
    word_list = f"({label}: {', '.join(known_words)})"
    if len(known_words) > _MOST_WORDS:
        nearest_words = [*get_close_matches(word, known_words, n=_MOST_WORDS, cutoff=0.0)]
        rest = (
            f"; {where} has all {len(known_words)}" if where else f" and {len(known_words) - len(nearest_words)} more"
        )
        word_list = f"({label}: {', '.join(nearest_words)}{rest})"
    return f'did you mean "{matches[0]}"? {word_list}' if matches else f"use one of these {word_list}"
