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


def times_out(node: Node, size: int) -> Outcome:
    """§5.2: the next term, a vote for itself, and a request to each of the others."""
    term, last = node.current_term + 1, len(node.log)
    candidate = Node(node.id, term, node.id, node.log, CANDIDATE, node.commit_index, frozenset({node.id}))
    others = [peer for peer in range(size) if peer != node.id]
    return candidate, [RequestVote(node.id, peer, term, last, term_at(node.log, last)) for peer in others]


def heartbeats(leader: Node) -> Outcome:
    """§5.3: to each follower all that it may lack."""
    return leader, [_entries_for(leader, peer) for peer in range(len(leader.next_index)) if peer != leader.id]


def takes_command(leader: Node) -> Outcome:
    return heartbeats(replace(leader, log=(*leader.log, Entry(leader.current_term, leader.id))))


def restarts(node: Node) -> Outcome:
    return Node(node.id, node.current_term, node.voted_for, node.log), []


def _entries_for(leader: Node, peer: int) -> AppendEntries:
    previous = leader.next_index[peer] - 1
    term, log = leader.current_term, leader.log
    return AppendEntries(leader.id, peer, term, previous, term_at(log, previous), log[previous:], leader.commit_index)


# what it does when a message arrives


def receives(node: Node, message: Message, size: int) -> Outcome:
    """§5.1: a newer term first."""
    if message.term > node.current_term:
        node = replace(_following(node), current_term=message.term, voted_for=None)
    match message:
        case RequestVote():
            return votes(node, message)
        case AppendEntries():
            return _stores(node, message)
        case RequestVoteResponse():
            return _counts(node, message, size)
        case AppendEntriesResponse():
            return _commits(node, message, size)


def _following(node: Node) -> Node:
    return replace(node, role=FOLLOWER, votes_granted=frozenset(), next_index=(), match_index=())


def votes(node: Node, asked: RequestVote) -> Outcome:
    """§5.2, §5.4.1: once a term, and for a log at least as up to date."""
    own = term_at(node.log, len(node.log)), len(node.log)
    granted = (
        asked.term == node.current_term
        and node.voted_for in (None, asked.source)
        and (asked.last_log_term, asked.last_log_index) >= own
    )
    voter = replace(node, voted_for=asked.source) if granted else node
    return voter, [RequestVoteResponse(node.id, asked.source, node.current_term, granted)]


def _counts(node: Node, vote: RequestVoteResponse, size: int) -> Outcome:
    """§5.2: a majority of the votes makes a leader."""
    if vote.term < node.current_term or node.role != CANDIDATE or not vote.vote_granted:
        return node, []
    node = replace(node, votes_granted=node.votes_granted | {vote.source})
    if not majority(len(node.votes_granted), size):
        return node, []
    following = tuple(0 if peer == node.id else len(node.log) + 1 for peer in range(size))
    return heartbeats(replace(node, role=LEADER, next_index=following, match_index=(0,) * size))


def _stores(node: Node, sent: AppendEntries) -> Outcome:
    """§5.3: refuse what does not fit, remove what conflicts, store what is new."""
    refusal = AppendEntriesResponse(node.id, sent.source, node.current_term, False, 0)
    if sent.term < node.current_term:
        return node, [refusal]
    follower, previous = _following(node), sent.previous_index
    if len(node.log) < previous or term_at(node.log, previous) != sent.previous_term:
        return follower, [refusal]
    log = node.log
    for index, entry in enumerate(sent.entries, previous + 1):
        if len(log) < index or log[index - 1].term != entry.term:
            log = (*log[: index - 1], entry)
    known = previous + len(sent.entries)
    commit_index = max(node.commit_index, min(sent.leader_commit, known))
    stored = replace(follower, log=log, commit_index=commit_index)
    return stored, [AppendEntriesResponse(node.id, sent.source, node.current_term, True, known)]


def _commits(node: Node, told: AppendEntriesResponse, size: int) -> Outcome:
    """§5.3, §5.4.2: one back where it was refused; else commit what a majority holds, if it is of its own term."""
    if told.term < node.current_term or node.role != LEADER:
        return node, []
    next_index, match_index = list(node.next_index), list(node.match_index)
    peer = told.source
    if not told.success:
        next_index[peer] = max(match_index[peer] + 1, next_index[peer] - 1)
        node = replace(node, next_index=tuple(next_index))
        return node, [_entries_for(node, peer)]
    match_index[peer] = max(match_index[peer], told.match_index)
    next_index[peer] = max(next_index[peer], match_index[peer] + 1)
    node = replace(node, next_index=tuple(next_index), match_index=tuple(match_index))
    for index in range(len(node.log), node.commit_index, -1):
        held = 1 + sum(match >= index for match in match_index)
        if majority(held, size) and term_at(node.log, index) == node.current_term:
            return replace(node, commit_index=index), []
    return node, []


def spent(node: Node, message: Message) -> bool:
    """Whether an answer can do nothing any more, whatever else happens to the node.

    A candidate may be refused what it sent as the leader of an earlier term, by a node that is in its new one. It may
    still win this one, and a leader does not ask what it was that was refused: so this is not spent.
    """
    match message:
        case RequestVoteResponse():
            over = node.role != CANDIDATE or not message.vote_granted or message.source in node.votes_granted
        case AppendEntriesResponse():
            known = node.match_index[message.source] if node.role == LEADER else -1
            over = node.role == FOLLOWER or (message.success and message.match_index <= known)
        case _:
            return False
    return message.term < node.current_term or (message.term == node.current_term and over)


def renamed(node: Node, order: tuple[int, ...]) -> Node:
    """A node under other names: ``order`` has the new one of each."""
    back = [order.index(name) for name in range(len(order))]
    return Node(
        id=order[node.id],
        current_term=node.current_term,
        voted_for=None if node.voted_for is None else order[node.voted_for],
        log=renamed_log(node.log, order),
        role=node.role,
        commit_index=node.commit_index,
        votes_granted=frozenset(order[name] for name in node.votes_granted),
        next_index=tuple(node.next_index[name] for name in back) if node.next_index else (),
        match_index=tuple(node.match_index[name] for name in back) if node.match_index else (),
    )


def renamed_log(log: Log, order: tuple[int, ...]) -> Log:
    return tuple(Entry(entry.term, order[entry.taker]) for entry in log)


def renamed_message(message: Message, order: tuple[int, ...]) -> Message:
    moved = replace(message, source=order[message.source], target=order[message.target])
    return replace(moved, entries=renamed_log(moved.entries, order)) if isinstance(moved, AppendEntries) else moved
