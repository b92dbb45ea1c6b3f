"""Choosing a leader (§5.2) and the vote's log check (§5.4.1)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import Outcome
from raftstep.core.log import is_at_least_as_up_to_date, last_index, last_term, with_log
from raftstep.core.messages import RequestVote, RequestVoteResponse
from raftstep.core.model import NO_LEADER_STATE, Entry, Node, NodeId, Progress, Role
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule


def start_election(node: Node, *, is_transfer: bool = False) -> Outcome:
    """A new term, a vote for itself, a request to every other voter. A new timeout is drawn (§5.2)."""
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
            transfer=is_transfer,
        )
        for voter in node.configuration.electorate
        if voter != node.id
    )
    outcome = Outcome(node=candidate, messages=requests, rearm=True, rules=(Rule.START_ELECTION,))
    return _lead_if_elected(outcome)


def answer_vote_request(node: Node, request: RequestVote) -> Outcome:
    """Grant or deny; only a grant restarts the voter's election timeout (Figure 2, *RequestVote RPC*)."""
    denial = _find_denial_rule(node, request)
    is_granted = denial is None
    is_stale = request.term < node.current_term
    voter = _cast_vote(node, request.source) if is_granted and not is_stale else node
    response = RequestVoteResponse(
        source=node.id,
        target=request.source,
        term=request.term if is_granted else node.current_term,
        vote_granted=is_granted,
    )
    return Outcome(node=voter, messages=(response,), rearm=is_granted, rules=(denial or Rule.GRANT_VOTE,))


def _cast_vote(node: Node, candidate: NodeId) -> Node:
    """Vote for a candidate; a pre-candidate that votes for another becomes a follower."""
    if node.role is Role.PRE_CANDIDATE:
        node = replace(node, role=Role.FOLLOWER, votes_granted=frozenset())
    return replace(node, voted_for=candidate)


def _find_denial_rule(node: Node, request: RequestVote) -> Rule | None:
    if request.term < node.current_term:
        if node.keeps(Guard.DENY_STALE_CANDIDATES):
            return Rule.DENY_STALE_CANDIDATE
    elif node.voted_for not in (None, request.source) and node.keeps(Guard.ONE_VOTE_A_TERM):
        return Rule.DENY_SECOND_VOTE
    if not _is_log_up_to_date(node, request):
        return Rule.DENY_OLDER_LOG
    return None


def _is_log_up_to_date(node: Node, request: RequestVote) -> bool:
    index, term = request.last_log_index, request.last_log_term
    if not node.keeps(Guard.UP_TO_DATE_LOG):
        return True
    if not node.keeps(Guard.COMPARE_LAST_INDEX):
        return term >= last_term(node)
    if not node.keeps(Guard.COMPARE_LAST_TERM):
        return index >= last_index(node)
    return is_at_least_as_up_to_date(node, last_log_index=index, last_log_term=term)


def count_vote(node: Node, response: RequestVoteResponse) -> Outcome:
    """Count who voted, not how many messages came; a majority of the whole cluster elects (§5.2)."""
    is_stale = response.term < node.current_term and node.keeps(Guard.IGNORE_STALE_VOTES)
    if node.role is not Role.CANDIDATE or is_stale:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if not response.vote_granted:
        return Outcome(node=node)
    candidate = replace(node, votes_granted=node.votes_granted | {response.source})
    return _lead_if_elected(Outcome(node=candidate, rules=(Rule.COUNT_VOTE,)))


def _lead_if_elected(outcome: Outcome) -> Outcome:
    node = outcome.node
    short_by = 0 if node.keeps(Guard.ELECTION_MAJORITY) else 1
    if not has_quorum(node.configuration, node.votes_granted, short_by=short_by):
        return outcome
    return replication.send_to_all(_become_leader(outcome))


def _become_leader(outcome: Outcome) -> Outcome:
    """Become leader: every peer's next index is just past the log as it was before the term's own first entry."""
    node = outcome.node
    rules = (*outcome.rules, Rule.BECOME_LEADER)
    next_index = last_index(node) + 1
    leader = replace(
        node,
        role=Role.LEADER,
        leader=node.id,
        progress=tuple(Progress(peer=peer, next_index=next_index, match_index=0) for peer in node.peers),
        leader_state=NO_LEADER_STATE,
    )
    if node.settings.no_op:
        leader = with_log(leader, (*leader.log, Entry(term=node.current_term, command=None)))
        rules = (*rules, Rule.APPEND_NO_OP)
    return replace(outcome, node=leader, rearm=True, rules=rules)
