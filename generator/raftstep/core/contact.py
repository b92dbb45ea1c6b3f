"""When each node was last heard from: leader stickiness (§6) and check-quorum (dissertation §6.2).

Time is the node's own clock. A node notes it only where a setting asks for it.
"""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.inputs import Outcome
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
)
from raftstep.core.model import NO_LEADER_STATE, Node, NodeId, Progress, Role
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule


def note_contact(node: Node, message: Message, clock_ms: int) -> Node:
    """Remember a sign of life, in the term that node and message share: of the leader, or of one of its followers."""
    match message:
        case AppendEntries() | InstallSnapshot():
            return replace(node, last_heard_ms=clock_ms)
        case AppendEntriesResponse() | InstallSnapshotResponse():
            return _note_response(node, message.source, clock_ms, message.round)
    return node


def _note_response(node: Node, peer: NodeId, clock_ms: int, heartbeat_round: int) -> Node:
    progress = tuple(
        _update_contact(peer_progress, clock_ms, heartbeat_round) if peer_progress.peer == peer else peer_progress
        for peer_progress in node.progress
    )
    return replace(node, progress=progress)


def _update_contact(progress: Progress, clock_ms: int, heartbeat_round: int) -> Progress:
    return Progress(
        peer=progress.peer,
        next_index=progress.next_index,
        match_index=progress.match_index,
        last_heard_ms=clock_ms,
        acked_round=max(progress.acked_round, heartbeat_round),
    )


def leader_is_alive(node: Node, clock_ms: int) -> bool:
    """Whether a current leader was heard from within the shortest election timeout; a leader hears itself.

    A candidate or pre-candidate has given its leader up: its own election timeout has run out. A follower that has seen
    a newer term knows no leader, so it does not deny a pre-vote because of one. With leader stickiness it still does,
    since it would ignore the request for the vote itself: the old leader may count on that for its lease (§6.4.1).
    """
    if node.role is Role.LEADER:
        return True
    if node.role is not Role.FOLLOWER or (node.leader is None and not node.settings.leader_stickiness):
        return False
    return node.last_heard_ms is not None and clock_ms - node.last_heard_ms < node.settings.minimum_timeout_ms


def has_lost_its_majority(node: Node, clock_ms: int) -> bool:
    """Whether a leader has gone without a majority for the shortest election timeout."""
    since_ms = clock_ms - node.settings.minimum_timeout_ms
    responsive_nodes = [node.id, *(progress.peer for progress in node.progress if progress.last_heard_ms > since_ms)]
    return not has_quorum(node.configuration, responsive_nodes)


def reset_contact_times(node: Node, clock_ms: int) -> Node:
    """A new leader counts its election as a sign of life of everyone."""
    return replace(
        node, progress=tuple(replace(peer_progress, last_heard_ms=clock_ms) for peer_progress in node.progress)
    )


def step_down(node: Node, rule: Rule) -> Outcome:
    """Back to follower in the same term; the vote stays cast, and the clients may look elsewhere."""
    follower = replace(
        node, role=Role.FOLLOWER, leader=None, votes_granted=frozenset(), progress=(), leader_state=NO_LEADER_STATE
    )
    return Outcome(node=follower, rearm=True, rules=(rule,))
