"""Copying the leader's log (§5.3), committing it (§5.4.2) and answering clients (§8)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import machine as machines
from raftstep.core.guards import Guard
from raftstep.core.inputs import Answer, Applied, ClientRequest, NotLeader, Outcome
from raftstep.core.log import Log, agrees_at, entries_from, entry_at, last_index, merge, term_at, with_log
from raftstep.core.messages import AppendEntries, AppendEntriesResponse, InstallSnapshot, Message
from raftstep.core.model import NO_OFFICE, Entry, Index, Node, NodeId, Progress, Role
from raftstep.core.quorum import majority, reached
from raftstep.core.rules import Rule


def send_heartbeat(node: Node) -> Outcome:
    """Write to every follower; this is also how lost messages are repeated.

    A heartbeat carries all that a follower is not known to hold, or, with empty heartbeats, nothing (§5.2): then the
    follower's answer has what it lacks sent.
    """
    outcome = send_to_all(Outcome(node=node, rearm=True, rules=(Rule.SEND_HEARTBEAT,)))
    return replace(outcome, messages=_emptied(outcome.messages)) if node.settings.empty_heartbeats else outcome


def _emptied(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(
        replace(message, entries=()) if isinstance(message, AppendEntries) else message for message in messages
    )


def take_command(node: Node, request: ClientRequest) -> Outcome:
    """A leader appends and replicates; anyone else names the leader it knows of (§5.3, §8)."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=request.command, leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    entry = Entry(term=node.current_term, command=request.command, client=request.client, serial=request.serial)
    return append_and_send(Outcome(node=node, rules=(Rule.APPEND_COMMAND,)), entry)


def append_and_send(so_far: Outcome, entry: Entry) -> Outcome:
    """A leader appends one entry to its own log and sends it to all."""
    node = so_far.node
    kept = node.log if node.keeps(Guard.APPEND_ONLY) else node.log[: node.commit_index - node.snapshot.index]
    return send_to_all(replace(so_far, node=with_log(node, (*kept, entry))))


def send_to_all(so_far: Outcome) -> Outcome:
    """Write once to each peer; then commit, for a cluster of one needs nobody's answer."""
    return advance_commit(send(so_far, so_far.node.progress))


def send(so_far: Outcome, recipients: tuple[Progress, ...]) -> Outcome:
    """Write to these peers: entries, or the snapshot."""
    messages = tuple(_message_for(so_far.node, progress) for progress in recipients)
    rules = so_far.rules
    if any(isinstance(message, InstallSnapshot) for message in messages):
        rules = (*rules, Rule.SEND_SNAPSHOT)
    return replace(so_far, messages=(*so_far.messages, *messages), rules=rules)


def _message_for(node: Node, progress: Progress) -> AppendEntries | InstallSnapshot:
    """The entries a peer may lack, or the snapshot where they are gone (§7)."""
    if progress.next_index <= node.snapshot.index:
        return InstallSnapshot(
            source=node.id,
            target=progress.peer,
            term=node.current_term,
            snapshot=node.snapshot,
            round=node.office.round,
        )
    previous_index = progress.next_index - 1
    return AppendEntries(
        source=node.id,
        target=progress.peer,
        term=node.current_term,
        previous_index=previous_index,
        previous_term=term_at(node, previous_index),
        entries=entries_from(node, progress.next_index),
        leader_commit=node.commit_index,
        round=node.office.round,
    )


def answer_append(node: Node, request: AppendEntries) -> Outcome:
    """A follower takes what the leader of its term sends, if the logs agree just before it (Figure 2)."""
    if request.term < node.current_term and node.keeps(Guard.REJECT_STALE_ENTRIES):
        return Outcome(node=node, messages=(_refusal(node, request),), rules=(Rule.REJECT_STALE_LEADER,))
    follower, rules = follow(node, request.source)
    if not _agrees(follower, request):
        rules = (*rules, Rule.REJECT_GAP)
        return Outcome(node=follower, messages=(_refusal(follower, request),), rearm=True, rules=rules)
    return _store(follower, request, rules)


def follow(node: Node, leader: NodeId) -> tuple[Node, tuple[Rule, ...]]:
    """Take the sender for the leader of this term; a candidate that hears from it gives up (§5.2)."""
    if node.role is Role.FOLLOWER and node.leader == leader:
        follower = node
    else:
        follower = replace(
            node, role=Role.FOLLOWER, leader=leader, votes_granted=frozenset(), progress=(), office=NO_OFFICE
        )
    if not node.keeps(Guard.KEEP_VOTE_IN_TERM):
        follower = replace(follower, voted_for=None)
    return follower, () if node.role is Role.FOLLOWER else (Rule.RECOGNISE_LEADER,)


def _agrees(node: Node, request: AppendEntries) -> bool:
    if not node.keeps(Guard.PREVIOUS_ENTRY):
        return True
    if not node.keeps(Guard.PREVIOUS_TERM):
        return request.previous_index <= last_index(node)
    return agrees_at(node, index=request.previous_index, term=request.previous_term)


def _store(node: Node, request: AppendEntries, rules: tuple[Rule, ...]) -> Outcome:
    log, truncated = _merged(node, request)
    rules = (*rules, Rule.ACCEPT_ENTRIES if request.entries else Rule.ACCEPT_HEARTBEAT)
    if truncated:
        rules = (*rules, Rule.TRUNCATE_CONFLICT)
    stored = node if log is node.log else with_log(node, log)
    checked = request.previous_index + len(request.entries)
    commit_index = min(request.leader_commit, checked if node.keeps(Guard.CLAMP_COMMIT) else last_index(stored))
    if commit_index > node.commit_index:
        stored = replace(stored, commit_index=commit_index)
        rules = (*rules, Rule.FOLLOW_COMMIT)
    response = AppendEntriesResponse(
        source=node.id,
        target=request.source,
        term=request.term,
        success=True,
        match_index=checked,
        round=request.round,
    )
    return apply_committed(Outcome(node=stored, messages=(response,), rearm=True, rules=rules))


def _merged(node: Node, request: AppendEntries) -> tuple[Log, bool]:
    """The log after the new entries. What a snapshot covers is there already and is passed over (§7)."""
    previous = request.previous_index - node.snapshot.index
    entries = request.entries if previous >= 0 else request.entries[-previous:]
    previous = max(0, previous)
    log = node.log if node.keeps(Guard.TRUNCATE_ONLY_ON_CONFLICT) else node.log[:previous]
    if not node.keeps(Guard.DELETE_CONFLICTS):
        return log + entries[max(0, len(log) - previous) :], False
    return merge(log, previous_index=previous, entries=entries)


def _refusal(node: Node, request: AppendEntries) -> AppendEntriesResponse:
    return AppendEntriesResponse(
        source=node.id,
        target=request.source,
        term=node.current_term,
        success=False,
        match_index=0,
        round=request.round,
    )


def take_append_response(node: Node, response: AppendEntriesResponse) -> Outcome:
    """A leader notes the match, or backs up by one and tries again at once (§5.3)."""
    before = progress_of(node, response.source)
    stale = response.term < node.current_term and node.keeps(Guard.IGNORE_STALE_ACKNOWLEDGEMENTS)
    if node.role is not Role.LEADER or stale or before is None:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if response.success:
        carried = node.keeps(Guard.CREDIT_WHAT_WAS_SENT)
        outcome = record_match(node, before, response.match_index if carried else last_index(node))
        return _send_missing(outcome, response.source) if node.settings.empty_heartbeats else outcome
    after = replace(before, next_index=max(before.next_index - 1, before.match_index + 1))
    return send(Outcome(node=_with_progress(node, after), rules=(Rule.BACK_UP,)), (after,))


def _send_missing(so_far: Outcome, peer: NodeId) -> Outcome:
    """What a peer is still not known to hold, now that it has answered."""
    after = progress_of(so_far.node, peer)
    return so_far if after is None or after.match_index >= last_index(so_far.node) else send(so_far, (after,))


def record_match(node: Node, before: Progress, match_index: Index) -> Outcome:
    """The peer holds all up to here; that may be what a majority was waiting for."""
    match_index = max(before.match_index, match_index)
    next_index = max(before.next_index, match_index + 1)
    if (match_index, next_index) == (before.match_index, before.next_index):
        return advance_commit(Outcome(node=node, rules=(Rule.RECORD_MATCH,)))
    after = replace(before, match_index=match_index, next_index=next_index)
    return advance_commit(Outcome(node=_with_progress(node, after), rules=(Rule.RECORD_MATCH,)))


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
    held = _held_by_majority(node)
    if held <= node.commit_index:
        return so_far
    if term_at(node, held) != node.current_term and node.keeps(Guard.COMMIT_OWN_TERM):
        return replace(so_far, rules=(*so_far.rules, Rule.HOLD_OLD_TERM))
    committed = replace(node, commit_index=held)
    return apply_committed(replace(so_far, node=committed, rules=(*so_far.rules, Rule.COMMIT)))


def _held_by_majority(node: Node) -> Index:
    marks = {node.id: last_index(node)}
    for progress in node.progress:
        marks[progress.peer] = progress.match_index
    if not node.keeps(Guard.LEARNERS_DO_NOT_COUNT):
        return sorted(marks.values(), reverse=True)[majority(len(node.configuration.voters)) - 1]
    return reached(node.configuration, marks, short_by=0 if node.keeps(Guard.COMMIT_MAJORITY) else 1)


def apply_committed(so_far: Outcome) -> Outcome:
    """Apply in log order; a leader then answers for the commands it took in this term (§5.3).

    Every entry of a leader's own term was created by this leader in this term, so its term alone tells that the
    command at this index is still the one the client sent.
    """
    node = so_far.node
    if node.last_applied >= node.commit_index:
        return so_far
    rules = (*so_far.rules, Rule.APPLY)
    answers: tuple[Answer, ...] = ()
    machine, sessions = node.machine, node.settings.sessions
    for index in range(node.last_applied + 1, node.commit_index + 1):
        entry = entry_at(node, index)
        if entry is None or entry.command is None:
            continue
        if sessions and machines.repeated(machine, entry):
            rules = (*rules, Rule.SKIP_REPEATED)
        machine = machines.apply(machine, entry, sessions=sessions)
        given_up = sessions and machines.given_up(machine, entry)
        if node.role is Role.LEADER and entry.term == node.current_term and not given_up:
            answers = (*answers, Applied(command=entry.command, index=index, term=entry.term))
    if answers:
        rules = (*rules, Rule.ANSWER_CLIENT)
    applied = replace(node, last_applied=node.commit_index, machine=machine)
    return replace(so_far, node=applied, answers=(*so_far.answers, *answers), rules=rules)
