"""Nodes that disturb a healthy leader, and what keeps them from it (§6, dissertation §4.2.3, §6.2, §9.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.model import Membership, Role, Settings
from raftstep.core.rules import Rule
from raftstep.simulation.events import ChangeRequest, Cut, Heal, Partition, Request
from raftstep.simulation.plan import LEADER, Action, Setup
from raftstep.simulation.run import run
from tests.builders import node_ids
from tests.simulation.setups import first_node_ids as first

if TYPE_CHECKING:
    from raftstep.simulation.trace import Trace


def ordinary_setup(size: int, settings: Settings, *plan: Action, until_ms: int) -> Setup:
    """Ordinary times, in which S1 is the first to stand."""
    waits = tuple((name, (300,)) for name in first(size)[1:])
    return Setup(
        nodes=first(size),
        settings=replace(settings, no_op=True),
        timers=(("S1", (150,)), *waits),
        plan=plan,
        until_ms=until_ms,
    )


def elected_leaders(trace: Trace) -> list[str]:
    """Who became leader, in order."""
    return [step.outcome.node.id for step in trace.steps if step.outcome and Rule.BECOME_LEADER in step.outcome.rules]


def final_terms(trace: Trace) -> list[int]:
    """The terms the nodes end in."""
    return [node.current_term for node in trace.steps[-1].cluster.nodes]


AWAY = (
    Action(at_ms=400, directive=Partition(groups=(node_ids("12"), node_ids("3")))),
    Action(at_ms=2500, directive=Heal()),
)


@pytest.mark.parametrize("seed", range(3))
def test_a_node_that_was_away_deposes_the_leader_unless_it_asks_first(seed: int) -> None:
    """Dissertation §9.6: with pre-vote its term stays, and the leader of the first term leads to the end."""
    plain = run(ordinary_setup(3, Settings(), *AWAY, until_ms=4000), seed=seed)
    asking = run(ordinary_setup(3, Settings(pre_vote=True), *AWAY, until_ms=4000), seed=seed)

    assert len(elected_leaders(plain)) > 1
    assert min(final_terms(plain)) > 5
    assert (elected_leaders(asking), final_terms(asking)) == (["S1"], [1, 1, 1])


@pytest.mark.parametrize("seed", range(3))
def test_stickiness_alone_leaves_a_node_stuck_until_the_leader_falls(seed: int) -> None:
    """Dissertation §4.2.3: nobody hears its requests, but its refusal of a heartbeat carries the newer term."""
    sticky = run(ordinary_setup(3, Settings(leader_stickiness=True), *AWAY, until_ms=4000), seed=seed)
    both = run(ordinary_setup(3, Settings(leader_stickiness=True, pre_vote=True), *AWAY, until_ms=4000), seed=seed)

    assert len(elected_leaders(sticky)) > 1
    assert (elected_leaders(both), final_terms(both)) == (["S1"], [1, 1, 1])


REMOVAL = Action(at_ms=400, directive=ChangeRequest(node=LEADER, voters=node_ids("12")))


@pytest.mark.parametrize("seed", range(3))
def test_a_removed_node_disturbs_the_others_unless_they_stick_to_their_leader(seed: int) -> None:
    """§6: it gets no heartbeats, knows of no change and stands again and again."""
    single = Settings(membership=Membership.SINGLE)
    plain = run(ordinary_setup(3, single, REMOVAL, until_ms=4000), seed=seed)
    sticky = run(ordinary_setup(3, replace(single, leader_stickiness=True), REMOVAL, until_ms=4000), seed=seed)

    assert max(final_terms(plain)[:2]) > 5
    assert final_terms(sticky)[:2] == [1, 1]
    assert final_terms(sticky)[2] > 5


@pytest.mark.parametrize("check_quorum", [True, False])
def test_an_isolated_leader_steps_down_if_it_counts_who_answers(check_quorum: bool) -> None:
    """Dissertation §6.2: or it takes commands that nobody will ever commit."""
    cut = Action(at_ms=400, directive=Partition(groups=(node_ids("1"), node_ids("23"))))
    late = Action(at_ms=900, directive=Request(node="S1", command="x=1"))
    trace = run(ordinary_setup(3, Settings(check_quorum=check_quorum), cut, late, until_ms=1000), seed=1)

    isolated = trace.steps[-1].cluster.node("S1")
    assert (isolated.role is Role.LEADER, isolated.log[-1].command == "x=1") == (not check_quorum, not check_quorum)


BRIDGES = {("S2", "S4"), ("S3", "S5")}
PARTIAL = Action(
    at_ms=400,
    directive=Cut(
        links=tuple(
            (source, target)
            for source in first(5)
            for target in first(5)
            if {source, target} & {"S4", "S5"}
            and source != target
            and not {(source, target), (target, source)} & BRIDGES
        )
    ),
)


@pytest.mark.parametrize("seed", range(3))
def test_nodes_that_reach_one_other_only_keep_deposing_leaders_without_pre_vote(seed: int) -> None:
    """S4 reaches S2 alone and S5 reaches S3 alone, so neither can win; each brings its newer terms all the same."""
    plain = run(ordinary_setup(5, Settings(), PARTIAL, until_ms=6000), seed=seed)
    calm = run(ordinary_setup(5, Settings(pre_vote=True, check_quorum=True), PARTIAL, until_ms=6000), seed=seed)

    assert len(elected_leaders(plain)) > 4
    assert len(elected_leaders(calm)) <= 2
    assert plain.alarms == calm.alarms == ()
