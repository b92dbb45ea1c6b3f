"""Learners: nodes that are sent the log and count in no majority (dissertation §4.2.1)."""

from __future__ import annotations

import pytest

from raftstep.core.inputs import Outcome, RequestRefused
from raftstep.core.model import Configuration, Membership, Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_accepted,
    append_entries,
    change_request,
    client_request,
    configuration_entry,
    entries,
    follower,
    leader,
    members,
    receive,
    receive_all,
    receive_at,
    request_vote,
    run_steps,
    timeout_now,
    timer_at,
    vote_denied,
    vote_granted,
    with_configuration,
    with_heard_moments,
    with_settings,
)

WITH_LEARNER = members("123", learners="4")
KNOWN = {"S2": (2, 1), "S3": (2, 1), "S4": (2, 1)}
LEADS = with_configuration(
    leader("S1", term=1, log=entries(1), commit=1), WITH_LEARNER, membership=Membership.SINGLE, progress=KNOWN
)
LEARNS = with_configuration(follower("S4", term=1), WITH_LEARNER, membership=Membership.SINGLE)


def test_a_learner_is_sent_the_log_and_its_copy_counts_for_nothing() -> None:
    """F7. Dissertation §4.2.1: on S1 and S4 it is not committed, on S1 and S2 it is."""
    sent, learner, voter = run_steps(
        LEADS,
        client_request("x=1"),
        receive(append_accepted("S4", "S1", term=1, match=2)),
        receive(append_accepted("S2", "S1", term=1, match=2)),
    )

    assert [message.target for message in sent.messages] == ["S2", "S3", "S4"]
    assert (learner.node.commit_index, voter.node.commit_index) == (1, 2)


def test_a_learner_never_stands_for_election() -> None:
    """F7. Dissertation §4.2.1: neither by itself nor when told to."""
    assert step(LEARNS, TIMER) == Outcome(node=LEARNS, rearm=True, rules=(Rule.STAY_PASSIVE,))
    assert step(LEARNS, receive(timeout_now("S1", "S4", term=1))).node == LEARNS


def test_a_learner_votes_when_it_is_asked() -> None:
    """F7. Dissertation §4.2.1: it may have been made a voter by an entry it has not received, and be needed."""
    outcome = step(LEARNS, receive(request_vote("S2", "S4", term=2)))

    assert outcome.messages == (vote_granted("S4", "S2", term=2),)


def test_nobody_asks_a_learner_for_its_vote() -> None:
    """Dissertation §4.2.1: it would not count."""
    asked, answered = run_steps(
        with_configuration(follower("S1", term=1), WITH_LEARNER), TIMER, receive(vote_granted("S4", "S1", term=2))
    )

    assert [message.target for message in asked.messages] == ["S2", "S3"]
    assert answered.node.role is Role.CANDIDATE


def test_a_learner_that_has_what_is_committed_may_be_promoted() -> None:
    """Dissertation §4.2.1: S4 holds index 1, the commit index."""
    assert step(LEADS, change_request(members("1234"))).rules == (Rule.APPEND_CONFIGURATION,)


def test_a_learner_that_is_behind_is_not_promoted() -> None:
    """Dissertation §4.2.1: until it has caught up, it would hold commits up."""
    slow = with_configuration(LEADS, WITH_LEARNER, membership=Membership.SINGLE, progress={**KNOWN, "S4": (1, 0)})

    refused, _, promoted = run_steps(
        slow,
        change_request(members("1234")),
        receive(append_accepted("S4", "S1", term=1, match=1)),
        change_request(members("1234")),
    )

    assert refused.answers == (RequestRefused(request="change the configuration", rule=Rule.REFUSE_PROMOTION),)
    assert refused.node == slow
    assert promoted.rules == (Rule.APPEND_CONFIGURATION,)


def test_a_promoted_learner_is_a_voter_from_the_moment_it_has_the_entry() -> None:
    """§6: it may stand at its next timeout, and asks the other three."""
    entry = step(LEADS, change_request(members("1234"))).node.log[-1]
    promoted = receive_all(LEARNS, append_entries("S1", "S4", term=1, new=(*LEADS.log, entry)))

    stood = step(promoted, TIMER)

    assert (promoted.configuration, stood.rules) == (members("1234"), (Rule.START_ELECTION,))
    assert [message.target for message in stood.messages] == ["S1", "S2", "S3"]


def test_a_learner_joins_and_leaves_without_catching_up() -> None:
    """Dissertation §4.2.1: it holds nothing up, so nothing needs to be waited for."""
    node = with_configuration(LEADS, members("123"), membership=Membership.JOINT, progress={"S2": (2, 1), "S3": (2, 1)})

    joined = step(node, change_request(members("123", learners="45")))

    assert joined.rules == (Rule.APPEND_CONFIGURATION,)
    assert [message.target for message in joined.messages] == ["S2", "S3", "S4", "S5"]


def test_a_voter_may_be_made_a_learner() -> None:
    """Dissertation §4.2.1: of the two voters left, both are a majority; the learner's copy no longer counts."""
    made, learner, voter = run_steps(
        LEADS,
        change_request(members("12", learners="34")),
        receive(append_accepted("S3", "S1", term=1, match=2)),
        receive(append_accepted("S2", "S1", term=1, match=2)),
    )

    assert made.rules == (Rule.APPEND_CONFIGURATION,)
    assert (learner.node.commit_index, voter.node.commit_index) == (1, 2)


def test_a_leader_made_a_learner_steps_down_once_that_is_committed() -> None:
    """§6: it has no vote in the new configuration."""
    made = step(LEADS, change_request(members("23", learners="14"))).node

    down = receive_all(made, append_accepted("S2", "S1", term=1, match=2), append_accepted("S3", "S1", term=1, match=2))

    assert (down.role, down.configuration) == (Role.FOLLOWER, members("23", learners="14"))


ITS_DEMOTION = (*entries(1), configuration_entry(1, members("2", learners="1")))


@pytest.mark.parametrize(
    ("before", "membership"),
    [(members("12"), Membership.SINGLE), (members("2", old="123", learners="1"), Membership.JOINT)],
    ids=["of-two-nodes", "after-a-joint-configuration"],
)
def test_a_leader_that_made_itself_a_learner_can_lead_until_that_is_committed(
    before: Configuration, membership: Membership
) -> None:
    """F7. Dissertation §4.2.2: only its log has the entry, so it denies S2 its vote, and nobody else could lead."""
    log = (configuration_entry(1, before), ITS_DEMOTION[-1])
    node = with_configuration(follower("S1", term=1, log=log), members("12"), membership=membership)
    restarted = step(with_settings(node, no_op=True), RESTART).node

    denied = step(restarted, receive(request_vote("S2", "S1", term=2, last=(1, 1))))
    asks, leads, acknowledged = run_steps(
        restarted,
        TIMER,
        receive(vote_granted("S2", "S1", term=2)),
        receive(append_accepted("S2", "S1", term=2, match=3)),
    )

    assert (asks.rules, [message.target for message in asks.messages]) == ((Rule.START_ELECTION,), ["S2"])
    assert denied.messages == (vote_denied("S1", "S2", term=2),)
    assert (leads.node.role, acknowledged.rules[-1]) == (Role.LEADER, Rule.STEP_DOWN_REMOVED)


def test_a_node_that_knows_its_demotion_to_be_committed_starts_no_election() -> None:
    """Dissertation §4.2.1: from then on it is a learner like any other."""
    node = with_configuration(
        follower("S1", term=1, log=ITS_DEMOTION, commit=2), members("2", learners="1"), membership=Membership.SINGLE
    )

    assert step(node, TIMER).rules == (Rule.STAY_PASSIVE,)


def test_a_learner_keeps_no_leader_in_office() -> None:
    """Dissertation §6.2: check-quorum counts voters; S4 alone is nobody."""
    quiet = with_heard_moments(with_settings(LEADS, check_quorum=True), S2=100, S3=100, S4=100)

    _, beat = run_steps(quiet, receive_at(240, append_accepted("S4", "S1", term=1, match=1)), timer_at(250))

    assert beat.rules == (Rule.STEP_DOWN_WITHOUT_QUORUM,)
