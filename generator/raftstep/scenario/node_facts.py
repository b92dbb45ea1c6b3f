"""One node, its entries, its configuration and its snapshot, as captions see them."""

from __future__ import annotations

from collections.abc import Collection

from raftstep.core.model import Configuration, Entry, Index, Node, NodeId, Role, Snapshot
from raftstep.core.quorum import halves, majority
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import configuration_words, entry_content, snapshot_words


class NodeFacts:
    """One node as captions see it: ``{{ S3.term }}``; written alone it is the node's name."""

    def __init__(self, cluster: Cluster, node: Node, waited_ms: int, time_ms: int, clock_ms: int) -> None:
        timer = cluster.timer(node.id)
        first = node.snapshot.index + 1
        self.id = node.id
        self.alive = node.id not in cluster.down
        self.role = node.role.value if self.alive else "down"
        self.term = node.current_term
        self.vote = node.voted_for
        self.log = [EntryFacts(entry, index) for index, entry in enumerate(node.log, first)]
        self.last_index = node.snapshot.index + len(node.log)
        self.commit_index = node.commit_index
        self.votes = [id for id in cluster.ids if id in node.votes_granted]
        self.waited_ms = waited_ms
        self.timeout_ms = timer.deadline_ms - timer.started_ms if timer else None
        self.deadline_ms = timer.deadline_ms if timer else None
        self.left_ms = max(0, timer.deadline_ms - time_ms) if timer else None
        self.snapshot = SnapshotFacts(node.snapshot) if node.snapshot.index else None
        self.configuration = ConfigurationFacts(node.configuration)
        self.machine = dict(node.machine.pairs)
        self.sessions = dict(node.machine.sessions)
        self.match = {one.peer: one.match_index for one in node.progress}
        self.next = {one.peer: one.next_index for one in node.progress}
        self.transfer = node.office.transfer.target if node.office.transfer else None
        self.reads_waiting = len(node.office.reads)
        self.clock_ms = clock_ms
        self.lease_left_ms = max(0, node.office.lease_until_ms - self.clock_ms) if node.role is Role.LEADER else 0

    def __str__(self) -> str:
        return self.id


class EntryFacts:
    """One entry as captions see it; written alone it is its command, or the configuration it holds."""

    def __init__(self, entry: Entry, index: Index) -> None:
        self.index = index
        self.term = entry.term
        self.command = entry_content(entry)
        self.client = entry.client
        self.serial = entry.serial
        self.configuration = ConfigurationFacts(entry.configuration) if entry.configuration else None

    def __str__(self) -> str:
        return self.command


class SnapshotFacts:
    """A snapshot as captions see it; written alone it is its end and its content."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.index = snapshot.index
        self.term = snapshot.term
        self.machine = dict(snapshot.machine.pairs)
        self.words = snapshot_words(snapshot)

    def __str__(self) -> str:
        return self.words


class ConfigurationFacts:
    """A configuration as captions see it; written alone it is its nodes in braces."""

    def __init__(self, configuration: Configuration) -> None:
        self.voters = list(configuration.voters)
        self.outgoing = list(configuration.outgoing)
        self.learners = list(configuration.learners)
        self.members = list(configuration.members)
        self.joint = configuration.joint
        self.words = configuration_words(configuration)

    def __str__(self) -> str:
        return self.words


class MajorityFacts:
    """One group that needs a majority of its own: ``need`` of its ``nodes``."""

    def __init__(self, nodes: Collection[NodeId], leader: Node | None) -> None:
        self.nodes = list(nodes)
        self.size = len(self.nodes)
        self.need = majority(self.size)
        self._leader = leader

    def holding(self, index: Index) -> list[NodeId]:
        """Those of the group whom the leader knows to hold an entry, itself among them."""
        if self._leader is None:
            return []
        marks = {one.peer: one.match_index for one in self._leader.progress}
        marks[self._leader.id] = self._leader.snapshot.index + len(self._leader.log)
        return [id for id in self.nodes if marks.get(id, 0) >= index]

    def voting(self, candidate: NodeFacts) -> list[NodeId]:
        """Those of the group whose vote a candidate has."""
        return [id for id in self.nodes if id in candidate.votes]


def majorities(configuration: Configuration, leader: Node | None) -> list[MajorityFacts]:
    """The groups that must agree: one, or the old and the new one while a configuration is joint."""
    return [MajorityFacts(half, leader) for half in halves(configuration)]
