"""Cores with one rule of Raft broken each: ``step`` with a twist, to be passed to ``run(step_function=…)``."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.inputs import ClientRequest, Input, NodeRestarts, Outcome, Receive, TimerFires
from raftstep.core.log import agrees_at, merge_entries
from raftstep.core.messages import AppendEntries, AppendEntriesResponse, RequestVote
from raftstep.core.model import Node, Role
from raftstep.core.quorum import committed_index
from raftstep.core.step import step


def votes_twice(node: Node, given: Input) -> Outcome:
    """G-01: whoever asks gets a vote, whether or not another had it."""
    match given:
        case Receive(message=RequestVote()):
            return step(replace(node, voted_for=None), given)
    return step(node, given)


def forgets_its_vote_in_a_crash(node: Node, given: Input) -> Outcome:
    """G-02: the vote is not durable."""
    match given:
        case NodeRestarts():
            return step(replace(node, voted_for=None), given)
    return step(node, given)


def forgets_its_vote_at_a_heartbeat(node: Node, given: Input) -> Outcome:
    """G-07: becoming a follower clears the vote, though the term has not changed."""
    outcome = step(node, given)
    match given:
        case Receive(message=AppendEntries()):
            return replace(outcome, node=replace(outcome.node, voted_for=None))
    return outcome


def ignores_the_log_when_voting(node: Node, given: Input) -> Outcome:
    """G-00: no up-to-date check."""
    match given:
        case Receive(message=RequestVote() as request):
            return step(node, Receive(message=replace(request, last_log_term=1_000_000)))
    return step(node, given)


def truncates_always(node: Node, given: Input) -> Outcome:
    """G-11: the log is cut at the previous index before entries are stored, conflict or not."""
    match given:
        case Receive(message=AppendEntries(term=term, previous_index=index, previous_term=previous_term)):
            if term >= node.current_term and agrees_at(node, index=index, term=previous_term):
                return step(replace(node, log=node.log[:index]), given)
    return step(node, given)


def never_truncates(node: Node, given: Input) -> Outcome:
    """G-13b: entries are stored behind the end of the log only; a conflict stays."""
    outcome = step(node, given)
    match given:
        case Receive(message=AppendEntries(previous_index=index, entries=entries)) if outcome.node.log != node.log:
            extended_log = node.log + entries[len(node.log) - index :]
            return replace(outcome, node=replace(outcome.node, log=extended_log))
    return outcome


def commits_alone(node: Node, given: Input) -> Outcome:
    """G-03c: a leader commits what no one else holds yet."""
    outcome = step(node, given)
    match given:
        case ClientRequest() if node.role is Role.LEADER:
            return _commit(outcome, len(outcome.node.log))
    return outcome


def commits_old_terms_by_counting(node: Node, given: Input) -> Outcome:
    """G-16: an entry of an earlier term counts as committed once a majority holds it (Figure 8)."""
    outcome = step(node, given)
    leader = outcome.node
    match given:
        case Receive(message=AppendEntriesResponse()) if leader.role is Role.LEADER:
            majority_index = committed_index([len(leader.log), *(progress.match_index for progress in leader.progress)])
            return _commit(outcome, max(leader.commit_index, majority_index))
    return outcome


def sends_bare_heartbeats(node: Node, given: Input) -> Outcome:
    """Not broken: heartbeats without entries, as etcd sends them. The commit clamp is then all that guards."""
    outcome = step(node, given)
    match given:
        case TimerFires() if node.role is Role.LEADER:
            return replace(outcome, messages=tuple(replace(message, entries=()) for message in outcome.messages))
    return outcome


def commits_what_was_not_checked(node: Node, given: Input) -> Outcome:
    """G-15: a follower commits up to its own last entry, not the last one the leader has vouched for."""
    outcome = sends_bare_heartbeats(node, given)
    match given:
        case Receive(message=AppendEntries(leader_commit=leader_commit)):
            return _commit(outcome, max(outcome.node.commit_index, min(leader_commit, len(outcome.node.log))))
    return outcome


def obeys_a_deposed_leader(node: Node, given: Input) -> Outcome:
    """G-08: entries of an older term are stored, even by the leader of a newer one."""
    match given:
        case Receive(message=AppendEntries(term=term, previous_index=index, entries=entries)):
            if term < node.current_term:
                return Outcome(
                    node=replace(node, log=merge_entries(node.log, previous_index=index, entries=entries).log)
                )
    return step(node, given)


def _commit(outcome: Outcome, index: int) -> Outcome:
    return replace(outcome, node=replace(outcome.node, commit_index=index, last_applied=index))
