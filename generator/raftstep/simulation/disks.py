"""Disks whose writes take time: what a node may not say before its disk has it, and what a crash then loses.

A write begins with the step that changes term, vote, log or snapshot, and ends so many ms after it, or after the write
before it. Until then the node holds back what rests on the write (Figure 2, *State*: updated on stable storage before
responding): its votes, its requests for votes and its acknowledgements. A leader sends entries while it writes them
itself, and counts its own copy when the write has ended (dissertation §10.2.1). Reading takes no time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.inputs import Outcome
from raftstep.core.log import last_index, term_at
from raftstep.core.messages import (
    AppendEntriesResponse,
    InstallSnapshotResponse,
    Message,
    RequestVote,
    RequestVoteResponse,
)
from raftstep.core.model import Index, Node, NodeId
from raftstep.simulation.cluster import Cluster

RESTS_ON_A_WRITE = (RequestVote, RequestVoteResponse, AppendEntriesResponse, InstallSnapshotResponse)
"""What a node says of its own term, vote or log."""


@dataclass(slots=True)
class Write:
    """One write: when it ends, the node that it makes durable, and what the node says once it has ended."""

    done_ms: int
    node: Node
    messages: tuple[Message, ...] = ()
    changes_vote: bool = False


class Disks:
    """The slow disks of one run: each with the writes it has still to end, in their order."""

    def __init__(self, write_ms: dict[NodeId, int]) -> None:
        self.write_ms = write_ms
        self._writes: dict[NodeId, list[Write]] = {id: [] for id in write_ms}
        self._durable_nodes: dict[NodeId, Node] = {}

    def hold_back(self, before: Node, outcome: Outcome, time_ms: int) -> tuple[Message, ...]:
        """Begin the write that a step needs, if it needs one; the messages that need not wait for a write."""
        if before.id not in self.write_ms:
            return outcome.messages
        writes = self._writes[before.id]
        if _durable_part(before) != _durable_part(outcome.node):
            if not writes:
                self._durable_nodes[before.id] = before
            done_ms = max(time_ms, writes[-1].done_ms if writes else 0) + self.write_ms[before.id]
            changes_vote = _durable_part(before)[:2] != _durable_part(outcome.node)[:2]
            writes.append(Write(done_ms=done_ms, node=outcome.node, changes_vote=changes_vote))
        if not writes:
            return outcome.messages
        all_wait = any(write.changes_vote for write in writes)
        held_messages = tuple(
            message for message in outcome.messages if all_wait or isinstance(message, RESTS_ON_A_WRITE)
        )
        writes[-1].messages += held_messages
        return tuple(message for message in outcome.messages if message not in held_messages)

    def next_write(self, cluster: Cluster) -> Write | None:
        """The write that ends next; one at a paused node is noticed when the node goes on."""
        first_writes = [writes[0] for id, writes in self._writes.items() if writes and not cluster.is_paused(id)]
        return min(first_writes, key=lambda write: write.done_ms, default=None)

    def end_write(self, write: Write) -> None:
        """The disk now holds what this write brought."""
        self._writes[write.node.id].remove(write)
        self._durable_nodes[write.node.id] = write.node

    def crash(self, node: Node, time_ms: int) -> Node:
        """The node with what its disk holds; the writes that had not ended are lost, and what was to follow them."""
        if not self._writes.get(node.id):
            return node
        for write in [write for write in self._writes[node.id] if write.done_ms <= time_ms]:
            self.end_write(write)
        if not self._writes[node.id]:
            return node
        self._writes[node.id].clear()
        durable = self._durable_nodes[node.id]
        return replace(
            node,
            current_term=durable.current_term,
            voted_for=durable.voted_for,
            log=durable.log,
            snapshot=durable.snapshot,
        )


def _durable_part(node: Node) -> tuple[object, ...]:
    return node.current_term, node.voted_for, node.log, node.snapshot


def find_common_end(node: Node, written_node: Node) -> Index:
    """How far a node's log is as its disk holds it."""
    index = min(last_index(node), last_index(written_node))
    first = max(node.snapshot.index, written_node.snapshot.index)
    while index > first and term_at(node, index) != term_at(written_node, index):
        index -= 1
    return index
