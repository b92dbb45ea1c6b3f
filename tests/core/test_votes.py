"""Votes asked for, granted, denied and counted: the second half of the election's promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import NotLeader, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import Node, Role
from raftstep.core.quorum import majority
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
    receive,
    receive_all,
    request_vote,
    run_steps,
    vote_denied,
    vote_granted,
)

# Beginning and ending a candidacy


def test_a_vote_asks_for_the_log_not_for_what_is_committed_or_which_term_it_is() -> None:
    """A11. §5.4.1: neither the voter's commit index nor its current term is compared, only the last entries."""
    voter = follower("S1", term=8, log=entries(1, 1), commit=2)

    outcome = step(voter, receive(request_vote("S2", "S1", term=8, last=(2, 1))))

    assert outcome.messages == (vote_granted("S1", "S2", term=8),)


def test_a_leader_refuses_a_candidate_of_its_own_term() -> None:
    """A14. §5.2: it voted for itself."""
    node = leader("S1", term=3)

    outcome = step(node, receive(request_vote("S2", "S1", term=3, last=(50, 3))))

    assert outcome == Outcome(
        node=node, messages=(vote_denied("S1", "S2", term=3),), rearm=False, rules=(Rule.DENY_SECOND_VOTE,)
    )


def test_a_candidate_refuses_its_rival() -> None:
    """§5.2: a candidate's vote is its own, for the whole term."""
    node = candidate("S1", term=3)

    outcome = step(node, receive(request_vote("S2", "S1", term=3, last=(50, 2))))

    assert outcome == Outcome(
        node=node, messages=(vote_denied("S1", "S2", term=3),), rearm=False, rules=(Rule.DENY_SECOND_VOTE,)
    )


def test_a_node_votes_for_a_candidate_it_has_not_heard_of() -> None:
    """§6: requests are answered by the ordinary rules whoever sends them."""
    outcome = step(follower("S1", nodes=3), receive(request_vote("S9", "S1", term=1)))

    assert outcome == Outcome(
        node=follower("S1", nodes=3, term=1, voted_for="S9"),
        messages=(vote_granted("S1", "S9", term=1),),
        rearm=True,
        rules=(Rule.ADOPT_NEWER_TERM, Rule.GRANT_VOTE),
    )


# Stepping down


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


NEWER = [
    pytest.param(
        request_vote("S2", "S1", term=4, last=(1, 1)),
        follower("S1", term=4, log=entries(1, 3)),
        (vote_denied("S1", "S2", term=4),),
        (Rule.ADOPT_NEWER_TERM, Rule.DENY_OLDER_LOG),
        id="A13-request-denied",
    ),
    pytest.param(
        request_vote("S2", "S1", term=4, last=(2, 3)),
        follower("S1", term=4, voted_for="S2", log=entries(1, 3)),
        (vote_granted("S1", "S2", term=4),),
        (Rule.ADOPT_NEWER_TERM, Rule.GRANT_VOTE),
        id="A13-request-granted",
    ),
    pytest.param(
        append_entries("S2", "S1", term=4, previous=(2, 3)),
        follower("S1", term=4, log=entries(1, 3), leader="S2"),
        (append_accepted("S1", "S2", term=4, match=2),),
        (Rule.ADOPT_NEWER_TERM, Rule.ACCEPT_HEARTBEAT),
        id="A13-append",
    ),
    pytest.param(
        append_entries("S2", "S1", term=4, previous=(2, 2)),
        follower("S1", term=4, log=entries(1, 3), leader="S2"),
        (append_rejected("S1", "S2", term=4),),
        (Rule.ADOPT_NEWER_TERM, Rule.REJECT_GAP),
        id="A13-append-refused",
    ),
    pytest.param(
        vote_denied("S2", "S1", term=4),
        follower("S1", term=4, log=entries(1, 3)),
        (),
        (Rule.ADOPT_NEWER_TERM, Rule.IGNORE_STALE_RESPONSE),
        id="A13-vote-answer",
    ),
    pytest.param(
        append_rejected("S2", "S1", term=4),
        follower("S1", term=4, log=entries(1, 3)),
        (),
        (Rule.ADOPT_NEWER_TERM, Rule.IGNORE_STALE_RESPONSE),
        id="A13-append-answer",
    ),
]


@pytest.mark.parametrize(("message", "after", "messages", "rules"), NEWER)
def test_a_newer_term_in_any_message_makes_a_leader_a_follower(
    message: Message, after: Node, messages: tuple[Message, ...], rules: tuple[Rule, ...]
) -> None:
    """A13. §5.1: in answers too, before anything else; a leader had no election timeout, so it is given one."""
    node = leader("S1", term=3, log=entries(1, 3), progress={"S2": (3, 2)})

    outcome = step(node, receive(message))

    assert outcome == Outcome(node=after, messages=messages, rearm=True, rules=rules)


@pytest.mark.parametrize(("message", "after", "messages", "rules"), NEWER)
def test_a_newer_term_in_any_message_makes_a_candidate_a_follower(
    message: Message, after: Node, messages: tuple[Message, ...], rules: tuple[Rule, ...]
) -> None:
    """A13. §5.1: a candidate's election timeout runs on, unless the message itself starts it anew."""
    outcome = step(candidate("S1", term=3, log=entries(1, 3)), receive(message))

    restarts = {Rule.GRANT_VOTE, Rule.ACCEPT_HEARTBEAT, Rule.REJECT_GAP}
    assert outcome == Outcome(node=after, messages=messages, rearm=bool(restarts & {*rules}), rules=rules)


def test_terms_may_be_skipped() -> None:
    """§5.1: a node need not have seen every term."""
    outcome = step(follower("S1", term=2, voted_for="S3"), receive(request_vote("S2", "S1", term=40)))

    assert outcome.node == follower("S1", term=40, voted_for="S2")


def test_a_newer_term_forgets_the_leader_of_the_older() -> None:
    """B13. §8: a client is not sent to a leader whose term is over."""
    deposed = receive_all(follower("S1", term=2, leader="S2"), request_vote("S3", "S1", term=3))

    assert deposed.leader is None
    assert step(deposed, client_request("x=1")).answers == (NotLeader(command="x=1", leader=None),)


# The timer


FOLLOWER = follower("S1", term=3, voted_for="S2", log=entries(1, 3))


@pytest.mark.parametrize(
    ("message", "rearm"),
    [
        pytest.param(append_entries("S2", "S1", term=2), False, id="A15-append-of-an-older-term"),
        pytest.param(request_vote("S2", "S1", term=2, last=(9, 2)), False, id="A15-request-of-an-older-term"),
        pytest.param(request_vote("S3", "S1", term=3, last=(9, 3)), False, id="A15-request-denied-second-vote"),
        pytest.param(request_vote("S3", "S1", term=4, last=(9, 1)), False, id="A15-newer-term-denied"),
        pytest.param(vote_granted("S2", "S1", term=3), False, id="A15-grant"),
        pytest.param(vote_denied("S2", "S1", term=3), False, id="A15-denial"),
        pytest.param(vote_denied("S2", "S1", term=4), False, id="A15-denial-of-a-newer-term"),
        pytest.param(append_accepted("S2", "S1", term=3, match=1), False, id="A15-acknowledgement"),
        pytest.param(append_rejected("S2", "S1", term=2), False, id="A15-refusal-of-an-older-term"),
        pytest.param(append_rejected("S2", "S1", term=9), False, id="A15-refusal-of-a-newer-term"),
        pytest.param(append_entries("S2", "S1", term=3, previous=(2, 3)), True, id="A15-append-accepted"),
        pytest.param(
            append_entries("S2", "S1", term=3, previous=(8, 3)), True, id="A15-append-refused-by-the-log-check"
        ),
        pytest.param(request_vote("S2", "S1", term=3, last=(2, 3)), True, id="A15-vote-granted"),
        pytest.param(request_vote("S3", "S1", term=4, last=(2, 3)), True, id="A15-vote-granted-in-a-newer-term"),
    ],
)
def test_only_a_leader_or_a_granted_vote_starts_a_followers_timeout_anew(message: Message, rearm: bool) -> None:
    """A15. Figure 2 (Followers): a candidate that cannot win must not keep those that could from trying."""
    assert step(FOLLOWER, receive(message)).rearm is rearm


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
