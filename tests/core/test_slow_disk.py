"""A node whose disk takes time: what its own copy counts for, and when (dissertation §10.2.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import Outcome, WriteEnds
from raftstep.core.model import Index, Node
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    append_accepted,
    client_request,
    entries,
    follower,
    leader,
    receive,
    run_steps,
)


def slow(node: Node, written: Index) -> Node:
    """The node with a slow disk, which holds its log up to here."""
    return replace(node, disk_is_slow=True, written_index=written)


def test_a_leader_does_not_count_what_its_disk_does_not_hold() -> None:
    """Dissertation §10.2.1: of three, its own copy and one other would be a majority."""
    node = slow(leader("S1", term=1, log=entries(1)), written=0)

    assert step(node, receive(append_accepted("S2", "S1", term=1, match=1))).node.commit_index == 0


def test_a_leader_may_commit_before_its_own_write_ends() -> None:
    """Dissertation §10.2.1: a majority of the others is enough, whatever its own disk holds."""
    node = slow(leader("S1", term=1, log=entries(1)), written=0)

    *_, second = run_steps(
        node,
        receive(append_accepted("S2", "S1", term=1, match=1)),
        receive(append_accepted("S3", "S1", term=1, match=1)),
    )

    assert (second.node.commit_index, second.node.written_index) == (1, 0)


def test_the_end_of_its_write_may_be_what_a_leader_was_waiting_for() -> None:
    """Dissertation §10.2.1: then it counts itself."""
    node = slow(leader("S1", term=1, log=entries(1), progress={"S2": (2, 1)}), written=0)

    outcome = step(node, WriteEnds(index=1))

    assert (outcome.node.commit_index, outcome.node.written_index) == (1, 1)
    assert outcome.rules[:2] == (Rule.COUNT_OWN_WRITE, Rule.COMMIT)


def test_a_node_alone_answers_when_its_disk_has_the_command() -> None:
    """§5.3: committed is what a majority holds on its disks, here one."""
    sent, written = run_steps(slow(leader("S1", nodes=1, term=1), 0), client_request("x=1"), WriteEnds(index=1))

    assert (sent.answers, sent.node.commit_index) == ((), 0)
    assert [type(answer).__name__ for answer in written.answers] == ["CommandApplied"]


def test_a_follower_only_notes_it() -> None:
    """What it may say of its log is for the one who carries its messages to hold back."""
    node = slow(follower("S1", term=1, log=entries(1)), 0)

    assert step(node, WriteEnds(index=1)) == Outcome(node=slow(node, 1))


@pytest.mark.parametrize(("is_slow", "written"), [(True, 2), (False, 0)])
def test_what_is_there_after_a_restart_is_on_the_disk(is_slow: bool, written: Index) -> None:
    """Figure 2, *State*: the log a node restarts with was read from there."""
    node = replace(follower("S1", term=1, log=entries(1, 1)), disk_is_slow=is_slow)

    restarted = step(node, RESTART).node

    assert (restarted.disk_is_slow, restarted.written_index) == (is_slow, written)
