"""Citations in running text: ``[@ongaro-2014-raft §5.2]``, several with ``;`` between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from raftstep.document.wording import quote

CITATION = re.compile(r"\[(@[^\[\]\n]+(?:\n[^\[\]\n]+)?)\]")
"""A pair of brackets that holds citations. One line break may be in it."""

_SINGLE_CITATION = re.compile(r"@(?P<id>[\w.-]*\w)(?:,?\s(?P<at>.*))?", re.ASCII | re.DOTALL)
_CITATION_START = re.compile(r"@\w")


class RawCitation(NamedTuple):
    """A source's id as written, where in the source, and how far into the brackets the id is."""

    id: str
    at: str
    offset: int


def parse_citations(text: str) -> list[RawCitation] | None:
    """What is between the brackets; ``None`` where that is no citation, nothing where it is one gone wrong.

    >>> parse_citations("@ongaro-2014-raft §5.2; @etcd-raft-go")
    [RawCitation(id='ongaro-2014-raft', at='§5.2', offset=1), RawCitation(id='etcd-raft-go', at='', offset=25)]
    """
    raw_citations: list[RawCitation] = []
    start = 0
    for part in text.split(";"):
        indent = len(part) - len(part.lstrip())
        match = _SINGLE_CITATION.fullmatch(part.strip())
        if not match:
            return [] if _CITATION_START.match(text) else None
        at = " ".join((match["at"] or "").strip(" ,\n").split())
        raw_citations.append(RawCitation(match["id"], at, start + indent + 1))
        start += len(part) + 1
    return raw_citations


def find_citations(text: str) -> Iterator[tuple[RawCitation, int]]:
    """Every citation of a text, with the position of its id."""
    for brackets in CITATION.finditer(text):
        for citation in parse_citations(brackets[1]) or []:
            yield citation, brackets.start(1) + citation.offset


def find_malformed(text: str) -> Iterator[tuple[str, int]]:
    """Everything in a text that begins as a citation and is none, with its position."""
    for brackets in CITATION.finditer(text):
        if parse_citations(brackets[1]) == []:
            yield brackets[0], brackets.start()


def malformed_message(words: str) -> str:
    """What is wrong with brackets that begin as a citation, and how to fix it."""
    return f"{quote(words)} is no citation; write an id and where in it, with ; between several: [@id §5.2; @other]"
