"""To whom a node gives its vote (§5.2, §5.4.1), one node at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from raftstep.core.inputs import Outcome
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    candidate,
    entries,
    follower,
    leader,
    receive,
    request_vote,
    run_steps,
    vote_denied,
    vote_granted,
)

if TYPE_CHECKING:
    from raftstep.core.log import Log


def test_a_node_votes_once_a_term_first_come_first_served() -> None:
    """A8. §5.2: and may grant the same candidate again, for a request may be repeated (§5.5)."""
    voted = follower("S1", term=1, voted_for="S2")

    granted, denied, repeated = run_steps(
        follower("S1", term=1),
        receive(request_vote("S2", "S1", term=1)),
        receive(request_vote("S3", "S1", term=1)),
        receive(request_vote("S2", "S1", term=1)),
    )

    assert granted == Outcome(
        node=voted, messages=(vote_granted("S1", "S2", term=1),), rearm=True, rules=(Rule.GRANT_VOTE,)
    )
    assert denied == Outcome(
        node=voted, messages=(vote_denied("S1", "S3", term=1),), rearm=False, rules=(Rule.DENY_SECOND_VOTE,)
    )
    assert repeated == granted


def test_a_candidate_of_an_older_term_gets_no_vote() -> None:
    """A9. §5.1: however long its log; the refusal tells it the newer term."""
    node = follower("S1", term=5)

    outcome = step(node, receive(request_vote("S2", "S1", term=4, last=(99, 4))))

    assert outcome == Outcome(
        node=node, messages=(vote_denied("S1", "S2", term=5),), rearm=False, rules=(Rule.DENY_STALE_CANDIDATE,)
    )


def test_a_denied_candidate_still_spreads_its_term() -> None:
    """A10. §5.1, §5.4.1: the term is taken first and stands in the refusal; the vote stays free for a better log."""
    node = follower("S1", term=1, voted_for="S1", log=entries(1, 1))

    denied, granted = run_steps(
        node,
        receive(request_vote("S2", "S1", term=2, last=(1, 1))),
        receive(request_vote("S3", "S1", term=2, last=(2, 1))),
    )

    assert denied == Outcome(
        node=follower("S1", term=2, voted_for=None, log=node.log),
        messages=(vote_denied("S1", "S2", term=2),),
        rearm=False,
        rules=(Rule.ADOPT_NEWER_TERM, Rule.DENY_OLDER_LOG),
    )
    assert granted == Outcome(
        node=follower("S1", term=2, voted_for="S3", log=node.log),
        messages=(vote_granted("S1", "S3", term=2),),
        rearm=True,
        rules=(Rule.GRANT_VOTE,),
    )


@pytest.mark.parametrize(
    ("log", "last", "grant"),
    [
        pytest.param(entries(), (0, 0), True, id="A11-both-empty"),
        pytest.param(entries(1), (1, 1), True, id="A11-equal"),
        pytest.param(entries(1), (2, 1), True, id="A11-longer"),
        pytest.param(entries(1, 1), (1, 1), False, id="A11-shorter"),
        pytest.param(entries(1), (1, 2), True, id="A11-later-term"),
        pytest.param(entries(1, 1, 1), (1, 2), True, id="A11-later-term-shorter-log"),
        pytest.param(entries(2), (1, 1), False, id="A11-earlier-term"),
        pytest.param(entries(2), (7, 1), False, id="A11-earlier-term-longer-log"),
        pytest.param(entries(1, 2), (2, 2), True, id="A11-equal-two-terms"),
    ],
)
def test_the_last_entries_decide_term_first_then_index(log: Log, last: tuple[int, int], grant: bool) -> None:
    """A11. §5.4.1: the later last term wins, then the longer log; equal is enough."""
    voter = follower("S1", term=2, log=log)

    outcome = step(voter, receive(request_vote("S2", "S1", term=3, last=last)))

    answer = vote_granted if grant else vote_denied
    assert outcome == Outcome(
        node=follower("S1", term=3, voted_for="S2" if grant else None, log=log),
        messages=(answer("S1", "S2", term=3),),
        rearm=grant,
        rules=(Rule.ADOPT_NEWER_TERM, Rule.GRANT_VOTE if grant else Rule.DENY_OLDER_LOG),
    )


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
