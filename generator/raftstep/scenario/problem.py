"""A mistake in a scenario: where, what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import east_asian_width

from raftstep.scenario.model import Place

_MOST_SHOWN = 200
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake. ``words`` say what is wrong, then, after a semicolon, how to mend it."""

    path: str
    place: Place
    words: str

    def show(self, source: str = "") -> str:
        """``file:line:column: words``, with the line itself and a caret under it where the source is at hand."""
        head = f"{self.path}:{self.place.line}:{self.place.column}: {self.words}"
        lines = source.splitlines()
        if not 1 <= self.place.line <= len(lines):
            return head
        number = str(self.place.line)
        margin = " " * len(number)
        line, before, width = _window(lines[self.place.line - 1], self.place)
        lead = "".join("\t" if one == "\t" else "  " if east_asian_width(one) in "WF" else " " for one in before)
        return f"{head}\n{margin} |\n{number} | {line}\n{margin} | {lead}{'^' * width}"


def _window(line: str, place: Place) -> tuple[str, str, int]:
    """As much of a line as is worth showing, what stands in it before the place, and how long the place is there."""
    start = 0 if place.column <= _MOST_SHOWN // 2 else place.column - _MOST_SHOWN // 4
    shown = line[start : start + _MOST_SHOWN]
    before = shown[: place.column - 1 - start]
    return shown, before, max(1, min(place.length, len(shown) - len(before)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """All mistakes found in one file, in the order of their places. Never empty."""

    path: str
    source: str
    found: tuple[Problem, ...]

    def show(self) -> str:
        """Every mistake with its line, a blank line between them."""
        return "\n\n".join(problem.show(self.source) for problem in self.found)


def problems(path: str, source: str, found: Iterable[Problem]) -> Problems:
    """Mistakes in the order a reader meets them."""
    ordered = sorted(found, key=lambda one: (one.place.line, one.place.column, one.words))
    return Problems(path=path, source=source, found=tuple(ordered))


def nearest(word: str, known: Sequence[str], what: str = "known", where: str = "") -> str:
    """How to mend a word that is not known: the nearest one, and the whole list where it is short.

    Of a long list the nearest dozen is shown; ``where`` says where all of it stands.

    >>> nearest("crahs", ["crash", "heal"])
    'did you mean "crash"? (known: crash, heal)'
    """
    close = get_close_matches(word, known, n=1)
    if len(known) > _MOST_LISTED and close:
        return f'did you mean "{close[0]}"?'
    listed = f"({what}: {', '.join(known)})"
    if len(known) > _MOST_LISTED:
        shown = [*get_close_matches(word, known, n=_MOST_LISTED, cutoff=0.0)]
        rest = f"; {where} has all {len(known)}" if where else f" and {len(known) - len(shown)} more"
        listed = f"({what}: {', '.join(shown)}{rest})"
    return f'did you mean "{close[0]}"? {listed}' if close else f"use one of these {listed}"
