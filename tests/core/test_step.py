"""What holds of every step, whatever came before: messages late, repeated, lost; nodes crashed and back."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raftstep.core.inputs import Input, NodeRestarts, NotLeader, Outcome
from raftstep.core.messages import AppendEntries, AppendEntriesResponse, Message, RequestVote, RequestVoteResponse
from raftstep.core.model import Node, Role
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import RESTART, TIMER, client_request, follower, receive

# Histories are long to draw, and longer on a busy machine: that says nothing of the core.
anywhere = settings(suppress_health_check=[HealthCheck.too_slow])


class Taken(NamedTuple):
    """One step of a history."""

    before: Node
    given: Input
    outcome: Outcome


@st.composite
def histories(draw: st.DrawFn) -> list[Taken]:
    """Up to sixty steps of three nodes, from boot, over a network that loses, delays, reorders and repeats.

    Every message ever sent stays in the post: any of them may arrive next, for the first time or again.
    """
    no_op = draw(st.booleans())
    nodes = {name: follower(name, no_op=no_op) for name in ("S1", "S2", "S3")}
    post: list[Message] = []
    history = []
    for number in range(draw(st.integers(min_value=1, max_value=60))):
        given_now: Input
        kind = draw(st.sampled_from(["latest"] * 4 + ["any"] * 3 + ["timer"] * 2 + ["client", "restart"]))
        if post and kind == "latest":
            message = post[-draw(st.integers(min_value=1, max_value=min(3, len(post))))]
            name, given_now = message.target, receive(message)
        elif post and kind == "any":
            message = draw(st.sampled_from(post))
            name, given_now = message.target, receive(message)
        else:
            name = draw(st.sampled_from(sorted(nodes)))
            others: dict[str, Input] = {"client": client_request(f"x={number}"), "restart": RESTART}
            given_now = others.get(kind, TIMER)
        taken = Taken(nodes[name], given_now, step(nodes[name], given_now))
        nodes[name] = taken.outcome.node
        post.extend(taken.outcome.messages)
        history.append(taken)
    return history


@anywhere
@given(histories())
def test_a_step_changes_nothing_it_was_given_and_gives_the_same_again(history: list[Taken]) -> None:
    """House rule: values in, values out; no clock, no chance."""
    for before, given_now, outcome in history:
        words = repr(before), repr(given_now)
        assert step(before, given_now) == outcome
        assert (repr(before), repr(given_now)) == words
        assert hash(step(before, given_now)) == hash(outcome)


@anywhere
@given(histories())
def test_a_term_never_goes_down_and_a_vote_stands_for_its_whole_term(history: list[Taken]) -> None:
    """§5.1, §5.2: not over a restart either; a vote changes only from none, or with the term."""
    for before, _, outcome in history:
        after = outcome.node
        assert after.current_term >= before.current_term
        if after.current_term == before.current_term and before.voted_for is not None:
            assert after.voted_for == before.voted_for


@anywhere
@given(histories())
def test_commit_and_applied_never_go_down_but_by_a_restart(history: list[Taken]) -> None:
    """§5.3: what is committed stays so; the state machine has no way back."""
    for before, given_now, outcome in history:
        after = outcome.node
        assert after.last_applied == after.commit_index <= len(after.log)
        if isinstance(given_now, NodeRestarts):
            assert after.commit_index == 0
        else:
            assert after.commit_index >= before.commit_index
            assert after.log[: before.commit_index] == before.log[: before.commit_index]


@anywhere
@given(histories())
def test_a_leader_only_appends_to_its_log(history: list[Taken]) -> None:
    """Figure 3 (Leader Append-Only), §5.3."""
    for before, _, outcome in history:
        if before.role is Role.LEADER is outcome.node.role:
            assert outcome.node.log[: len(before.log)] == before.log


@anywhere
@given(histories())
def test_a_leaders_marks_stay_within_its_log(history: list[Taken]) -> None:
    """Figure 2 (Leaders): 0 ≤ match < next ≤ last + 1; match never goes down while it leads; nobody else has any."""
    for before, _, outcome in history:
        after = outcome.node
        if after.role is not Role.LEADER:
            assert after.progress == ()
            continue
        assert tuple(each.peer for each in after.progress) == after.peers
        assert all(0 <= each.match_index < each.next_index <= len(after.log) + 1 for each in after.progress)
        if before.role is Role.LEADER:
            known = zip(before.progress, after.progress, strict=True)
            assert all(old.match_index <= new.match_index for old, new in known)


@anywhere
@given(histories())
def test_a_role_says_whom_the_vote_went_to_and_who_leads(history: list[Taken]) -> None:
    """§5.2: a candidate and a leader voted for themselves; a leader knows that it leads, a candidate that none does."""
    for _, _, outcome in history:
        node = outcome.node
        match node.role:
            case Role.LEADER:
                assert (node.voted_for, node.leader) == (node.id, node.id)
            case Role.CANDIDATE:
                assert (node.voted_for, node.leader) == (node.id, None)
                assert node.id in node.votes_granted
            case Role.FOLLOWER:
                assert node.leader != node.id
                assert node.votes_granted == frozenset()


@anywhere
@given(histories())
def test_every_message_speaks_for_the_node_that_sends_it(history: list[Taken]) -> None:
    """§5.1: it carries the sender's term after the step, and nothing the sender does not have."""
    for _, _, outcome in history:
        node = outcome.node
        for message in outcome.messages:
            assert (message.source, message.term) == (node.id, node.current_term)
            assert message.target in node.peers
            match message:
                case RequestVote():
                    last = node.log[-1].term if node.log else 0
                    assert (message.last_log_index, message.last_log_term) == (len(node.log), last)
                    assert node.role is Role.CANDIDATE
                case AppendEntries():
                    assert node.log[message.previous_index :] == message.entries
                    assert message.leader_commit <= node.commit_index
                    assert node.role is Role.LEADER
                case RequestVoteResponse():
                    assert message.vote_granted == (
                        node.voted_for == message.target and Rule.GRANT_VOTE in outcome.rules
                    )
                case AppendEntriesResponse():
                    assert message.match_index <= len(node.log)


@anywhere
@given(histories())
def test_the_timer_starts_anew_for_the_reasons_figure_2_gives(history: list[Taken]) -> None:
    """Figure 2 (Followers, Candidates, Leaders): these rules and no others; and when a leader steps down."""
    reasons = {
        Rule.START_ELECTION,
        Rule.GRANT_VOTE,
        Rule.BECOME_LEADER,
        Rule.SEND_HEARTBEAT,
        Rule.ACCEPT_ENTRIES,
        Rule.ACCEPT_HEARTBEAT,
        Rule.REJECT_GAP,
        Rule.RESTART,
    }
    for before, _, outcome in history:
        stepped_down = before.role is Role.LEADER and outcome.node.role is Role.FOLLOWER
        assert outcome.rearm == (stepped_down or bool(reasons & {*outcome.rules}))


@anywhere
@given(histories())
def test_every_change_is_told_by_a_rule(history: list[Taken]) -> None:
    """House rule: a step that changes, sends or answers anything names at least one rule, and none twice."""
    for before, _, outcome in history:
        quiet = outcome == Outcome(node=before)
        assert quiet or outcome.rules
        assert len(set(outcome.rules)) == len(outcome.rules)


@anywhere
@given(histories())
def test_a_term_has_at_most_one_leader_and_logs_match(history: list[Taken]) -> None:
    """Figure 3 (Election Safety, Log Matching, State Machine Safety): over all nodes and all times of a history."""
    leaders: dict[int, str] = {}
    prefixes: dict[tuple[int, int], object] = {}
    applied: dict[int, object] = {}
    for _, _, outcome in history:
        node = outcome.node
        if node.role is Role.LEADER:
            assert leaders.setdefault(node.current_term, node.id) == node.id
        for index, entry in enumerate(node.log, 1):
            assert prefixes.setdefault((index, entry.term), node.log[:index]) == node.log[:index]
        for index, entry in enumerate(node.log[: node.last_applied], 1):
            assert applied.setdefault(index, entry) == entry
        assert all(one.term <= next_one.term for one, next_one in pairwise(node.log))
        assert not node.log or node.log[-1].term <= node.current_term


@anywhere
@given(histories())
def test_an_answer_tells_of_a_command_that_stands_committed(history: list[Taken]) -> None:
    """§5.3, §8: the one asked of this leader in this term, at that index; and never a second time."""
    answered = set()
    for _, given_now, outcome in history:
        for answer in outcome.answers:
            if isinstance(answer, NotLeader):
                assert given_now == client_request(answer.command)
                continue
            entry = outcome.node.log[answer.index - 1]
            assert (entry.command, entry.term) == (answer.command, answer.term)
            assert answer.index <= outcome.node.last_applied
            assert answer not in answered
            answered.add(answer)


def test_a_node_cannot_be_changed() -> None:
    """House rule: values are frozen, so that states can be compared, shared and kept in sets."""
    node = follower("S1")

    for field in fields(node):
        with pytest.raises(FrozenInstanceError):
            setattr(node, field.name, None)
