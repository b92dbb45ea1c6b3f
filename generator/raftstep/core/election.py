"""Choosing a leader (§5.2) and the vote's log check (§5.4.1)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import Outcome
from raftstep.core.log import at_least_as_up_to_date, last_index, last_term, with_log
from raftstep.core.messages import RequestVote, RequestVoteResponse
from raftstep.core.model import NO_OFFICE, Entry, Node, NodeId, Progress, Role
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule


def start_election(node: Node, *, transfer: bool = False) -> Outcome:
    """A new term, a vote for itself, a request to every other voter. Its own timeout is drawn anew (§5.2)."""
    candidate = replace(
        node,
        current_term=node.current_term + (1 if node.keeps(Guard.NEW_TERM_FOR_CANDIDACY) else 0),
        voted_for=node.id,
        role=Role.CANDIDATE,
        leader=None,
        votes_granted=frozenset({node.id}),
        progress=(),
    )
    requests = tuple(
        RequestVote(
            source=node.id,
            target=voter,
            term=candidate.current_term,
            last_log_index=last_index(node),
            last_log_term=last_term(node),
            transfer=transfer,
        )
        for voter in node.configuration.electorate
        if voter != node.id
    )
    begun = Outcome(node=candidate, messages=requests, rearm=True, rules=(Rule.START_ELECTION,))
    return _lead_if_elected(begun)


def answer_vote_request(node: Node, request: RequestVote) -> Outcome:
    """Grant or deny; only a grant starts the voter's election timeout anew (Figure 2, *RequestVote RPC*)."""
    denial = _why_not(node, request)
    granted = denial is None
    stale = request.term < node.current_term
    voter = _given_its_vote(node, request.source) if granted and not stale else node
    response = RequestVoteResponse(
        source=node.id,
        target=request.source,
        term=request.term if granted else node.current_term,
        vote_granted=granted,
    )
    return Outcome(node=voter, messages=(response,), rearm=granted, rules=(denial or Rule.GRANT_VOTE,))


def _given_its_vote(node: Node, candidate: NodeId) -> Node:
    """Who votes for another stands back; a candidate votes for itself, so only one that was still asking does."""
    if node.role is Role.PRE_CANDIDATE:
        node = replace(node, role=Role.FOLLOWER, votes_granted=frozenset())
    return replace(node, voted_for=candidate)


def _why_not(node: Node, request: RequestVote) -> Rule | None:
    if request.term < node.current_term:
        if node.keeps(Guard.DENY_STALE_CANDIDATES):
            return Rule.DENY_STALE_CANDIDATE
    elif node.voted_for not in (None, request.source) and node.keeps(Guard.ONE_VOTE_A_TERM):
        return Rule.DENY_SECOND_VOTE
    if not _log_is_good_enough(node, request):
        return Rule.DENY_OLDER_LOG
    return None


def _log_is_good_enough(node: Node, request: RequestVote) -> bool:
    index, term = request.last_log_index, request.last_log_term
    if not node.keeps(Guard.UP_TO_DATE_LOG):
        return True
    if not node.keeps(Guard.COMPARE_LAST_INDEX):
        return term >= last_term(node)
    if not node.keeps(Guard.COMPARE_LAST_TERM):
        return index >= last_index(node)
    return at_least_as_up_to_date(node, last_log_index=index, last_log_term=term)


def count_vote(node: Node, response: RequestVoteResponse) -> Outcome:
    """Count who voted, not how many messages came; a majority of the whole cluster elects (§5.2)."""
    stale = response.term < node.current_term and node.keeps(Guard.IGNORE_STALE_VOTES)
    if node.role is not Role.CANDIDATE or stale:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if not response.vote_granted:
        return Outcome(node=node)
    counted = replace(node, votes_granted=node.votes_granted | {response.source})
    return _lead_if_elected(Outcome(node=counted, rules=(Rule.COUNT_VOTE,)))


def _lead_if_elected(so_far: Outcome) -> Outcome:
    node = so_far.node
    short_by = 0 if node.keeps(Guard.ELECTION_MAJORITY) else 1
    if not has_quorum(node.configuration, node.votes_granted, short_by=short_by):
        return so_far
    return replication.send_to_all(_lead(so_far))


def _lead(so_far: Outcome) -> Outcome:
    """Take office: every peer's next index is just past the log as it was before the term's own first entry."""
    node = so_far.node
    rules = (*so_far.rules, Rule.BECOME_LEADER)
    next_index = last_index(node) + 1
    leader = replace(
        node,
        role=Role.LEADER,
        leader=node.id,
        progress=tuple(Progress(peer=peer, next_index=next_index, match_index=0) for peer in node.peers),
        office=NO_OFFICE,
    )
    if node.settings.no_op:
        leader = with_log(leader, (*leader.log, Entry(term=node.current_term, command=None)))
        rules = (*rules, Rule.APPEND_NO_OP)
    return replace(so_far, node=leader, rearm=True, rules=rules)
