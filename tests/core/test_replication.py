"""Copying the leader's log (§5.3, §5.5), one node at a time. B1 … B13 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import Outcome
from raftstep.core.messages import AppendEntries
from raftstep.core.model import Entry, Index, Node
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
    run_steps,
)


def marks(node: Node, peer: str = "S2") -> tuple[Index, Index]:
    """The next index and the match index that a leader keeps for a peer."""
    progress = progress_of(node, peer)
    assert progress is not None
    return progress.next_index, progress.match_index


# What a leader sends


def test_a_command_is_appended_and_sent_at_once_but_not_answered() -> None:
    """B1. §5.3: the client hears nothing before the command is committed and applied."""
    command = Entry(term=2, command="x=1")
    node = leader("S1", term=2, log=entries(1, 2), commit=2, progress={"S2": (3, 2), "S3": (3, 2)})

    outcome = step(node, client_request("x=1"))

    assert outcome == Outcome(
        node=replace(node, log=(*entries(1, 2), command)),
        messages=tuple(
            append_entries("S1", peer, term=2, previous=(2, 2), new=(command,), commit=2) for peer in ("S2", "S3")
        ),
        answers=(),
        rearm=False,
        rules=(Rule.APPEND_COMMAND,),
    )


def test_a_message_starts_where_its_own_follower_stands() -> None:
    """B2. §5.3: previous index and term are those before that follower's next index, not the end of the log."""
    log = entries(1, 1, 2, 2)
    node = leader("S1", term=2, log=log, progress={"S2": (5, 4), "S3": (2, 1)}, commit=4)

    outcome = step(node, TIMER)

    assert outcome == Outcome(
        node=node,
        messages=(
            append_entries("S1", "S2", term=2, previous=(4, 2), commit=4),
            append_entries("S1", "S3", term=2, previous=(1, 1), new=log[1:], commit=4),
        ),
        rearm=True,
        rules=(Rule.SEND_HEARTBEAT,),
    )


def test_entries_keep_the_term_they_were_made_in() -> None:
    """§5.3, §5.4.2: a later leader sends old entries on as they are; index and term go on naming them."""
    node = leader("S1", term=7, log=entries(1, 2), progress={"S2": (1, 0)})

    assert step(node, TIMER).messages[0] == append_entries("S1", "S2", term=7, new=entries(1, 2))


def test_a_leader_repeats_what_was_not_acknowledged() -> None:
    """§5.3: again and again, until the follower has it; a lost message needs no other cure."""
    node = leader("S1", term=2, log=entries(2), progress={"S2": (1, 0), "S3": (1, 0)})

    first, second = run_steps(node, TIMER, TIMER)

    assert first.messages == second.messages
    assert first.messages[0] == append_entries("S1", "S2", term=2, new=entries(2))


def test_a_repeated_command_is_a_second_entry() -> None:
    """§8: the log does not know that a client asks again; without sessions a command may run twice."""
    asked = [client_request("x=1"), client_request("x=1")]

    assert [entry.command for entry in run_steps(leader("S1", term=2), *asked)[-1].node.log] == ["x=1", "x=1"]


# What a follower takes


@pytest.mark.parametrize(
    ("previous", "agrees"),
    [
        pytest.param((0, 0), True, id="B3-before-the-first"),
        pytest.param((1, 1), True, id="B3-first"),
        pytest.param((2, 2), True, id="B3-last"),
        pytest.param((2, 1), False, id="B3-other-term"),
        pytest.param((3, 2), False, id="B3-past-the-end"),
        pytest.param((1, 2), False, id="B3-other-term-earlier"),
    ],
)
def test_a_follower_checks_index_and_term_of_the_entry_before(previous: tuple[int, int], agrees: bool) -> None:
    """B3. §5.3: both must be right, and a heartbeat is checked like any other; its timeout starts anew either way."""
    node = follower("S1", term=2, log=entries(1, 2))

    outcome = step(node, receive(append_entries("S2", "S1", term=2, previous=previous)))

    answer = append_accepted("S1", "S2", term=2, match=previous[0]) if agrees else append_rejected("S1", "S2", term=2)
    assert outcome == Outcome(
        node=replace(node, leader="S2"),
        messages=(answer,),
        rearm=True,
        rules=(Rule.ACCEPT_HEARTBEAT if agrees else Rule.REJECT_GAP,),
    )


@pytest.mark.parametrize(
    ("previous", "new", "after", "match", "rules"),
    [
        pytest.param((2, 2), [3], [1, 2, 3], 3, (Rule.ACCEPT_ENTRIES,), id="B4-append"),
        pytest.param((1, 1), [3, 4], [1, 3, 4], 3, (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT), id="B4-conflict"),
        pytest.param((0, 0), [1], [1, 2], 1, (Rule.ACCEPT_ENTRIES,), id="B4-there-already"),
        pytest.param((0, 0), [3], [3], 1, (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT), id="B4-conflict-at-first"),
        pytest.param((1, 1), [], [1, 2], 1, (Rule.ACCEPT_HEARTBEAT,), id="B4-heartbeat"),
        pytest.param((1, 1), [2, 4], [1, 2, 4], 3, (Rule.ACCEPT_ENTRIES,), id="B4-half-there"),
    ],
)
def test_a_follower_stores_what_it_lacks_and_acknowledges_what_the_message_held(
    previous: tuple[int, int], new: list[int], after: list[int], match: int, rules: tuple[Rule, ...]
) -> None:
    """B4. §5.3, Figure 2 (AppendEntries, steps 3, 4): not its own last index, which the leader may not share."""
    message = append_entries("S2", "S1", term=4, previous=previous, new=entries(*new, after=previous[0]))

    outcome = step(follower("S1", term=4, log=entries(1, 2)), receive(message))

    assert outcome == Outcome(
        node=follower("S1", term=4, log=entries(*after), leader="S2"),
        messages=(append_accepted("S1", "S2", term=4, match=match),),
        rearm=True,
        rules=rules,
    )


def test_a_late_shorter_message_does_not_shorten_the_log() -> None:
    """B5. §5.3: the older message arrives last; acknowledged entries must not be lost by it."""
    newer = append_entries("S2", "S1", term=2, new=entries(2, 2))
    older = append_entries("S2", "S1", term=2, new=entries(2))

    first, second = run_steps(follower("S1", term=2), receive(newer), receive(older))

    assert [first.node.log, second.node.log] == [entries(2, 2)] * 2
    assert [first.messages, second.messages] == [
        (append_accepted("S1", "S2", term=2, match=2),),
        (append_accepted("S1", "S2", term=2, match=1),),
    ]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(append_entries("S2", "S1", term=4), id="B6-heartbeat"),
        pytest.param(append_entries("S2", "S1", term=4, previous=(2, 2), new=entries(3, after=2)), id="B6-append"),
        pytest.param(append_entries("S2", "S1", term=4, previous=(1, 1), new=entries(3, 4, after=1)), id="B6-conflict"),
        pytest.param(append_entries("S2", "S1", term=4, previous=(5, 3), new=entries(4, after=5)), id="B6-refused"),
        pytest.param(append_entries("S2", "S1", term=3), id="B6-older-term"),
        pytest.param(append_entries("S2", "S1", term=5, new=entries(1), commit=1), id="B6-newer-term"),
    ],
)
def test_a_repeated_message_gives_the_same_log_and_the_same_answer(message: AppendEntries) -> None:
    """B6. §5.5: AppendEntries may arrive any number of times."""
    first, second, third = run_steps(follower("S1", term=4, log=entries(1, 2)), *[receive(message)] * 3)

    assert first.node == second.node == third.node
    assert first.messages == second.messages == third.messages


def test_a_leader_of_an_older_term_changes_nothing() -> None:
    """B7. §5.1: log, commit index, timer and the known leader stay; the refusal tells it the newer term."""
    node = follower("S1", term=3, log=entries(1, 3), leader="S3")

    outcome = step(
        node, receive(append_entries("S2", "S1", term=2, previous=(1, 1), new=entries(2, after=1), commit=2))
    )

    assert outcome == Outcome(
        node=node, messages=(append_rejected("S1", "S2", term=3),), rearm=False, rules=(Rule.REJECT_STALE_LEADER,)
    )
