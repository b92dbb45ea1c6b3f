"""Who has been heard from, and when: leader stickiness (§6) and check-quorum (dissertation §6.2).

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
from raftstep.core.model import NO_OFFICE, Node, NodeId, Progress, Role
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule


def note(node: Node, message: Message, clock_ms: int) -> Node:
    """Remember a sign of life, in the term that node and message share: of the leader, or of one of its followers."""
    match message:
        case AppendEntries() | InstallSnapshot():
            return replace(node, heard_ms=clock_ms)
        case AppendEntriesResponse() | InstallSnapshotResponse():
            return _note_answer(node, message.source, clock_ms, message.round)
    return node


def _note_answer(node: Node, peer: NodeId, clock_ms: int, round: int) -> Node:
    progress = tuple(_heard(one, clock_ms, round) if one.peer == peer else one for one in node.progress)
    return replace(node, progress=progress)


def _heard(one: Progress, clock_ms: int, round: int) -> Progress:
    return Progress(
        peer=one.peer,
        next_index=one.next_index,
        match_index=one.match_index,
        heard_ms=clock_ms,
        acked_round=max(one.acked_round, round),
    )


def leader_is_alive(node: Node, clock_ms: int) -> bool:
    """Whether a current leader was heard from within the shortest election timeout; a leader hears itself."""
    if node.role is Role.LEADER:
        return True
    return node.heard_ms is not None and clock_ms - node.heard_ms < node.settings.minimum_timeout_ms


def has_lost_its_majority(node: Node, clock_ms: int) -> bool:
    """Whether a leader has gone without a majority for the shortest election timeout."""
    since = clock_ms - node.settings.minimum_timeout_ms
    heard = [node.id, *(progress.peer for progress in node.progress if progress.heard_ms > since)]
    return not has_quorum(node.configuration, heard)


def begin(node: Node, clock_ms: int) -> Node:
    """A new leader counts its election as a sign of life of everyone."""
    return replace(node, progress=tuple(replace(one, heard_ms=clock_ms) for one in node.progress))


def step_down(node: Node, rule: Rule) -> Outcome:
    """Back to follower in the same term; the vote stays cast, and the clients may look elsewhere."""
    follower = replace(node, role=Role.FOLLOWER, leader=None, votes_granted=frozenset(), progress=(), office=NO_OFFICE)
    return Outcome(node=follower, rearm=True, rules=(rule,))
