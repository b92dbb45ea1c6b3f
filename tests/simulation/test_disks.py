"""Disks whose writes take time: what waits for a write, and what a crash before its end loses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.inputs import Outcome
from raftstep.core.messages import AppendEntriesResponse
from raftstep.core.step import step
from raftstep.simulation import disks
from raftstep.simulation.events import Crash, Deliver, Request, Restart, Timeout, WriteDone
from raftstep.simulation.features import Feature
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.random_run import draw_run
from raftstep.simulation.run import run
from tests.builders import terms
from tests.simulation.setups import scripted_setup

if TYPE_CHECKING:
    from raftstep.core.inputs import Input
    from raftstep.core.model import Node
    from raftstep.simulation.trace import Trace

T1 = Timeout(node="S1")
X1 = Request(node="S1", command="x=1")


def arrivals_ms(trace: Trace, kind: str, source: str) -> list[int]:
    """When messages of a kind from a node arrive."""
    return [
        step.time_ms
        for step in trace.steps
        if isinstance(step.event, Deliver)
        and type(step.event.packet.message).__name__ == kind
        and step.event.packet.message.source == source
    ]


def test_a_candidate_asks_for_votes_when_its_own_is_on_disk() -> None:
    """Figure 2, *State*: the term and the vote are updated on stable storage before a node speaks of them."""
    trace = run(scripted_setup(3, (0, T1), until_ms=60, disks=(("S1", 25),)), seed=0)

    assert arrivals_ms(trace, "RequestVote", "S1") == [35, 35]


def test_a_vote_and_an_acknowledgement_wait_for_the_disk() -> None:
    """Figure 2, *State*: before responding to RPCs. Without the delay they arrive at 20 and 40 ms."""
    trace = run(scripted_setup(3, (0, T1), (40, X1), until_ms=120, disks=(("S2", 25),)), seed=0)

    assert arrivals_ms(trace, "RequestVoteResponse", "S2") == [45]
    assert arrivals_ms(trace, "RequestVoteResponse", "S3") == [20]
    assert arrivals_ms(trace, "AppendEntriesResponse", "S2")[-1] == 85
    assert arrivals_ms(trace, "AppendEntriesResponse", "S3")[-1] == 60


def test_nothing_a_node_says_overtakes_what_it_has_not_written() -> None:
    """A second request is answered from the log in memory; the answer would promise what the disk does not hold."""
    trace = run(
        scripted_setup(3, (0, T1), (40, X1), (45, T1), until_ms=200, disks=(("S2", 50),)),
        seed=0,
    )
    first_written_ms = next(
        step.time_ms
        for step in trace.steps
        if isinstance(step.event, WriteDone) and step.event.node == "S2" and step.event.index == 1
    )
    acknowledged_ms = [
        step.time_ms
        for step in trace.steps
        if isinstance(step.event, Deliver)
        and isinstance(message := step.event.packet.message, AppendEntriesResponse)
        and message.source == "S2"
        and message.match_index == 1
    ]

    assert acknowledged_ms
    assert min(acknowledged_ms) == first_written_ms + 10


def test_a_leader_sends_an_entry_while_it_writes_it() -> None:
    """Dissertation §10.2.1: the write and the round trip overlap."""
    trace = run(scripted_setup(3, (0, T1), (60, X1), until_ms=120, disks=(("S1", 30),)), seed=0)
    commit_ms = next(step.time_ms for step in trace.steps if step.cluster.node("S1").commit_index == 1)

    assert arrivals_ms(trace, "AppendEntries", "S1")[-2:] == [70, 70]
    assert commit_ms == 80
    assert trace.step_at(80).cluster.node("S1").written_index == 0
    assert trace.step_at(90).cluster.node("S1").written_index == 1


def test_a_crash_loses_what_was_not_yet_written_and_what_was_to_be_said_of_it() -> None:
    """Figure 2, *State*: what a disk has not finished writing is not there after a crash."""
    plan = [(0, T1), (40, X1), (60, Crash(node="S2")), (65, Restart(node="S2"))]
    trace = run(scripted_setup(3, *plan, until_ms=200, disks=(("S2", 25),)), seed=0)

    assert terms(trace.step_at(59).cluster.node("S2").log) == [1]
    assert terms(trace.step_at(65).cluster.node("S2").log) == []
    assert trace.step_at(65).cluster.node("S2").voted_for == "S1"


def test_a_write_that_has_ended_survives() -> None:
    """The disk has it, whether the node had noticed or not."""
    plan = [(0, T1), (40, X1), (75, Crash(node="S2"))]
    trace = run(scripted_setup(3, *plan, until_ms=100, disks=(("S2", 25),)), seed=0)

    assert terms(trace.step_at(75).cluster.node("S2").log) == [1]


def test_multi_paxos_has_no_slow_disks() -> None:
    """Its nodes do not count what they have written."""
    with pytest.raises(ValueError, match="slow disks are of Raft alone; leave disks out"):
        run(scripted_setup(3, (0, T1), until_ms=9, disks=(("S1", 5),), protocol=MULTI_PAXOS), seed=0)


def counts_at_once(node: Node, given: Input) -> Outcome:
    """A core that counts a leader's own copy before its disk has it."""
    return step(replace(node, disk_is_slow=False), given)


def test_random_runs_find_a_leader_that_counts_itself_too_soon() -> None:
    """Dissertation §10.2.1; the crash that then loses the entry is rare, and found within a few dozen runs."""
    random_runs = (replace(draw_run(number), features=frozenset({Feature.SLOW_DISKS})) for number in range(50, 80))
    alarms = [
        alarm
        for random_run in random_runs
        for alarm in run(random_run.make_setup(), seed=random_run.seed, step_function=counts_at_once).alarms
    ]

    assert {alarm.property for alarm in alarms} >= {"Leader Completeness"}


def test_answers_that_do_not_wait_for_the_disk_break_a_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figure 2: S2 acknowledges x=1, loses it in the crash, and helps to elect S3, which never had it."""
    from raftstep.simulation.events import Partition

    plan = [
        (0, T1),
        (100, Partition(groups=(("S1", "S2"), ("S3",)))),
        (110, X1),
        (125, Crash(node="S2")),
        (135, Restart(node="S2")),
        (140, Partition(groups=(("S1",), ("S2", "S3")))),
        (150, Timeout(node="S3")),
    ]
    setup = scripted_setup(3, *plan, until_ms=260, disks=(("S2", 25),))

    kept = run(setup, seed=0).alarms
    monkeypatch.setattr(disks, "RESTS_ON_A_WRITE", ())
    broken = run(setup, seed=0).alarms

    assert kept == ()
    assert {alarm.property for alarm in broken} == {"Leader Completeness"}
