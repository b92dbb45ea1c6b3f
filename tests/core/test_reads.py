"""Reads that are not written to the log (§8, dissertation §6.4), one node at a time. G7 … G9 number the cases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.inputs import NodeRestarts, NotLeader, Outcome, ReadResult
from raftstep.core.model import NO_LEADER_STATE, Membership, Node, PendingRead, ReadMode, Role, StateMachine
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    client_request,
    entries,
    follower,
    leader,
    members,
    read_request,
    receive,
    receive_at,
    request_vote,
    run_steps,
    timer_at,
    vote_granted,
    with_configuration,
    with_settings,
)

if TYPE_CHECKING:
    from raftstep.core.messages import AppendEntriesResponse

X5 = StateMachine(pairs=(("x", "5"),))
LOG = entries(1, 1, 2, 2, 2, 3, 3)


def leads(reads: ReadMode = ReadMode.READ_INDEX, *, commit: int = 7) -> Node:
    """A leader of term 3 among five, whose store holds x=5; lease reads come with all they need."""
    node = with_settings(leader("S1", nodes=5, term=3, log=LOG, commit=commit), reads=reads)
    return replace(with_settings(node, leader_stickiness=reads is ReadMode.LEASE), machine=X5)


def echo(source: str, *, round: int, match: int = 7, term: int = 3) -> AppendEntriesResponse:
    """The answer to a heartbeat of this round."""
    return replace(append_accepted(source, "S1", term=term, match=match), round=round)


ANSWER = ReadResult(id="r", key="x", value="5", index=7)

# ReadIndex


def test_a_read_starts_a_round_of_heartbeats_and_waits() -> None:
    """G7. Dissertation §6.4: the commit index is noted as the read's, and the round is sent after it came in."""
    outcome = step(leads(), read_request())

    assert (outcome.answers, outcome.rules) == ((), (Rule.START_READ_ROUND,))
    assert outcome.node.leader_state.pending_reads == (PendingRead(id="r", key="x", index=7, round=1),)
    assert {message.round for message in outcome.messages} == {1}  # type: ignore[union-attr]
    assert len(outcome.messages) == 4


def test_a_read_is_answered_when_a_majority_has_answered_its_round() -> None:
    """G7. Dissertation §6.4: S1, S2 and S3 are three of five; then the read is done with."""
    _, one, two, three = run_steps(
        leads(),
        read_request(),
        receive(echo("S2", round=1)),
        receive(echo("S3", round=1)),
        receive(echo("S4", round=1)),
    )

    assert one.answers == ()
    assert two.answers == (ANSWER,)
    assert two.rules == (Rule.RECORD_MATCH, Rule.CONFIRM_LEADERSHIP, Rule.ANSWER_READ)
    assert (three.answers, three.node.leader_state.pending_reads) == ((), ())


def test_answers_to_heartbeats_sent_before_the_read_do_not_count() -> None:
    """G7. Dissertation §6.4: another may have been elected since."""
    beaten = step(leads(), timer_at(50)).node  # round 1

    _, early, late, enough = run_steps(
        beaten,
        read_request(),  # round 2
        receive(echo("S2", round=1)),
        receive(echo("S3", round=1)),
        receive(echo("S2", round=2)),
    )

    assert (early.answers, late.answers, enough.answers) == ((), (), ())
    assert step(enough.node, receive(echo("S3", round=2))).answers == (ANSWER,)


def test_one_nodes_answer_twice_is_one() -> None:
    """§5.5: messages may be repeated."""
    *_, twice = run_steps(leads(), read_request(), receive(echo("S2", round=1)), receive(echo("S2", round=1)))

    assert twice.answers == ()


def test_a_refused_heartbeat_confirms_the_leader_as_well() -> None:
    """Dissertation §6.4: the follower's log does not fit, but it knows of no newer term."""
    refusal = replace(append_rejected("S3", "S1", term=3), round=1)

    *_, two = run_steps(leads(), read_request(), receive(echo("S2", round=1)), receive(refusal))

    assert two.answers == (ANSWER,)


def test_answers_of_an_earlier_term_confirm_nothing() -> None:
    """§5.1: rounds are numbered anew in each term."""
    *_, outcome = run_steps(
        leads(), read_request(), receive(echo("S2", round=1, term=2)), receive(echo("S3", round=1, term=2))
    )

    assert outcome.answers == ()


def test_a_leader_that_has_committed_nothing_of_its_own_term_lets_the_read_wait() -> None:
    """G7. §8: its commit index may lag behind what an earlier leader committed and answered for."""
    waiting, committed, one, two = run_steps(
        leads(commit=5),
        read_request(),
        receive(replace(append_accepted("S2", "S1", term=3, match=7))),
        receive(replace(append_accepted("S3", "S1", term=3, match=7))),
        receive(echo("S2", round=1)),
    )

    assert (waiting.rules, waiting.messages) == ((Rule.WAIT_FOR_OWN_COMMIT,), ())
    assert committed.rules == (Rule.RECORD_MATCH,)
    assert one.rules[-1] is Rule.START_READ_ROUND
    assert one.node.leader_state.pending_reads == (PendingRead(id="r", key="x", index=7, round=1),)
    assert step(two.node, receive(echo("S3", round=1))).answers == (ANSWER,)


def test_a_read_sees_all_that_is_applied_when_it_is_answered() -> None:
    """§8: not less than at its index; what was committed meanwhile is seen too."""
    written = step(leads(), read_request()).node
    written = step(written, client_request("x=9")).node

    *_, outcome = run_steps(written, receive(echo("S2", round=1, match=8)), receive(echo("S3", round=1, match=8)))

    assert ReadResult(id="r", key="x", value="9", index=8) in outcome.answers


def test_a_key_that_was_never_set_reads_as_nothing() -> None:
    """The store knows no such key."""
    *_, outcome = run_steps(leads(), read_request("y"), receive(echo("S2", round=1)), receive(echo("S3", round=1)))

    assert outcome.answers == (ReadResult(id="r", key="y", value=None, index=7),)


def test_a_lone_leader_answers_at_once() -> None:
    """§8: it is the majority."""
    node = with_settings(leader("S1", nodes=1, term=3, log=LOG, commit=7), reads=ReadMode.READ_INDEX)

    assert step(replace(node, machine=X5), read_request()).answers == (ANSWER,)


def test_a_learner_and_a_removed_leader_confirm_nothing() -> None:
    """Dissertation §4.2.1, §4.2.2: S1 leads a cluster of S2 and S3 it is leaving; S4 only learns."""
    node = replace(
        with_configuration(leads(), members("23", learners="4"), membership=Membership.SINGLE), commit_index=6
    )
    node = replace(node, settings=replace(node.settings, membership=Membership.FIXED), commit_index=7)

    *_, learner, one, two = run_steps(
        node,
        read_request(),
        receive(echo("S4", round=1)),
        receive(echo("S2", round=1)),
        receive(echo("S3", round=1)),
    )

    assert (learner.answers, one.answers, two.answers) == ((), (), (ANSWER,))


# A leader that is none any more


def test_a_deposed_leader_never_answers() -> None:
    """G8. Dissertation §6.4: cut off it waits for ever; and when it hears of its successor, the read is forgotten."""
    isolated = step(leads(), read_request()).node
    for clock_ms in range(50, 1050, 50):
        beat = step(isolated, timer_at(clock_ms))
        assert beat.answers == ()
        isolated = beat.node

    deposed = step(isolated, receive(append_entries("S2", "S1", term=4, previous=(7, 3))))

    assert (deposed.answers, deposed.node.leader_state) == ((), NO_LEADER_STATE)
    assert deposed.node.role is Role.FOLLOWER


def test_late_answers_to_its_round_do_not_make_a_follower_answer() -> None:
    """G8. §5.1: the term they confirm is over."""
    *_, one, two = run_steps(
        leads(),
        read_request(),
        receive(append_entries("S2", "S1", term=4, previous=(7, 3))),
        receive(echo("S3", round=1)),
        receive(echo("S4", round=1)),
    )

    assert (one.answers, two.answers) == ((), ())


def test_a_leader_without_a_majority_steps_down_and_forgets_its_reads() -> None:
    """G8. Dissertation §6.2: the client hears nothing, and may ask elsewhere."""
    node = step(with_settings(leads(), check_quorum=True), read_request(clock_ms=100)).node

    outcome = step(node, timer_at(200))

    assert (outcome.rules, outcome.answers) == ((Rule.STEP_DOWN_WITHOUT_QUORUM,), ())
    assert outcome.node.leader_state == NO_LEADER_STATE


def test_a_follower_sends_the_reader_to_the_leader() -> None:
    """§8."""
    node = with_settings(follower("S1", term=3, leader="S2"), reads=ReadMode.READ_INDEX)

    assert step(node, read_request()) == Outcome(
        node=node, answers=(NotLeader(command="read x", leader="S2"),), rules=(Rule.REDIRECT_CLIENT,)
    )


def test_reads_that_are_switched_off_are_a_mistake() -> None:
    """It is the caller's."""
    with pytest.raises(ValueError, match="reads are switched off"):
        step(leader("S1", term=3), read_request())


# Leases

LEASED = with_settings(leads(ReadMode.LEASE), drift_bound=1.25)


def test_a_lease_lasts_an_election_timeout_from_the_sending_less_the_drift() -> None:
    """G9. Dissertation §6.4.1: sent at 1000, acknowledged at 1012; 150 / 1.25 = 120, so until 1120."""
    *_, one, two = run_steps(
        LEASED, timer_at(1000), receive_at(1011, echo("S2", round=1)), receive_at(1012, echo("S3", round=1))
    )

    assert (one.node.leader_state.lease_until_ms, two.node.leader_state.lease_until_ms) == (0, 1120)
    assert two.rules == (Rule.RECORD_MATCH, Rule.EXTEND_LEASE)
    within_it = step(two.node, read_request(clock_ms=1119))
    assert (within_it.answers, within_it.messages) == ((ANSWER,), ())
    assert within_it.rules == (Rule.READ_BY_LEASE, Rule.ANSWER_READ)


def test_when_the_lease_is_over_a_read_takes_a_round_again() -> None:
    """G9. Dissertation §6.4.1: at 1120 it is over, not at 1132 or 1150."""
    *_, two = run_steps(
        LEASED, timer_at(1000), receive_at(1011, echo("S2", round=1)), receive_at(1012, echo("S3", round=1))
    )

    outcome = step(two.node, read_request(clock_ms=1120))

    assert (outcome.answers, outcome.rules) == ((), (Rule.START_READ_ROUND,))


def test_answers_to_several_rounds_count_for_the_latest_that_a_majority_answered() -> None:
    """Dissertation §6.4.1: S2 answered the round of 1050, S3 only that of 1000."""
    *_, outcome = run_steps(
        LEASED,
        timer_at(1000),
        timer_at(1050),
        receive_at(1062, echo("S2", round=2)),
        receive_at(1063, echo("S3", round=1)),
    )

    assert outcome.node.leader_state.lease_until_ms == 1120


def test_a_lease_is_not_used_before_an_entry_of_the_term_is_committed() -> None:
    """§8: being the leader is not enough, one must know how far to read."""
    node = replace(LEASED, leader_state=replace(LEASED.leader_state, lease_until_ms=2000), commit_index=5)

    assert step(node, read_request(clock_ms=1000)).rules == (Rule.WAIT_FOR_OWN_COMMIT,)


def test_a_new_leader_begins_without_a_lease() -> None:
    """Dissertation §6.4.1: votes say nothing about heartbeats."""
    node = with_settings(candidate("S1", term=3), reads=ReadMode.LEASE, leader_stickiness=True)

    elected = step(node, receive_at(1000, vote_granted("S2", "S1", term=3))).node

    assert (elected.role, elected.leader_state) == (Role.LEADER, NO_LEADER_STATE)


def test_a_voter_that_restarts_waits_as_if_it_had_just_heard_from_the_leader() -> None:
    """Dissertation §6.4.1: the lease counts on it, and it has forgotten when it last heard."""
    voter = with_settings(follower("S2", term=3), reads=ReadMode.LEASE, leader_stickiness=True)

    restarted, early, late = run_steps(
        voter,
        NodeRestarts(clock_ms=4000),
        receive_at(4149, request_vote("S3", "S2", term=4)),
        receive_at(4150, request_vote("S3", "S2", term=4)),
    )

    assert restarted.node.last_heard_ms == 4000
    assert early.rules == (Rule.IGNORE_DISRUPTIVE_CANDIDATE,)
    assert late.rules == (Rule.ADOPT_NEWER_TERM, Rule.GRANT_VOTE)


def test_a_leader_that_restarts_has_no_lease() -> None:
    """Dissertation §6.4.1: the lease is gone with the role, and a read is sent on."""
    leasing = with_settings(leader("S1", term=3), reads=ReadMode.LEASE, leader_stickiness=True)
    leasing = replace(leasing, leader_state=replace(leasing.leader_state, lease_until_ms=5000))

    restarted = step(leasing, NodeRestarts(clock_ms=4000)).node

    assert (restarted.role, restarted.leader_state) == (Role.FOLLOWER, NO_LEADER_STATE)
