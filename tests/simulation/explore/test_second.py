"""The search against a second one: another program, written from the rules, that counts the same states."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from raftstep.core.guards import Guard
from raftstep.scenario.proofs.certificate import EXHAUSTIVE_BOUNDS, load_certificate
from raftstep.simulation.explore import explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from tests.tools import second_search_node
from tests.tools.measure_second import RECORD
from tests.tools.second_search import CountResult, Rest, Scope, Search, main
from tests.tools.second_search_node import LEADER, Entry, Node

SCOPES = {
    "one term": Scope(terms=1),
    "one term, two entries, a crash": Scope(terms=1, entries=2, commands=2, crashes=1, heartbeats=False),
    "two terms": Scope(),
    "two terms, a crash": Scope(crashes=1, heartbeats=False),
    "two nodes, two entries, two crashes": Scope(nodes=2, entries=2, commands=2, crashes=2),
    "two nodes, three terms": Scope(nodes=2, terms=3, entries=2, commands=3),
    "two nodes, three terms, a crash": Scope(nodes=2, terms=3, entries=2, commands=2, crashes=1, heartbeats=False),
}


def make_bounds(scope: Scope) -> Bounds:
    return Bounds(**asdict(scope))


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_two_searches_count_the_same_states(scope: Scope) -> None:
    """As many states, the farthest as far away, and nothing broken in either."""
    found = explore(raft_model(make_bounds(scope)))

    assert found.is_complete
    assert Search(scope).count() == CountResult(found.states, found.depth)


def test_the_second_search_counted_what_is_certified() -> None:
    """Renew its record with ``python -m tests.tools.measure_second``; it takes a quarter of an hour."""
    expected = [
        {"name": name, "bounds": bounds.words, "states": found.states, "events": found.depth}
        for name, bounds in EXHAUSTIVE_BOUNDS.items()
        for found in [load_certificate(name)]
    ]

    assert json.loads(RECORD.read_text(encoding="utf-8")) == expected


VoteBreaker = Callable[[Callable[..., Any]], Callable[..., Any]]
"""How a node votes without a rule, made from how it votes with it."""


def forget_own_vote(answer_vote_request: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, request: answer_vote_request(replace(node, voted_for=None), request)


def vote_for_any_log(answer_vote_request: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, request: answer_vote_request(node, replace(request, last_log_term=9))


@pytest.mark.parametrize(
    ("break_vote", "guard", "scope"),
    [
        (forget_own_vote, Guard.ONE_VOTE_A_TERM, Scope(terms=1)),
        (vote_for_any_log, Guard.UP_TO_DATE_LOG, Scope(heartbeats=False)),
    ],
    ids=["votes", "logs"],
)
def test_without_a_rule_both_break_the_same_property_equally_soon(
    break_vote: VoteBreaker, guard: Guard, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that cannot find a break counts nothing of worth."""
    monkeypatch.setattr(second_search_node, "answer_vote_request", break_vote(second_search_node.answer_vote_request))

    counted = Search(scope).count()

    found = explore(raft_model(make_bounds(scope).without_rules(guard)))
    assert found.schedule
    assert counted.depth == len(found.schedule)
    assert {alarm.property for alarm in found.alarms} <= counted.broken_properties


@pytest.mark.parametrize(
    ("name", "nodes", "committed"),
    [
        ("Log Matching", [Node(id=0, log=(Entry(1, 0), Entry(2, 0))), Node(id=1, log=(Entry(1, 1), Entry(2, 0)))], 0),
        ("State Machine Safety", [Node(id=0), Node(id=1, log=(Entry(1, 1),), commit_index=1)], 1),
        ("Leader Completeness", [Node(id=0), Node(id=1, role=LEADER, current_term=2)], 1),
        ("Election Safety", [Node(id=0, role=LEADER), Node(id=1, role=LEADER)], 0),
    ],
)
def test_each_property_can_break(name: str, nodes: list[Node], committed: int) -> None:
    """A check that cannot fail checks nothing. In term 1 the first node led, and committed its entry or did not."""
    search = Search(Scope(nodes=2))
    local_states = [search.number_local_state(node, frozenset()) for node in nodes]
    rest = search.number(Rest(0, 0, (Entry(1, 0),) * committed, (1,) * committed))

    assert set(search.broken_properties((*local_states, rest))) == {name}


def test_the_second_search_can_be_made_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what it found."""
    assert main(["--terms=1", "--entries=1", "--commands=1", "--no-heartbeats"]) == 0

    assert capsys.readouterr().out == "45 states, the farthest 9 events away; nothing broken\n"
