"""Where a refused leader goes on: by a hint past all entries of a term (§5.3), and with messages of one entry each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.log import first_index_of_term, last_index, term_at
from raftstep.core.messages import AppendEntriesResponse
from raftstep.core.model import Index, Node, Term
from raftstep.core.replication import progress_of
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    client_request,
    entries,
    follower,
    leader,
    receive,
    snapshot,
    terms,
    with_settings,
    with_snapshot,
)


def hinting(node: Node) -> Node:
    """The same node, with hints in its refusals."""
    return with_settings(node, conflict_hints=True)


def rejection(node: Node, previous: tuple[Index, Term]) -> AppendEntriesResponse:
    """What a follower answers to entries behind this one."""
    [message] = step(node, receive(append_entries("S2", "S1", term=9, previous=previous))).messages
    assert isinstance(message, AppendEntriesResponse)
    return message


def next_index(node: Node, peer: str = "S2") -> Index:
    """Where a leader's next message to a peer begins."""
    progress = progress_of(node, peer)
    assert progress is not None
    return progress.next_index


# The follower


@pytest.mark.parametrize(
    ("log", "previous", "conflict"),
    [
        ((1, 1, 4, 4, 4), (5, 6), (4, 3)),
        ((1, 1, 4, 4, 4), (4, 6), (4, 3)),
        ((1, 1, 4, 4, 4), (2, 2), (1, 1)),
        ((1, 1, 4), (5, 6), (0, 4)),
        ((), (3, 6), (0, 1)),
    ],
    ids=["last entry", "inside a term", "first term", "log too short", "empty log"],
)
def test_a_refusal_names_the_conflicting_term_and_its_first_index(
    log: tuple[Term, ...], previous: tuple[Index, Term], conflict: tuple[Term, Index]
) -> None:
    """§5.3: the term of the conflicting entry and the first index stored for that term; else where the log ends."""
    node = hinting(follower("S1", term=9, log=entries(*log)))

    sent = rejection(node, previous)

    assert (sent.success, sent.conflict_term, sent.conflict_index) == (False, *conflict)


def test_without_the_setting_a_refusal_says_nothing_more() -> None:
    """Figure 2: the result of AppendEntries is a term and success."""
    assert rejection(follower("S1", term=9, log=entries(1, 4)), (2, 6)) == append_rejected("S1", "S2", term=9)


def test_a_refusal_of_an_older_term_has_no_hint() -> None:
    """§5.1: the logs were not compared."""
    node = hinting(follower("S1", term=9, log=entries(1, 4)))

    [sent] = step(node, receive(append_entries("S2", "S1", term=8, previous=(2, 6)))).messages

    assert sent == append_rejected("S1", "S2", term=9)


def test_a_hint_goes_no_further_back_than_the_snapshot() -> None:
    """§7: what the snapshot replaced is not there to be compared."""
    node = with_snapshot(hinting(follower("S1", term=9, log=entries(4, 4, 4, 4))), snapshot(2, 4))

    assert rejection(node, (4, 6)).conflict_index == 2


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8).map(sorted), st.integers(1, 8), st.integers(0, 3))
def test_the_first_index_of_a_term_is_found_as_by_looking_at_all(log: list[Term], index: Index, covered: int) -> None:
    """The slow way: of all indexes that can be looked at, the least with this term and none other in between."""
    covered = min(covered, len(log))
    node = follower("S1", log=entries(*log))
    node = with_snapshot(node, snapshot(covered, log[covered - 1])) if covered else node
    index = max(1, covered, min(index, last_index(node)))
    term = term_at(node, index)

    slow = min(at for at in range(max(1, covered), index + 1) if log[at - 1] == term)

    assert first_index_of_term(node, term, index) == slow


# The leader


def hinted(term: Term, conflict: tuple[Term, Index]) -> AppendEntriesResponse:
    """S2 refuses with this hint."""
    return replace(append_rejected("S2", "S1", term=term), conflict_term=conflict[0], conflict_index=conflict[1])


def test_a_leader_goes_back_past_the_whole_term_and_tries_again_at_once() -> None:
    """§5.3: one AppendEntries for each term with conflicting entries, rather than one for each entry."""
    log = entries(1, 5, 5, 5, 5)

    outcome = step(hinting(leader("S1", term=6, log=log)), receive(hinted(6, (4, 2))))

    assert next_index(outcome.node) == 2
    assert outcome.rules == (Rule.FOLLOW_CONFLICT_HINT,)
    assert outcome.messages == (append_entries("S1", "S2", term=6, previous=(1, 1), new=log[1:]),)


def test_a_late_hint_does_not_undo_what_is_known() -> None:
    """§5.3, as with a refusal without a hint: never below what is known to match."""
    node = hinting(leader("S1", term=6, log=entries(1, 5, 6), progress={"S2": (4, 3)}))

    assert next_index(step(node, receive(hinted(6, (4, 2)))).node) == 4


def test_a_hint_beyond_the_next_index_still_goes_back_by_one() -> None:
    """An old refusal must not send a leader forward, nor leave it where it is."""
    node = hinting(leader("S1", term=6, log=entries(1, 5, 6), progress={"S2": (3, 0)}))

    assert next_index(step(node, receive(hinted(6, (0, 9)))).node) == 2


def repair(leading: Node, following: Node) -> tuple[Node, Node, int]:
    """Begin with a heartbeat and carry everything across while anything comes; how many messages the leader sent."""
    sent_count = 0
    post = [message for message in step(leading, TIMER).messages if message.target == following.id]
    while post:
        sent_count += 1
        answered = step(following, receive(post.pop(0)))
        told = step(leading, receive(answered.messages[0]))
        leading, following = told.node, answered.node
        post.extend(message for message in told.messages if message.target == following.id)
    return leading, following, sent_count


FIGURE_7 = entries(1, 1, 1, 4, 4, 5, 5, 6, 6, 6)


@pytest.mark.parametrize(
    ("log", "messages", "messages_with_hints"),
    [
        ((1, 1, 1, 4, 4, 5, 5, 6, 6), 2, 2),
        ((1, 1, 1, 4), 7, 2),
        ((1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6), 1, 1),
        ((1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7), 1, 1),
        ((1, 1, 1, 4, 4, 4, 4), 6, 3),
        ((1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3), 8, 3),
    ],
    ids="abcdef",
)
def test_hints_repair_the_logs_of_figure_7(log: tuple[Term, ...], messages: int, messages_with_hints: int) -> None:
    """§5.3, Figure 7: one message for each conflicting term, and one to find where a short log ends."""
    for are_hinting, expected_count in ((False, messages), (True, messages_with_hints)):
        ends = leader("S1", term=8, log=FIGURE_7), follower("S2", term=8, log=entries(*log))
        leading, following = (with_settings(node, conflict_hints=are_hinting) for node in ends)

        leading, following, count = repair(leading, following)

        assert terms(following.log[:10]) == terms(FIGURE_7)
        assert count == expected_count


@st.composite
def two_logs(draw: st.DrawFn) -> tuple[list[Term], list[Term]]:
    """Two logs that share a beginning and nothing behind it, as Log Matching (§5.3) has it."""
    shared = [1] * draw(st.integers(0, 4))
    ours, theirs = (draw(st.lists(st.integers(0, 2), max_size=6).map(sorted)) for _ in range(2))
    return [*shared, *(10 + 2 * rise for rise in ours)], [*shared, *(11 + 2 * rise for rise in theirs)]


@given(two_logs())
def test_hints_end_as_going_back_one_by_one_does_and_never_later(logs: tuple[list[Term], list[Term]]) -> None:
    """§5.3: an optimisation; the slow way is the paper's own, and gives the same logs and marks."""
    ours, theirs = logs
    results = []
    for are_hinting in (False, True):
        ends = leader("S1", term=90, log=entries(*ours)), follower("S2", term=90, log=entries(*theirs))
        leading, following, count = repair(*(with_settings(node, conflict_hints=are_hinting) for node in ends))
        results.append((following.log, progress_of(leading, "S2"), count))

    (slow_log, slow_progress, slow_count), (log, progress, count) = results
    assert (log[: len(ours)], progress) == (slow_log[: len(ours)], slow_progress)
    assert count <= slow_count


# One entry in a message


def small(node: Node, most: int = 1) -> Node:
    """The same node, with so many entries in a message at most."""
    return with_settings(node, entries_per_message=most)


def test_a_message_carries_no_more_entries_than_it_may() -> None:
    """§5.3: AppendEntries may send more than one for efficiency (Figure 2), and need not."""
    log = entries(1, 1, 1)
    node = small(leader("S1", term=1, log=log, progress={"S2": (1, 0), "S3": (3, 2)}), 2)

    assert list(step(node, TIMER).messages) == [
        append_entries("S1", "S2", term=1, new=log[:2]),
        append_entries("S1", "S3", term=1, previous=(2, 1), new=log[2:]),
    ]


def test_an_acknowledgement_has_the_next_entry_sent() -> None:
    """Or a follower would get one entry at each heartbeat."""
    log = entries(1, 1, 1)
    node = small(leader("S1", nodes=5, term=1, log=log, progress={"S2": (1, 0)}))

    first = step(node, receive(append_accepted("S2", "S1", term=1, match=1)))
    repeated = step(first.node, receive(append_accepted("S2", "S1", term=1, match=1)))

    assert first.messages == (append_entries("S1", "S2", term=1, previous=(1, 1), new=log[1:2]),)
    assert repeated.messages == ()


@given(two_logs(), st.integers(1, 3), st.booleans())
def test_small_messages_end_with_the_leaders_log(
    logs: tuple[list[Term], list[Term]], most: int, are_hinting: bool
) -> None:
    """§5.3: however many entries a message carries, the logs agree in the end."""
    ours, theirs = logs
    leading = small(leader("S1", term=90, log=entries(*ours)), most)
    following = small(follower("S2", term=90, log=entries(*theirs)), most)
    if are_hinting:
        leading, following = hinting(leading), hinting(following)

    leading = step(leading, client_request("x=1")).node
    leading, following, _ = repair(leading, following)

    assert following.log[: len(leading.log)] == leading.log
    assert next_index(leading) == len(leading.log) + 1
