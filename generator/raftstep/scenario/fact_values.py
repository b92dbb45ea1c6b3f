"""What captions see of nodes, entries, events and the rest: the facts that have attributes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, ClassVar

from raftstep.core.model import Configuration, Entry, Index, Node, NodeId, Role, Snapshot
from raftstep.core.paxos.model import Ballot
from raftstep.core.quorum import majority, voter_groups
from raftstep.scenario.caption_values import FactError, Facts, kind_of
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.events import Event, event_node, event_words
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.raft_words import configuration_words, snapshot_words


class BallotFacts(Facts):
    """A ballot's number as captions see it, where there are ballots in place of terms."""

    KIND = "a ballot"

    def __init__(self, ballot: Ballot) -> None:
        self.round = ballot.round
        self.node = ballot.node or None
        self._ballot = ballot

    def write_alone(self) -> str:
        """Its round and its node."""
        return str(self._ballot)

    def compare_as(self) -> object:
        """The order of ballots: by their rounds, then by their nodes."""
        return (self._ballot.round, self._ballot.node)


def _term_facts(term: int | Ballot) -> int | BallotFacts:
    return BallotFacts(term) if isinstance(term, Ballot) else term


class EventFacts(Facts):
    """What happened as captions see it: ``{{ event.node }}``; written alone it is described as in a transcript."""

    KIND = "an event"

    def __init__(self, event: Event) -> None:
        vars(self).update(_plain_fields(event))
        if packet := getattr(event, "packet", None):
            self.message = MessageFacts(packet.message)
        if node := event_node(event):
            self.node = node
        self.words = event_words(event)

    def write_alone(self) -> str:
        """The words of a transcript."""
        return self.words


class MessageFacts(Facts):
    """A message as captions see it: ``{{ event.message.source }}``; written alone it is its kind."""

    KIND = "a message"

    def __init__(self, message: object) -> None:
        vars(self).update(_plain_fields(message))
        self.kind = type(message).__name__

    def write_alone(self) -> str:
        """Its kind."""
        return self.kind


def _plain_fields(value: Any) -> dict[str, str | int | None]:
    """The fields of a dataclass that are text, numbers, flags or nothing."""
    pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: inner for name, inner in pairs if type(inner) in (str, int, bool, type(None))}


class AlarmFacts(Facts):
    """A broken property as captions see it; written alone it is its name."""

    KIND = "a broken property"

    def __init__(self, alarm: Alarm) -> None:
        self.property = alarm.property
        self.words = alarm.words

    def write_alone(self) -> str:
        """The property's name."""
        return self.property


class NodeFacts(Facts):
    """One node as captions see it: ``{{ S3.term }}``; written alone it is the node's name."""

    KIND = "a node"

    def __init__(self, cluster: Cluster, node: Node, waited_ms: int, time_ms: int, clock_ms: int) -> None:
        timer = cluster.timer(node.id)
        first_index = node.snapshot.index + 1
        self.id = node.id
        self.alive = node.id not in cluster.down_nodes
        self.role = node.role.value if self.alive else "down"
        self.paused = cluster.is_paused(node.id)
        self.term = _term_facts(node.current_term)
        self.vote = node.voted_for
        self.log = [EntryFacts(entry, index) for index, entry in enumerate(node.log, first_index)]
        self.last_index = node.snapshot.index + len(node.log)
        self.written_index = written_index(node)
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
        self.match = {progress.peer: progress.match_index for progress in node.progress}
        self.next = {progress.peer: progress.next_index for progress in node.progress}
        self.transfer = node.leader_state.transfer.target if node.leader_state.transfer else None
        self.reads_waiting = len(node.leader_state.pending_reads)
        self.clock_ms = clock_ms
        self.lease_left_ms = max(0, node.leader_state.lease_until_ms - self.clock_ms) if node.role is Role.LEADER else 0

    def write_alone(self) -> str:
        """Its name."""
        return self.id


def written_index(node: Node) -> Index:
    """How far a node's disk holds its log: to its end, unless the disk is slow."""
    is_slow = getattr(node, "disk_is_slow", False)  # a node of Multi-Paxos has no such disk
    return node.written_index if is_slow else node.snapshot.index + len(node.log)


def _identity(entry: Entry) -> tuple[object, str]:
    """A value that is proposed again in a later ballot is the same value, and an entry of another term another."""
    return (entry.term if protocol_of(entry) is RAFT else None, entry_content(entry))


class EntryFacts(Facts):
    """One entry as captions see it; written alone it is its command, or the configuration it holds."""

    KIND = "an entry"

    def __init__(self, entry: Entry, index: Index) -> None:
        self.index = index
        self.term = _term_facts(entry.term)
        self.command = entry_content(entry)
        self.client = entry.client
        self.serial = entry.serial
        self.configuration = ConfigurationFacts(entry.configuration) if entry.configuration else None
        self._entry = entry

    @property
    def identity(self) -> tuple[object, str]:
        """What distinguishes it from other entries of its index: in Raft its term, in Multi-Paxos its value alone."""
        return _identity(self._entry)

    def is_copied_in(self, other: Entry) -> bool:
        """Whether an entry at the same index is a copy of it."""
        return self.identity == _identity(other)

    def write_alone(self) -> str:
        """Its command."""
        return self.command


class SnapshotFacts(Facts):
    """A snapshot as captions see it; written alone it is its end and its content."""

    KIND = "a snapshot"

    def __init__(self, snapshot: Snapshot) -> None:
        self.index = snapshot.index
        self.term = _term_facts(snapshot.term)
        self.machine = dict(snapshot.machine.pairs)
        self.words = snapshot_words(snapshot)

    def write_alone(self) -> str:
        """Its words."""
        return self.words


class ConfigurationFacts(Facts):
    """A configuration as captions see it; written alone it is its nodes in braces."""

    KIND = "a configuration"

    def __init__(self, configuration: Configuration) -> None:
        self.voters = list(configuration.voters)
        self.outgoing = list(configuration.outgoing)
        self.learners = list(configuration.learners)
        self.members = list(configuration.members)
        self.joint = configuration.is_joint
        self.words = configuration_words(configuration)

    def write_alone(self) -> str:
        """Its words."""
        return self.words


class MajorityFacts(Facts):
    """One group that needs a majority of its own: ``need`` of its ``nodes``."""

    KIND = "a group that needs a majority"
    METHODS: ClassVar[Mapping[str, tuple[str, ...]]] = {"holding": ("index",), "voting": ("candidate",)}

    def __init__(self, nodes: Collection[NodeId], leader: Node | None) -> None:
        self.nodes = list(nodes)
        self.size = len(self.nodes)
        self.need = majority(self.size)
        self._leader = leader

    def holding(self, index: object) -> list[NodeId]:
        """Those of the group whom the leader knows to hold an entry, itself too once its own disk has it."""
        least_index = read_index(index)
        if self._leader is None:
            return []
        match_indexes = {progress.peer: progress.match_index for progress in self._leader.progress}
        match_indexes[self._leader.id] = written_index(self._leader)
        return [id for id in self.nodes if match_indexes.get(id, 0) >= least_index]

    def voting(self, candidate: object) -> list[NodeId]:
        """Those of the group whose vote a candidate has."""
        if not isinstance(candidate, NodeFacts):
            raise FactError(f"a candidate is a node, and this is {kind_of(candidate)}; name one, such as S1")
        return [id for id in self.nodes if id in candidate.votes]


def majorities(configuration: Configuration, leader: Node | None) -> list[MajorityFacts]:
    """The groups that must agree: one, or the old and the new one while a configuration is joint."""
    return [MajorityFacts(half, leader) for half in voter_groups(configuration)]


def read_index(value: object) -> Index:
    """An index that a caption names. Raises :class:`FactError` for all else."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise FactError(f"an index of a log is a whole number, and this is {kind_of(value)}; write such as 1")
    return value
