"""Each fault, alone: what it takes away and what it leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from raftstep.core.model import Entry, Role, StateMachine
from raftstep.simulation.cluster import Timer
from raftstep.simulation.events import Crash, Deliver, Heal, Lose, Partition, Request, Restart, Timeout
from raftstep.simulation.plan import MessageFault, Setup
from raftstep.simulation.run import run
from tests.builders import follower
from tests.simulation.setups import NEVER_MS, first_node_ids, scripted_setup

if TYPE_CHECKING:
    from raftstep.simulation.trace import Trace

T1 = Timeout(node="S1")
X1 = Request(node="S1", command="x=1")
LOG = (Entry(term=1, command="x=1"),)
S1_ALONE = Partition(groups=(("S1",), ("S2", "S3")))


def arrival_times_ms(trace: Trace, kind: str, target: str) -> list[int]:
    """When messages of a kind arrive at a node."""
    return [
        step.time_ms
        for step in trace.steps
        if isinstance(step.event, Deliver)
        and type(step.event.packet.message).__name__ == kind
        and step.event.packet.message.target == target
    ]


def loss_times_ms(trace: Trace, target: str) -> list[int]:
    """When messages to a node are lost."""
    return [
        step.time_ms
        for step in trace.steps
        if isinstance(step.event, Lose) and step.event.packet.message.target == target
    ]


def test_a_crash_keeps_term_vote_and_log_and_loses_the_rest() -> None:
    """Figure 2, *State*: a leader that has committed and answered comes down to what is on its disk."""
    trace = run(scripted_setup(3, (0, T1), (30, X1), (60, Crash(node="S1")), until_ms=60), seed=0)
    crashed = trace.steps[-1]

    before = trace.node_before(crashed, "S1")
    assert (before.role, before.commit_index) == (Role.LEADER, 1)
    assert crashed.cluster.node("S1") == follower("S1", term=1, voted_for="S1", log=LOG)
    assert (crashed.cluster.down_nodes, crashed.cluster.timer("S1")) == ({"S1"}, None)


def test_what_a_node_sent_before_its_crash_still_arrives() -> None:
    """protocol §8.3, step 7: the heartbeat in flight."""
    trace = run(scripted_setup(3, (0, T1), (5, Crash(node="S1")), until_ms=30), seed=0)

    assert arrival_times_ms(trace, "RequestVote", "S2") == [10]


def test_messages_to_a_node_that_is_down_are_lost() -> None:
    """Nobody is there to take them, and nobody keeps them."""
    trace = run(scripted_setup(3, (0, Crash(node="S2")), (0, T1), (15, Restart(node="S2")), until_ms=19), seed=0)

    assert (loss_times_ms(trace, "S2"), arrival_times_ms(trace, "RequestVote", "S2")) == ([10], [])


def test_a_client_gets_no_answer_from_a_node_that_is_down() -> None:
    """Not even a refusal."""
    last = run(scripted_setup(3, (0, Crash(node="S1")), (5, X1), until_ms=9), seed=0).steps[-1]

    assert (last.event, last.outcome) == (X1, None)


def test_a_restarted_node_has_a_fresh_timer_and_catches_up() -> None:
    """§5.5: the leader tries again until the follower answers."""
    setup = scripted_setup(
        3,
        (0, T1),
        (30, Crash(node="S2")),
        (30, X1),
        (60, Restart(node="S2")),
        (70, T1),
        until_ms=80,
    )
    trace = run(setup, seed=0)

    assert trace.step_at(60).cluster.timer("S2") == Timer(
        node="S2", started_ms=60, deadline_ms=60 + NEVER_MS, is_election_timeout=True
    )
    assert trace.step_at(60).cluster.node("S2") == follower("S2", term=1, voted_for="S1")
    assert trace.step_at(80).cluster.node("S2") == replace(
        follower("S2", term=1, voted_for="S1", log=LOG, commit=1, leader="S1"),
        machine=StateMachine(pairs=(("x", "1"),)),
    )


def test_a_partition_stops_what_crosses_it_and_nothing_else() -> None:
    """Within a group the links work."""
    trace = run(scripted_setup(3, (0, S1_ALONE), (0, T1), (0, Timeout(node="S2")), until_ms=40), seed=0)

    assert (arrival_times_ms(trace, "RequestVote", "S1"), arrival_times_ms(trace, "RequestVote", "S3")) == ([], [10])
    assert trace.steps[-1].cluster.node("S2").role is Role.LEADER


def test_a_partition_stops_what_is_already_on_the_wire() -> None:
    """Sent at 0 ms, cut at 5 ms."""
    trace = run(scripted_setup(3, (0, T1), (5, S1_ALONE), until_ms=20), seed=0)

    assert (loss_times_ms(trace, "S2"), loss_times_ms(trace, "S3")) == ([10], [10])


def test_after_healing_all_links_work_again() -> None:
    """What was lost stays lost; what is sent now arrives."""
    trace = run(scripted_setup(3, (0, S1_ALONE), (0, T1), (20, Heal()), (30, T1), until_ms=60), seed=0)

    assert arrival_times_ms(trace, "RequestVote", "S2") == [40]
    assert (trace.steps[-1].cluster.cut_links, trace.steps[-1].cluster.node("S1").role) == (frozenset(), Role.LEADER)


def test_nodes_that_no_group_names_keep_their_links() -> None:
    """A partition between S1 and S2 leaves S3 in touch with both: not every split is clean."""
    trace = run(scripted_setup(3, (0, Partition(groups=(("S1",), ("S2",)))), until_ms=1), seed=0)

    assert trace.steps[-1].cluster.cut_links == {("S1", "S2"), ("S2", "S1")}


def test_a_drop_loses_the_next_messages_it_means_and_no_more() -> None:
    """Two of S1's to S2, of three."""
    drop = MessageFault(source="S1", target="S2", kind="RequestVote", count=2, lose=True)
    trace = run(
        scripted_setup(3, (0, drop), (0, S1_ALONE), (0, Heal()), *[(at, T1) for at in (0, 1, 2)], until_ms=15), seed=0
    )

    assert (loss_times_ms(trace, "S2"), arrival_times_ms(trace, "RequestVote", "S2")) == ([5, 6], [12])
    assert arrival_times_ms(trace, "RequestVote", "S3") == [10, 11, 12]


def test_a_delay_is_added_to_the_latency() -> None:
    """10 ms and 25 more."""
    trace = run(scripted_setup(3, (0, MessageFault(target="S2", delay_ms=25)), (0, T1), until_ms=40), seed=0)

    assert (arrival_times_ms(trace, "RequestVote", "S2"), arrival_times_ms(trace, "RequestVote", "S3")) == ([35], [10])


def test_a_delayed_message_is_overtaken() -> None:
    """Reordering: the older entries arrive after the newer ones, and change nothing."""
    late = MessageFault(source="S1", target="S2", kind="AppendEntries", delay_ms=30)
    two = Request(node="S1", command="x=2")
    trace = run(scripted_setup(3, (0, T1), (40, late), (40, X1), (45, two), until_ms=85), seed=0)
    order = [
        (step.time_ms, len(step.event.packet.message.entries))
        for step in trace.steps[1:]
        if isinstance(step.event, Deliver) and step.time_ms > 40
        if step.event.packet.message.target == "S2"
    ]

    assert order == [(55, 2), (80, 1)]
    assert len(trace.steps[-1].cluster.node("S2").log) == 2


def test_a_duplicate_arrives_twice_and_counts_once() -> None:
    """protocol §1.4, 13: count voters, not messages."""
    duplicates = MessageFault(source="S2", target="S1", copies=2)
    trace = run(
        scripted_setup(5, (0, duplicates), (0, MessageFault(source="S3", lose=True)), (0, T1), until_ms=20), seed=0
    )
    votes = [packet.message.source for packet in trace.step_at(19).cluster.packets if packet.message.target == "S1"]

    assert sorted(votes) == ["S2", "S2", "S2", "S4", "S5"]
    assert trace.step_at(20).cluster.node("S1").votes_granted >= {"S1", "S2"}


def test_two_of_one_voters_votes_do_not_elect() -> None:
    """protocol §1.4, 13: all other answers are lost, and three copies of one vote are one vote."""
    silent = [(0, MessageFault(source=node, count=9, lose=True)) for node in ("S3", "S4", "S5")]
    trace = run(scripted_setup(5, (0, MessageFault(source="S2", copies=2)), *silent, (0, T1), until_ms=60), seed=0)

    assert arrival_times_ms(trace, "RequestVoteResponse", "S1") == [20, 30, 40]
    assert trace.steps[-1].cluster.node("S1").role is Role.CANDIDATE


def test_a_lossy_network_loses_about_its_share() -> None:
    """A tenth of some thousands."""
    trace = run(Setup(nodes=first_node_ids(5), loss=0.1, until_ms=20_000), seed=1)
    loss_count = sum(isinstance(step.event, Lose) for step in trace.steps)
    arrival_count = sum(isinstance(step.event, Deliver) for step in trace.steps)

    assert 0.08 < loss_count / (loss_count + arrival_count) < 0.12


def test_where_everything_is_lost_nobody_ever_leads() -> None:
    """§5.2: a majority of the whole cluster, reachable or not."""
    trace = run(Setup(nodes=first_node_ids(3), loss=1.0, until_ms=2000), seed=1)

    assert {node.role for step in trace.steps for node in step.cluster.nodes} == {Role.FOLLOWER, Role.CANDIDATE}
