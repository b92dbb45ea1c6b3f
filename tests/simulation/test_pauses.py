"""A node that stands still, and a node that loses its disk: what stops, what waits, and what is gone."""

from __future__ import annotations

import pytest

from raftstep.core.model import ReadMode, Role, Settings
from raftstep.simulation.cluster import Timer
from raftstep.simulation.describe import transcript
from raftstep.simulation.events import (
    Crash,
    Deliver,
    Heal,
    Lose,
    LoseDisk,
    Partition,
    Pause,
    ReadRequest,
    Request,
    Restart,
    Resume,
    Timeout,
    Wait,
)
from raftstep.simulation.plan import PlanError, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from tests.builders import follower
from tests.simulation.setups import first_node_ids, scripted_setup

T1, T2 = Timeout(node="S1"), Timeout(node="S2")
X1 = Request(node="S1", command="x=1")


def events_at(trace: Trace, node: str, *kinds: type) -> list[tuple[int, str]]:
    """When events of these kinds happen at a node, and which they are."""
    return [
        (step.time_ms, type(step.event).__name__)
        for step in trace.steps
        if isinstance(step.event, kinds) and getattr(step.event, "node", None) == node
    ]


def test_what_arrives_at_a_paused_node_waits_and_is_handled_in_its_order_when_it_goes_on() -> None:
    """A process that is stopped finds in its sockets what was sent meanwhile."""
    setup = scripted_setup(3, (0, Pause(node="S2")), (0, T1), (5, T1), (30, Resume(node="S2")), until_ms=34)
    trace = run(setup, seed=0)
    handled = [step.event.packet.message.term for step in trace.steps[1:] if isinstance(step.event, Deliver)][-2:]

    assert events_at(trace, "S2", Wait, Deliver) == [(10, "Wait"), (15, "Wait"), (31, "Deliver"), (31, "Deliver")]
    assert handled == [1, 2]
    assert len(trace.step_at(29).cluster.waiting_packets) == 2
    assert trace.step_at(31).cluster.waiting_packets == ()


def test_no_link_that_is_cut_meanwhile_takes_back_what_has_arrived() -> None:
    """It is at the node, and no longer on the wire; S1's heartbeat, sent at 20 ms, is."""
    cut = Partition(groups=(("S1",), ("S2", "S3")))
    setup = scripted_setup(
        3, (0, Pause(node="S2")), (0, T1), (20, cut), (40, Resume(node="S2")), (80, Heal()), until_ms=90
    )

    assert events_at(run(setup, seed=0), "S2", Wait, Deliver, Lose) == [(10, "Wait"), (30, "Lose"), (41, "Deliver")]


def test_a_paused_node_takes_up_its_timer_where_it_stopped() -> None:
    """No time passes for it, so as much of its timeout is left as there was."""
    setup = Setup(
        nodes=first_node_ids(1),
        timers=(("S1", (150,)),),
        plan=scripted_setup(1, (100, Pause(node="S1")), (400, Resume(node="S1")), until_ms=0).plan,
        until_ms=460,
    )
    trace = run(setup, seed=0)

    assert trace.step_at(399).cluster.timer("S1") is None
    assert trace.step_at(400).cluster.timer("S1") == Timer(
        node="S1", started_ms=300, deadline_ms=450, is_election_timeout=True
    )
    assert events_at(trace, "S1", Timeout) == [(450, "Timeout")]


def test_a_paused_nodes_clock_stands_still() -> None:
    """A read by a lease, after a pause longer than the lease: by the node's own clock the lease still lasts."""
    settings = Settings(reads=ReadMode.LEASE, no_op=True)
    read = ReadRequest(node="S1", key="x")
    plan = [(0, T1), (30, T1), (80, Pause(node="S1")), (900, Resume(node="S1")), (900, read)]
    paused = run(scripted_setup(3, *plan, until_ms=900, settings=settings), seed=0).steps[-1]
    steady = run(scripted_setup(3, *plan[:2], (900, read), until_ms=900, settings=settings), seed=0).steps[-1]

    assert [rule.slug for rule in paused.outcome.rules if paused.outcome] == ["read-by-lease", "answer-read"]
    assert [rule.slug for rule in steady.outcome.rules if steady.outcome] == ["start-read-round"]
    assert paused.cluster.clock_time_ms("S1", 900) == 80


def test_a_client_gets_no_answer_from_a_paused_node() -> None:
    """Nor is what it asked kept: a client that waits long gives up."""
    setup = scripted_setup(3, (0, T1), (30, Pause(node="S1")), (35, X1), (50, Resume(node="S1")), until_ms=90)
    trace = run(setup, seed=0)

    assert trace.step_at(35).outcome is None
    assert trace.steps[-1].cluster.node("S1").log == ()


def test_a_crash_loses_what_waits_at_a_paused_node() -> None:
    """Nobody keeps what was sent to a process that is gone; its clock goes on from where it stood."""
    setup = scripted_setup(
        3, (0, Pause(node="S2")), (0, T1), (20, Crash(node="S2")), (30, Restart(node="S2")), until_ms=60
    )
    trace = run(setup, seed=0)

    assert events_at(trace, "S2", Wait, Lose, Deliver)[:2] == [(10, "Wait"), (20, "Lose")]
    assert trace.step_at(20).cluster.down_nodes == {"S2"}
    assert (trace.steps[-1].cluster.is_paused("S2"), trace.steps[-1].cluster.waiting_packets) == (False, ())


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        (Timeout(node="S1"), "S1 is paused at 10 ms"),
        (Pause(node="S1"), "S1 is paused at 10 ms"),
        (Resume(node="S2"), "S2 is not paused at 10 ms"),
        (Restart(node="S1"), "S1 is not down at 10 ms"),
        (LoseDisk(node="S1"), "S1 is not down at 10 ms"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_cannot_happen_is_said(directive: Timeout | Pause | Resume | Restart | LoseDisk, words: str) -> None:
    """A directive that cannot be carried out is a mistake of its author."""
    with pytest.raises(PlanError, match=words):
        run(scripted_setup(3, (0, Pause(node="S1")), (10, directive), until_ms=20), seed=0)


def test_no_more_messages_wait_than_may_be_under_way() -> None:
    """SECURITY, *limits*: a node that is paused for ever must not take all memory."""
    setup = scripted_setup(
        2, (0, Pause(node="S2")), *[(20 * number, T1) for number in range(1, 9)], until_ms=200, most_messages=7
    )

    with pytest.raises(PlanError, match="more than 7 messages wait at paused nodes at 170 ms; send fewer"):
        run(setup, seed=0)


def test_a_pause_is_told_in_the_transcript() -> None:
    """Where messages wait, and when they are taken up."""
    words = transcript(
        run(scripted_setup(2, (0, Pause(node="S2")), (0, T1), (20, Resume(node="S2")), until_ms=25), seed=0)
    )

    assert [line[10:].partition(":")[0] for line in words.splitlines()[1:5]] == [
        " S2 is paused",
        " S1's timer fires",
        " RequestVote(term 1, last entry 0 of term 0) from S1 waits at S2, which is paused",
        " S2 goes on where it stopped",
    ]


def test_a_node_that_lost_its_disk_starts_as_a_new_one_under_its_old_name() -> None:
    """Figure 2, *State*: term, vote and log were on the disk; who the nodes are is what it is started with."""
    plan = [(0, T1), (30, X1), (45, Crash(node="S2")), (50, LoseDisk(node="S2")), (60, Restart(node="S2"))]
    trace = run(scripted_setup(3, *plan, until_ms=60), seed=0)

    assert len(trace.step_at(45).cluster.node("S2").log) == 1
    assert trace.step_at(50).cluster.node("S2") == follower("S2")
    assert trace.steps[-1].cluster.node("S2") == follower("S2")


def test_an_empty_disk_breaks_what_a_crash_alone_does_not() -> None:
    """Figure 2: a node that forgets its acknowledgement helps to elect a leader without the entry."""
    plan = [
        (0, T1),
        (28, Partition(groups=(("S1", "S2"), ("S3",)))),
        (30, X1),
        (60, Crash(node="S2")),
        (70, Restart(node="S2")),
        (80, Partition(groups=(("S1",), ("S2", "S3")))),
        (90, Timeout(node="S3")),
    ]
    lost = [*plan[:4], (65, LoseDisk(node="S2")), *plan[4:]]

    assert run(scripted_setup(3, *plan, until_ms=180), seed=0).alarms == ()
    alarms = run(scripted_setup(3, *lost, until_ms=180), seed=0).alarms
    assert {alarm.property for alarm in alarms} == {"Leader Completeness"}


def test_a_paused_leader_still_leads_by_what_it_knows() -> None:
    """Two leaders, of different terms, at once: the older one has not heard of the newer."""
    trace = run(scripted_setup(3, (0, T1), (40, Pause(node="S1")), (50, T2), until_ms=100), seed=0)
    nodes = trace.steps[-1].cluster.nodes

    assert [(node.role, node.current_term) for node in nodes[:2]] == [(Role.LEADER, 1), (Role.LEADER, 2)]
