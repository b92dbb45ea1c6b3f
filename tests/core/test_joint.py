"""Joint consensus (§6): the old and the new configuration decide together, then the new one alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import RequestRefused
from raftstep.core.model import Configuration, Node, Role
from raftstep.core.quorum import has_quorum, highest_majority_mark, majority
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    TIMER,
    append_accepted,
    append_entries,
    candidate,
    change_request,
    client_request,
    configuration_entry,
    entries,
    follower,
    leader,
    members,
    no_op,
    receive,
    receive_all,
    run_steps,
    vote_granted,
    with_configuration,
    with_settings,
)

NINE = tuple(f"S{number}" for number in range(3, 12))
GROWN = Configuration(outgoing=("S1", "S2", "S3"), voters=NINE)


def leads(configuration: Configuration, *, name: str = "S1") -> Node:
    """A leader of term 2 whose followers hold index 1; this configuration stands at index 2, which only it holds."""
    log = (*entries(2), configuration_entry(2, configuration))
    node = leader(name, term=2, log=log, commit=1)
    known = {peer: (2, 1) for peer in configuration.members if peer != name}
    return replace(with_configuration(node, configuration, progress=known), bootstrap=members("123"))


@pytest.mark.parametrize(
    ("copies", "committed"),
    [
        pytest.param(NINE, False, id="F2-nine-copies-none-of-1-and-2"),
        pytest.param(("S2", "S3", "S4", "S5", "S6"), False, id="F2-two-old-four-new"),
        pytest.param(("S2", "S4", "S5", "S6", "S7", "S8"), False, id="F2-five-new-one-old"),
        pytest.param(("S2", "S3", "S4", "S5", "S6", "S7"), True, id="F2-two-old-five-new"),
        pytest.param(("S1", "S3", "S8", "S9", "S10", "S11"), True, id="F2-others"),
    ],
)
def test_joint_decisions_need_both_majorities(copies: tuple[str, ...], committed: bool) -> None:
    """F2. §6: from three to nine nodes, two of the old and five of the new."""
    marks = dict.fromkeys(copies, 7)

    assert has_quorum(GROWN, copies) is committed
    assert highest_majority_mark(GROWN, marks) == (7 if committed else 0)


def test_a_joint_entry_is_committed_by_both_majorities() -> None:
    """F2. §6: S1 and S2 are a majority of the old, and nothing yet of the new."""
    node = leads(members("345", old="123"))

    old, new = (
        receive_all(node, append_accepted("S2", "S1", term=2, match=2)),
        receive_all(node, append_accepted("S4", "S1", term=2, match=2)),
    )
    both = receive_all(new, append_accepted("S3", "S1", term=2, match=2))

    assert (old.commit_index, new.commit_index, both.commit_index) == (1, 1, 2)


def test_a_joint_election_needs_both_majorities() -> None:
    """F2. §6: any member of either may win it."""
    node = with_configuration(candidate("S4", term=3), members("345", old="123"))
    node = replace(node, votes_granted=frozenset({"S4"}))

    new = receive_all(node, vote_granted("S5", "S4", term=3))
    half = receive_all(new, vote_granted("S1", "S4", term=3))
    both = receive_all(half, vote_granted("S2", "S4", term=3))

    assert [new.role, half.role, both.role] == [Role.CANDIDATE, Role.CANDIDATE, Role.LEADER]


def test_a_change_begins_with_the_joint_configuration() -> None:
    """§6, Figure 11: C-old,new is one entry, in force at once and sent to all of both."""
    node = with_configuration(
        leader("S1", term=2, log=entries(2), commit=1),
        members("123", learners="45"),
        progress={"S2": (2, 1), "S3": (2, 1), "S4": (2, 1), "S5": (2, 1)},
    )

    outcome = step(node, change_request(members("345")))

    assert outcome.rules == (Rule.APPEND_JOINT,)
    assert outcome.node.configuration == members("345", old="123")
    assert [message.target for message in outcome.messages] == ["S2", "S3", "S4", "S5"]


def test_once_the_joint_configuration_is_committed_the_new_one_stands_alone() -> None:
    """§6, Figure 11: C-new is appended without being asked for, and is in force at once."""
    node = leads(members("1345", old="123"))

    outcome = step(
        receive_all(node, append_accepted("S2", "S1", term=2, match=2), append_accepted("S4", "S1", term=2, match=2)),
        receive(append_accepted("S5", "S1", term=2, match=2)),
    )

    assert outcome.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.LEAVE_JOINT)
    assert outcome.node.configuration == members("1345")
    assert {message.target for message in outcome.messages} == {"S3", "S4", "S5"}


def test_while_joint_no_other_change_is_taken() -> None:
    """F3. §6: the only way on is the new configuration."""
    outcome = step(leads(members("345", old="123")), change_request(members("12")))

    assert outcome.answers == (RequestRefused(request="change the configuration", rule=Rule.REFUSE_SECOND_CHANGE),)


def test_a_leader_that_is_not_in_the_new_configuration_counts_itself_only_for_the_old() -> None:
    """§6: C-new needs two of S3, S4 and S5; the leader leads them until it is committed, then steps down."""
    node = leads(members("345", old="123"))
    node = receive_all(node, *(append_accepted(peer, "S1", term=2, match=2) for peer in ("S2", "S3", "S4")))

    assert (node.configuration, node.role) == (members("345"), Role.LEADER)
    one = receive_all(node, append_accepted("S3", "S1", term=2, match=3))
    assert (one.commit_index, one.role) == (2, Role.LEADER)
    two = step(one, receive(append_accepted("S5", "S1", term=2, match=3)))
    assert two.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.STEP_DOWN_REMOVED)
    assert (two.node.commit_index, two.node.role) == (3, Role.FOLLOWER)


def test_a_new_leader_finishes_what_the_old_one_began() -> None:
    """§6: the next leader has C-old or C-old,new; with the latter it goes on once an entry of its own is committed."""
    log = (*entries(2), configuration_entry(2, members("345", old="123")), no_op(3))
    node = with_configuration(leader("S3", term=3, log=log, commit=1), members("345", old="123"))

    outcome = step(
        receive_all(node, append_accepted("S1", "S3", term=3, match=3)),
        receive(append_accepted("S4", "S3", term=3, match=3)),
    )

    assert outcome.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.LEAVE_JOINT)
    assert outcome.node.configuration == members("345")


def test_a_crashed_change_leaves_the_old_configuration_or_both_and_never_the_new_alone() -> None:
    """§6: C-new is not made before C-old,new is committed, so no node can have it."""
    node = with_configuration(follower("S2", term=2, log=entries(2)), members("123"))
    taken = step(
        node,
        receive(
            append_entries(
                "S1", "S2", term=2, previous=(1, 2), new=(configuration_entry(2, members("345", old="123")),)
            )
        ),
    )

    assert taken.node.configuration == members("345", old="123")
    assert [message.target for message in step(taken.node, TIMER).messages] == ["S1", "S3", "S4", "S5"]


def test_commands_go_on_while_the_change_is_under_way() -> None:
    """§6: the cluster serves its clients throughout."""
    outcome = step(leads(members("345", old="123")), client_request("x=1"))

    assert outcome.rules == (Rule.APPEND_COMMAND,)
    assert {message.target for message in outcome.messages} == {"S2", "S3", "S4", "S5"}


def test_an_only_voter_finishes_its_change_in_one_step() -> None:
    """§6: nobody else is needed for either half."""
    node = with_configuration(leader("S1", nodes=1, term=2, log=entries(2), commit=1), members("1", learners="2"))
    node = replace(node, progress=tuple(replace(one, next_index=2, match_index=1) for one in node.progress))

    joint, done = run_steps(node, change_request(members("12")), receive(append_accepted("S2", "S1", term=2, match=2)))

    assert joint.rules == (Rule.APPEND_JOINT,)
    assert done.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.LEAVE_JOINT)


# An end that an operator asks for


def waits(commit: int) -> Node:
    """S1 leads {S1 S2 S3}→{S3 S4 S5} and leaves it only when it is asked to."""
    node = replace(leads(members("345", old="123")), commit_index=commit, last_applied=commit)
    return with_settings(node, explicit_leave=True)


def test_a_leader_that_waits_for_an_operator_stays_joint() -> None:
    """etcd's explicit joint consensus: the joint entry is committed, and nothing follows by itself."""
    acknowledged = receive_all(
        waits(commit=1), *(append_accepted(f"S{number}", "S1", term=2, match=2) for number in (2, 3, 4, 5))
    )

    assert (acknowledged.commit_index, len(acknowledged.log)) == (2, 2)
    assert acknowledged.configuration.is_joint


def test_it_leaves_when_it_is_asked_for_the_same_voters_again() -> None:
    """§6: from a joint configuration the only way is on to the new one."""
    outcome = step(waits(commit=2), change_request(members("543")))

    assert outcome.rules == (Rule.LEAVE_JOINT,)
    assert outcome.node.configuration == members("345")


@pytest.mark.parametrize(
    ("commit", "asked"),
    [(1, members("345")), (2, members("123")), (2, members("345", learners="1"))],
    ids=["not committed yet", "back to the old one", "with another learner"],
)
def test_nothing_else_ends_it(commit: int, asked: Configuration) -> None:
    """§6: any other change waits, and so does the end of one that is not committed."""
    outcome = step(waits(commit), change_request(asked))

    assert outcome.rules == (Rule.REFUSE_SECOND_CHANGE,)
    assert outcome.node.configuration == members("345", old="123")


SETS = st.frozensets(st.sampled_from([f"S{number}" for number in range(1, 8)]), min_size=1).map(
    lambda chosen: tuple(sorted(chosen))
)


@given(SETS, SETS, st.frozensets(st.sampled_from([f"S{number}" for number in range(1, 8)])))
def test_a_quorum_is_a_majority_of_each_half(old: tuple[str, ...], new: tuple[str, ...], some: frozenset[str]) -> None:
    """§6: counted the slow way."""
    joint = Configuration(outgoing=old, voters=new)

    slow = all(sum(node in some for node in half) >= majority(len(half)) for half in (old, new))

    assert has_quorum(joint, some) is slow
    assert (highest_majority_mark(joint, dict.fromkeys(some, 1)) == 1) is slow
