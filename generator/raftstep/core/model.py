"""What a node is, what it is told, and what it answers (Raft paper, Figure 2).

Every value is frozen and hashable, so that states can be compared, shared and kept in sets.
Indexes and terms start at 1; 0 means *before the first*.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from raftstep.core.rules import Rule

NodeId = str
Term = int
Index = int


@unique
class Role(StrEnum):
    """What a node is at the moment (§5.1)."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"
    LEADER = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One log entry: a command for the state machine, and the term of the leader that created it (§5.3).

    ``command`` is ``None`` for the no-op that a leader may append when its term begins (§8).
    """

    term: Term
    command: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a leader knows about one peer's log (Figure 2, *volatile state on leaders*)."""

    peer: NodeId
    next_index: Index
    match_index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which parts beyond Figure 2 are switched on; all are off by default."""

    no_op: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. ``current_term``, ``voted_for`` and ``log`` survive a crash; all the rest is lost in it."""

    id: NodeId
    peers: tuple[NodeId, ...]
    settings: Settings = Settings()

    current_term: Term = 0
    voted_for: NodeId | None = None
    log: tuple[Entry, ...] = ()

    role: Role = Role.FOLLOWER
    leader: NodeId | None = None
    commit_index: Index = 0
    last_applied: Index = 0
    votes_granted: frozenset[NodeId] = frozenset()
    progress: tuple[Progress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVote:
    """A candidate asks for a vote (Figure 2, *RequestVote RPC*)."""

    source: NodeId
    target: NodeId
    term: Term
    last_log_index: Index
    last_log_term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVoteResponse:
    """The answer to a request for a vote."""

    source: NodeId
    target: NodeId
    term: Term
    vote_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendEntries:
    """A leader replicates entries; with none it is a heartbeat (Figure 2, *AppendEntries RPC*)."""

    source: NodeId
    target: NodeId
    term: Term
    previous_index: Index
    previous_term: Term
    entries: tuple[Entry, ...]
    leader_commit: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendEntriesResponse:
    """The answer to AppendEntries.

    Replies are messages of their own here, so the answer itself carries the highest index known to agree with
    the leader's log (``match_index``; 0 on refusal), as the formal specification does (dissertation §8.1).
    """

    source: NodeId
    target: NodeId
    term: Term
    success: bool
    match_index: Index


Message = RequestVote | RequestVoteResponse | AppendEntries | AppendEntriesResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A message arrives."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFires:
    """The node's one timer runs out: a leader's is its heartbeat, everyone else's the election timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """A client asks this node to have a command applied."""

    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The node comes back after a crash with what it had made durable."""


Input = Receive | TimerFires | ClientRequest | Restart


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """To the client: your command was committed and applied at this index."""

    command: str
    index: Index
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLeader:
    """To the client: ask ``leader`` instead (``None`` where the node knows of none)."""

    command: str
    leader: NodeId | None


Answer = Applied | NotLeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one step did: the node after it, what it sends and answers, and the rules that fired, in order.

    ``rearm`` says whether the node's timer starts anew. It is said by the rule, never inferred: a newer term whose
    vote is denied does not restart a follower's election timeout, while a leader that steps down is given one.
    """

    node: Node
    messages: tuple[Message, ...] = ()
    answers: tuple[Answer, ...] = ()
    rearm: bool = False
    rules: tuple[Rule, ...] = ()
