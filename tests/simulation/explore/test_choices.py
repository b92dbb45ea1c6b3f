"""The counts by what a state holds: which choices change no run, which miss states, and that the record is true."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raftstep.core.model import Role
from raftstep.scenario.proofs.certificate import SearchResult, load_certificate
from raftstep.simulation.explore import explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.site.state_counts import BOUNDS, CERTIFICATE, CHOICES, exhibits, read_state_counts
from tests.simulation.explore import choices
from tests.simulation.explore.naive import State, count_up_to_renaming, drop_spent, search_naively
from tests.tools.measure_states import RECORD
from tests.tools.search_records import format_record

SMALL = Bounds(nodes=2, terms=2, entries=1, commands=1, heartbeats=False)
LINES = {line["choice"]: line for line in json.loads(RECORD.read_text(encoding="utf-8"))}


def all_states(choice: choices.ModelBuilder) -> frozenset[State]:
    """Of a small cluster, none left out and none merged."""
    model = choice(SMALL)
    return search_naively(replace(model, update_history=model.update_history or (lambda *_: ((), ())))).states


def change_nodes(change: Callable[[Any], Any], states: frozenset[State]) -> frozenset[State]:
    return frozenset(replace(state, nodes=tuple(map(change, state.nodes))) for state in states)


def test_a_leader_that_forgets_its_votes_does_what_it_did() -> None:
    """The same states, but for the votes."""

    def without_votes(node: Any) -> Any:
        return replace(node, votes_granted=frozenset()) if node.role is Role.LEADER else node

    assert not change_nodes(without_votes, all_states(raft_model)) ^ all_states(choices.no_votes)


def test_a_node_that_knows_its_leader_does_what_it_did() -> None:
    """The same states, but for the leader's name."""
    assert not change_nodes(lambda node: replace(node, leader=None), all_states(choices.leader_known)) ^ all_states(
        raft_model
    )


def test_a_search_without_an_observer_goes_through_the_same_runs() -> None:
    """The same states, but for the history."""
    seen, unseen = all_states(raft_model), all_states(choices.no_history)

    assert not {replace(state, history=()) for state in seen} ^ {replace(state, history=()) for state in unseen}


@pytest.mark.parametrize("unsound", [choices.stale_requests_for_votes_left_out, choices.all_that_is_stale_left_out])
def test_a_search_that_leaves_stale_requests_out_misses_states(unsound: choices.ModelBuilder) -> None:
    """Their answers tell of a newer term, so they still matter; there are states that no run without them reaches."""
    model = unsound(SMALL)

    assert explore(model).states < count_up_to_renaming(model, drop_spent(model, all_states(raft_model)))


def test_the_record_is_what_the_search_gives() -> None:
    """Renew it with ``make searches``. The quick ones are searched again; all are named."""
    quick = [slug for slug, line in LINES.items() if line["states"] < 100_000]

    assert len(quick) == 2
    assert [choices.count(slug) for slug in quick] == [LINES[slug] for slug in quick]
    assert list(LINES) == [choice.slug for choice in CHOICES] == list(choices.CHOICES)


def test_the_record_agrees_with_the_certificate() -> None:
    """The first line is the search as it is, which is certified."""
    assert read_state_counts(RECORD, load_certificate(CERTIFICATE))[0]["complete"]


def test_a_record_of_another_search_is_refused(tmp_path: Path) -> None:
    """A check that cannot fail checks nothing."""
    other = SearchResult(bounds=BOUNDS, states=1, depth=1, schedule=None, is_certified=True)
    short = tmp_path / "state-counts.json"
    short.write_text(format_record(list(LINES.values())[1:]), encoding="utf-8")

    with pytest.raises(ValueError, match=r"has 908,394 states where the search has 1; renew it with: make searches"):
        exhibits(RECORD, other)["state-counts"](str)
    with pytest.raises(ValueError, match=r"holds other choices than the search has; renew it with: make searches"):
        read_state_counts(short)
    with pytest.raises(ValueError, match=r"cannot be read .*; renew it with: make searches"):
        read_state_counts(tmp_path / "none.json")


def test_a_search_that_was_ended_is_not_told_as_a_count() -> None:
    """Where there are more states than were searched, the table says so."""
    told = exhibits(RECORD, None)["state-counts"](str)

    assert "<td>more than 3,000,000</td><td>ended after all schedules of" in told
    assert "<td>908,394</td><td>28 events</td>" in told
