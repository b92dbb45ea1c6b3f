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
from raftstep.core.model import (
    Configuration,
    Entry,
    Index,
    Membership,
    Node,
    NodeId,
    Progress,
    Snapshot,
    StateMachine,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def node_ids(digits: str) -> tuple[NodeId, ...]:
    """``node_ids("13")`` is S1 and S3."""
    return tuple(f"S{digit}" for digit in digits)


def members(voters: str, *, old: str = "", learners: str = "") -> Configuration:
    """A configuration; with ``old`` voters it is joint."""
    return Configuration(voters=node_ids(voters), outgoing=node_ids(old), learners=node_ids(learners))


def configuration_entry(term: Term, configuration: Configuration) -> Entry:
    """The entry that holds a configuration."""
    return Entry(term=term, command=None, configuration=configuration)


def with_settings(node: Node, **settings: object) -> Node:
    """The node with these settings switched on."""
    return replace(node, settings=replace(node.settings, **settings))  # type: ignore[arg-type]


def with_configuration(
    node: Node,
    configuration: Configuration,
    *,
    membership: Membership = Membership.JOINT,
    progress: Mapping[NodeId, tuple[Index, Index]] | None = None,
) -> Node:
    """The node as a member of another cluster; ``progress`` as a leader knows it, (next index, match index)."""
    progress_by_peer = progress or {}
    next_index = node.snapshot.index + len(node.log) + 1
    member = replace(with_settings(node, membership=membership), bootstrap=configuration, configuration=configuration)
    if not node.progress:
        return member
    peers = tuple(Progress(peer=p, next_index=n, match_index=m) for p, (n, m) in progress_by_peer.items())
    other_progress = tuple(
        Progress(peer=peer, next_index=next_index, match_index=0)
        for peer in member.peers
        if peer not in progress_by_peer
    )
    return replace(member, progress=peers + other_progress)


def with_heard_moments(node: Node, **moments: int) -> Node:
    """A leader that heard from each follower at this moment of its clock: ``with_heard_moments(node, S2=40)``."""
    return replace(
        node,
        progress=tuple(
            replace(progress, last_heard_ms=moments.get(progress.peer, progress.last_heard_ms))
            for progress in node.progress
        ),
    )


# Snapshots


def snapshot(index: Index, term: Term, *, configuration: Configuration | None = None, **pairs: str) -> Snapshot:
    """A snapshot up to ``index``; its state machine holds the ``pairs``."""
    return Snapshot(
        index=index, term=term, machine=StateMachine(pairs=tuple(sorted(pairs.items()))), configuration=configuration
    )


def with_snapshot(node: Node, new_snapshot: Snapshot) -> Node:
    """The node with the beginning of its log replaced by a snapshot."""
    return replace(
        node,
        log=node.log[new_snapshot.index :],
        snapshot=new_snapshot,
        commit_index=max(node.commit_index, new_snapshot.index),
        last_applied=max(node.last_applied, new_snapshot.index),
        machine=new_snapshot.machine,
    )


def install_snapshot(source: NodeId, target: NodeId, *, term: Term, sent_snapshot: Snapshot) -> InstallSnapshot:
    """A leader sends its snapshot."""
    return InstallSnapshot(source=source, target=target, term=term, snapshot=sent_snapshot)


def snapshot_installed(source: NodeId, target: NodeId, *, term: Term, match: Index) -> InstallSnapshotResponse:
    """The follower agrees with the leader up to ``match``."""
    return InstallSnapshotResponse(source=source, target=target, term=term, match_index=match)


# Messages and inputs


def request_pre_vote(
    source: NodeId, target: NodeId, *, term: Term, last: tuple[Index, Term] = (0, 0)
) -> RequestPreVote:
    """A question about ``term``, which has not begun."""
    return RequestPreVote(source=source, target=target, term=term, last_log_index=last[0], last_log_term=last[1])


def pre_vote_response(source: NodeId, target: NodeId, *, term: Term, granted: bool) -> RequestPreVoteResponse:
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


def change_request(configuration: Configuration, clock_ms: int = 0) -> ChangeConfiguration:
    """An operator asks for a configuration."""
    return ChangeConfiguration(configuration=configuration, clock_ms=clock_ms)


def read_request(key: str = "x", clock_ms: int = 0, id: str = "r") -> ClientRead:
    """A client reads a key."""
    return ClientRead(id=id, key=key, clock_ms=clock_ms)
