"""Committing, applying and answering (§5.3, §5.4.2), one node at a time. C1 … C10 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import CommandApplied, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import Entry, StateMachine
from raftstep.core.quorum import committed_index
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
    no_op,
    receive,
    receive_all,
    run_steps,
    vote_granted,
)

# Leaders


@pytest.mark.parametrize(
    ("nodes", "acknowledgements", "commit"),
    [
        pytest.param(5, 0, 2, id="C1-n5-0"),
        pytest.param(5, 1, 2, id="C1-n5-1"),
        pytest.param(5, 2, 3, id="C1-n5-2"),
        pytest.param(5, 4, 3, id="C1-n5-4"),
        pytest.param(4, 1, 2, id="C1-n4-1"),
        pytest.param(4, 2, 3, id="C1-n4-2"),
        pytest.param(3, 0, 2, id="C1-n3-0"),
        pytest.param(3, 1, 3, id="C1-n3-1"),
    ],
)
def test_an_entry_is_committed_once_a_majority_of_the_cluster_holds_it(
    nodes: int, acknowledgements: int, commit: int
) -> None:
    """C1. §5.3: the leader's own copy counts, and half of an even number is not enough."""
    node = leader("S1", nodes=nodes, term=2, log=entries(1, 2, 2), commit=2)

    after = receive_all(node, *(append_accepted(peer, "S1", term=2, match=3) for peer in node.peers[:acknowledgements]))

    assert (after.commit_index, after.last_applied) == (commit, commit)


def test_a_node_alone_commits_at_once() -> None:
    """C1. §5.3: its own copy is a majority of one."""
    outcome = step(leader("S1", nodes=1, term=2), client_request("x=1"))

    assert outcome == Outcome(
        node=replace(
            leader("S1", nodes=1, term=2, log=(Entry(term=2, command="x=1"),), commit=1),
            machine=StateMachine(pairs=(("x", "1"),)),
        ),
        answers=(CommandApplied(command="x=1", index=1, term=2),),
        rules=(Rule.APPEND_COMMAND, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT),
    )


@pytest.mark.parametrize(
    ("last", "matched", "commit"),
    [
        pytest.param(9, [9, 7, 4, 0], 7, id="C2-n5"),
        pytest.param(2, [2, 1, 1], 1, id="C2-n4"),
    ],
)
def test_the_commit_index_is_the_highest_that_a_majority_holds(last: int, matched: list[int], commit: int) -> None:
    """C2. Figure 2 (Leaders): whichever answer comes last."""
    node = leader("S1", nodes=len(matched) + 1, term=2, log=entries(*[2] * last))
    answers = [
        append_accepted(peer, "S1", term=2, match=match) for peer, match in zip(node.peers, matched, strict=True)
    ]

    assert receive_all(node, *answers).commit_index == commit
    assert receive_all(node, *reversed(answers)).commit_index == commit


@pytest.mark.parametrize(
    ("match", "commit", "rules"),
    [
        pytest.param(1, 0, (Rule.RECORD_MATCH, Rule.HOLD_OLD_TERM), id="C3-1"),
        pytest.param(2, 0, (Rule.RECORD_MATCH, Rule.HOLD_OLD_TERM), id="C3-2"),
        pytest.param(3, 3, (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT), id="C3-3"),
    ],
)
def test_an_older_entry_is_committed_with_the_first_of_the_leaders_own_term(
    match: int, commit: int, rules: tuple[Rule, ...]
) -> None:
    """C3. §5.4.2, Figure 8: a majority holds the older ones before, and yet they could still be overwritten."""
    node = leader("S1", term=3, log=entries(1, 2, 3))

    outcome = step(node, receive(append_accepted("S2", "S1", term=3, match=match)))

    progress = {"S2": (4, match)}
    own = CommandApplied(command="command 3 of term 3", index=3, term=3)
    assert outcome == Outcome(
        node=leader("S1", term=3, log=node.log, commit=commit, progress=progress),
        answers=(own,) if commit else (),
        rules=rules,
    )


def test_without_an_entry_of_its_own_term_a_leader_commits_nothing() -> None:
    """C4. §5.4.2: however many hold the rest, and however often the heartbeat goes round."""
    node = leader("S1", term=4, log=entries(1, 2), progress={"S2": (3, 2), "S3": (3, 2)})

    outcome = step(node, TIMER)

    assert outcome == Outcome(
        node=node,
        messages=(
            append_entries("S1", "S2", term=4, previous=(2, 2)),
            append_entries("S1", "S3", term=4, previous=(2, 2)),
        ),
        rearm=True,
        rules=(Rule.SEND_HEARTBEAT, Rule.HOLD_OLD_TERM),
    )


def test_a_no_op_soon_commits_what_earlier_leaders_left() -> None:
    """C10. §8: elected in term 3 over [2], one acknowledgement of the no-op commits both."""
    elected, committed = run_steps(
        candidate("S1", term=3, log=entries(2), no_op=True),
        receive(vote_granted("S2", "S1", term=3)),
        receive(append_accepted("S2", "S1", term=3, match=2)),
    )

    log = (*entries(2), no_op(3))
    assert elected.node == leader("S1", term=3, log=log, progress={"S2": (2, 0), "S3": (2, 0)}, no_op=True)
    assert committed == Outcome(
        node=leader("S1", term=3, log=log, commit=2, progress={"S2": (3, 2), "S3": (2, 0)}, no_op=True),
        rules=(Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY),
    )


# Followers


@pytest.mark.parametrize(
    ("previous", "new", "after", "commit"),
    [
        pytest.param((1, 1), [], [1, 1, 1], 1, id="C5-heartbeat-at-1"),
        pytest.param((1, 1), [2], [1, 2], 2, id="C5-one-entry"),
        pytest.param((3, 1), [], [1, 1, 1], 3, id="C5-heartbeat-at-3"),
        pytest.param((0, 0), [], [1, 1, 1], 0, id="C5-heartbeat-at-0"),
    ],
)
def test_a_follower_commits_no_further_than_the_message_checked(
    previous: tuple[int, int], new: list[int], after: list[int], commit: int
) -> None:
    """C5. Figure 2 (AppendEntries, step 5): what it holds beyond may be left over from another leader."""
    message = append_entries("S2", "S1", term=2, previous=previous, new=entries(*new, after=previous[0]), commit=3)

    outcome = step(follower("S1", term=2, log=entries(1, 1, 1)), receive(message))

    rules = [Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT] if new else [Rule.ACCEPT_HEARTBEAT]
    assert outcome == Outcome(
        node=follower("S1", term=2, log=entries(*after), commit=commit, leader="S2"),
        messages=(append_accepted("S1", "S2", term=2, match=previous[0] + len(new)),),
        rearm=True,
        rules=(*rules, *([Rule.FOLLOW_COMMIT, Rule.APPLY] if commit else [])),
    )


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(append_entries("S2", "S1", term=2, previous=(3, 1), commit=1), id="C6-leader-knows-less"),
        pytest.param(append_entries("S2", "S1", term=2, previous=(1, 1), commit=3), id="C6-message-checks-less"),
    ],
)
def test_a_commit_index_never_moves_back(message: Message) -> None:
    """C6. Figure 2 (AppendEntries, step 5): an old message, or a new leader that does not know yet."""
    node = follower("S1", term=2, log=entries(1, 1, 1), commit=3, leader="S2")

    outcome = step(node, receive(message))

    assert outcome.node == node
    assert outcome.rules == (Rule.ACCEPT_HEARTBEAT,)


def test_a_refused_message_commits_nothing() -> None:
    """C7. §5.3: the logs do not agree, so the leader's commit index says nothing about this one."""
    node = follower("S1", term=2, log=entries(1, 1, 1), leader="S2")

    outcome = step(node, receive(append_entries("S2", "S1", term=2, previous=(3, 2), commit=5)))

    assert outcome == Outcome(
        node=node, messages=(append_rejected("S1", "S2", term=2),), rearm=True, rules=(Rule.REJECT_GAP,)
    )


def test_a_follower_applies_and_does_not_answer() -> None:
    """C8. §5.3: commit index 2 to 5, so 3, 4 and 5 are applied; only the leader answers clients."""
    node = follower("S1", term=2, log=entries(1, 1, 2, 2, 2), commit=2, leader="S2")

    outcome = step(node, receive(append_entries("S2", "S1", term=2, previous=(5, 2), commit=5)))

    assert outcome == Outcome(
        node=replace(node, commit_index=5, last_applied=5),
        messages=(append_accepted("S1", "S2", term=2, match=5),),
        rearm=True,
        rules=(Rule.ACCEPT_HEARTBEAT, Rule.FOLLOW_COMMIT, Rule.APPLY),
    )


# Answers


def test_entries_are_applied_once_each_in_the_order_of_the_log() -> None:
    """C8. §5.3: commit index 2 to 5 answers 3, 4, 5; the next acknowledgement answers none of them again."""
    node = leader("S1", term=2, log=entries(1, 1, 2, 2, 2), commit=2, progress={"S2": (3, 2), "S3": (3, 2)})

    first, second = run_steps(
        node,
        receive(append_accepted("S2", "S1", term=2, match=5)),
        receive(append_accepted("S3", "S1", term=2, match=5)),
    )

    assert first.answers == tuple(
        CommandApplied(command=f"command {index} of term 2", index=index, term=2) for index in (3, 4, 5)
    )
    assert first.node.last_applied == 5
    assert second.answers == ()
    assert second.rules == (Rule.RECORD_MATCH,)


def test_a_client_is_answered_when_its_command_is_applied() -> None:
    """C9. §5.3: not when it is taken, nor when one too few hold it."""
    taken, one, two = run_steps(
        leader("S1", nodes=5, term=2),
        client_request("x=1"),
        receive(append_accepted("S2", "S1", term=2, match=1)),
        receive(append_accepted("S3", "S1", term=2, match=1)),
    )

    assert [taken.answers, one.answers] == [(), ()]
    assert two.answers == (CommandApplied(command="x=1", index=1, term=2),)
    assert two.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT)


def test_an_overwritten_command_is_not_answered_as_applied() -> None:
    """C9. §5.3: proposed in term 2, its place is taken by an entry of term 3; the client must not hear success."""
    proposed = step(leader("S1", term=2, log=entries(1, 2, 2), commit=3), client_request("x=1")).node
    overwriting = append_entries("S2", "S1", term=3, previous=(3, 2), new=entries(3, after=3), commit=4)

    outcome = step(proposed, receive(overwriting))

    assert outcome == Outcome(
        node=follower("S1", term=3, log=entries(1, 2, 2, 3), commit=4, leader="S2"),
        messages=(append_accepted("S1", "S2", term=3, match=4),),
        answers=(),
        rearm=True,
        rules=(
            Rule.ADOPT_NEWER_TERM,
            Rule.ACCEPT_ENTRIES,
            Rule.TRUNCATE_CONFLICT,
            Rule.FOLLOW_COMMIT,
            Rule.APPLY,
        ),
    )


def test_a_leader_answers_only_for_commands_of_its_own_term() -> None:
    """C9. §5.3: those it applies for an earlier leader were asked elsewhere, and a no-op by nobody."""
    log = (*entries(1, 2), no_op(3), *entries(3, after=3))
    node = leader("S1", term=3, log=log, progress={"S2": (3, 0)}, no_op=True)

    outcome = step(node, receive(append_accepted("S2", "S1", term=3, match=4)))

    assert outcome.answers == (CommandApplied(command="command 4 of term 3", index=4, term=3),)
    assert outcome.node.last_applied == 4


# Twins


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=9))
def test_the_committed_index_is_found_by_counting(match_indexes: list[int]) -> None:
    """§5.3: the slow twin counts, for each index, the nodes that hold it."""
    held = [
        index
        for index in range(10)
        if 2 * sum(match_index >= index for match_index in match_indexes) > len(match_indexes)
    ]

    assert committed_index(match_indexes) == max(held)


@given(st.data(), st.integers(min_value=1, max_value=5), st.lists(st.integers(1, 4), max_size=6).map(sorted))
def test_a_leader_commits_what_figure_2_says(data: st.DataObject, nodes: int, log_terms: list[int]) -> None:
    """Figure 2 (Leaders, last rule): the highest N past the commit index, of its term, that a majority holds."""
    log = entries(*log_terms)
    own = data.draw(st.integers(min_value=max(log_terms, default=1), max_value=4))
    peers = leader("S1", nodes=nodes, term=own).peers
    matched = {peer: data.draw(st.integers(min_value=0, max_value=len(log))) for peer in peers}
    progress = {peer: (match + 1, match) for peer, match in matched.items()}
    node = leader("S1", nodes=nodes, term=own, log=log, progress=progress)

    committed = 0
    for index, entry in enumerate(log, 1):
        copies = 1 + sum(match >= index for match in matched.values())
        if entry.term == own and 2 * copies > nodes:
            committed = index

    assert step(node, TIMER).node == replace(node, commit_index=committed, last_applied=committed)
