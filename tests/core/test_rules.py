"""Every rule is worded, sourced and used."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.inputs import ClientRequest, TakeSnapshot, TransferLeadership, WriteEnds
from raftstep.core.model import (
    CatchUp,
    LeaderState,
    Membership,
    PendingRead,
    PendingTransfer,
    Progress,
    ReadMode,
    Role,
    StateMachine,
)
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    change_request,
    client_request,
    configuration_entry,
    entries,
    follower,
    full_configuration,
    install_snapshot,
    leader,
    members,
    pre_vote_response,
    read_request,
    receive,
    receive_at,
    request_pre_vote,
    request_vote,
    snapshot,
    timeout_now,
    timer_at,
    vote_granted,
    with_configuration,
    with_settings,
    with_snapshot,
)

if TYPE_CHECKING:
    from raftstep.core.inputs import Input
    from raftstep.core.model import Node

# One step each, in the order of the rules: who, what comes, and every rule that then fires, in order.
SCENES: list[tuple[Node, Input, tuple[Rule, ...]]] = [
    (
        leader("S1", term=1, log=entries(1)),
        receive(request_vote("S2", "S1", term=2)),
        (Rule.ADOPT_NEWER_TERM, Rule.DENY_OLDER_LOG),
    ),
    (
        leader("S1", term=2),
        receive(vote_granted("S3", "S1", term=2)),
        (Rule.IGNORE_STALE_RESPONSE,),
    ),
    (
        follower("S1"),
        TIMER,
        (Rule.START_ELECTION,),
    ),
    (
        follower("S1", term=1),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.GRANT_VOTE,),
    ),
    (
        follower("S1", term=2),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_STALE_CANDIDATE,),
    ),
    (
        follower("S1", term=1, voted_for="S3"),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_SECOND_VOTE,),
    ),
    (
        follower("S1", term=1, log=entries(1)),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_OLDER_LOG,),
    ),
    (
        candidate("S1", nodes=5, term=1),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE,),
    ),
    (
        candidate("S1", term=1),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE, Rule.BECOME_LEADER),
    ),
    (
        candidate("S1", term=1, no_op=True),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE, Rule.BECOME_LEADER, Rule.APPEND_NO_OP),
    ),
    (
        follower("S1", nodes=1, no_op=True),
        TIMER,
        (Rule.START_ELECTION, Rule.BECOME_LEADER, Rule.APPEND_NO_OP, Rule.COMMIT, Rule.APPLY),
    ),
    (
        candidate("S1", term=1),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.RECOGNISE_LEADER, Rule.ACCEPT_HEARTBEAT),
    ),
    (
        leader("S1", term=1),
        TIMER,
        (Rule.SEND_HEARTBEAT,),
    ),
    (
        leader("S1", term=1),
        client_request("x=1"),
        (Rule.APPEND_COMMAND,),
    ),
    (
        follower("S1", term=1),
        client_request("x=1"),
        (Rule.REDIRECT_CLIENT,),
    ),
    (
        follower("S1", term=2),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.REJECT_STALE_LEADER,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, previous=(1, 1))),
        (Rule.REJECT_GAP,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.ACCEPT_HEARTBEAT,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, new=entries(1))),
        (Rule.ACCEPT_ENTRIES,),
    ),
    (
        follower("S1", term=2, log=entries(1)),
        receive(append_entries("S2", "S1", term=2, new=entries(2))),
        (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, new=entries(1), commit=1)),
        (Rule.ACCEPT_ENTRIES, Rule.FOLLOW_COMMIT, Rule.APPLY),
    ),
    (
        leader("S1", nodes=5, term=1, log=entries(1)),
        receive(append_accepted("S2", "S1", term=1, match=1)),
        (Rule.RECORD_MATCH,),
    ),
    (
        leader("S1", term=1, log=entries(1)),
        receive(append_rejected("S2", "S1", term=1)),
        (Rule.BACK_UP,),
    ),
    (
        leader("S1", term=1, log=entries(1)),
        receive(append_accepted("S2", "S1", term=1, match=1)),
        (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT),
    ),
    (
        leader("S1", term=2, log=entries(1)),
        receive(append_accepted("S2", "S1", term=2, match=1)),
        (Rule.RECORD_MATCH, Rule.HOLD_OLD_TERM),
    ),
    (
        leader("S1", term=1),
        RESTART,
        (Rule.RESTART,),
    ),
]

# The same for the rules beyond Figure 2.
FOLLOWS = follower("S1", term=1)
HEARD = replace(with_settings(FOLLOWS, pre_vote=True, leader_stickiness=True), last_heard_ms=0)
ASKS = replace(with_settings(FOLLOWS, pre_vote=True), role=Role.PRE_CANDIDATE, votes_granted=frozenset({"S1"}))
LOG = entries(1, 1)
MATCHED = {"S2": (3, 2), "S3": (3, 2)}
LEADS = leader("S1", term=1, log=LOG, commit=2, progress=MATCHED)
CHANGES = with_configuration(LEADS, full_configuration(3), progress=MATCHED)
ONE_BY_ONE = with_settings(CHANGES, membership=Membership.SINGLE)
JOINT = (*entries(1), configuration_entry(1, members("12", old="123")))
REMOVED = (*entries(1), configuration_entry(1, members("2")))
SHORT = with_snapshot(LEADS, snapshot(2, 1))
READS = with_settings(LEADS, reads=ReadMode.READ_INDEX)
LEASE = with_settings(LEADS, reads=ReadMode.LEASE, leader_stickiness=True)
WAITING = LeaderState(round=1, pending_reads=(PendingRead(id="r", key="x", index=2, round=1),))


def catching_up(*, rounds: int) -> Node:
    """A leader for which S4 still lacks index 2."""
    office = LeaderState(
        catch_up=CatchUp(configuration=members("1234"), target_index=2, round_number=rounds, started_ms=0)
    )
    newcomer = Progress(peer="S4", next_index=2, match_index=1)
    return replace(CHANGES, leader_state=office, progress=(*CHANGES.progress, newcomer))


def handing_over(*, target_match: int) -> Node:
    """A leader on its way out."""
    marks = {"S2": (3, 2), "S3": (target_match + 1, target_match)}
    node = leader("S1", term=1, log=LOG, commit=2, progress=marks)
    return replace(node, leader_state=LeaderState(transfer=PendingTransfer(target="S3", started_ms=0)))


TWO_SESSIONS = replace(
    with_settings(leader("S1", nodes=1, term=1), sessions=True, session_limit=2),
    machine=StateMachine(sessions=(("A", 1), ("B", 1))),
)
SCENES_BEYOND: list[tuple[Node, Input, tuple[Rule, ...]]] = [
    # asking before standing, and sticking to a leader
    (HEARD, TIMER, (Rule.ASK_PRE_VOTE,)),
    (FOLLOWS, receive_at(150, request_pre_vote("S2", "S1", term=2)), (Rule.GRANT_PRE_VOTE,)),
    (FOLLOWS, receive(request_pre_vote("S2", "S1", term=1)), (Rule.DENY_PRE_VOTE,)),
    (HEARD, receive_at(149, request_pre_vote("S2", "S1", term=2)), (Rule.DENY_PRE_VOTE_LEADER_ALIVE,)),
    (ASKS, receive(pre_vote_response("S2", "S1", term=2, granted=True)), (Rule.COUNT_PRE_VOTE, Rule.START_ELECTION)),
    (HEARD, receive_at(149, request_vote("S2", "S1", term=2)), (Rule.IGNORE_DISRUPTIVE_CANDIDATE,)),
    (with_settings(LEADS, check_quorum=True), timer_at(150), (Rule.STEP_DOWN_WITHOUT_QUORUM,)),
    # snapshots
    (LEADS, TakeSnapshot(), (Rule.TAKE_SNAPSHOT,)),
    (
        with_snapshot(leader("S1", term=1, log=LOG, commit=2), snapshot(2, 1)),
        TIMER,
        (Rule.SEND_HEARTBEAT,),
    ),
    (
        with_snapshot(leader("S1", term=1, log=LOG, commit=2, progress={"S2": (1, 0)}), snapshot(2, 1)),
        TIMER,
        (Rule.SEND_HEARTBEAT, Rule.SEND_SNAPSHOT),
    ),
    (FOLLOWS, receive(install_snapshot("S2", "S1", term=1, sent_snapshot=snapshot(2, 1))), (Rule.INSTALL_SNAPSHOT,)),
    (
        replace(FOLLOWS, log=entries(1, 1, 1)),
        receive(install_snapshot("S2", "S1", term=1, sent_snapshot=snapshot(2, 1))),
        (Rule.KEEP_SUFFIX,),
    ),
    (
        with_snapshot(FOLLOWS, snapshot(2, 1)),
        receive(install_snapshot("S2", "S1", term=1, sent_snapshot=snapshot(2, 1))),
        (Rule.IGNORE_OLD_SNAPSHOT,),
    ),
    (SHORT, RESTART, (Rule.RESTART, Rule.RESTORE_SNAPSHOT)),
    # another configuration
    (CHANGES, change_request(members("12")), (Rule.APPEND_JOINT,)),
    (
        replace(with_configuration(leader("S1", term=1, log=JOINT, commit=1), members("12", old="123"))),
        receive(append_accepted("S2", "S1", term=1, match=2)),
        (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.LEAVE_JOINT),
    ),
    (ONE_BY_ONE, change_request(members("12")), (Rule.APPEND_CONFIGURATION,)),
    (
        with_configuration(FOLLOWS, full_configuration(3)),
        receive(append_entries("S2", "S1", term=1, new=(configuration_entry(1, members("12")),))),
        (Rule.ACCEPT_ENTRIES, Rule.ADOPT_CONFIGURATION),
    ),
    (
        replace(
            with_configuration(FOLLOWS, full_configuration(3)),
            log=(configuration_entry(0, members("12")),),
            configuration=members("12"),
        ),
        receive(append_entries("S2", "S1", term=1, new=entries(1))),
        (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT, Rule.REVERT_CONFIGURATION),
    ),
    (CHANGES, change_request(members("1234")), (Rule.START_CATCH_UP,)),
    (
        catching_up(rounds=1),
        receive_at(150, append_accepted("S4", "S1", term=1, match=2)),
        (Rule.RECORD_MATCH, Rule.NEXT_CATCH_UP_ROUND),
    ),
    (
        catching_up(rounds=10),
        receive_at(150, append_accepted("S4", "S1", term=1, match=2)),
        (Rule.RECORD_MATCH, Rule.GIVE_UP_CATCH_UP),
    ),
    (catching_up(rounds=1), change_request(members("12")), (Rule.REFUSE_SECOND_CHANGE,)),
    (
        with_configuration(leader("S1", term=2, log=LOG, commit=2), full_configuration(3)),
        change_request(members("12")),
        (Rule.REFUSE_EARLY_CHANGE,),
    ),
    (ONE_BY_ONE, change_request(members("1")), (Rule.REFUSE_CHANGE_OF_SEVERAL,)),
    (
        with_configuration(LEADS, members("123", learners="4"), progress=MATCHED),
        change_request(members("1234")),
        (Rule.REFUSE_PROMOTION,),
    ),
    (
        with_configuration(leader("S1", term=1, log=REMOVED, commit=1), members("2")),
        receive(append_accepted("S2", "S1", term=1, match=2)),
        (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.STEP_DOWN_REMOVED),
    ),
    (with_configuration(FOLLOWS, members("23", learners="1")), TIMER, (Rule.STAY_PASSIVE,)),
    # handing over
    (
        handing_over(target_match=1),
        receive(append_accepted("S3", "S1", term=1, match=2)),
        (Rule.RECORD_MATCH, Rule.SEND_TIMEOUT_NOW),
    ),
    (LEADS, TransferLeadership(target="S3"), (Rule.START_TRANSFER, Rule.SEND_TIMEOUT_NOW)),
    (FOLLOWS, receive(timeout_now("S2", "S1", term=1)), (Rule.CAMPAIGN_NOW, Rule.START_ELECTION)),
    (handing_over(target_match=1), client_request("x=1"), (Rule.REFUSE_DURING_TRANSFER,)),
    (LEADS, TransferLeadership(target="S1"), (Rule.REFUSE_TRANSFER,)),
    (handing_over(target_match=1), timer_at(150), (Rule.SEND_HEARTBEAT, Rule.ABANDON_TRANSFER)),
    # reading, and sending a command again
    (replace(READS, commit_index=0), read_request(), (Rule.WAIT_FOR_OWN_COMMIT,)),
    (READS, read_request(), (Rule.START_READ_ROUND,)),
    (
        replace(READS, leader_state=WAITING),
        receive(replace(append_accepted("S2", "S1", term=1, match=2), round=1)),
        (Rule.RECORD_MATCH, Rule.CONFIRM_LEADERSHIP, Rule.ANSWER_READ),
    ),
    (
        replace(LEASE, leader_state=LeaderState(round=1, unconfirmed_rounds=((1, 0),))),
        receive(replace(append_accepted("S2", "S1", term=1, match=2), round=1)),
        (Rule.RECORD_MATCH, Rule.EXTEND_LEASE),
    ),
    (
        replace(LEASE, leader_state=LeaderState(lease_until_ms=1)),
        read_request(),
        (Rule.READ_BY_LEASE, Rule.ANSWER_READ),
    ),
    (
        replace(
            with_settings(leader("S1", nodes=1, term=1), sessions=True), machine=StateMachine(sessions=(("A", 1),))
        ),
        ClientRequest(command="x=1", client="A", serial=1),
        (Rule.APPEND_COMMAND, Rule.COMMIT, Rule.APPLY, Rule.SKIP_REPEATED, Rule.ANSWER_CLIENT),
    ),
    (
        TWO_SESSIONS,
        ClientRequest(command="x=1", client="C", serial=1),
        (Rule.APPEND_COMMAND, Rule.COMMIT, Rule.APPLY, Rule.EXPIRE_SESSION, Rule.ANSWER_CLIENT),
    ),
    (
        TWO_SESSIONS,
        ClientRequest(command="x=1", client="C", serial=2),
        (Rule.APPEND_COMMAND, Rule.COMMIT, Rule.APPLY, Rule.REFUSE_EXPIRED_SESSION),
    ),
    # disks and hints
    (
        replace(leader("S1", nodes=1, term=1, log=entries(1)), disk_is_slow=True),
        WriteEnds(index=1),
        (Rule.COUNT_OWN_WRITE, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT),
    ),
    (
        with_settings(FOLLOWS, conflict_hints=True),
        receive(append_entries("S2", "S1", term=1, previous=(9, 1))),
        (Rule.REJECT_GAP, Rule.GIVE_CONFLICT_HINT),
    ),
    (
        with_settings(LEADS, conflict_hints=True),
        receive(replace(append_rejected("S2", "S1", term=1), conflict_index=1)),
        (Rule.FOLLOW_CONFLICT_HINT,),
    ),
]


ALL = SCENES + SCENES_BEYOND


@pytest.mark.parametrize(
    ("node", "given", "rules"), ALL, ids=["+".join(rule.slug for rule in rules) for _, _, rules in ALL]
)
def test_a_step_names_the_rules_that_fired_in_order(node: Node, given: Input, rules: tuple[Rule, ...]) -> None:
    """Captions and transcripts tell a step by its rules, so they are all there, and in order."""
    assert step(node, given).rules == rules


def test_every_rule_fires() -> None:
    """A rule that no step can fire would be a promise without a keeper."""
    fired = {rule for node, given, _ in ALL for rule in step(node, given).rules}

    assert set(Rule) - fired == set()


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.slug)
def test_every_rule_is_one_sentence_with_its_place_in_the_paper(rule: Rule) -> None:
    """A reader gets a sentence and can look it up: a section, or sections, of the Raft paper."""
    assert re.fullmatch(r"[A-Z][^.]*\.", rule.sentence)
    assert rule.sentence == " ".join(rule.sentence.split())
    assert re.match(r"(§\d|dissertation §\d|Ongaro 2015)", rule.source)
    assert not rule.source.endswith(".")


def test_every_rule_has_a_name_of_its_own() -> None:
    """Slugs stand in scenarios and addresses; two rules worded alike would be one member without a word."""
    slugs = [rule.slug for rule in Rule]

    assert len(set(slugs)) == len(slugs) == len(Rule.__members__)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", slug) for slug in slugs)
    assert len({rule.sentence for rule in Rule}) == len(slugs)
    assert Rule.GRANT_VOTE.slug == "grant-vote"
