"""Who has been heard from: leader stickiness (§6) and check-quorum (dissertation §6.2). F8 and G5 are here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import Outcome
from raftstep.core.model import Membership, Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    change_request,
    entries,
    follower,
    install_snapshot,
    leader,
    members,
    receive,
    receive_all,
    receive_at,
    request_vote,
    run_steps,
    snapshot,
    timer_at,
    vote_denied,
    vote_granted,
    with_configuration,
    with_heard_moments,
    with_settings,
)

STICKS = replace(with_settings(follower("S1", term=3, leader="S2"), leader_stickiness=True), last_heard_ms=1000)

# Stickiness


def test_a_node_that_has_just_heard_from_its_leader_ignores_a_candidate() -> None:
    """F8. §6: 40 ms ago, shortest timeout 150 ms: no answer, no newer term, no vote."""
    outcome = step(STICKS, receive_at(1040, request_vote("S3", "S1", term=8)))

    assert outcome == Outcome(node=STICKS, rules=(Rule.IGNORE_DISRUPTIVE_CANDIDATE,))


def test_a_node_that_has_not_heard_from_its_leader_for_long_listens() -> None:
    """F8. §6: 151 ms ago, so the usual rules apply."""
    outcome = step(STICKS, receive_at(1151, request_vote("S3", "S1", term=8)))

    assert outcome.messages == (vote_granted("S1", "S3", term=8),)
    assert outcome.rules == (Rule.ADOPT_NEWER_TERM, Rule.GRANT_VOTE)


def test_a_leader_ignores_candidates_too() -> None:
    """§6: it hears from itself all the time."""
    node = with_settings(leader("S1", term=3), leader_stickiness=True)

    assert step(node, receive(request_vote("S3", "S1", term=8))).node == node


def test_a_candidate_sent_by_the_leader_itself_is_heard() -> None:
    """Dissertation §4.2.3: a hand-over is no disruption."""
    asked = replace(request_vote("S3", "S1", term=4), transfer=True)

    assert step(STICKS, receive_at(1001, asked)).messages == (vote_granted("S1", "S3", term=4),)


@pytest.mark.parametrize(
    "message", [append_entries("S2", "S1", term=3), install_snapshot("S2", "S1", term=3, sent_snapshot=snapshot(2, 1))]
)
def test_entries_and_snapshots_of_the_current_leader_are_signs_of_life(message: object) -> None:
    """§6: whatever the leader of the term sends."""
    node = step(STICKS, receive_at(2000, message)).node  # type: ignore[arg-type]

    assert node.last_heard_ms == 2000
    assert step(node, receive_at(2149, request_vote("S3", "S1", term=8))).node == node


def test_entries_that_do_not_fit_are_a_sign_of_life_and_those_of_an_older_term_are_not() -> None:
    """§6: from a current leader, it says."""
    unfitting, old = (
        step(STICKS, receive_at(2000, append_entries("S2", "S1", term=term, previous=(9, 2)))).node for term in (3, 2)
    )

    assert (unfitting.last_heard_ms, old.last_heard_ms) == (2000, 1000)


def test_a_stuck_candidate_frees_itself_by_answering_the_leader() -> None:
    """Dissertation §4.2.3: all ignore its requests, but the refusal of a heartbeat carries its newer term."""
    stuck = with_settings(candidate("S3", term=8), leader_stickiness=True)
    leads = with_settings(leader("S1", term=3), leader_stickiness=True)

    answer = step(stuck, receive(append_entries("S1", "S3", term=3))).messages

    assert answer == (append_rejected("S3", "S1", term=8),)
    assert (receive_all(leads, *answer).role, receive_all(leads, *answer).current_term) == (Role.FOLLOWER, 8)


# Check-quorum

FIVE = with_heard_moments(
    with_settings(leader("S1", nodes=5, term=3, log=entries(3), commit=1), check_quorum=True),
    S2=1000,
    S3=1000,
    S4=1000,
    S5=1000,
)


def test_a_leader_that_hears_from_too_few_steps_down_in_the_same_term() -> None:
    """G5. Dissertation §6.2: S2 alone is no majority with S1; its vote stays cast."""
    _, beat = run_steps(FIVE, receive_at(1100, append_accepted("S2", "S1", term=3, match=1)), timer_at(1150))

    assert beat == Outcome(
        node=replace(follower("S1", nodes=5, term=3, voted_for="S1", log=entries(3), commit=1), settings=FIVE.settings),
        messages=(),
        rearm=True,
        rules=(Rule.STEP_DOWN_WITHOUT_QUORUM,),
    )


def test_a_leader_that_hears_from_enough_stays() -> None:
    """G5. Dissertation §6.2: S1, S2 and S3 are three of five. A refusal is a sign of life as well."""
    *_, beat = run_steps(
        FIVE,
        receive_at(1100, append_accepted("S2", "S1", term=3, match=1)),
        receive_at(1100, append_rejected("S3", "S1", term=3)),
        timer_at(1150),
    )

    assert (beat.node.role, beat.rules) == (Role.LEADER, (Rule.SEND_HEARTBEAT,))


def test_answers_of_an_earlier_term_are_no_sign_of_life() -> None:
    """§5.1: they say nothing about this leadership."""
    late = run_steps(FIVE, *(receive_at(1100, append_accepted(peer, "S1", term=2, match=1)) for peer in ("S2", "S3")))

    assert step(late[-1].node, timer_at(1150)).rules == (Rule.STEP_DOWN_WITHOUT_QUORUM,)


def test_a_new_leader_is_given_an_election_timeout_to_be_heard() -> None:
    """Dissertation §6.2: its election was the last it heard of them."""
    elected = step(
        with_settings(candidate("S1", term=3), check_quorum=True), receive_at(5000, vote_granted("S2", "S1", term=3))
    ).node

    assert step(elected, timer_at(5149)).rules == (Rule.SEND_HEARTBEAT,)
    assert step(elected, timer_at(5150)).rules == (Rule.STEP_DOWN_WITHOUT_QUORUM,)


def test_a_new_member_is_given_an_election_timeout_to_be_heard_too() -> None:
    """Dissertation §6.2: or the leader of one node would step down the moment it has two."""
    alone = leader("S1", nodes=1, term=3, log=entries(3), commit=1)
    joined = step(
        with_configuration(
            with_settings(alone, check_quorum=True), members("1", learners="2"), membership=Membership.SINGLE
        ),
        change_request(members("1", learners="23"), clock_ms=900),
    ).node
    voters = with_configuration(joined, members("13"), membership=Membership.SINGLE)
    voters = replace(voters, progress=tuple(one for one in joined.progress if one.peer == "S3"))

    assert step(voters, timer_at(1049)).node.role is Role.LEADER
    assert step(voters, timer_at(1050)).node.role is Role.FOLLOWER


def test_a_lone_leader_hears_from_itself() -> None:
    """§5.2: it is the majority."""
    node = with_settings(leader("S1", nodes=1, term=3), check_quorum=True)

    assert step(node, timer_at(99_999)).node.role is Role.LEADER


def test_a_leader_that_stepped_down_keeps_its_vote_of_the_term() -> None:
    """§5.2: giving up the role does not free the vote."""
    down = step(FIVE, timer_at(1150)).node

    assert step(down, receive(request_vote("S2", "S1", term=3, last=(9, 9)))).messages == (
        vote_denied("S1", "S2", term=3),
    )
