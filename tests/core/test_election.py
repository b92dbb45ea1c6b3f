"""Becoming a candidate, a leader, or a follower again (§5.2), one node at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import Outcome
from raftstep.core.model import Progress, Role, new_node
from raftstep.core.quorum import majority
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    candidate,
    entries,
    follower,
    full_configuration,
    leader,
    no_op,
    receive,
    receive_all,
    request_vote,
    run_steps,
    vote_denied,
    vote_granted,
)

# Beginning a candidacy and winning


def test_a_new_node_is_a_follower_that_knows_nothing() -> None:
    """A1. Figure 2 (State), §5.2: nodes start as followers, in term 0, with no vote and an empty log."""
    node = new_node("S1", full_configuration(3))

    assert node == follower("S1", term=0)
    assert (node.role, node.voted_for, node.log, node.commit_index, node.last_applied) == (
        Role.FOLLOWER,
        None,
        (),
        0,
        0,
    )


def test_a_follower_that_times_out_votes_for_itself_and_asks_everyone_else() -> None:
    """A2. §5.2: it begins a new term, votes for itself, draws a new timeout and sends RequestVote to all others."""
    log = entries(1, 1, 3)

    outcome = step(follower("S1", term=4, log=log, leader="S3"), TIMER)

    assert outcome == Outcome(
        node=candidate("S1", term=5, log=log),
        messages=(request_vote("S1", "S2", term=5, last=(3, 3)), request_vote("S1", "S3", term=5, last=(3, 3))),
        rearm=True,
        rules=(Rule.START_ELECTION,),
    )


def test_a_candidate_that_times_out_starts_over_in_the_next_term() -> None:
    """A3. §5.2: a split vote ends with a new election; its timeout is drawn anew, so that a tie is not repeated."""
    outcome = step(candidate("S1", nodes=5, term=5, votes=["S2"]), TIMER)

    assert outcome == Outcome(
        node=candidate("S1", nodes=5, term=6),
        messages=tuple(request_vote("S1", peer, term=6) for peer in ("S2", "S3", "S4", "S5")),
        rearm=True,
        rules=(Rule.START_ELECTION,),
    )


def test_a_grant_of_an_earlier_term_is_not_counted_in_this_one() -> None:
    """A3. §5.1, Figure 2: a late answer of the election before must not help to win this one."""
    node = candidate("S1", term=6)

    outcome = step(node, receive(vote_granted("S2", "S1", term=5)))

    assert outcome == Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))


@pytest.mark.parametrize(
    ("nodes", "grants", "denials", "role"),
    [
        pytest.param(2, 0, 0, Role.CANDIDATE, id="A4-n2-0-0"),
        pytest.param(3, 0, 2, Role.CANDIDATE, id="A4-n3-0-2"),
        pytest.param(3, 1, 0, Role.LEADER, id="A4-n3-1-0"),
        pytest.param(4, 1, 0, Role.CANDIDATE, id="A4-n4-1-0"),
        pytest.param(4, 2, 1, Role.LEADER, id="A4-n4-2-1"),
        pytest.param(5, 1, 2, Role.CANDIDATE, id="A4-n5-1-2"),
        pytest.param(5, 2, 0, Role.LEADER, id="A4-n5-2-0"),
        pytest.param(5, 2, 2, Role.LEADER, id="A4-n5-2-2"),
        pytest.param(5, 0, 4, Role.CANDIDATE, id="A4-n5-0-4"),
    ],
)
def test_more_than_half_of_the_whole_cluster_elects(nodes: int, grants: int, denials: int, role: Role) -> None:
    """A4. §5.2: a majority of all nodes, reachable or not; half of an even number is not enough."""
    node = candidate("S1", nodes=nodes, term=2)
    voters = iter(node.peers)
    denied = [vote_denied(next(voters), "S1", term=2) for _ in range(denials)]
    granted = [vote_granted(next(voters), "S1", term=2) for _ in range(grants)]

    after = receive_all(node, *denied, *granted)

    assert after.role is role
    assert len(after.votes_granted) == 1 + grants


def test_a_node_alone_elects_itself_at_once() -> None:
    """A4. §5.2: one vote of one is a majority."""
    outcome = step(follower("S1", nodes=1), TIMER)

    assert outcome == Outcome(
        node=leader("S1", nodes=1, term=1), rearm=True, rules=(Rule.START_ELECTION, Rule.BECOME_LEADER)
    )


def test_a_denial_changes_nothing() -> None:
    """A4. Figure 2 (Candidates): a refused candidate waits for the others, or for its timeout."""
    node = candidate("S1", term=2)

    assert step(node, receive(vote_denied("S2", "S1", term=2))) == Outcome(node=node)


def test_voters_are_counted_not_messages() -> None:
    """A5. §5.5: messages may be repeated; the same grant twice is one vote."""
    first, second = run_steps(candidate("S1", nodes=5, term=2), *[receive(vote_granted("S2", "S1", term=2))] * 2)

    assert first == Outcome(node=candidate("S1", nodes=5, term=2, votes=["S2"]), rules=(Rule.COUNT_VOTE,))
    assert second == first


def test_a_new_leader_writes_to_everyone_at_once() -> None:
    """A6. Figure 2 (Leaders), no no-op: next index just past the log, match index 0, an empty AppendEntries to all."""
    node = candidate("S1", nodes=5, term=2, votes=["S2"], log=entries(1, 1))

    outcome = step(node, receive(vote_granted("S3", "S1", term=2)))

    assert outcome == Outcome(
        node=leader("S1", nodes=5, term=2, log=entries(1, 1)),
        messages=tuple(append_entries("S1", peer, term=2, previous=(2, 1)) for peer in ("S2", "S3", "S4", "S5")),
        rearm=True,
        rules=(Rule.COUNT_VOTE, Rule.BECOME_LEADER),
    )
    assert outcome.node.progress == tuple(
        Progress(peer=peer, next_index=3, match_index=0) for peer in ("S2", "S3", "S4", "S5")
    )


def test_a_no_op_goes_out_with_the_first_append_entries() -> None:
    """A6. §8, with a no-op: next index is set from the log before it, so that the first message carries it."""
    node = candidate("S1", nodes=5, term=2, votes=["S2"], log=entries(1, 1), no_op=True)

    outcome = step(node, receive(vote_granted("S3", "S1", term=2)))

    progress = dict.fromkeys(node.peers, (3, 0))
    assert outcome == Outcome(
        node=leader("S1", nodes=5, term=2, log=(*entries(1, 1), no_op(2)), progress=progress, no_op=True),
        messages=tuple(append_entries("S1", peer, term=2, previous=(2, 1), new=(no_op(2),)) for peer in node.peers),
        rearm=True,
        rules=(Rule.COUNT_VOTE, Rule.BECOME_LEADER, Rule.APPEND_NO_OP),
    )


def test_a_grant_that_comes_after_the_election_changes_nothing() -> None:
    """A7. §5.2: the election is won already; nothing is sent again."""
    node = leader("S1", nodes=5, term=2, log=entries(1, 2), progress={"S2": (3, 2)})

    outcome = step(node, receive(vote_granted("S4", "S1", term=2)))

    assert outcome == Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))


# Ending it otherwise


def test_a_candidate_steps_down_for_the_leader_of_its_term_and_keeps_its_vote() -> None:
    """A12. §5.2: another won. The vote is cleared only with the term, or it could be given twice."""
    outcome = step(candidate("S1", nodes=5, term=3, votes=["S4"]), receive(append_entries("S2", "S1", term=3)))

    assert outcome == Outcome(
        node=follower("S1", nodes=5, term=3, voted_for="S1", leader="S2"),
        messages=(append_accepted("S1", "S2", term=3, match=0),),
        rearm=True,
        rules=(Rule.RECOGNISE_LEADER, Rule.ACCEPT_HEARTBEAT),
    )
    rival = receive(request_vote("S3", "S1", term=3))
    assert step(outcome.node, rival).messages == (vote_denied("S1", "S3", term=3),)


def test_a_candidate_steps_down_even_when_the_log_check_fails() -> None:
    """§5.2, §5.3: that the logs differ does not make the other less of a leader."""
    outcome = step(candidate("S1", term=3), receive(append_entries("S2", "S1", term=3, previous=(4, 2))))

    assert outcome == Outcome(
        node=follower("S1", term=3, voted_for="S1", leader="S2"),
        messages=(append_rejected("S1", "S2", term=3),),
        rearm=True,
        rules=(Rule.RECOGNISE_LEADER, Rule.REJECT_GAP),
    )


def test_a_candidate_stays_one_when_a_leader_of_an_older_term_writes() -> None:
    """A12. §5.2: with a lower term the message is refused, and the candidacy goes on."""
    node = candidate("S1", term=3)

    outcome = step(node, receive(append_entries("S2", "S1", term=2)))

    assert outcome == Outcome(
        node=node, messages=(append_rejected("S1", "S2", term=3),), rearm=False, rules=(Rule.REJECT_STALE_LEADER,)
    )


def test_a_leader_never_campaigns() -> None:
    """§5.2: a leader's timer is its heartbeat; it leads on until a newer term comes."""
    node = leader("S1", term=3, progress={"S2": (1, 0), "S3": (1, 0)})

    outcome = step(node, TIMER)

    assert outcome == Outcome(
        node=node,
        messages=(append_entries("S1", "S2", term=3), append_entries("S1", "S3", term=3)),
        rearm=True,
        rules=(Rule.SEND_HEARTBEAT,),
    )


def test_every_election_draws_the_timeout_anew() -> None:
    """§5.2: the next one, too; a timeout drawn once for all could repeat the same tie for ever."""
    assert [outcome.rearm for outcome in run_steps(follower("S1"), *[TIMER] * 5)] == [True] * 5


# Twins


@given(st.integers(min_value=1, max_value=99))
def test_a_majority_is_the_fewest_that_outnumber_the_rest(size: int) -> None:
    """§5.2: the slow twin of ``majority`` tries one after another."""
    fewest = 0
    while not fewest > size - fewest:
        fewest += 1

    assert majority(size) == fewest


@given(st.integers(min_value=2, max_value=7), st.data())
def test_leading_is_having_the_votes_of_a_majority(nodes: int, data: st.DataObject) -> None:
    """§5.2: whatever the order and however often each answer comes."""
    node = candidate("S1", nodes=nodes, term=2)
    granted = data.draw(st.dictionaries(st.sampled_from(node.peers), st.booleans()))
    messages = [(vote_granted if vote else vote_denied)(peer, "S1", term=2) for peer, vote in granted.items()]
    again = data.draw(st.lists(st.sampled_from(messages))) if messages else []

    after = receive_all(node, *messages, *again)

    assert (after.role is Role.LEADER) == ((1 + sum(granted.values())) * 2 > nodes)
    assert after.voted_for == "S1"
