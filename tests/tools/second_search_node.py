"""One node of Raft for the second search: what it does, written from the rules (Figure 2) and not from the core."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

FOLLOWER, CANDIDATE, LEADER = "follower", "candidate", "leader"


class Entry(NamedTuple):
    """``taker`` is the node that took the command."""

    term: int
    taker: int


Log = tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One node. Its term, vote and log survive a crash. Indexes are of the log, from 1."""

    id: int
    current_term: int = 0
    voted_for: int | None = None
    log: Log = ()
    role: str = FOLLOWER
    commit_index: int = 0
    votes_granted: frozenset[int] = frozenset()
    next_index: tuple[int, ...] = ()
    match_index: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestVote:
    source: int
    target: int
    term: int
    last_log_index: int
    last_log_term: int


@dataclass(frozen=True, slots=True)
class RequestVoteResponse:
    source: int
    target: int
    term: int
    vote_granted: bool


@dataclass(frozen=True, slots=True)
class AppendEntries:
    source: int
    target: int
    term: int
    previous_index: int
    previous_term: int
    entries: Log
    leader_commit: int


@dataclass(frozen=True, slots=True)
class AppendEntriesResponse:
    source: int
    target: int
    term: int
    success: bool
    match_index: int


Message = RequestVote | RequestVoteResponse | AppendEntries | AppendEntriesResponse
Outcome = tuple[Node, list[Message]]


def term_at(log: Log, index: int) -> int:
    return log[index - 1].term if index else 0


def majority(count: int, size: int) -> bool:
    return count * 2 > size


# what it does of its own accord


def time_out(node: Node, size: int) -> Outcome:
    """§5.2: the next term, a vote for itself, and a request to each of the others."""
    term, last = node.current_term + 1, len(node.log)
    candidate = Node(node.id, term, node.id, node.log, CANDIDATE, node.commit_index, frozenset({node.id}))
    others = [peer for peer in range(size) if peer != node.id]
    return candidate, [RequestVote(node.id, peer, term, last, term_at(node.log, last)) for peer in others]


def send_heartbeats(leader: Node) -> Outcome:
    """§5.3: to each follower all that it may lack."""
    return leader, [_entries_for(leader, peer) for peer in range(len(leader.next_index)) if peer != leader.id]


def take_command(leader: Node) -> Outcome:
    return send_heartbeats(replace(leader, log=(*leader.log, Entry(leader.current_term, leader.id))))


def restart(node: Node) -> Outcome:
    return Node(node.id, node.current_term, node.voted_for, node.log), []


def _entries_for(leader: Node, peer: int) -> AppendEntries:
    previous = leader.next_index[peer] - 1
    term, log = leader.current_term, leader.log
    return AppendEntries(leader.id, peer, term, previous, term_at(log, previous), log[previous:], leader.commit_index)


# what it does when a message arrives


def receive(node: Node, message: Message, size: int) -> Outcome:
    """§5.1: a newer term first."""
    if message.term > node.current_term:
        node = replace(_become_follower(node), current_term=message.term, voted_for=None)
    match message:
        case RequestVote():
            return answer_vote_request(node, message)
        case AppendEntries():
            return _store_entries(node, message)
        case RequestVoteResponse():
            return _count_vote(node, message, size)
        case AppendEntriesResponse():
            return _handle_acknowledgement(node, message, size)


def _become_follower(node: Node) -> Node:
    return replace(node, role=FOLLOWER, votes_granted=frozenset(), next_index=(), match_index=())


def answer_vote_request(node: Node, request: RequestVote) -> Outcome:
    """§5.2, §5.4.1: once a term, and for a log at least as up to date."""
    own = term_at(node.log, len(node.log)), len(node.log)
    granted = (
        request.term == node.current_term
        and node.voted_for in (None, request.source)
        and (request.last_log_term, request.last_log_index) >= own
    )
    voter = replace(node, voted_for=request.source) if granted else node
    return voter, [RequestVoteResponse(node.id, request.source, node.current_term, granted)]


def _count_vote(node: Node, vote: RequestVoteResponse, size: int) -> Outcome:
    """§5.2: a majority of the votes makes a leader."""
    if vote.term < node.current_term or node.role != CANDIDATE or not vote.vote_granted:
        return node, []
    node = replace(node, votes_granted=node.votes_granted | {vote.source})
    if not majority(len(node.votes_granted), size):
        return node, []
    next_indexes = tuple(0 if peer == node.id else len(node.log) + 1 for peer in range(size))
    return send_heartbeats(replace(node, role=LEADER, next_index=next_indexes, match_index=(0,) * size))


def _store_entries(node: Node, request: AppendEntries) -> Outcome:
    """§5.3: refuse what does not fit, remove what conflicts, store what is new."""
    refusal = AppendEntriesResponse(node.id, request.source, node.current_term, False, 0)
    if request.term < node.current_term:
        return node, [refusal]
    follower, previous = _become_follower(node), request.previous_index
    if len(node.log) < previous or term_at(node.log, previous) != request.previous_term:
        return follower, [refusal]
    log = node.log
    for index, entry in enumerate(request.entries, previous + 1):
        if len(log) < index or log[index - 1].term != entry.term:
            log = (*log[: index - 1], entry)
    last_stored_index = previous + len(request.entries)
    commit_index = max(node.commit_index, min(request.leader_commit, last_stored_index))
    updated = replace(follower, log=log, commit_index=commit_index)
    return updated, [AppendEntriesResponse(node.id, request.source, node.current_term, True, last_stored_index)]


def _handle_acknowledgement(node: Node, response: AppendEntriesResponse, size: int) -> Outcome:
    """§5.3, §5.4.2: one back where it was refused; else commit what a majority holds, if it is of its own term."""
    if response.term < node.current_term or node.role != LEADER:
        return node, []
    next_index, match_index = list(node.next_index), list(node.match_index)
    peer = response.source
    if not response.success:
        next_index[peer] = max(match_index[peer] + 1, next_index[peer] - 1)
        node = replace(node, next_index=tuple(next_index))
        return node, [_entries_for(node, peer)]
    match_index[peer] = max(match_index[peer], response.match_index)
    next_index[peer] = max(next_index[peer], match_index[peer] + 1)
    node = replace(node, next_index=tuple(next_index), match_index=tuple(match_index))
    for index in range(len(node.log), node.commit_index, -1):
        holders = 1 + sum(match >= index for match in match_index)
        if majority(holders, size) and term_at(node.log, index) == node.current_term:
            return replace(node, commit_index=index), []
    return node, []


def is_spent(node: Node, message: Message) -> bool:
    """Whether an answer can do nothing any more, whatever else happens to the node.

    A candidate may be refused what it sent as the leader of an earlier term, by a node that is in its new one. It may
    still win this one, and a leader does not ask what it was that was refused: so this is not spent.
    """
    match message:
        case RequestVoteResponse():
            is_over = node.role != CANDIDATE or not message.vote_granted or message.source in node.votes_granted
        case AppendEntriesResponse():
            match_index = node.match_index[message.source] if node.role == LEADER else -1
            is_over = node.role == FOLLOWER or (message.success and message.match_index <= match_index)
        case _:
            return False
    return message.term < node.current_term or (message.term == node.current_term and is_over)


def rename_node(node: Node, order: tuple[int, ...]) -> Node:
    """A node under other names: ``order`` has the new one of each."""
    inverse = [order.index(name) for name in range(len(order))]
    return Node(
        id=order[node.id],
        current_term=node.current_term,
        voted_for=None if node.voted_for is None else order[node.voted_for],
        log=rename_log(node.log, order),
        role=node.role,
        commit_index=node.commit_index,
        votes_granted=frozenset(order[name] for name in node.votes_granted),
        next_index=tuple(node.next_index[name] for name in inverse) if node.next_index else (),
        match_index=tuple(node.match_index[name] for name in inverse) if node.match_index else (),
    )


def rename_log(log: Log, order: tuple[int, ...]) -> Log:
    return tuple(Entry(entry.term, order[entry.taker]) for entry in log)


def rename_message(message: Message, order: tuple[int, ...]) -> Message:
    new_message = replace(message, source=order[message.source], target=order[message.target])
    return (
        replace(new_message, entries=rename_log(new_message.entries, order))
        if isinstance(new_message, AppendEntries)
        else new_message
    )
