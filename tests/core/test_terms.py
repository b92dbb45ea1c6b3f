"""What a newer term does to a node, and what restarts its timer (§5.1, §5.2)."""

from __future__ import annotations

import pytest

from raftstep.core.inputs import NotLeader, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import Node
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
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
    vote_denied,
    vote_granted,
)

# Newer terms


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
