"""The words of this site's own Codex: enough of them, short enough, and every rule met by one."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from raftstep.core.rules import Rule
from tests.codex.test_data import OWN, everyone, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from raftstep.codex.model import Term


@cache
def terms() -> Mapping[str, Term]:
    return read(OWN).terms


def sentences(text: str) -> list[str]:
    """The sentences of an explanation, which stand one a line or go on to the next."""
    plain = re.sub(r"\[@[^\]]*\]", "", text)
    return re.split(r"(?<=[.:;])\s+", plain.strip())


def test_the_codex_has_at_least_sixty_terms() -> None:
    """The issue that asked for the Codex: every term of the paper, the dissertation and this site."""
    assert len(terms()) >= 60


def test_an_explanation_is_read_in_a_quarter_of_a_minute_or_two() -> None:
    """A reader at night gets the gist: at most a hundred and ten words, in sentences of at most thirty-five."""
    long = {id: len(term.explanation.split()) for id, term in terms().items() if len(term.explanation.split()) > 110}
    winding = [s for term in terms().values() for s in sentences(term.explanation) if len(s.split()) > 35]

    assert (long, winding) == ({}, [])


def test_every_rule_is_looked_for_by_a_term() -> None:
    """So each rule that fires in a run leads to the word for it."""
    met = {rule for term in terms().values() for rule in term.search_for.rules}

    assert {rule.slug for rule in Rule} - met == set()


def test_what_a_term_is_called_in_a_system_has_a_source_besides_the_papers() -> None:
    """A system's word is stated from its own code or documents."""
    papers = {"article", "paper", "thesis", "report", "book"}
    unsourced = [
        id
        for id, term in terms().items()
        if term.systems and all(citation.source.kind in papers for citation in term.sources)
    ]

    assert unsourced == []


def test_words_of_paxos_are_seen_in_its_own_runs_and_words_of_raft_in_none_of_them() -> None:
    """A leader of Multi-Paxos is not what Raft calls a leader."""
    book = read(OWN)
    paxos = {name for name, played in everyone().items() if played.trace.protocol != "raft"}

    def seen(id: str) -> set[str]:
        return {one.scenario for one in book.occurrences[id]}

    assert seen("ballot") & paxos == seen("ballot") != set()
    assert seen("leader") & paxos == set()


def test_what_a_term_looks_for_is_found() -> None:
    """A thing looked for and never found would teach nothing."""
    book = read(OWN)

    assert [id for id, term in book.terms.items() if term.search_for and not book.occurrences[id]] == []
