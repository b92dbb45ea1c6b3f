"""Citations in running text: ``[@ongaro-2014-raft §5.2]``, several with ``;`` between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from raftstep.scenario.wording import quoted

CITATION = re.compile(r"\[(@[^\[\]\n]+(?:\n[^\[\]\n]+)?)\]")
"""A pair of brackets that holds citations. One line break may stand in it."""

_ONE = re.compile(r"@(?P<id>[\w.-]*\w)(?:,?\s(?P<at>.*))?", re.ASCII | re.DOTALL)
_BEGINS = re.compile(r"@\w")


class Cited(NamedTuple):
    """A source's id as written, where in the source, and how far into the brackets the id stands."""

    id: str
    at: str
    offset: int


def cited(inside: str) -> list[Cited] | None:
    """What stands between the brackets; ``None`` where that is no citation, nothing where it is one gone wrong.

    >>> cited("@ongaro-2014-raft §5.2; @etcd-raft-go")
    [Cited(id='ongaro-2014-raft', at='§5.2', offset=1), Cited(id='etcd-raft-go', at='', offset=25)]
    """
    found: list[Cited] = []
    start = 0
    for part in inside.split(";"):
        lead = len(part) - len(part.lstrip())
        match = _ONE.fullmatch(part.strip())
        if not match:
            return [] if _BEGINS.match(inside) else None
        at = " ".join((match["at"] or "").strip(" ,\n").split())
        found.append(Cited(match["id"], at, start + lead + 1))
        start += len(part) + 1
    return found


def citations(text: str) -> Iterator[tuple[Cited, int]]:
    """Every citation of a text, with the position of its id."""
    for brackets in CITATION.finditer(text):
        for one in cited(brackets[1]) or []:
            yield one, brackets.start(1) + one.offset


def malformed(text: str) -> Iterator[tuple[str, int]]:
    """Everything in a text that begins as a citation and is none, with its position."""
    for brackets in CITATION.finditer(text):
        if cited(brackets[1]) == []:
            yield brackets[0], brackets.start()


def amiss(words: str) -> str:
    """What is wrong with brackets that begin as a citation, and how to mend it."""
    return f"{quoted(words)} is no citation; write an id and where in it, with ; between several: [@id §5.2; @other]"
