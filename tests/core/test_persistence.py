"""Crashes and what survives them (Figure 2, State), one node at a time. D1 … D7 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import CommandApplied, NotLeader, Outcome
from raftstep.core.model import Node, Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_accepted,
    append_entries,
    candidate,
    client_request,
    entries,
    follower,
    leader,
    no_op,
    receive,
    request_vote,
    run_steps,
    vote_denied,
    vote_granted,
)

LOG = entries(1, 5, 5)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            replace(leader("S1", term=5, log=LOG, commit=3, progress={"S2": (4, 3)}), voted_for="S2"),
            follower("S1", term=5, voted_for="S2", log=LOG),
            id="D1-leader",
        ),
        pytest.param(
            leader("S1", term=5, log=LOG, commit=3, no_op=True),
            follower("S1", term=5, voted_for="S1", log=LOG, no_op=True),
            id="D4-leader-inside-its-term",
        ),
        pytest.param(
            candidate("S1", nodes=5, term=6, votes=["S3"], log=LOG, commit=2),
            follower("S1", nodes=5, term=6, voted_for="S1", log=LOG),
            id="D3-candidate",
        ),
        pytest.param(
            follower("S1", term=5, log=LOG, commit=3, leader="S2"),
            follower("S1", term=5, log=LOG),
            id="D7-follower",
        ),
    ],
)
def test_term_vote_and_log_survive_a_crash_and_nothing_else(before: Node, after: Node) -> None:
    """D1. Figure 2 (State), §5.2: it comes back a follower, with a new timeout, and sends nothing."""
    assert step(before, RESTART) == Outcome(node=after, rearm=True, rules=(Rule.RESTART,))


def test_a_vote_survives_a_crash() -> None:
    """D2. §5.2: S1 granted S2 in term 4 and crashed before the answer left; it may not vote for another now."""
    granted, restarted, other, same = run_steps(
        follower("S1", term=3),
        receive(request_vote("S2", "S1", term=4)),
        RESTART,
        receive(request_vote("S3", "S1", term=4)),
        receive(request_vote("S2", "S1", term=4)),
    )

    assert restarted.node == granted.node == follower("S1", term=4, voted_for="S2")
    assert other.messages == (vote_denied("S1", "S3", term=4),)
    assert same.messages == (vote_granted("S1", "S2", term=4),)


def test_a_candidates_own_vote_survives_a_crash() -> None:
    """D3. §5.2: grants of its election come too late, and its rival of that term gets no vote."""
    _, restarted, late, second, rival = run_steps(
        follower("S1", term=3),
        TIMER,
        RESTART,
        receive(vote_granted("S2", "S1", term=4)),
        receive(vote_granted("S3", "S1", term=4)),
        receive(request_vote("S3", "S1", term=4)),
    )

    voted = follower("S1", term=4, voted_for="S1")
    assert restarted.node == voted
    assert [late, second] == [Outcome(node=voted, rules=(Rule.IGNORE_STALE_RESPONSE,))] * 2
    assert rival.messages == (vote_denied("S1", "S3", term=4),)


def test_a_leader_that_restarts_leads_again_only_in_a_later_term() -> None:
    """D4. §5.2: acknowledgements and votes of its old term mean nothing to it; it campaigns like any other."""
    crashed = leader("S1", term=4, log=entries(4), progress={"S2": (2, 1)})

    outcomes = run_steps(
        crashed,
        RESTART,
        receive(append_accepted("S2", "S1", term=4, match=1)),
        receive(vote_granted("S3", "S1", term=4)),
        client_request("x=1"),
        TIMER,
        receive(vote_granted("S3", "S1", term=5)),
    )

    assert [(outcome.node.role, outcome.node.current_term) for outcome in outcomes] == [
        (Role.FOLLOWER, 4),
        (Role.FOLLOWER, 4),
        (Role.FOLLOWER, 4),
        (Role.FOLLOWER, 4),
        (Role.CANDIDATE, 5),
        (Role.LEADER, 5),
    ]
    assert outcomes[3].answers == (NotLeader(command="x=1", leader=None),)
    assert outcomes[-1].node == leader("S1", term=5, log=entries(4), votes=["S3"])


def test_what_was_acknowledged_survives_a_crash() -> None:
    """D5. §5.3, Figure 2 (State): the answer says index 7 is stored, so it is there after the restart."""
    log = entries(1, 1, 2, 2, 2, 3, 3)
    stored, restarted = run_steps(
        follower("S1", term=3, log=log[:4]),
        receive(append_entries("S2", "S1", term=3, previous=(4, 2), new=log[4:])),
        RESTART,
    )

    assert stored.messages == (append_accepted("S1", "S2", term=3, match=7),)
    assert restarted.node == follower("S1", term=3, log=log)


def test_an_answer_leaves_only_with_the_state_it_speaks_of() -> None:
    """D6. Figure 2 (State): storing and answering are one step, so a crash before it leaves neither."""
    before = follower("S1", term=3, log=entries(1))
    message = receive(append_entries("S2", "S1", term=3, previous=(1, 1), new=entries(3, after=1)))

    (never_heard,) = run_steps(before, RESTART)
    restarted, heard = run_steps(before, RESTART, message)

    assert never_heard == restarted == Outcome(node=before, rearm=True, rules=(Rule.RESTART,))
    assert heard.node.log == entries(1, 3)
    assert heard.messages == (append_accepted("S1", "S2", term=3, match=2),)


def test_a_restarted_cluster_commits_again_with_the_first_entry_of_a_new_term() -> None:
    """D7. §5.4.2: what was committed is in the log and not known to be committed, until index 4 is."""
    log = entries(1, 1, 2)
    down = follower("S1", term=2, log=log, commit=3)

    restarted, _, elected, asked, committed = run_steps(
        down,
        RESTART,
        TIMER,
        receive(vote_granted("S2", "S1", term=3)),
        client_request("x=1"),
        receive(append_accepted("S2", "S1", term=3, match=4)),
    )

    known = [outcome.node.commit_index for outcome in (restarted, elected, asked, committed)]
    assert known == [0, 0, 0, 4]
    assert committed.node.log[:3] == log
    assert committed.node.last_applied == 4
    assert committed.answers == (CommandApplied(command="x=1", index=4, term=3),)


def test_a_restarted_cluster_with_no_ops_need_not_wait_for_a_client() -> None:
    """D7. §8: the no-op at index 4 commits all, on the leader and then on the follower that hears of it."""
    log = entries(1, 1, 2)
    leading = run_steps(
        follower("S1", term=2, log=log, commit=3, no_op=True),
        RESTART,
        TIMER,
        receive(vote_granted("S2", "S1", term=3)),
        receive(append_accepted("S2", "S1", term=3, match=4)),
        TIMER,
    )
    following = run_steps(
        follower("S2", term=2, log=log, commit=3, no_op=True),
        RESTART,
        *(receive(message) for outcome in leading for message in outcome.messages if message.target == "S2"),
    )

    assert [outcome.node.commit_index for outcome in leading] == [0, 0, 0, 4, 4]
    assert [outcome.node.commit_index for outcome in following] == [0, 0, 0, 4]
    assert leading[-1].node.log == following[-1].node.log == (*log, no_op(3))
