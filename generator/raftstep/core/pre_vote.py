"""Asking whether an election would be won before it starts (dissertation §9.6)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import contact, election
from raftstep.core.inputs import Outcome
from raftstep.core.log import is_at_least_as_up_to_date, last_index, last_term
from raftstep.core.messages import RequestPreVote, RequestPreVoteResponse
from raftstep.core.model import Node, Role
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule


def start_pre_vote(node: Node) -> Outcome:
    """Ask every voter about the next term. Neither term nor vote changes; a new timeout is drawn."""
    pre_candidate = replace(node, role=Role.PRE_CANDIDATE, leader=None, votes_granted=frozenset({node.id}), progress=())
    requests = tuple(
        RequestPreVote(
            source=node.id,
            target=voter,
            term=node.current_term + 1,
            last_log_index=last_index(node),
            last_log_term=last_term(node),
        )
        for voter in node.configuration.electorate
        if voter != node.id
    )
    return _start_election_if_granted(
        Outcome(node=pre_candidate, messages=requests, rearm=True, rules=(Rule.ASK_PRE_VOTE,))
    )


def answer_pre_vote_request(node: Node, request: RequestPreVote, clock_ms: int) -> Outcome:
    """Answer what the vote would be. This changes nothing at the node, which may grant several pre-votes."""
    rule = _decide_pre_vote(node, request, clock_ms)
    is_granted = rule is Rule.GRANT_PRE_VOTE
    response = RequestPreVoteResponse(
        source=node.id,
        target=request.source,
        term=request.term if is_granted else node.current_term,
        vote_granted=is_granted,
    )
    return Outcome(node=node, messages=(response,), rules=(rule,))


def _decide_pre_vote(node: Node, request: RequestPreVote, clock_ms: int) -> Rule:
    if request.term <= node.current_term:
        return Rule.DENY_PRE_VOTE
    if contact.leader_is_alive(node, clock_ms):
        return Rule.DENY_PRE_VOTE_LEADER_ALIVE
    if not is_at_least_as_up_to_date(node, last_log_index=request.last_log_index, last_log_term=request.last_log_term):
        return Rule.DENY_PRE_VOTE
    return Rule.GRANT_PRE_VOTE


def count_pre_vote(node: Node, response: RequestPreVoteResponse) -> Outcome:
    """Count the pre-votes granted; with a majority the election starts."""
    if node.role is not Role.PRE_CANDIDATE or (response.vote_granted and response.term != node.current_term + 1):
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if not response.vote_granted:
        return Outcome(node=node)
    pre_candidate = replace(node, votes_granted=node.votes_granted | {response.source})
    return _start_election_if_granted(Outcome(node=pre_candidate, rules=(Rule.COUNT_PRE_VOTE,)))


def _start_election_if_granted(outcome: Outcome) -> Outcome:
    if not has_quorum(outcome.node.configuration, outcome.node.votes_granted):
        return outcome
    election_outcome = election.start_election(outcome.node)
    return replace(election_outcome, rules=(*outcome.rules, *election_outcome.rules))
