"""Builders for what lies beyond Figure 2: configurations, snapshots, settings and clocks.

Nodes are named by their digits: ``members("123")`` is S1, S2 and S3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from raftstep.core.inputs import ChangeConfiguration, ClientRead, Receive, TimerFires
from raftstep.core.messages import (
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
    RequestPreVote,
    RequestPreVoteResponse,
    TimeoutNow,
)
from raftstep.core.model import Configuration, Entry, Index, Machine, Membership, Node, NodeId, Progress, Snapshot, Term

if TYPE_CHECKING:
    from collections.abc import Mapping


def names(digits: str) -> tuple[NodeId, ...]:
    """``names("13")`` is S1 and S3."""
    return tuple(f"S{digit}" for digit in digits)


def members(voters: str, *, old: str = "", learners: str = "") -> Configuration:
    """A configuration; with ``old`` voters it is joint."""
    return Configuration(voters=names(voters), outgoing=names(old), learners=names(learners))


def change(term: Term, configuration: Configuration) -> Entry:
    """The entry that holds a configuration."""
    return Entry(term=term, command=None, configuration=configuration)


def on(node: Node, **settings: object) -> Node:
    """The node with these settings switched on."""
    return replace(node, settings=replace(node.settings, **settings))  # type: ignore[arg-type]


def within(
    node: Node,
    configuration: Configuration,
    *,
    membership: Membership = Membership.JOINT,
    progress: Mapping[NodeId, tuple[Index, Index]] | None = None,
) -> Node:
    """The node as a member of another cluster; ``progress`` as a leader knows it, (next index, match index)."""
    known = progress or {}
    unknown = node.snapshot.index + len(node.log) + 1
    placed = replace(on(node, membership=membership), bootstrap=configuration, configuration=configuration)
    if not node.progress:
        return placed
    peers = tuple(Progress(peer=p, next_index=n, match_index=m) for p, (n, m) in known.items())
    others = tuple(Progress(peer=peer, next_index=unknown, match_index=0) for peer in placed.peers if peer not in known)
    return replace(placed, progress=peers + others)


def heard(node: Node, **moments: int) -> Node:
    """A leader that heard from each follower at this moment of its clock: ``heard(node, S2=40)``."""
    return replace(
        node, progress=tuple(replace(one, heard_ms=moments.get(one.peer, one.heard_ms)) for one in node.progress)
    )


# Snapshots


def snapshot(index: Index, term: Term, *, configuration: Configuration | None = None, **pairs: str) -> Snapshot:
    """A snapshot up to ``index``; its state machine holds the ``pairs``."""
    return Snapshot(
        index=index, term=term, machine=Machine(pairs=tuple(sorted(pairs.items()))), configuration=configuration
    )


def behind(node: Node, taken: Snapshot) -> Node:
    """The node with the beginning of its log replaced by a snapshot."""
    return replace(
        node,
        log=node.log[taken.index :],
        snapshot=taken,
        commit_index=max(node.commit_index, taken.index),
        last_applied=max(node.last_applied, taken.index),
        machine=taken.machine,
    )


def install(source: NodeId, target: NodeId, *, term: Term, taken: Snapshot) -> InstallSnapshot:
    """A leader sends its snapshot."""
    return InstallSnapshot(source=source, target=target, term=term, snapshot=taken)


def installed(source: NodeId, target: NodeId, *, term: Term, match: Index) -> InstallSnapshotResponse:
    """The follower agrees with the leader up to ``match``."""
    return InstallSnapshotResponse(source=source, target=target, term=term, match_index=match)


# Messages and inputs


def request_pre_vote(
    source: NodeId, target: NodeId, *, term: Term, last: tuple[Index, Term] = (0, 0)
) -> RequestPreVote:
    """A question about ``term``, which has not begun."""
    return RequestPreVote(source=source, target=target, term=term, last_log_index=last[0], last_log_term=last[1])


def pre_vote(source: NodeId, target: NodeId, *, term: Term, granted: bool) -> RequestPreVoteResponse:
    """The answer to it."""
    return RequestPreVoteResponse(source=source, target=target, term=term, vote_granted=granted)


def timeout_now(source: NodeId, target: NodeId, *, term: Term) -> TimeoutNow:
    """A leader tells another node to stand."""
    return TimeoutNow(source=source, target=target, term=term)


def receive_at(clock_ms: int, message: Message) -> Receive:
    """A message arrives when the node's clock shows this."""
    return Receive(message=message, clock_ms=clock_ms)


def timer_at(clock_ms: int) -> TimerFires:
    """The timer fires when the node's clock shows this."""
    return TimerFires(clock_ms=clock_ms)


def ask_for(configuration: Configuration, clock_ms: int = 0) -> ChangeConfiguration:
    """An operator asks for a configuration."""
    return ChangeConfiguration(configuration=configuration, clock_ms=clock_ms)


def read(key: str = "x", clock_ms: int = 0, id: str = "r") -> ClientRead:
    """A client reads a key."""
    return ClientRead(id=id, key=key, clock_ms=clock_ms)
