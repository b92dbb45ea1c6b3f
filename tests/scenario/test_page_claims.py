"""What the pages on internals say of runs in general: held against runs made for it, and against all small cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest

import raftstep
from raftstep import Action, Cut, Heal, Setup
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.trace import Trace

NAMES = ("S1", "S2", "S3", "S4", "S5")


def load_setup(name: str) -> Setup:
    return raftstep.load(name).setup


def repair(setup: Setup, pair: tuple[str, str]) -> Setup:
    """The set-up with one link repaired at 1600 ms, when no node leads any more."""
    cuts = [action.directive for action in setup.plan if isinstance(action.directive, Cut)]
    links = tuple(link for cut in cuts for link in cut.links if set(link) != set(pair))
    repaired = (Action(at_ms=1600, directive=Heal()), Action(at_ms=1601, directive=Cut(links=links)))
    return replace(setup, plan=(*setup.plan, *repaired), until_ms=5000)


def lead_after(trace: Trace, time_ms: int) -> set[str]:
    """Who leads in some state after a time, in a term that the first leader did not lead."""
    return {name for step in trace.steps if step.time_ms > time_ms for name in list_leaders(step.cluster)} - {"S2"}


def list_leaders(cluster: Cluster) -> list[str]:
    return [node.id for node in cluster.nodes if node.role.name == "LEADER"]


@pytest.mark.parametrize(("pre_vote", "check_quorum", "stickiness"), list(product((False, True), repeat=3)))
def test_where_only_a_node_that_is_behind_reaches_a_majority_no_rule_finds_a_leader(
    *, pre_vote: bool, check_quorum: bool, stickiness: bool
) -> None:
    """Page on Multi-Paxos: Raft cannot elect anyone here, with or without the added rules."""
    setup = load_setup("constrained-election-raft")
    settings = replace(setup.settings, pre_vote=pre_vote, check_quorum=check_quorum, leader_stickiness=stickiness)

    trace = raftstep.run(replace(setup, settings=settings, until_ms=5000), seed=1)

    assert lead_after(trace, 400) == set()
    assert raftstep.run(replace(load_setup("constrained-election-paxos"), until_ms=5000), seed=1).alarms == ()


def test_multi_paxos_finds_one_there() -> None:
    """The same page: S1 leads, and the promises bring it the value."""
    trace = raftstep.run(load_setup("constrained-election-paxos"), seed=1)

    assert lead_after(trace, 400) == {"S1"}


@pytest.mark.parametrize("pair", list(combinations(NAMES, 2)))
def test_a_repaired_link_between_two_up_to_date_nodes_lets_raft_find_a_leader(pair: tuple[str, str]) -> None:
    """Its last question: any one between two of S2, S3, S4 and S5; S1 has the other links already, or gains nothing."""
    trace = raftstep.run(repair(load_setup("constrained-election-raft"), pair), seed=1)

    assert bool(list_leaders(trace.steps[-1].cluster)) == ("S1" not in pair)


@pytest.mark.parametrize("size", range(2, 9))
def test_two_single_changes_can_have_majorities_apart_only_from_an_even_number(size: int) -> None:
    """Page on configuration changes: from an odd number, any two single changes still have overlapping majorities."""
    parent = frozenset(range(size))
    changed = [parent - {node} for node in parent] + [parent | {size}, parent | {size + 1}]

    def majorities(nodes: frozenset[int]) -> list[frozenset[int]]:
        return [frozenset(some) for some in combinations(sorted(nodes), len(nodes) // 2 + 1)]

    apart = [
        (one, other)
        for one, other in combinations(changed, 2)
        if any(not first & second for first in majorities(one) for second in majorities(other))
    ]

    assert bool(apart) == (size % 2 == 0)
