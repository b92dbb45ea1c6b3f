"""Every rule is worded, sourced and used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
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
    request_vote,
    vote_granted,
)
from tests.core.scenes_beyond import SCENES_BEYOND

if TYPE_CHECKING:
    from raftstep.core.inputs import Input
    from raftstep.core.model import Node

# One step each, in the order of the rules: who, what comes, and every rule that then fires, in order.
SCENES: list[tuple[Node, Input, tuple[Rule, ...]]] = [
    (
        leader("S1", term=1, log=entries(1)),
        receive(request_vote("S2", "S1", term=2)),
        (Rule.ADOPT_NEWER_TERM, Rule.DENY_OLDER_LOG),
    ),
    (
        leader("S1", term=2),
        receive(vote_granted("S3", "S1", term=2)),
        (Rule.IGNORE_STALE_RESPONSE,),
    ),
    (
        follower("S1"),
        TIMER,
        (Rule.START_ELECTION,),
    ),
    (
        follower("S1", term=1),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.GRANT_VOTE,),
    ),
    (
        follower("S1", term=2),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_STALE_CANDIDATE,),
    ),
    (
        follower("S1", term=1, voted_for="S3"),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_SECOND_VOTE,),
    ),
    (
        follower("S1", term=1, log=entries(1)),
        receive(request_vote("S2", "S1", term=1)),
        (Rule.DENY_OLDER_LOG,),
    ),
    (
        candidate("S1", nodes=5, term=1),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE,),
    ),
    (
        candidate("S1", term=1),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE, Rule.BECOME_LEADER),
    ),
    (
        candidate("S1", term=1, no_op=True),
        receive(vote_granted("S2", "S1", term=1)),
        (Rule.COUNT_VOTE, Rule.BECOME_LEADER, Rule.APPEND_NO_OP),
    ),
    (
        follower("S1", nodes=1, no_op=True),
        TIMER,
        (Rule.START_ELECTION, Rule.BECOME_LEADER, Rule.APPEND_NO_OP, Rule.COMMIT, Rule.APPLY),
    ),
    (
        candidate("S1", term=1),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.RECOGNISE_LEADER, Rule.ACCEPT_HEARTBEAT),
    ),
    (
        leader("S1", term=1),
        TIMER,
        (Rule.SEND_HEARTBEAT,),
    ),
    (
        leader("S1", term=1),
        client_request("x=1"),
        (Rule.APPEND_COMMAND,),
    ),
    (
        follower("S1", term=1),
        client_request("x=1"),
        (Rule.REDIRECT_CLIENT,),
    ),
    (
        follower("S1", term=2),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.REJECT_STALE_LEADER,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, previous=(1, 1))),
        (Rule.REJECT_GAP,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1)),
        (Rule.ACCEPT_HEARTBEAT,),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, new=entries(1))),
        (Rule.ACCEPT_ENTRIES,),
    ),
    (
        follower("S1", term=2, log=entries(1)),
        receive(append_entries("S2", "S1", term=2, new=entries(2))),
        (Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT),
    ),
    (
        follower("S1", term=1),
        receive(append_entries("S2", "S1", term=1, new=entries(1), commit=1)),
        (Rule.ACCEPT_ENTRIES, Rule.FOLLOW_COMMIT, Rule.APPLY),
    ),
    (
        leader("S1", nodes=5, term=1, log=entries(1)),
        receive(append_accepted("S2", "S1", term=1, match=1)),
        (Rule.RECORD_MATCH,),
    ),
    (
        leader("S1", term=1, log=entries(1)),
        receive(append_rejected("S2", "S1", term=1)),
        (Rule.BACK_UP,),
    ),
    (
        leader("S1", term=1, log=entries(1)),
        receive(append_accepted("S2", "S1", term=1, match=1)),
        (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.ANSWER_CLIENT),
    ),
    (
        leader("S1", term=2, log=entries(1)),
        receive(append_accepted("S2", "S1", term=2, match=1)),
        (Rule.RECORD_MATCH, Rule.HOLD_OLD_TERM),
    ),
    (
        leader("S1", term=1),
        RESTART,
        (Rule.RESTART,),
    ),
]


ALL = SCENES + SCENES_BEYOND


@pytest.mark.parametrize(
    ("node", "given", "rules"), ALL, ids=["+".join(rule.slug for rule in rules) for _, _, rules in ALL]
)
def test_a_step_names_the_rules_that_fired_in_order(node: Node, given: Input, rules: tuple[Rule, ...]) -> None:
    """Captions and transcripts tell a step by its rules, so they are all there, and in order."""
    assert step(node, given).rules == rules


def test_every_rule_fires() -> None:
    """A rule that no step can fire would be a promise without a keeper."""
    fired = {rule for node, given, _ in ALL for rule in step(node, given).rules}

    assert set(Rule) - fired == set()


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.slug)
def test_every_rule_is_one_sentence_with_its_place_in_the_paper(rule: Rule) -> None:
    """A reader gets a sentence and can look it up: a section, or sections, of the Raft paper."""
    assert re.fullmatch(r"[A-Z][^.]*\.", rule.sentence)
    assert rule.sentence == " ".join(rule.sentence.split())
    assert re.match(r"(§\d|dissertation §\d|Ongaro 2015)", rule.source)
    assert not rule.source.endswith(".")


def test_every_rule_has_a_name_of_its_own() -> None:
    """Slugs stand in scenarios and addresses; two rules worded alike would be one member without a word."""
    slugs = [rule.slug for rule in Rule]

    assert len(set(slugs)) == len(slugs) == len(Rule.__members__)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", slug) for slug in slugs)
    assert len({rule.sentence for rule in Rule}) == len(slugs)
    assert Rule.GRANT_VOTE.slug == "grant-vote"
