"""Choosing a leader (§5.2) and the vote's log check (§5.4.1)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.log import at_least_as_up_to_date, last_index, last_term
from raftstep.core.model import (
    Entry,
    Node,
    Outcome,
    Progress,
    RequestVote,
    RequestVoteResponse,
    Role,
)
from raftstep.core.quorum import majority
from raftstep.core.rules import Rule


def start_election(node: Node) -> Outcome:
    """A new term, a vote for itself, a request to everyone else. Its own timeout is drawn anew (§5.2)."""
    candidate = replace(
        node,
        current_term=node.current_term + 1,
        voted_for=node.id,
        role=Role.CANDIDATE,
        leader=None,
        votes_granted=frozenset({node.id}),
        progress=(),
    )
    requests = tuple(
        RequestVote(
            source=node.id,
            target=peer,
            term=candidate.current_term,
            last_log_index=last_index(node.log),
            last_log_term=last_term(node.log),
        )
        for peer in node.peers
    )
    begun = Outcome(node=candidate, messages=requests, rearm=True, rules=(Rule.START_ELECTION,))
    return _lead_if_elected(begun)


def answer_vote_request(node: Node, request: RequestVote) -> Outcome:
    """Grant or deny; only a grant starts the voter's election timeout anew (Figure 2, *RequestVote RPC*)."""
    denial = _why_not(node, request)
    voter = node if denial else replace(node, voted_for=request.source)
    response = RequestVoteResponse(
        source=node.id, target=request.source, term=node.current_term, vote_granted=denial is None
    )
    return Outcome(node=voter, messages=(response,), rearm=denial is None, rules=(denial or Rule.GRANT_VOTE,))


def _why_not(node: Node, request: RequestVote) -> Rule | None:
    if request.term < node.current_term:
        return Rule.DENY_STALE_CANDIDATE
    if node.voted_for not in (None, request.source):
        return Rule.DENY_SECOND_VOTE
    if not at_least_as_up_to_date(node.log, last_log_index=request.last_log_index, last_log_term=request.last_log_term):
        return Rule.DENY_OLDER_LOG
    return None


def count_vote(node: Node, response: RequestVoteResponse) -> Outcome:
    """Count who voted, not how many messages came; a majority of the whole cluster elects (§5.2)."""
    if node.role is not Role.CANDIDATE or response.term < node.current_term:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if not response.vote_granted:
        return Outcome(node=node)
    counted = replace(node, votes_granted=node.votes_granted | {response.source})
    return _lead_if_elected(Outcome(node=counted, rules=(Rule.COUNT_VOTE,)))


def _lead_if_elected(so_far: Outcome) -> Outcome:
    node = so_far.node
    if len(node.votes_granted) < majority(len(node.peers) + 1):
        return so_far
    elected = _lead(so_far)
    return replication.send_to_all(elected)


def _lead(so_far: Outcome) -> Outcome:
    """Take office: every peer's next index is just past the log as it was before the term's own first entry."""
    node = so_far.node
    rules = (*so_far.rules, Rule.BECOME_LEADER)
    next_index = last_index(node.log) + 1
    leader = replace(
        node,
        role=Role.LEADER,
        leader=node.id,
        progress=tuple(Progress(peer=peer, next_index=next_index, match_index=0) for peer in node.peers),
    )
    if node.settings.no_op:
        no_op = Entry(term=node.current_term, command=None)
        leader = replace(leader, log=(*leader.log, no_op))
        rules = (*rules, Rule.APPEND_NO_OP)
    return replace(so_far, node=leader, rearm=True, rules=rules)
