"""The virtual clock, the draws, the order of events, and what a plan may not ask."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from raftstep.core.model import Role
from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.events import (
    Crash,
    Deliver,
    Heal,
    Partition,
    Request,
    Restart,
    Timeout,
    event_name,
    event_node,
)
from raftstep.simulation.plan import LEADER, Action, MessageFault, Pattern, PlanError, SetTimer, Setup
from raftstep.simulation.run import run
from tests.simulation.setups import fingerprint, first_node_ids, scripted_setup

ROOT = Path(__file__).parents[2]
LOSSY = replace(draw_setup(5, seed=3, until_ms=1500), latency_ms=(3, 17))


def test_time_is_whole_milliseconds_and_never_runs_back() -> None:
    """What is drawn, told and compared is a time; fractions would differ between machines."""
    times = [step.time_ms for step in run(LOSSY, seed=1).steps]

    assert all(type(time_ms) is int for time_ms in times)
    assert times == sorted(times)
    assert times[-1] <= LOSSY.until_ms


def test_steps_are_numbered_from_nought_and_all_are_checked() -> None:
    """The five properties are checked after every event."""
    trace = run(LOSSY, seed=1)

    assert [step.number for step in trace.steps] == list(range(trace.states_checked))


def test_the_same_seed_gives_the_same_run_in_every_process() -> None:
    """style.md: same seed, same transcript, in processes with different PYTHONHASHSEED."""
    program = (
        "from raftstep.simulation.chaos import draw_setup\n"
        "from raftstep.simulation.run import run\n"
        "from tests.simulation.setups import fingerprint\n"
        "print(fingerprint(run(draw_setup(5, seed=11, until_ms=900), seed=11)))\n"
    )
    python_path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generator'}"}
    fingerprints = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **python_path, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("0", "1", "424242")
    }

    assert fingerprints == {fingerprint(run(draw_setup(5, seed=11, until_ms=900), seed=11))}


def test_another_seed_draws_other_timeouts() -> None:
    """One source of chance, and it is the seed."""
    setup = Setup(nodes=first_node_ids(5), until_ms=0)

    assert run(setup, seed=1).start.timers != run(setup, seed=2).start.timers


def test_election_timeouts_are_drawn_from_their_range_and_use_all_of_it() -> None:
    """§9.3 of the paper: 150–300 ms."""
    setup = Setup(nodes=first_node_ids(9), election_timeout_ms=(150, 156), until_ms=0)
    deadlines_ms = {timer.deadline_ms for seed in range(40) for timer in run(setup, seed=seed).start.timers}

    assert deadlines_ms == set(range(150, 156))


def test_a_timeout_is_drawn_anew_each_time() -> None:
    """§5.2: a value drawn once could repeat the same tie for ever."""
    trace = run(Setup(nodes=("S1", "S2"), loss=1.0, until_ms=3000), seed=1)
    lengths = {timer.deadline_ms - timer.started_ms for step in trace.steps for timer in step.cluster.timers}

    assert len(lengths) > 10
    assert lengths <= set(range(150, 300))


def test_a_leader_sends_at_the_heartbeat_interval() -> None:
    """§5.2."""
    trace = run(Setup(nodes=first_node_ids(3), heartbeat_interval_ms=40, until_ms=600), seed=1)
    elected_ms = next(
        step.time_ms for step in trace.steps if any(node.role is Role.LEADER for node in step.cluster.nodes)
    )
    heartbeat_times_ms = [
        step.time_ms for step in trace.steps if isinstance(step.event, Timeout) and step.time_ms > elected_ms
    ]

    assert heartbeat_times_ms == list(range(elected_ms + 40, 601, 40))


def test_latencies_are_drawn_from_their_range_and_use_all_of_it() -> None:
    """Both ends are meant."""
    trace = run(Setup(nodes=first_node_ids(5), latency_ms=(3, 7), until_ms=2000), seed=1)
    latencies_ms = {packet.due_ms - packet.sent_ms for step in trace.steps for packet in step.cluster.packets}

    assert latencies_ms == {3, 4, 5, 6, 7}


def test_timeouts_that_are_set_come_first_and_do_not_disturb_the_other_draws() -> None:
    """A scenario that sets one timer keeps the rest of its run."""
    setup = Setup(nodes=first_node_ids(3), until_ms=0)
    deadlines_ms = {timer.node: timer.deadline_ms for timer in run(setup, seed=5).start.timers}
    trace_with_timer = run(replace(setup, timers=(("S2", (199,)),)), seed=5)

    assert {timer.node: timer.deadline_ms for timer in trace_with_timer.start.timers} == {**deadlines_ms, "S2": 199}


def test_a_timer_set_on_the_way_holds_from_the_next_time_it_starts() -> None:
    """Not at once: a running timer runs on."""
    trace = run(
        scripted_setup(
            1, (5, SetTimer(node="S1", timeouts_ms=(77,))), (9, Crash(node="S1")), (10, Restart(node="S1")), until_ms=20
        ),
        seed=0,
    )

    assert [trace.step_at(time_ms).cluster.timers[0].deadline_ms for time_ms in (8, 10)] == [100_000, 87]


def test_at_the_same_moment_arrivals_come_first_then_directives_then_timers() -> None:
    """One order, written down, or the same seed would not mean the same run."""
    fault = MessageFault(source="S1", target="S3", count=9, lose=True)
    setup = scripted_setup(
        3,
        (0, fault),
        (112, Request(node="S2", command="x=1")),
        until_ms=112,
        latency_ms=(12, 12),
        timers=(("S1", (100,)), ("S3", (112,))),
    )
    at_112 = [step for step in run(setup, seed=0).steps if step.time_ms == 112]

    assert [(event_name(step.event), event_node(step.event)) for step in at_112] == [
        ("deliver", "S2"),
        ("request", "S2"),
        ("timeout", "S3"),
    ]


def test_a_request_that_arrives_in_the_last_moment_stops_the_timer() -> None:
    """An arrival before a timer: the vote is granted and no second candidate stands up."""
    setup = scripted_setup(3, until_ms=112, latency_ms=(12, 12), timers=(("S1", (100,)), ("S3", (112,))))

    assert [step.event.node for step in run(setup, seed=0).steps if isinstance(step.event, Timeout)] == ["S1"]


def test_packets_due_together_arrive_in_the_order_they_were_sent() -> None:
    """protocol §8.2: lower number first."""
    trace = run(scripted_setup(5, (0, Timeout(node="S3")), until_ms=10), seed=0)

    assert [event_node(step.event) for step in trace.steps if isinstance(step.event, Deliver)] == [
        "S1",
        "S2",
        "S4",
        "S5",
    ]


def test_timers_that_run_out_together_do_so_in_the_order_of_the_nodes() -> None:
    """As the scenario names them."""
    setup = scripted_setup(3, until_ms=50, timers=tuple((node, (50,)) for node in ("S3", "S1", "S2")))

    assert [event_node(step.event) for step in run(setup, seed=0).steps[1:]] == ["S1", "S2", "S3"]


@pytest.mark.parametrize("size", range(1, 10))
def test_a_cluster_of_any_size_elects_a_leader_and_commits(size: int) -> None:
    """From one node, which is its own majority, to nine."""
    request = Action(directive=Request(node=LEADER, command="x=1"), when=Pattern(name="become-leader"), after_ms=30)
    trace = run(Setup(nodes=first_node_ids(size), plan=(request,), until_ms=3000), seed=size)
    end = trace.steps[-1]

    assert trace.alarms == ()
    assert trace.answered_commands(end) == ("x=1",)
    assert [node.role for node in end.cluster.nodes].count(Role.LEADER) == 1
    assert [[entry.command for entry in node.log[: node.commit_index]] for node in end.cluster.nodes] == [
        ["x=1"]
    ] * size


def test_an_action_waits_for_the_moment_its_pattern_picks() -> None:
    """The second heartbeat of the first leader, and 7 ms."""
    second = Pattern(name="send-heartbeat", occurrence=2)
    setup = Setup(
        nodes=first_node_ids(3), plan=(Action(directive=Crash(node=LEADER), when=second, after_ms=7),), until_ms=900
    )
    trace = run(setup, seed=1)
    heartbeats = [step for step in trace.steps if second.matches(step)]

    assert trace.action_times_ms == (heartbeats[1].time_ms + 7,)
    assert trace.step_at(trace.action_times_ms[0]).event == Crash(node=event_node(heartbeats[1].event))


def test_a_pattern_may_be_the_step_of_the_action_before_it() -> None:
    """plan.Action: what an action does itself can trigger the next one."""
    heal = Action(at_ms=500, directive=Heal())
    crash = Action(directive=Crash(node="S1"), when=Pattern(name="heal"), after_ms=20)
    restart = Action(directive=Restart(node="S1"), when=Pattern(name="crash", node="S1"), after_ms=30)

    trace = run(Setup(nodes=first_node_ids(3), plan=(heal, crash, restart), until_ms=900), seed=1)

    assert trace.action_times_ms == (500, 520, 550)


def test_a_pattern_is_looked_for_from_the_moment_of_the_action_before_it() -> None:
    """plan.Action: what happened before is past."""
    heal = Action(at_ms=500, directive=Heal())
    crash = Action(directive=Crash(node="S1"), when=Pattern(name="become-leader"))

    with pytest.raises(PlanError, match="become-leader"):
        run(Setup(nodes=first_node_ids(3), plan=(heal, crash), until_ms=900), seed=1)


@pytest.mark.parametrize(
    ("plan", "action", "words"),
    [
        ([(0, Restart(node="S1"))], 0, "S1 is not down at 0 ms"),
        ([(0, Crash(node="S1")), (5, Crash(node="S1"))], 1, "S1 is down at 5 ms"),
        ([(0, Crash(node="S1")), (5, Timeout(node="S1"))], 1, "S1 is down at 5 ms"),
        ([(3, Request(node=LEADER, command="x=1"))], 0, "at 3 ms no node leads"),
        ([(20, Heal()), (10, Partition(groups=(("S1",), ("S2",))))], 1, "time runs backwards: it is already 20 ms"),
        ([(200, Heal())], 0, "its moment, at 200 ms, never comes before the run ends at 100 ms"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_says_why(plan: list[tuple[int, object]], action: int, words: str) -> None:
    """PlanError: the place in the plan, and what is wrong."""
    with pytest.raises(PlanError) as caught:
        run(scripted_setup(3, *plan, until_ms=100), seed=0)

    assert (caught.value.action_index, caught.value.words) == (action, words)


def test_a_moment_that_never_comes_is_named() -> None:
    """PlanError again, for a pattern."""
    action = Action(directive=Heal(), when=Pattern(name="become-leader"))

    with pytest.raises(PlanError, match=r"its moment, when become-leader, never comes before the run ends at 100 ms"):
        run(replace(scripted_setup(3, until_ms=100), plan=(action,)), seed=0)
