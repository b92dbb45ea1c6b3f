"""The messages between nodes (Raft paper, Figures 2 and 13; dissertation §3.10 and §9.6)."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import Entry, Index, NodeId, Snapshot, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVote:
    """A candidate asks for a vote (Figure 2, *RequestVote RPC*).

    ``transfer`` says that the leader itself asked for this election, so voters answer though they have just heard
    from it (dissertation §4.2.3).
    """

    source: NodeId
    target: NodeId
    term: Term
    last_log_index: Index
    last_log_term: Term
    transfer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVoteResponse:
    """The answer to a request for a vote."""

    source: NodeId
    target: NodeId
    term: Term
    vote_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendEntries:
    """A leader replicates entries; with none it is a heartbeat (Figure 2, *AppendEntries RPC*).

    ``round`` numbers the leader's rounds of heartbeats where reads need them; the answer repeats it.
    """

    source: NodeId
    target: NodeId
    term: Term
    previous_index: Index
    previous_term: Term
    entries: tuple[Entry, ...]
    leader_commit: Index
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendEntriesResponse:
    """The answer to AppendEntries.

    Replies are messages of their own here, so the answer itself carries the highest index known to agree with
    the leader's log (``match_index``; 0 on refusal), as the formal specification does (dissertation §8.1).

    With conflict hints a refusal says where to go on (§5.3): the term of the follower's entry at the index that was
    checked, and the first index at which the follower has that term. Where its log ends before that index,
    ``conflict_term`` is 0 and ``conflict_index`` the first index that it lacks. Without hints both are 0.
    """

    source: NodeId
    target: NodeId
    term: Term
    success: bool
    match_index: Index
    round: int = 0
    conflict_term: Term = 0
    conflict_index: Index = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSnapshot:
    """A leader that no longer has the entries a follower lacks sends its snapshot (§7, Figure 13), in one piece."""

    source: NodeId
    target: NodeId
    term: Term
    snapshot: Snapshot
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSnapshotResponse:
    """The answer to InstallSnapshot: how far the follower is now known to agree with the leader."""

    source: NodeId
    target: NodeId
    term: Term
    match_index: Index
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPreVote:
    """Would you vote for me in ``term``? Asked before that term exists (dissertation §9.6)."""

    source: NodeId
    target: NodeId
    term: Term
    last_log_index: Index
    last_log_term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPreVoteResponse:
    """The answer to RequestPreVote. A grant repeats the term asked for; a refusal carries the node's own."""

    source: NodeId
    target: NodeId
    term: Term
    vote_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutNow:
    """A leader asks the target of a transfer to start an election at once (dissertation §3.10)."""

    source: NodeId
    target: NodeId
    term: Term


Message = (
    RequestVote
    | RequestVoteResponse
    | AppendEntries
    | AppendEntriesResponse
    | InstallSnapshot
    | InstallSnapshotResponse
    | RequestPreVote
    | RequestPreVoteResponse
    | TimeoutNow
)
