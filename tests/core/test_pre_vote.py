"""Asking before standing (dissertation §9.6), one node at a time. G1 … G4 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import Outcome
from raftstep.core.model import Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    entries,
    follower,
    leader,
    pre_vote_response,
    receive,
    receive_all,
    receive_at,
    request_pre_vote,
    request_vote,
    run_steps,
    timer_at,
    with_settings,
)

FOLLOWS = with_settings(follower("S1", term=3, voted_for="S2", log=entries(1, 3)), pre_vote=True)
ASKS = step(FOLLOWS, TIMER).node

# Asking


def test_a_node_asks_every_voter_about_the_next_term_and_changes_nothing() -> None:
    """G4. Dissertation §9.6: term and vote stay; only the timeout is drawn anew."""
    outcome = step(FOLLOWS, TIMER)

    assert outcome == Outcome(
        node=replace(FOLLOWS, role=Role.PRE_CANDIDATE, votes_granted=frozenset({"S1"})),
        messages=tuple(request_pre_vote("S1", peer, term=4, last=(2, 3)) for peer in ("S2", "S3")),
        rearm=True,
        rules=(Rule.ASK_PRE_VOTE,),
    )


def test_with_the_yes_of_a_majority_the_election_begins() -> None:
    """G4. Dissertation §9.6: only then the term, the own vote and the real requests."""
    outcome = step(ASKS, receive(pre_vote_response("S2", "S1", term=4, granted=True)))

    assert outcome == Outcome(
        node=replace(ASKS, current_term=4, voted_for="S1", role=Role.CANDIDATE, votes_granted=frozenset({"S1"})),
        messages=tuple(request_vote("S1", peer, term=4, last=(2, 3)) for peer in ("S2", "S3")),
        rearm=True,
        rules=(Rule.COUNT_PRE_VOTE, Rule.START_ELECTION),
    )


def test_a_yes_counts_once_a_node_and_a_no_counts_for_nothing() -> None:
    """G4. §5.5: messages may be repeated."""
    node = step(with_settings(follower("S1", nodes=5, term=3), pre_vote=True), TIMER).node
    yes, no = pre_vote_response("S2", "S1", term=4, granted=True), pre_vote_response("S3", "S1", term=3, granted=False)

    assert receive_all(node, yes, yes, no).role is Role.PRE_CANDIDATE
    assert receive_all(node, yes, no, pre_vote_response("S4", "S1", term=4, granted=True)).role is Role.CANDIDATE


def test_a_yes_to_an_earlier_question_does_not_count() -> None:
    """§5.1: asked in term 2 about term 3; the node is in term 3 now and asks about term 4."""
    outcome = step(ASKS, receive(pre_vote_response("S2", "S1", term=3, granted=True)))

    assert outcome == Outcome(node=ASKS, rules=(Rule.IGNORE_STALE_RESPONSE,))


def test_a_yes_is_dropped_by_a_node_that_no_longer_asks() -> None:
    """§5.2: a leader has come forward meanwhile."""
    followed = receive_all(ASKS, append_entries("S3", "S1", term=3, previous=(2, 3)))

    assert followed.role is Role.FOLLOWER
    assert step(followed, receive(pre_vote_response("S2", "S1", term=4, granted=True))).node == followed


def test_a_no_from_a_newer_term_is_learnt_from() -> None:
    """Dissertation §9.6: the node is behind the times, and says the next time which term it means."""
    refused, again = run_steps(ASKS, receive(pre_vote_response("S2", "S1", term=7, granted=False)), TIMER)

    assert (refused.node.current_term, refused.node.role, refused.node.voted_for) == (7, Role.FOLLOWER, None)
    assert again.messages[0] == request_pre_vote("S1", "S2", term=8, last=(2, 3))


def test_a_yes_from_a_term_to_come_raises_no_term() -> None:
    """Dissertation §9.6: the term it names has not begun."""
    node = step(with_settings(follower("S1", nodes=5, term=3), pre_vote=True), TIMER).node

    assert receive_all(node, pre_vote_response("S2", "S1", term=4, granted=True)).current_term == 3


def test_a_lone_voter_needs_nobodys_yes() -> None:
    """§5.2: it is the majority."""
    outcome = step(with_settings(follower("S1", nodes=1), pre_vote=True), TIMER)

    assert outcome.rules == (Rule.ASK_PRE_VOTE, Rule.START_ELECTION, Rule.BECOME_LEADER)


# Answering


def test_answering_changes_nothing_and_may_be_done_twice() -> None:
    """G1. Dissertation §9.6: no leader for 200 ms; term, vote and timer stay, and a second asker hears yes too."""
    node = replace(FOLLOWS, last_heard_ms=1000)

    for asker in ("S2", "S3"):
        outcome = step(node, receive_at(1200, request_pre_vote(asker, "S1", term=4, last=(2, 3))))
        assert outcome == Outcome(
            node=node,
            messages=(pre_vote_response("S1", asker, term=4, granted=True),),
            rearm=False,
            rules=(Rule.GRANT_PRE_VOTE,),
        )


@pytest.mark.parametrize(
    ("term", "last", "clock_ms", "rule"),
    [
        pytest.param(4, (5, 1), 1200, Rule.DENY_PRE_VOTE, id="G2-an-older-log"),
        pytest.param(4, (1, 3), 1200, Rule.DENY_PRE_VOTE, id="G2-a-shorter-log"),
        pytest.param(3, (2, 3), 1200, Rule.DENY_PRE_VOTE, id="G2-a-term-already-reached"),
        pytest.param(4, (2, 3), 1149, Rule.DENY_PRE_VOTE_LEADER_ALIVE, id="G2-a-leader-149-ms-ago"),
        pytest.param(4, (2, 3), 1150, Rule.GRANT_PRE_VOTE, id="G2-a-leader-150-ms-ago"),
    ],
)
def test_a_pre_vote_is_refused_for_an_old_log_or_while_a_leader_is_well(
    term: int, last: tuple[int, int], clock_ms: int, rule: Rule
) -> None:
    """G2. Dissertation §9.6: the shortest election timeout is 150 ms; a refusal carries the node's own term."""
    node = replace(FOLLOWS, leader="S3", last_heard_ms=1000)
    granted = rule is Rule.GRANT_PRE_VOTE

    outcome = step(node, receive_at(clock_ms, request_pre_vote("S2", "S1", term=term, last=last)))

    assert (outcome.node, outcome.rules) == (node, (rule,))
    assert outcome.messages == (pre_vote_response("S1", "S2", term=term if granted else 3, granted=granted),)


@pytest.mark.parametrize("settings", [{}, {"leader_stickiness": True}], ids=["alone", "with-stickiness"])
def test_a_node_that_has_given_its_leader_up_does_not_refuse_because_of_it(settings: dict[str, bool]) -> None:
    """G2. Dissertation §9.6: the condition is a follower's; this node's own timer ran out 1 ms after a heartbeat."""
    node = replace(with_settings(FOLLOWS, **settings), leader="S3", last_heard_ms=1000)

    asks, answers = run_steps(node, timer_at(1001), receive_at(1002, request_pre_vote("S2", "S1", term=4, last=(2, 3))))

    assert (asks.node.role, answers.rules) == (Role.PRE_CANDIDATE, (Rule.GRANT_PRE_VOTE,))


def test_a_follower_of_a_newer_term_refuses_because_of_the_old_leader_only_where_it_would_ignore_the_vote() -> None:
    """G2. Dissertation §6.4.1, §9.6: the old leader may hold a lease on the promise that stickiness makes."""
    node = replace(FOLLOWS, leader="S3", last_heard_ms=1000)
    refusal = pre_vote_response("S4", "S1", term=7, granted=False)
    request = request_pre_vote("S2", "S1", term=8, last=(2, 3))

    _, free = run_steps(node, receive_at(1001, refusal), receive_at(1002, request))
    _, bound = run_steps(
        with_settings(node, leader_stickiness=True), receive_at(1001, refusal), receive_at(1002, request)
    )

    assert (free.rules, bound.rules) == ((Rule.GRANT_PRE_VOTE,), (Rule.DENY_PRE_VOTE_LEADER_ALIVE,))
    vote = step(bound.node, receive_at(1003, request_vote("S2", "S1", term=8, last=(2, 3))))
    assert vote.rules == (Rule.IGNORE_DISRUPTIVE_CANDIDATE,)


def test_a_leader_says_no() -> None:
    """G2. Dissertation §9.6: it hears from a leader all the time, itself."""
    node = with_settings(leader("S1", term=3), pre_vote=True)

    outcome = step(node, receive_at(9999, request_pre_vote("S2", "S1", term=9, last=(9, 9))))

    assert (outcome.node, outcome.rules) == (node, (Rule.DENY_PRE_VOTE_LEADER_ALIVE,))


def test_a_question_from_long_ago_is_answered_so_that_the_asker_learns_the_term() -> None:
    """Dissertation §9.6: dropped, it could leave an asker with the better log behind for ever."""
    outcome = step(FOLLOWS, receive(request_pre_vote("S2", "S1", term=2, last=(9, 9))))

    assert outcome.messages == (pre_vote_response("S1", "S2", term=3, granted=False),)


def test_a_node_that_votes_for_another_stops_asking_for_itself() -> None:
    """Dissertation §9.6: a yes that comes late must not make it a rival of the one it has just voted for."""
    free = replace(ASKS, voted_for=None)

    voted, late = run_steps(
        free,
        receive(request_vote("S2", "S1", term=3, last=(2, 3))),
        receive(pre_vote_response("S3", "S1", term=4, granted=True)),
    )

    assert (voted.node.role, voted.node.voted_for) == (Role.FOLLOWER, "S2")
    assert late.node == voted.node


# What it is for


@pytest.mark.parametrize(("asks_first", "term"), [(False, 13), (True, 3)], ids=["G3-without", "G3-with"])
def test_an_isolated_node_times_out_ten_times(asks_first: bool, term: int) -> None:
    """G3. Dissertation §9.6: without the question its term runs away, with it the term stays."""
    node = with_settings(follower("S3", term=3, log=entries(3)), pre_vote=asks_first)

    for count in range(1, 11):
        node = step(node, timer_at(200 * count)).node

    assert node.current_term == term


def test_an_isolated_node_that_asked_comes_back_without_harm() -> None:
    """G3. Dissertation §9.6: the first heartbeat makes it a follower of the same term."""
    node = step(with_settings(follower("S3", term=3, log=entries(3)), pre_vote=True), TIMER).node

    outcome = step(node, receive(append_entries("S1", "S3", term=3, previous=(1, 3))))

    assert outcome.messages == (append_accepted("S3", "S1", term=3, match=1),)
    assert (outcome.node.role, outcome.node.current_term) == (Role.FOLLOWER, 3)


def test_an_isolated_node_that_did_not_ask_deposes_a_healthy_leader() -> None:
    """G3. Dissertation §4.2.3: its refusal carries the term it ran up to."""
    returned = step(
        candidate("S3", term=13, log=entries(3)), receive(append_entries("S1", "S3", term=3, previous=(1, 3)))
    )

    assert returned.messages == (append_rejected("S3", "S1", term=13),)
    assert receive_all(leader("S1", term=3, log=entries(3)), *returned.messages).role is Role.FOLLOWER
