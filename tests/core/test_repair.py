"""How a leader brings a follower's log into line with its own, and what late answers cannot undo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import NotLeader, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import Index, Node, Progress
from raftstep.core.replication import progress_of
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    client_request,
    entries,
    follower,
    leader,
    receive,
    receive_all,
    request_vote,
    run_steps,
)

if TYPE_CHECKING:
    from raftstep.core.log import Log


def marks(node: Node, peer: str = "S2") -> tuple[Index, Index]:
    """The next index and the match index that a leader keeps for a peer."""
    progress = progress_of(node, peer)
    assert progress is not None
    return progress.next_index, progress.match_index


# What a leader sends


def test_a_follower_takes_entries_from_a_leader_it_has_not_heard_of() -> None:
    """§6: requests are answered by the ordinary rules whoever sends them."""
    outcome = step(follower("S1", nodes=3, term=1), receive(append_entries("S9", "S1", term=1, new=entries(1))))

    assert outcome.node == follower("S1", nodes=3, term=1, log=entries(1), leader="S9")
    assert outcome.messages == (append_accepted("S1", "S9", term=1, match=1),)


# What a leader learns


def test_a_refused_leader_backs_up_by_one_and_tries_again_at_once() -> None:
    """B8. §5.3: 4, 3, 2, 1, and never below the first index."""
    log = entries(1, 1, 2)
    refusals = [receive(append_rejected("S2", "S1", term=2))] * 4

    outcomes = run_steps(leader("S1", term=2, log=log), *refusals)

    assert [marks(outcome.node) for outcome in outcomes] == [(3, 0), (2, 0), (1, 0), (1, 0)]
    assert [outcome.messages for outcome in outcomes] == [
        (append_entries("S1", "S2", term=2, previous=(2, 1), new=log[2:]),),
        (append_entries("S1", "S2", term=2, previous=(1, 1), new=log[1:]),),
        (append_entries("S1", "S2", term=2, new=log),),
        (append_entries("S1", "S2", term=2, new=log),),
    ]
    assert {outcome.rules for outcome in outcomes} == {(Rule.BACK_UP,)}


def test_a_late_refusal_does_not_undo_what_is_known() -> None:
    """B9. §5.3: next index never goes down to what is known to match."""
    node = leader("S1", term=2, log=entries(1, 2), commit=2, progress={"S2": (3, 2)})

    assert marks(step(node, receive(append_rejected("S2", "S1", term=2))).node) == (3, 2)


def test_acknowledgements_out_of_order_never_lower_a_mark() -> None:
    """B10. §5.5: the greater one stands."""
    node = leader("S1", nodes=5, term=2, log=entries(2, 2, 2))

    first, second = run_steps(
        node,
        receive(append_accepted("S2", "S1", term=2, match=3)),
        receive(append_accepted("S2", "S1", term=2, match=1)),
    )

    assert first == Outcome(node=_marked(node, "S2", (4, 3)), rules=(Rule.RECORD_MATCH,))
    assert second == first


def test_an_acknowledgement_counts_for_as_much_as_it_says() -> None:
    """§5.3: the leader's log has grown since; what came later was not in the message answered."""
    node = leader("S1", nodes=5, term=2, log=entries(2, 2, 2), progress={"S2": (1, 0)})

    assert marks(step(node, receive(append_accepted("S2", "S1", term=2, match=1))).node) == (2, 1)


def _marked(node: Node, peer: str, pair: tuple[Index, Index]) -> Node:
    changed = Progress(peer=peer, next_index=pair[0], match_index=pair[1])
    return replace(node, progress=tuple(changed if each.peer == peer else each for each in node.progress))


@pytest.mark.parametrize(
    ("node", "message"),
    [
        pytest.param(
            leader("S1", term=5, log=entries(*[5] * 9)),
            append_accepted("S2", "S1", term=3, match=9),
            id="B11-match-of-a-past-term",
        ),
        pytest.param(
            leader("S1", term=5, log=entries(1, 5)),
            append_rejected("S2", "S1", term=3),
            id="B11-refusal-of-a-past-term",
        ),
        pytest.param(follower("S1", term=5), append_accepted("S2", "S1", term=5, match=9), id="B11-follower"),
        pytest.param(candidate("S1", term=5), append_accepted("S2", "S1", term=5, match=9), id="B11-candidate"),
        pytest.param(candidate("S1", term=5), append_rejected("S2", "S1", term=4), id="B11-candidate-refusal"),
        pytest.param(leader("S1", term=5), append_accepted("S9", "S1", term=5, match=0), id="B11-stranger"),
    ],
)
def test_answers_of_another_time_are_ignored(node: Node, message: Message) -> None:
    """B11. §5.1: a late acknowledgement must not move the marks of a later leadership."""
    assert step(node, receive(message)) == Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))


class Repaired(NamedTuple):
    """A leader and a follower after the leader has nothing more to say, and what was said: request and answer."""

    leading: Node
    following: Node
    said: list[tuple[Message, Outcome]]


def repair(leading: Node, following: Node) -> Repaired:
    """Begin with a heartbeat; carry each message across, and each answer back, while any comes."""
    said: list[tuple[Message, Outcome]] = []
    post = [message for message in step(leading, TIMER).messages if message.target == following.id]
    while post:
        message = post.pop()
        answered = step(following, receive(message))
        said.append((message, answered))
        told = step(leading, receive(answered.messages[0]))
        leading, following = told.node, answered.node
        post.extend(told.messages)
    return Repaired(leading, following, said)


def test_a_diverged_log_is_repaired_step_by_step() -> None:
    """B12. §5.3, Figure 7: probes at 5 and 4 are refused, at 3 it fits; what the leader lacks is removed."""
    log = entries(1, 1, 1, 4, 4)

    leading, following, said = repair(
        leader("S1", term=5, log=log), follower("S2", term=4, log=entries(1, 1, 1, 2, 2, 2))
    )

    assert [(message, *answered.messages) for message, answered in said] == [
        (append_entries("S1", "S2", term=5, previous=(5, 4)), append_rejected("S2", "S1", term=5)),
        (append_entries("S1", "S2", term=5, previous=(4, 4), new=log[4:]), append_rejected("S2", "S1", term=5)),
        (
            append_entries("S1", "S2", term=5, previous=(3, 1), new=log[3:]),
            append_accepted("S2", "S1", term=5, match=5),
        ),
    ]
    assert said[-1][1].rules == (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT)
    assert following == follower("S2", term=5, log=log, leader="S1")
    assert marks(leading) == (6, 5)


# Heartbeats without entries


def quiet(node: Node) -> Node:
    """The same node, with heartbeats that carry no entries."""
    return replace(node, settings=replace(node.settings, empty_heartbeats=True))


def test_an_empty_heartbeat_carries_nothing_whatever_a_follower_lacks() -> None:
    """§5.2; the preceding entry and the commit index still go with it."""
    node = quiet(leader("S1", term=2, log=entries(1, 2), commit=1, progress={"S2": (2, 1), "S3": (3, 0)}))

    assert list(step(node, TIMER).messages) == [
        append_entries("S1", "S2", term=2, previous=(1, 1), commit=1),
        append_entries("S1", "S3", term=2, previous=(2, 2), commit=1),
    ]


def test_who_answers_an_empty_heartbeat_and_lacks_entries_is_sent_them() -> None:
    """Or an entry whose first message was lost would never come: nobody refuses what is not sent."""
    log = entries(1, 2)
    node = quiet(leader("S1", term=2, log=log, progress={"S2": (2, 1), "S3": (3, 2)}))

    assert list(step(node, receive(append_accepted("S2", "S1", term=2, match=1))).messages) == [
        append_entries("S1", "S2", term=2, previous=(1, 1), new=log[1:], commit=2)
    ]
    assert step(node, receive(append_accepted("S3", "S1", term=2, match=2))).messages == ()


def test_a_diverged_log_is_repaired_with_empty_heartbeats_too() -> None:
    """§5.3, Figure 7: etcd's heartbeats carry no entries, and a rejected one must still lead to the repair."""
    log = entries(1, 1, 1, 4, 4)

    leading, following, _ = repair(
        quiet(leader("S1", term=5, log=log)), quiet(follower("S2", term=4, log=entries(1, 1, 1, 2, 2, 2)))
    )

    assert following == quiet(follower("S2", term=5, log=log, leader="S1"))
    assert marks(leading) == (6, 5)


# Clients at the wrong node


@pytest.mark.parametrize(
    ("node", "known"),
    [
        pytest.param(follower("S1", term=2, leader="S3"), "S3", id="B13-known"),
        pytest.param(follower("S1", term=2), None, id="B13-unknown"),
        pytest.param(candidate("S1", term=2), None, id="B13-candidate"),
        pytest.param(
            receive_all(follower("S1", term=2, leader="S3"), request_vote("S2", "S1", term=3)), None, id="B13-term-over"
        ),
        pytest.param(run_steps(follower("S1", term=2, leader="S3"), TIMER)[0].node, None, id="B13-gave-up-on-it"),
        pytest.param(receive_all(leader("S1", term=2), append_entries("S2", "S1", term=3)), "S2", id="B13-deposed"),
    ],
)
def test_a_node_that_does_not_lead_names_the_leader_it_knows_of(node: Node, known: str | None) -> None:
    """B13. §8: nothing is appended and nothing is sent."""
    assert step(node, client_request("x=1")) == Outcome(
        node=node, answers=(NotLeader(command="x=1", leader=known),), rules=(Rule.REDIRECT_CLIENT,)
    )


# One leader and one follower, whatever their logs


@given(st.lists(st.integers(0, 2), max_size=6), st.lists(st.integers(0, 2), max_size=6), st.integers(0, 6))
def test_refusals_and_retries_end_with_the_leaders_log(ours: list[int], theirs: list[int], common: int) -> None:
    """§5.3: however the logs differ, they agree after at most as many probes as the leader has entries, and one."""
    log, other = _two_logs(ours, theirs, common)

    leading, following, said = repair(leader("S1", term=90, log=log), follower("S2", term=90, log=other))

    assert len(said) <= len(log) + 1
    assert marks(leading) == (len(log) + 1, len(log))
    assert following.log[: len(log)] == log


def _two_logs(ours: list[int], theirs: list[int], common: int) -> tuple[Log, Log]:
    """Two logs that share a beginning and nothing behind it, as Log Matching (§5.3) has it."""
    shared = [1] * common
    even = sorted(10 + 2 * rise for rise in ours)
    odd = sorted(11 + 2 * rise for rise in theirs)
    return entries(*shared, *even), entries(*shared, *odd)
