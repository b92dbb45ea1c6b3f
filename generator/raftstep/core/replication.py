"""Copying the leader's log (§5.3), committing it (§5.4.2) and answering clients (§8)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import machine as state_machine
from raftstep.core.guards import Guard
from raftstep.core.inputs import Answer, ClientRequest, CommandApplied, NotLeader, Outcome, RequestRefused
from raftstep.core.log import (
    Log,
    agrees_at,
    entries_from,
    entry_at,
    first_index_of_term,
    last_index,
    merge_entries,
    term_at,
    with_log,
)
from raftstep.core.messages import AppendEntries, AppendEntriesResponse, InstallSnapshot, Message
from raftstep.core.model import (
    NO_LEADER_STATE,
    Entry,
    Index,
    Node,
    NodeId,
    Progress,
    Role,
    Settings,
    StateMachine,
)
from raftstep.core.quorum import highest_majority_mark, majority
from raftstep.core.rules import Rule


def send_heartbeat(node: Node) -> Outcome:
    """Write to every follower; this is also how lost messages are repeated.

    A heartbeat carries all that a follower is not known to hold, or, with empty heartbeats, nothing (§5.2): then the
    follower's answer has what it lacks sent.
    """
    outcome = send_to_all(Outcome(node=node, rearm=True, rules=(Rule.SEND_HEARTBEAT,)))
    return replace(outcome, messages=_remove_entries(outcome.messages)) if node.settings.empty_heartbeats else outcome


def _remove_entries(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(
        replace(message, entries=()) if isinstance(message, AppendEntries) else message for message in messages
    )


def handle_client_request(node: Node, request: ClientRequest) -> Outcome:
    """A leader appends and replicates; anyone else names the leader it knows of (§5.3, §8)."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=request.command, leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    entry = Entry(term=node.current_term, command=request.command, client=request.client, serial=request.serial)
    return append_and_send(Outcome(node=node, rules=(Rule.APPEND_COMMAND,)), entry)


def append_and_send(outcome: Outcome, entry: Entry) -> Outcome:
    """A leader appends one entry to its own log and sends it to all."""
    node = outcome.node
    log = node.log if node.keeps(Guard.APPEND_ONLY) else node.log[: node.commit_index - node.snapshot.index]
    return send_to_all(replace(outcome, node=with_log(node, (*log, entry))))


def send_to_all(outcome: Outcome) -> Outcome:
    """Write once to each peer; then commit, because a cluster of one needs nobody's answer."""
    return advance_commit_index(send_to_peers(outcome, outcome.node.progress))


def send_to_peers(outcome: Outcome, recipients: tuple[Progress, ...]) -> Outcome:
    """Write to these peers: entries, or the snapshot."""
    messages = tuple(_build_message(outcome.node, progress) for progress in recipients)
    rules = outcome.rules
    if any(isinstance(message, InstallSnapshot) for message in messages):
        rules = (*rules, Rule.SEND_SNAPSHOT)
    return replace(outcome, messages=(*outcome.messages, *messages), rules=rules)


def _build_message(node: Node, progress: Progress) -> AppendEntries | InstallSnapshot:
    """The entries a peer may lack, or the snapshot where they are gone (§7)."""
    if progress.next_index <= node.snapshot.index:
        return InstallSnapshot(
            source=node.id,
            target=progress.peer,
            term=node.current_term,
            snapshot=node.snapshot,
            round=node.leader_state.round,
        )
    previous_index = progress.next_index - 1
    entries = entries_from(node, progress.next_index)
    limit = node.settings.entries_per_message
    return AppendEntries(
        source=node.id,
        target=progress.peer,
        term=node.current_term,
        previous_index=previous_index,
        previous_term=term_at(node, previous_index),
        entries=entries[:limit] if limit else entries,
        leader_commit=node.commit_index,
        round=node.leader_state.round,
    )


def answer_append_entries(node: Node, request: AppendEntries) -> Outcome:
    """A follower takes what the leader of its term sends, if the logs agree just before it (Figure 2)."""
    if request.term < node.current_term and node.keeps(Guard.REJECT_STALE_ENTRIES):
        return Outcome(node=node, messages=(_build_rejection(node, request),), rules=(Rule.REJECT_STALE_LEADER,))
    follower, rules = follow_leader(node, request.source)
    if not _passes_consistency_check(follower, request):
        rejection, rules = _build_rejection(follower, request), (*rules, Rule.REJECT_GAP)
        if node.settings.conflict_hints:
            rejection, rules = _add_conflict_hint(follower, request, rejection), (*rules, Rule.GIVE_CONFLICT_HINT)
        return Outcome(node=follower, messages=(rejection,), rearm=True, rules=rules)
    return _store_entries(follower, request, rules)


def follow_leader(node: Node, leader: NodeId) -> tuple[Node, tuple[Rule, ...]]:
    """Take the sender for the leader of this term; a candidate that hears from it gives up (§5.2)."""
    if node.role is Role.FOLLOWER and node.leader == leader:
        follower = node
    else:
        follower = replace(
            node,
            role=Role.FOLLOWER,
            leader=leader,
            votes_granted=frozenset(),
            progress=(),
            leader_state=NO_LEADER_STATE,
        )
    if not node.keeps(Guard.KEEP_VOTE_IN_TERM):
        follower = replace(follower, voted_for=None)
    return follower, () if node.role is Role.FOLLOWER else (Rule.RECOGNISE_LEADER,)


def _passes_consistency_check(node: Node, request: AppendEntries) -> bool:
    if not node.keeps(Guard.PREVIOUS_ENTRY):
        return True
    if not node.keeps(Guard.PREVIOUS_TERM):
        return request.previous_index <= last_index(node)
    return agrees_at(node, index=request.previous_index, term=request.previous_term)


def _store_entries(node: Node, request: AppendEntries, rules: tuple[Rule, ...]) -> Outcome:
    log, is_truncated = _merge_into_log(node, request)
    rules = (*rules, Rule.ACCEPT_ENTRIES if request.entries else Rule.ACCEPT_HEARTBEAT)
    if is_truncated:
        rules = (*rules, Rule.TRUNCATE_CONFLICT)
    follower = node if log is node.log else with_log(node, log)
    last_new_index = request.previous_index + len(request.entries)
    commit_index = min(
        request.leader_commit, last_new_index if node.keeps(Guard.CLAMP_COMMIT) else last_index(follower)
    )
    if commit_index > node.commit_index:
        follower = replace(follower, commit_index=commit_index)
        rules = (*rules, Rule.FOLLOW_COMMIT)
    response = AppendEntriesResponse(
        source=node.id,
        target=request.source,
        term=request.term,
        success=True,
        match_index=last_new_index,
        round=request.round,
    )
    return apply_committed_entries(Outcome(node=follower, messages=(response,), rearm=True, rules=rules))


def _merge_into_log(node: Node, request: AppendEntries) -> tuple[Log, bool]:
    """The log after the new entries. What a snapshot covers is there already and is passed over (§7)."""
    previous_position = request.previous_index - node.snapshot.index
    entries = request.entries if previous_position >= 0 else request.entries[-previous_position:]
    previous_position = max(0, previous_position)
    log = node.log if node.keeps(Guard.TRUNCATE_ONLY_ON_CONFLICT) else node.log[:previous_position]
    if not node.keeps(Guard.DELETE_CONFLICTS):
        return log + entries[max(0, len(log) - previous_position) :], False
    return merge_entries(log, previous_index=previous_position, entries=entries)


def _build_rejection(node: Node, request: AppendEntries) -> AppendEntriesResponse:
    return AppendEntriesResponse(
        source=node.id,
        target=request.source,
        term=node.current_term,
        success=False,
        match_index=0,
        round=request.round,
    )


def _add_conflict_hint(node: Node, request: AppendEntries, rejection: AppendEntriesResponse) -> AppendEntriesResponse:
    """The refusal with the conflicting term and the first index of that term, or where the log ends (§5.3)."""
    if request.previous_index > last_index(node):
        return replace(rejection, conflict_index=last_index(node) + 1)
    conflict_term = term_at(node, request.previous_index)
    return replace(
        rejection,
        conflict_term=conflict_term,
        conflict_index=first_index_of_term(node, conflict_term, request.previous_index),
    )


def handle_append_response(node: Node, response: AppendEntriesResponse) -> Outcome:
    """A leader notes the match, or backs up and tries again at once: by one entry, or as a hint says (§5.3)."""
    progress = progress_of(node, response.source)
    is_stale = response.term < node.current_term and node.keeps(Guard.IGNORE_STALE_ACKNOWLEDGEMENTS)
    if node.role is not Role.LEADER or is_stale or progress is None:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    if response.success:
        credits_only_sent = node.keeps(Guard.CREDIT_WHAT_WAS_SENT)
        outcome = record_match(node, progress, response.match_index if credits_only_sent else last_index(node))
        is_unfinished = node.settings.entries_per_message > 0 and response.match_index > progress.match_index
        has_more = node.settings.empty_heartbeats or is_unfinished
        return _send_missing_entries(outcome, response.source) if has_more else outcome
    next_index, rule = progress.next_index - 1, Rule.BACK_UP
    if response.conflict_index:
        next_index, rule = min(next_index, response.conflict_index), Rule.FOLLOW_CONFLICT_HINT
    updated_progress = replace(progress, next_index=max(next_index, progress.match_index + 1))
    return send_to_peers(Outcome(node=_replace_progress(node, updated_progress), rules=(rule,)), (updated_progress,))


def _send_missing_entries(outcome: Outcome, peer: NodeId) -> Outcome:
    """What a peer is still not known to hold, now that it has answered."""
    progress = progress_of(outcome.node, peer)
    return (
        outcome
        if progress is None or progress.match_index >= last_index(outcome.node)
        else send_to_peers(outcome, (progress,))
    )


def record_match(node: Node, progress: Progress, match_index: Index) -> Outcome:
    """The peer holds all up to here; that may be what a majority was waiting for."""
    match_index = max(progress.match_index, match_index)
    next_index = max(progress.next_index, match_index + 1)
    if (match_index, next_index) == (progress.match_index, progress.next_index):
        return advance_commit_index(Outcome(node=node, rules=(Rule.RECORD_MATCH,)))
    updated_progress = replace(progress, match_index=match_index, next_index=next_index)
    return advance_commit_index(Outcome(node=_replace_progress(node, updated_progress), rules=(Rule.RECORD_MATCH,)))


def progress_of(node: Node, peer: NodeId) -> Progress | None:
    """What a leader knows of one peer's log; ``None`` for a node that does not lead, or a stranger."""
    return next((progress for progress in node.progress if progress.peer == peer), None)


def _replace_progress(node: Node, new_progress: Progress) -> Node:
    return replace(
        node,
        progress=tuple(new_progress if progress.peer == new_progress.peer else progress for progress in node.progress),
    )


def advance_commit_index(outcome: Outcome) -> Outcome:
    """Commit by counting, but only an entry of the leader's own term; older ones go with it (§5.4.2)."""
    node = outcome.node
    majority_index = _find_majority_index(node)
    if majority_index <= node.commit_index:
        return outcome
    if term_at(node, majority_index) != node.current_term and node.keeps(Guard.COMMIT_OWN_TERM):
        return replace(outcome, rules=(*outcome.rules, Rule.HOLD_OLD_TERM))
    committed_node = replace(node, commit_index=majority_index)
    return apply_committed_entries(replace(outcome, node=committed_node, rules=(*outcome.rules, Rule.COMMIT)))


def note_written(node: Node, index: Index) -> Outcome:
    """The disk holds the log up to here; a leader's own copy counts from now on (dissertation §10.2.1)."""
    written_node = replace(node, written_index=index)
    if node.role is not Role.LEADER:
        return Outcome(node=written_node)
    return advance_commit_index(Outcome(node=written_node, rules=(Rule.COUNT_OWN_WRITE,)))


def _find_majority_index(node: Node) -> Index:
    marks = {node.id: node.written_index if node.disk_is_slow else last_index(node)}
    for progress in node.progress:
        marks[progress.peer] = progress.match_index
    if not node.keeps(Guard.LEARNERS_DO_NOT_COUNT):
        return sorted(marks.values(), reverse=True)[majority(len(node.configuration.voters)) - 1]
    return highest_majority_mark(node.configuration, marks, short_by=0 if node.keeps(Guard.COMMIT_MAJORITY) else 1)


def apply_committed_entries(outcome: Outcome) -> Outcome:
    """Apply in log order; a leader then answers for the commands it took in this term (§5.3).

    Every entry of a leader's own term was created by this leader in this term, so its term alone shows that the
    command at this index is still the one the client sent.
    """
    node = outcome.node
    if node.last_applied >= node.commit_index:
        return outcome
    rules = (*outcome.rules, Rule.APPLY)
    answers: tuple[Answer, ...] = ()
    machine, settings = node.machine, node.settings
    for index in range(node.last_applied + 1, node.commit_index + 1):
        entry = entry_at(node, index)
        if entry is None or entry.command is None:
            continue
        answer: Answer = CommandApplied(command=entry.command, index=index, term=entry.term)
        if settings.sessions:
            machine_before, machine = machine, state_machine.apply_with_sessions(machine, entry, settings)
            session_rules = _session_rules(machine_before, machine, entry, settings)
            rules = (*rules, *session_rules)
            if Rule.REFUSE_EXPIRED_SESSION in session_rules:
                answer = RequestRefused(request=entry.command, rule=Rule.REFUSE_EXPIRED_SESSION)
        else:
            machine = state_machine.apply_entry(machine, entry)
        client_moved_on = settings.sessions and state_machine.is_superseded(machine, entry)
        if node.role is Role.LEADER and entry.term == node.current_term and not client_moved_on:
            answers = (*answers, answer)
    if any(isinstance(answer, CommandApplied) for answer in answers):
        rules = (*rules, Rule.ANSWER_CLIENT)
    applied_node = replace(node, last_applied=node.commit_index, machine=machine)
    return replace(outcome, node=applied_node, answers=(*outcome.answers, *answers), rules=rules)


def _session_rules(before: StateMachine, after: StateMachine, entry: Entry, settings: Settings) -> tuple[Rule, ...]:
    """What an entry did to the clients' sessions."""
    if state_machine.has_expired(before, entry, settings):
        return (Rule.REFUSE_EXPIRED_SESSION,)
    lost_clients = {client for client, _ in before.sessions} - {client for client, _ in after.sessions}
    expiry = (Rule.EXPIRE_SESSION,) if lost_clients else ()
    return (Rule.SKIP_REPEATED, *expiry) if state_machine.is_duplicate(before, entry) else expiry
