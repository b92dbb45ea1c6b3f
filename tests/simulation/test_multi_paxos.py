"""Multi-Paxos in the same simulator, under the same faults; and its checks, each of which can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.model import Settings
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.rules import Rule
from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Crash, Cut, Heal, Request, Restart, event_node
from raftstep.simulation.multi_paxos import MULTI_PAXOS, observe
from raftstep.simulation.paxos_invariants import PROPERTIES, Decision, History
from raftstep.simulation.plan import Action, MessageFault, Setup
from raftstep.simulation.run import run
from tests.builders_paxos import ballot, node, slots, value

if TYPE_CHECKING:
    from raftstep.core.model import Node as RaftNode
    from raftstep.core.paxos.model import Slot
    from raftstep.simulation.trace import Trace


def run_paxos(*plan: Action, without: Guard | None = None, size: int = 3, **options: object) -> Trace:
    disabled_guards = cast("frozenset", frozenset({without} if without else ()))
    settings = {
        "latency_ms": (10, 10),
        "timers": (("S1", (150,)), ("S2", (300,) * 99), ("S3", (430,) * 99)),
        "election_timeout_ms": (900, 901),
        **options,
    }
    setup = Setup(
        nodes=tuple(f"S{number}" for number in range(1, size + 1)),
        protocol=MULTI_PAXOS,
        settings=Settings(without=disabled_guards),
        start_term=1,
        plan=plan,
        **settings,  # type: ignore[arg-type]
    )
    return run(setup, seed=1)


def action_at(time_ms: int, directive: object) -> Action:
    return Action(at_ms=time_ms, directive=directive)  # type: ignore[arg-type]


def broken_properties(trace: Trace) -> set[str]:
    return {alarm.property for alarm in trace.alarms}


def test_a_command_takes_as_many_message_delays_as_in_raft() -> None:
    """One round trip to a majority once there is a leader, in either protocol."""
    plan = (action_at(300, Request(node="S1", command="x=1")),)
    setup = Setup(
        nodes=("S1", "S2", "S3"),
        latency_ms=(10, 10),
        timers=(("S1", (150,)), ("S2", (400,)), ("S3", (430,))),
        plan=plan,
        start_term=1,
    )
    answer_times_ms = []
    for protocol_setup in (setup, replace(setup, protocol=MULTI_PAXOS)):
        trace = run(protocol_setup, seed=1)
        answer_times_ms.append(next(step.time_ms for step in trace.steps if trace.answered_commands(step)))

    assert answer_times_ms == [320, 320]


def test_the_same_seed_gives_the_same_run() -> None:
    """Style, *The shapes*: all chance comes from the seed, for either protocol."""
    setup = replace(draw_setup(5, seed=3), protocol=MULTI_PAXOS)

    assert run(setup, seed=3) == run(setup, seed=3)


@given(size=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_no_faults_make_two_values_chosen_for_a_slot(size: int, seed: int) -> None:
    """Crashes, restarts, partitions, loss and doubles: all three properties hold in every state."""
    trace = run(replace(draw_setup(size, seed=seed), protocol=MULTI_PAXOS), seed=seed)

    assert trace.alarms == ()


def test_random_faults_reach_the_rules_and_get_work_done() -> None:
    """A run in which nothing happens would break nothing. Gaps are rare: a leader repeats what is not accepted."""
    traces = [run(replace(draw_setup(4, seed=seed, faults=40), protocol=MULTI_PAXOS), seed=seed) for seed in range(40)]
    fired = {rule for trace in traces for step in trace.steps if step.outcome for rule in step.outcome.rules}

    assert set(Rule) - fired <= {Rule.FILL_GAP}  # type: ignore[operator]
    assert sum(len(trace.answered_commands(trace.steps[-1])) for trace in traces) > 40


@pytest.mark.parametrize(
    ("guard", "seed"),
    [
        (Guard.KEEP_PROMISE, 97),
        (Guard.ADOPT_REPORTED, 0),
        (Guard.HIGHEST_BALLOT, 50),
        (Guard.PREPARE_MAJORITY, 2),
        (Guard.ACCEPT_MAJORITY, 0),
        (Guard.DURABLE_ACCEPTANCE, 9),
    ],
)
def test_random_faults_find_what_a_rule_left_out_breaks(guard: Guard, seed: int) -> None:
    """A check that cannot fail checks nothing; with the rule kept, the same faults break nothing."""
    setup = replace(draw_setup(3, seed=seed, faults=40), protocol=MULTI_PAXOS)
    broken_setup = replace(setup, settings=Settings(without=cast("frozenset", frozenset({guard}))))

    assert run(broken_setup, seed=seed).alarms
    assert not run(setup, seed=seed).alarms


def test_a_promise_forgotten_in_a_crash_lets_an_old_leader_have_its_way() -> None:
    """S3 accepts x=2 in the ballot of S2, forgets its promise, and accepts x=1 in the lower ballot of S1."""
    plan = (
        action_at(290, Cut(links=(("S1", "S2"), ("S2", "S1"), ("S3", "S1")))),
        action_at(295, MessageFault(source="S1", target="S3", kind="Accept", delay_ms=400)),
        action_at(300, Request(node="S1", command="x=1")),
        action_at(305, MessageFault(source="S1", target="S3", lose=True, count=99)),
        action_at(610, Request(node="S2", command="x=2")),
        action_at(640, Crash(node="S3")),
        action_at(641, Cut(links=(("S2", "S3"),))),
        action_at(650, Restart(node="S3")),
    )

    assert "Agreement" in broken_properties(run_paxos(*plan, without=Guard.DURABLE_PROMISE))
    assert not broken_properties(run_paxos(*plan))


# the observer, state by state


def cluster(*slot_texts: str) -> Cluster:
    nodes = tuple(node(f"S{number}", slots_text=text) for number, text in enumerate(slot_texts, 1))
    return Cluster(nodes=cast("tuple[RaftNode, ...]", nodes))


def observe_states(*states: tuple[str, ...]) -> tuple[History, list[str]]:
    """All that breaks on the way through these states of S1, S2 and S3; one node changes at a time."""
    history, broken_names = History(), []
    before = cluster("", "", "")
    for state in states:
        after = cluster(*state)
        for node_before, node_after in zip(before.nodes, after.nodes, strict=True):
            if node_before != node_after:
                cluster_between = before.with_node(node_after)
                history, alarms = observe(history, before, cluster_between, node_after.id)
                broken_names += [alarm.property for alarm in alarms]
                before = cluster_between
    return history, broken_names


def test_chosen_is_what_a_majority_has_accepted_in_one_ballot() -> None:
    """Not the same value in two ballots, and not by half of the nodes."""
    split, _ = observe_states(("a@1.S1", "", ""), ("a@1.S1", "a@2.S2", ""))
    whole, _ = observe_states(("a@1.S1", "", ""), ("a@1.S1", "a@1.S1", ""))

    assert split.decisions == ()
    assert whole.decisions == (Decision(index=1, value=value("a"), ballot=ballot("1.S1")),)


def test_what_was_accepted_counts_though_it_was_overwritten_since() -> None:
    """S1 accepted it once, and S2 does now: nobody holds it twice, and chosen it is."""
    history, names = observe_states(("a@1.S1", "", ""), ("b@2.S3", "", ""), ("b@2.S3", "a@1.S1", ""))

    assert [decision.value for decision in history.decisions] == [value("a")]
    assert names == []


def test_agreement_breaks_when_another_value_is_chosen() -> None:
    """Lamport 2001 §2.1: only a single value is chosen; a check that cannot fail checks nothing."""
    _, names = observe_states(("a@1.S1", "a@1.S1", ""), ("a@1.S1", "b@2.S3", "b@2.S3"))

    assert names == ["Agreement"]


def test_one_value_a_ballot_breaks_when_two_are_accepted_in_it() -> None:
    """Lamport 2001 §2.2: a proposal's number is issued once; a check that cannot fail checks nothing."""
    _, names = observe_states(("a@1.S1", "", ""), ("a@1.S1", "b@1.S1", ""))

    assert names == ["One Value a Ballot"]


def test_learned_is_chosen_breaks_for_what_is_not_chosen_and_for_what_changes() -> None:
    """Lamport 2001 §2.1: a process never learns of a value unless it was chosen."""
    _, early = observe_states(("a@1.S1!", "", ""))
    _, changed = observe_states(("a@1.S1", "a@1.S1", ""), ("a@1.S1!", "a@1.S1", ""), ("b@2.S3", "a@1.S1", ""))

    assert early == ["Learned Is Chosen"]
    assert changed == ["Learned Is Chosen"]


def test_each_property_is_broken_by_some_test_above() -> None:
    """Style, *Tests*: each invariant has a test in which it is violated."""
    assert set(PROPERTIES) == {"One Value a Ballot", "Agreement", "Learned Is Chosen"}
    assert slots("- a@1.S1")[0].is_hole


def test_a_restarted_node_and_a_cut_off_one_catch_up() -> None:
    """They learn from the leader what was chosen without them."""
    trace = run_paxos(
        action_at(250, Crash(node="S2")),
        action_at(300, Request(node="S1", command="x=1")),
        action_at(400, Restart(node="S2")),
        action_at(500, Cut(links=(("S1", "S3"),))),
        action_at(510, MessageFault(source="S1", target="S2", kind="Accept", lose=True)),
        action_at(520, Request(node="S1", command="x=2")),
        action_at(700, Heal()),
        until_ms=1500,
    )

    assert trace.alarms == ()
    assert {final_node.commit_index for final_node in trace.steps[-1].cluster.nodes} == {2}


@pytest.mark.parametrize("seed", range(12))
def test_the_observer_agrees_with_a_slow_twin(seed: int) -> None:
    """Whatever stood in any node at any time, counted at the end, gives the same decisions."""
    trace = run(replace(draw_setup(3 + seed % 3, seed=seed, faults=40), protocol=MULTI_PAXOS), seed=seed)
    history, before = History(), trace.start
    for step in trace.steps:
        history, _ = observe(history, before, step.cluster, event_node(step.event))
        before = step.cluster

    holders: dict[tuple[int, object, object], set[str]] = {}
    for step in trace.steps:
        for recorded_node in step.cluster.nodes:
            for index, slot in enumerate(cast("tuple[Slot, ...]", recorded_node.log), 1):
                if not slot.is_hole:
                    holders.setdefault((index, slot.ballot, slot.value), set()).add(recorded_node.id)
    quorum_size = len(trace.start.nodes) // 2 + 1
    chosen = {(index, value) for (index, _, value), ids in holders.items() if len(ids) >= quorum_size}

    assert {(decision.index, decision.value) for decision in history.decisions} == chosen
