"""Handing leadership over (dissertation §3.10). G6 numbers the case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import NotLeader, Outcome, RequestRefused, TransferLeadership
from raftstep.core.model import NO_LEADER_STATE, Membership, PendingTransfer, ReadMode, Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    append_accepted,
    append_entries,
    change_request,
    client_request,
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
    vote_granted,
    with_configuration,
    with_settings,
)

LOG = entries(1, 2)
LEADS = leader("S1", term=2, log=LOG, commit=2, progress={"S2": (3, 2), "S3": (3, 2)})
TO_S3 = TransferLeadership(target="S3", clock_ms=1000)


def test_a_target_that_has_every_entry_is_told_to_stand_at_once() -> None:
    """G6. Dissertation §3.10: S3 is matched at the last index."""
    outcome = step(LEADS, TO_S3)

    assert outcome.messages == (timeout_now("S1", "S3", term=2),)
    assert outcome.rules == (Rule.START_TRANSFER, Rule.SEND_TIMEOUT_NOW)
    assert outcome.node.leader_state.transfer == PendingTransfer(target="S3", started_ms=1000, timeout_now_sent=True)
    assert outcome.node.role is Role.LEADER


def test_while_it_hands_over_a_leader_takes_no_commands_and_no_changes() -> None:
    """G6. Dissertation §3.10: the target has to have every entry."""
    handing = step(with_configuration(LEADS, members("123"), progress={"S2": (3, 2), "S3": (3, 2)}), TO_S3).node

    command, change = step(handing, client_request("x=1")), step(handing, change_request(members("12")))

    for outcome, what in ((command, "x=1"), (change, "change the configuration")):
        assert outcome == Outcome(
            node=handing,
            answers=(RequestRefused(request=what, rule=Rule.REFUSE_DURING_TRANSFER),),
            rules=(Rule.REFUSE_DURING_TRANSFER,),
        )


def test_a_target_that_is_behind_is_first_sent_what_it_lacks() -> None:
    """G6. Dissertation §3.10: told once, when it is level."""
    behind = leader("S1", term=2, log=LOG, commit=2, progress={"S2": (3, 2), "S3": (2, 1)})

    asked, level, again = run_steps(
        behind,
        TO_S3,
        receive(append_accepted("S3", "S1", term=2, match=2)),
        receive(append_accepted("S3", "S1", term=2, match=2)),
    )

    assert (asked.messages, asked.rules) == (
        (append_entries("S1", "S3", term=2, previous=(1, 1), new=LOG[1:], commit=2),),
        (Rule.START_TRANSFER,),
    )
    assert (level.messages, level.rules) == (
        (timeout_now("S1", "S3", term=2),),
        (Rule.RECORD_MATCH, Rule.SEND_TIMEOUT_NOW),
    )
    assert again.messages == ()


def test_a_node_told_to_stand_does_so_without_asking_first() -> None:
    """G6. Dissertation §3.10, §4.2.3: a new term at once, no pre-vote, and requests that overrule stickiness."""
    node = with_settings(
        follower("S3", term=2, voted_for="S1", log=LOG, leader="S1"), pre_vote=True, leader_stickiness=True
    )

    outcome = step(node, receive(timeout_now("S1", "S3", term=2)))

    assert outcome == Outcome(
        node=replace(
            node, current_term=3, voted_for="S3", role=Role.CANDIDATE, leader=None, votes_granted=frozenset({"S3"})
        ),
        messages=tuple(replace(request_vote("S3", peer, term=3, last=(2, 2)), transfer=True) for peer in ("S1", "S2")),
        rearm=True,
        rules=(Rule.CAMPAIGN_NOW, Rule.START_ELECTION),
    )


def test_voters_honour_a_hand_over_though_they_have_just_heard_from_the_leader() -> None:
    """G6. Dissertation §4.2.3: the old leader is one of them."""
    request = replace(request_vote("S3", "S2", term=3, last=(2, 2)), transfer=True)
    voter = replace(
        with_settings(follower("S2", term=2, voted_for="S1", log=LOG), leader_stickiness=True), last_heard_ms=1000
    )
    old = step(with_settings(LEADS, leader_stickiness=True), TO_S3).node

    assert step(voter, receive_at(1001, request)).messages == (vote_granted("S2", "S3", term=3),)
    down = step(old, receive_at(1020, replace(request, target="S1")))
    assert (down.node.role, down.node.leader_state, down.messages) == (
        Role.FOLLOWER,
        NO_LEADER_STATE,
        (vote_granted("S1", "S3", term=3),),
    )


def test_a_leader_that_still_leads_an_election_timeout_later_goes_back_to_work() -> None:
    """G6. Dissertation §3.10: the target did not win."""
    handing = step(LEADS, TO_S3).node

    early, late = step(handing, timer_at(1149)), step(handing, timer_at(1150))

    assert early.rules == (Rule.SEND_HEARTBEAT,)
    assert late.rules == (Rule.SEND_HEARTBEAT, Rule.ABANDON_TRANSFER)
    assert step(late.node, client_request("x=1")).rules == (Rule.APPEND_COMMAND,)


@pytest.mark.parametrize("target", ["S1", "S4", "S9"], ids=["itself", "a-learner", "a-stranger"])
def test_a_leader_hands_over_to_another_voter_only(target: str) -> None:
    """Dissertation §3.10: nobody else can win."""
    node = with_configuration(LEADS, members("123", learners="4"), membership=Membership.SINGLE)

    outcome = step(node, TransferLeadership(target=target))

    assert outcome == Outcome(
        node=node,
        answers=(RequestRefused(request=f"transfer leadership to {target}", rule=Rule.REFUSE_TRANSFER),),
        rules=(Rule.REFUSE_TRANSFER,),
    )


def test_only_a_leader_hands_over() -> None:
    """Dissertation §3.10."""
    node = follower("S2", term=2, leader="S1")

    assert step(node, TO_S3).answers == (NotLeader(command="transfer leadership to S3", leader="S1"),)


def test_a_new_target_takes_the_place_of_the_old() -> None:
    """Dissertation §3.10: one hand-over at a time."""
    _, second = run_steps(LEADS, TO_S3, TransferLeadership(target="S2", clock_ms=1050))

    assert second.messages == (timeout_now("S1", "S2", term=2),)
    assert second.node.leader_state.transfer == PendingTransfer(target="S2", started_ms=1050, timeout_now_sent=True)


def test_the_same_transfer_asked_for_again_keeps_its_time_limit() -> None:
    """G6. Dissertation §3.10: or an operator who retries would keep the leader from taking commands for ever."""
    handing = step(LEADS, TO_S3).node

    again, late = run_steps(handing, replace(TO_S3, clock_ms=1100), timer_at(1150))

    assert again == Outcome(
        node=handing,
        answers=(RequestRefused(request="transfer leadership to S3", rule=Rule.REFUSE_DURING_TRANSFER),),
        rules=(Rule.REFUSE_DURING_TRANSFER,),
    )
    assert late.rules == (Rule.SEND_HEARTBEAT, Rule.ABANDON_TRANSFER)


def test_a_transfer_to_the_leader_itself_cancels_the_one_under_way() -> None:
    """Dissertation §3.10, and etcd's TestLeaderTransferBack: the leader takes commands again at once."""
    cancelled, command = run_steps(
        step(LEADS, TO_S3).node, TransferLeadership(target="S1", clock_ms=1010), client_request("x=1")
    )

    assert (cancelled.rules, cancelled.answers, cancelled.messages) == ((Rule.ABANDON_TRANSFER,), (), ())
    assert cancelled.node.leader_state.transfer is None
    assert command.rules == (Rule.APPEND_COMMAND,)


def test_a_transfer_that_is_refused_leaves_the_one_under_way() -> None:
    """Dissertation §3.10: S9 is no voter, and S3 may be about to win."""
    handing = step(LEADS, TO_S3).node

    refused = step(handing, TransferLeadership(target="S9", clock_ms=1050))

    assert (refused.node, refused.rules) == (handing, (Rule.REFUSE_TRANSFER,))


@pytest.mark.parametrize(
    "node",
    [follower("S3", term=3), leader("S3", term=2), with_configuration(follower("S3", term=2), members("12"))],
    ids=["of-a-newer-term", "that-leads", "outside-its-configuration"],
)
def test_a_node_told_to_stand_in_vain_stays_as_it_is(node: object) -> None:
    """§5.1: a late message, or one that is not for it."""
    assert step(node, receive(timeout_now("S1", "S3", term=2))).node == node  # type: ignore[arg-type]


def test_a_lease_is_given_up_before_the_hand_over_and_not_taken_again_after_it_began() -> None:
    """Dissertation §6.4.1: the message may arrive late, and its election is won in spite of every lease."""
    leasing = with_settings(LEADS, reads=ReadMode.LEASE, leader_stickiness=True)
    acknowledged = replace(append_accepted("S2", "S1", term=2, match=2), round=1)
    beat, leased = run_steps(leasing, timer_at(900), receive_at(920, acknowledged))

    assert leased.node.leader_state.lease_until_ms == 1050
    handing = step(leased.node, TO_S3).node
    assert handing.leader_state.lease_until_ms == 0
    *_, after = run_steps(handing, timer_at(1150), timer_at(1200), receive_at(1210, replace(acknowledged, round=3)))
    assert (after.node.leader_state.transfer, after.node.leader_state.lease_until_ms) == (None, 0)
    assert beat.rules == (Rule.SEND_HEARTBEAT,)


def test_a_cancelled_transfer_gives_no_lease_back_once_its_target_was_asked_to_start_an_election() -> None:
    """Dissertation §6.4.1: the request is on its way and its votes ignore every lease, cancelled or not."""
    leasing = with_settings(LEADS, reads=ReadMode.LEASE, leader_stickiness=True)
    acknowledged = replace(append_accepted("S2", "S1", term=2, match=2), round=1)

    cancelled, _, after = run_steps(
        step(leasing, TO_S3).node,
        TransferLeadership(target="S1", clock_ms=1010),
        timer_at(1050),
        receive_at(1060, acknowledged),
    )

    assert cancelled.node.leader_state.transfer is None
    assert (after.node.leader_state.lease_given_up, after.node.leader_state.lease_until_ms) == (True, 0)


def test_a_hand_over_that_told_nobody_leaves_leases_as_they_are() -> None:
    """Dissertation §3.10: given up before the target was level, nobody can win by it."""
    behind = leader("S1", term=2, log=LOG, commit=2, progress={"S2": (3, 2), "S3": (2, 1)})
    handing = step(with_settings(behind, reads=ReadMode.LEASE, leader_stickiness=True), TO_S3).node

    *_, after = run_steps(
        handing,
        timer_at(1150),
        timer_at(1200),
        receive_at(1210, replace(append_accepted("S2", "S1", term=2, match=2), round=2)),
    )

    assert after.node.leader_state.lease_until_ms == 1350


def test_the_successor_has_all_that_was_committed() -> None:
    """§5.4: it wins by the usual vote, so the usual promise holds."""
    stood = step(follower("S3", term=2, log=LOG, commit=1), receive(timeout_now("S1", "S3", term=2))).node

    leads = receive_all(stood, vote_granted("S2", "S3", term=3))

    assert (leads.role, leads.log) == (Role.LEADER, LOG)
