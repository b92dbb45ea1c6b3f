"""One link, one message: each can be meant alone, and what is not meant stays as it was."""

from __future__ import annotations

import pytest

from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    Message,
    RequestVote,
)
from raftstep.core.model import Entry, Snapshot
from raftstep.core.paxos.messages import Accept, Accepted
from raftstep.core.paxos.model import Ballot, Proposal, Value
from raftstep.simulation.events import Cut, Deliver, Heal, Lose, Partition, Request, Timeout
from raftstep.simulation.message_contents import carries_entry, concerns_index
from raftstep.simulation.plan import MessageFault, PlanError, SetLink, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from tests.simulation.setups import first_node_ids, scripted_setup

T1 = Timeout(node="S1")
X1, X2 = (Request(node="S1", command=f"x={value}") for value in (1, 2))
SLOW = SetLink(source="S1", target="S2", latency_ms=(70, 70))


def arrivals(trace: Trace, source: str, target: str) -> list[tuple[int, Message]]:
    """When which messages arrive over a link."""
    return [
        (step.time_ms, step.event.packet.message)
        for step in trace.steps
        if isinstance(step.event, Deliver)
        and (step.event.packet.message.source, step.event.packet.message.target) == (source, target)
    ]


def lost_count(trace: Trace, source: str, target: str) -> int:
    return sum(
        isinstance(step.event, Lose)
        and (step.event.packet.message.source, step.event.packet.message.target) == (source, target)
        for step in trace.steps
    )


def run_with_links(*links: SetLink, until_ms: int = 2000, loss: float = 0.0) -> Trace:
    return run(Setup(nodes=first_node_ids(3), links=links, loss=loss, until_ms=until_ms), seed=3)


def test_a_link_may_be_slower_than_the_others_in_one_direction() -> None:
    """S1 to S2 takes 70 ms; S2 to S1 and S1 to S3 take what the set-up says."""
    setup = scripted_setup(3, (0, SLOW), (0, T1), until_ms=100)
    trace = run(setup, seed=0)

    assert arrivals(trace, "S1", "S2")[0][0] == 70
    assert arrivals(trace, "S2", "S1")[0][0] == 80
    assert arrivals(trace, "S1", "S3")[0][0] == 10


def test_a_link_may_lose_everything_while_others_lose_nothing() -> None:
    """A share of one is a share of one."""
    trace = run_with_links(SetLink(source="S1", target="S2", loss=1.0))

    assert (arrivals(trace, "S1", "S2"), lost_count(trace, "S2", "S1"), lost_count(trace, "S1", "S3")) == ([], 0, 0)
    assert lost_count(trace, "S1", "S2") > 0


def test_a_link_may_be_good_where_the_others_are_not() -> None:
    """What is said of a link counts, also where it is nothing lost."""
    trace = run_with_links(SetLink(source="S2", loss=0.0), loss=0.5)

    assert (lost_count(trace, "S2", "S1"), lost_count(trace, "S2", "S3")) == (0, 0)
    assert lost_count(trace, "S1", "S2") > 0


def test_a_link_may_double_its_messages() -> None:
    """Each arrives twice over this link."""
    trace = run_with_links(SetLink(target="S2", duplication=1.0), until_ms=400)
    from_s1 = arrivals(trace, "S1", "S2")

    assert len(from_s1) > 2
    assert len(from_s1) >= 2 * len({(message.term, type(message)) for _, message in from_s1})
    assert all(step.cluster.packets is not None for step in trace.steps)


def test_of_two_lines_about_a_link_the_later_holds() -> None:
    """As of an action and the set-up before it."""
    setup = scripted_setup(3, (0, SLOW), (0, SetLink(source="S1", latency_ms=(20, 20))), (0, T1), until_ms=60)

    assert arrivals(run(setup, seed=0), "S1", "S2")[0][0] == 20


def test_links_of_which_nothing_is_said_change_no_run() -> None:
    """The same draws in the same order: a scenario that uses no links has the bytes it always had."""
    plain = run(Setup(nodes=first_node_ids(5), loss=0.1, duplication=0.1, until_ms=3000), seed=5)
    with_links = run(
        Setup(nodes=first_node_ids(5), loss=0.1, duplication=0.1, links=(SetLink(),), until_ms=3000), seed=5
    )

    assert with_links == plain


def test_one_link_heals_and_the_others_stay_cut() -> None:
    """A partition heals one direction at a time."""
    split = Partition(groups=(("S1",), ("S2", "S3")))
    setup = scripted_setup(3, (0, split), (5, Heal(links=(("S1", "S2"), ("S2", "S1")))), until_ms=9)

    assert run(setup, seed=0).steps[-1].cluster.cut_links == {("S1", "S3"), ("S3", "S1")}


def test_a_link_that_is_not_cut_cannot_heal() -> None:
    """A mistake in the story is told, and not passed over."""
    setup = scripted_setup(3, (0, Cut(links=(("S1", "S2"),))), (5, Heal(links=(("S2", "S1"),))), until_ms=9)

    with pytest.raises(PlanError, match="the link from S2 to S1 is not cut at 5 ms"):
        run(setup, seed=0)


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (MessageFault(entry="x=2", lose=True, count=9), [(50, "x=1 x=2"), (60, "x=1 x=2")]),
        (MessageFault(entry="x=2@1", lose=True), [(50, "x=1 x=2")]),
        (MessageFault(entry="x=2@7", lose=True), []),
        (MessageFault(index=2, target="S2", kind="AppendEntries", lose=True), [(50, "x=1 x=2")]),
        (MessageFault(entry="x=1", target="S2", nth=2, lose=True), [(50, "x=1 x=2")]),
        (MessageFault(target="S2", nth=3, lose=True), [(60, "x=1 x=2")]),
        (MessageFault(term=2, lose=True), []),
    ],
    ids=repr,
)
def test_a_message_is_named_by_what_it_carries(fault: MessageFault, lost: list[tuple[int, str]]) -> None:
    """Entries go to S2 at 40 and at 50 ms, and to both again with the heartbeat at 60."""
    cut = Cut(links=(("S3", "S1"), ("S2", "S1")))
    trace = run(scripted_setup(3, (0, T1), (25, cut), (25, fault), (40, X1), (50, X2), (60, T1), until_ms=80), seed=0)
    found = [
        (step.event.packet.sent_ms, " ".join(entry.command or "" for entry in message.entries))
        for step in trace.steps
        if isinstance(step.event, Lose)
        and isinstance(message := step.event.packet.message, AppendEntries)
        and message.target == "S2"
    ]

    assert found == lost


APPEND = AppendEntries(
    source="S1",
    target="S2",
    term=3,
    previous_index=4,
    previous_term=2,
    entries=(Entry(term=2, command="x=1"), Entry(term=3, command=None)),
    leader_commit=0,
)
ACCEPT = Accept(
    source="S1",
    target="S2",
    ballot=Ballot(2, "S1"),
    proposals=(Proposal(index=3, value=Value(command="x=1")),),
    chosen_index=0,
)


@pytest.mark.parametrize(
    ("message", "entries", "indexes"),
    [
        (APPEND, ["x=1", "x=1@2", "no-op", "no-op@3"], [5, 6]),
        (AppendEntriesResponse(source="S2", target="S1", term=3, success=True, match_index=6), [], [6]),
        (InstallSnapshot(source="S1", target="S2", term=3, snapshot=Snapshot(index=4, term=2)), [], [4]),
        (RequestVote(source="S1", target="S2", term=3, last_log_index=4, last_log_term=2), [], []),
        (ACCEPT, ["x=1", "x=1@2.S1"], [3]),
        (Accepted(source="S2", target="S1", ballot=Ballot(2, "S1"), indexes=(3, 5)), [], [3, 5]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_each_kind_of_message_carries(message: Message, entries: list[str], indexes: list[int]) -> None:
    """Both protocols: entries with their terms or without, and the indexes that a message is about."""
    asked = ["x=1", "x=1@2", "x=1@2.S1", "x=1@9", "no-op", "no-op@3", "x=2"]

    assert [words for words in asked if carries_entry(message, words)] == entries
    assert [index for index in range(10) if concerns_index(message, index)] == indexes
