"""Copying the leader's log (§5.3), committing it (§5.4.2) and answering clients (§8)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.log import agrees_at, last_index, merge, term_at
from raftstep.core.model import (
    Answer,
    AppendEntries,
    AppendEntriesResponse,
    Applied,
    Entry,
    Index,
    Node,
    NodeId,
    NotLeader,
    Outcome,
    Progress,
    Role,
)
from raftstep.core.quorum import committed_index
from raftstep.core.rules import Rule


def send_heartbeat(node: Node) -> Outcome:
    """Write to every follower, with all it is not known to hold; this is also how lost messages are repeated."""
    return send_to_all(Outcome(node=node, rearm=True, rules=(Rule.SEND_HEARTBEAT,)))


def take_command(node: Node, command: str) -> Outcome:
    """A leader appends and replicates; anyone else names the leader it knows of (§5.3, §8)."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=command, leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    entry = Entry(term=node.current_term, command=command)
    appended = replace(node, log=(*node.log, entry))
    return send_to_all(Outcome(node=appended, rules=(Rule.APPEND_COMMAND,)))


def send_to_all(so_far: Outcome) -> Outcome:
    """Add one AppendEntries a peer; then commit, for a cluster of one needs nobody's answer."""
    node = so_far.node
    messages = tuple(_append_for(node, progress) for progress in node.progress)
    return advance_commit(replace(so_far, messages=(*so_far.messages, *messages)))


def _append_for(node: Node, progress: Progress) -> AppendEntries:
    previous_index = progress.next_index - 1
    return AppendEntries(
        source=node.id,
        target=progress.peer,
        term=node.current_term,
        previous_index=previous_index,
        previous_term=term_at(node.log, previous_index),
        entries=node.log[previous_index:],
        leader_commit=node.commit_index,
    )


def answer_append(node: Node, request: AppendEntries) -> Outcome:
    """A follower takes what the leader of its term sends, if the logs agree just before it (Figure 2)."""
    if request.term < node.current_term:
        refusal = _response(node, request.source, success=False, match_index=0)
        return Outcome(node=node, messages=(refusal,), rules=(Rule.REJECT_STALE_LEADER,))
    rules: tuple[Rule, ...] = ()
    if node.role is not Role.FOLLOWER:
        rules = (Rule.RECOGNISE_LEADER,)
    follower = replace(node, role=Role.FOLLOWER, leader=request.source, votes_granted=frozenset(), progress=())
    if not agrees_at(follower.log, index=request.previous_index, term=request.previous_term):
        refusal = _response(follower, request.source, success=False, match_index=0)
        return Outcome(node=follower, messages=(refusal,), rearm=True, rules=(*rules, Rule.REJECT_GAP))
    return _store(follower, request, rules)


def _store(node: Node, request: AppendEntries, rules: tuple[Rule, ...]) -> Outcome:
    log, truncated = merge(node.log, previous_index=request.previous_index, entries=request.entries)
    rules = (*rules, Rule.ACCEPT_ENTRIES if request.entries else Rule.ACCEPT_HEARTBEAT)
    if truncated:
        rules = (*rules, Rule.TRUNCATE_CONFLICT)
    checked = request.previous_index + len(request.entries)
    stored = replace(node, log=log)
    commit_index = min(request.leader_commit, checked)
    if commit_index > node.commit_index:
        stored = replace(stored, commit_index=commit_index)
        rules = (*rules, Rule.FOLLOW_COMMIT)
    response = _response(node, request.source, success=True, match_index=checked)
    return apply_committed(Outcome(node=stored, messages=(response,), rearm=True, rules=rules))


def _response(node: Node, leader: NodeId, *, success: bool, match_index: Index) -> AppendEntriesResponse:
    return AppendEntriesResponse(
        source=node.id, target=leader, term=node.current_term, success=success, match_index=match_index
    )


def take_append_response(node: Node, response: AppendEntriesResponse) -> Outcome:
    """A leader notes the match, or backs up by one and tries again at once (§5.3)."""
    if node.role is not Role.LEADER or response.term < node.current_term:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    before = progress_of(node, response.source)
    if before is None:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if response.success:
        match_index = max(before.match_index, response.match_index)
        after = replace(before, match_index=match_index, next_index=max(before.next_index, match_index + 1))
        return advance_commit(Outcome(node=_with_progress(node, after), rules=(Rule.RECORD_MATCH,)))
    after = replace(before, next_index=max(before.next_index - 1, before.match_index + 1))
    leader = _with_progress(node, after)
    return Outcome(node=leader, messages=(_append_for(leader, after),), rules=(Rule.BACK_UP,))


def progress_of(node: Node, peer: NodeId) -> Progress | None:
    """What a leader knows of one peer's log; ``None`` for a node that does not lead, or a stranger."""
    return next((progress for progress in node.progress if progress.peer == peer), None)


def _with_progress(node: Node, changed: Progress) -> Node:
    return replace(
        node,
        progress=tuple(changed if progress.peer == changed.peer else progress for progress in node.progress),
    )


def advance_commit(so_far: Outcome) -> Outcome:
    """Commit by counting, but only an entry of the leader's own term; older ones go with it (§5.4.2)."""
    node = so_far.node
    held = committed_index([last_index(node.log), *(progress.match_index for progress in node.progress)])
    if held <= node.commit_index:
        return so_far
    if term_at(node.log, held) != node.current_term:
        return replace(so_far, rules=(*so_far.rules, Rule.HOLD_OLD_TERM))
    committed = replace(node, commit_index=held)
    return apply_committed(replace(so_far, node=committed, rules=(*so_far.rules, Rule.COMMIT)))


def apply_committed(so_far: Outcome) -> Outcome:
    """Apply in log order; a leader then answers for the commands it took in this term (§5.3).

    Every entry of a leader's own term was created by this leader in this term, so its term alone tells that the
    command at this index is still the one the client sent.
    """
    node = so_far.node
    if node.last_applied == node.commit_index:
        return so_far
    rules = (*so_far.rules, Rule.APPLY)
    answers = _answers(node)
    if answers:
        rules = (*rules, Rule.ANSWER_CLIENT)
    applied = replace(node, last_applied=node.commit_index)
    return replace(so_far, node=applied, answers=(*so_far.answers, *answers), rules=rules)


def _answers(node: Node) -> tuple[Answer, ...]:
    if node.role is not Role.LEADER:
        return ()
    return tuple(
        Applied(command=entry.command, index=index, term=entry.term)
        for index, entry in enumerate(node.log[node.last_applied : node.commit_index], node.last_applied + 1)
        if entry.command is not None and entry.term == node.current_term
    )
