"""The search against a second one: another program, written from the rules, that counts the same states."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from raftstep.core.guards import Guard
from raftstep.scenario.proofs.certificate import EXHAUSTED, certified
from raftstep.simulation.explore import explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft
from tests.measure_second import RECORD
from tests.simulation.explore import second_node
from tests.simulation.explore.second import Counted, Rest, Scope, Search, main
from tests.simulation.explore.second_node import LEADER, Entry, Node

SCOPES = {
    "one term": Scope(terms=1),
    "one term, two entries, a crash": Scope(terms=1, entries=2, commands=2, crashes=1, heartbeats=False),
    "two terms": Scope(),
    "two terms, a crash": Scope(crashes=1, heartbeats=False),
    "two nodes, two entries, two crashes": Scope(nodes=2, entries=2, commands=2, crashes=2),
    "two nodes, three terms": Scope(nodes=2, terms=3, entries=2, commands=3),
    "two nodes, three terms, a crash": Scope(nodes=2, terms=3, entries=2, commands=2, crashes=1, heartbeats=False),
}


def bounds_of(scope: Scope) -> Bounds:
    return Bounds(**asdict(scope))


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_two_searches_count_the_same_states(scope: Scope) -> None:
    """As many states, the farthest as far away, and nothing broken in either."""
    found = explore(raft(bounds_of(scope)))

    assert found.complete
    assert Search(scope).count() == Counted(found.states, found.depth)


def test_the_second_search_counted_what_is_certified() -> None:
    """Renew its record with ``python -m tests.measure_second``; it takes a quarter of an hour."""
    known = [
        {"name": name, "bounds": bounds.words, "states": found.states, "events": found.depth}
        for name, bounds in EXHAUSTED.items()
        for found in [certified(name)]
    ]

    assert json.loads(RECORD.read_text(encoding="utf-8")) == known


Broken = Callable[[Callable[..., Any]], Callable[..., Any]]
"""How a node votes without a rule, made from how it votes with it."""


def forgets_its_vote(votes: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, asked: votes(replace(node, voted_for=None), asked)


def votes_for_any_log(votes: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, asked: votes(node, replace(asked, last_log_term=9))


@pytest.mark.parametrize(
    ("broken", "guard", "scope"),
    [
        (forgets_its_vote, Guard.ONE_VOTE_A_TERM, Scope(terms=1)),
        (votes_for_any_log, Guard.UP_TO_DATE_LOG, Scope(heartbeats=False)),
    ],
    ids=["votes", "logs"],
)
def test_without_a_rule_both_break_the_same_property_equally_soon(
    broken: Broken, guard: Guard, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that cannot find a break counts nothing of worth."""
    monkeypatch.setattr(second_node, "votes", broken(second_node.votes))

    counted = Search(scope).count()

    found = explore(raft(bounds_of(scope).without(guard)))
    assert found.schedule
    assert counted.depth == len(found.schedule)
    assert {alarm.property for alarm in found.alarms} <= counted.broken


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
    places = [search.place(node, frozenset()) for node in nodes]
    rest = search.number(Rest(0, 0, (Entry(1, 0),) * committed, (1,) * committed))

    assert set(search.broken((*places, rest))) == {name}


def test_the_second_search_can_be_made_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what it found."""
    assert main(["--terms=1", "--entries=1", "--commands=1", "--no-heartbeats"]) == 0

    assert capsys.readouterr().out == "45 states, the farthest 9 events away; nothing broken\n"
