"""What a caption may speak of: the state of the run at one moment, under plain names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, TypeVar

from raftstep.core.inputs import Answer, ReadResult, RequestRefused
from raftstep.core.log import entry_at, last_index
from raftstep.core.model import Configuration, Entry, Index, Node, NodeId, Role, Snapshot
from raftstep.core.paxos.model import Ballot
from raftstep.core.quorum import majority, voter_groups
from raftstep.scenario.caption_values import FactError, Facts, Function, kind_of
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.events import Event, event_node, event_words
from raftstep.simulation.explore.clocks import clock_reading_ms
from raftstep.simulation.raft_words import configuration_words, snapshot_words
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace

T = TypeVar("T")

SOMETIMES = ("it", "leader", "read", "refusal")
"""Names that captions know at some moments only."""


class ReadFacts(Facts):
    """One answer to a read as captions see it; written alone it is what was read."""

    KIND = "an answer to a read"

    def __init__(self, node: NodeId, answer: ReadResult) -> None:
        self.node = node
        self.key = answer.key
        self.value = answer.value or "none"
        self.index = answer.index

    def write_alone(self) -> str:
        """What was read."""
        return self.value


def collect_facts(
    trace: Trace,
    event_step: Step,
    shown_step: Step,
    time_ms: int,
    waypoint_times_ms: Sequence[int],
    *,
    clock_speeds: Mapping[NodeId, float] | None = None,
    clocks_stopped_ms: int | None = None,
    alarms: Sequence[Alarm] = (),
) -> dict[str, Any]:
    """The names a caption may use.

    ``event_step`` is the step that reached the waypoint, ``shown_step`` the last one by the moment the picture shows,
    and ``waypoint_times_ms`` the times of the events that reached the waypoints so far, this one's last.
    ``clock_speeds`` are the speeds of those that do not run true; in a schedule all stand still between two ticks, at
    ``clocks_stopped_ms``. ``alarms`` are those since the waypoint before.
    """
    cluster = shown_step.cluster
    speeds = clock_speeds or {}
    clocks_ms = time_ms if clocks_stopped_ms is None else clocks_stopped_ms
    nodes = {
        node.id: _collect_node_facts(
            trace, event_step, cluster, node, time_ms, clock_reading_ms(clocks_ms, speeds.get(node.id, 1.0))
        )
        for node in cluster.nodes
    }
    all_nodes = list(nodes.values())
    configuration = cluster.configuration
    read_facts = collect_reads(trace, shown_step)
    return {
        **nodes,
        **_collect_facts_of_some_moments(event_step, cluster, nodes, read_facts),
        "nodes": all_nodes,
        "alive": [node for node in all_nodes if node.alive],
        "down": [node for node in all_nodes if not node.alive],
        "others": [node for node in all_nodes if node.id != event_node(event_step.event)],
        "size": len(configuration.voters),
        "majority": cluster.majority,
        "time_ms": event_step.time_ms,
        "shown_ms": time_ms,
        "minimum_ms": trace.timeout_ms[0],
        "maximum_ms": trace.timeout_ms[1],
        "in_flight": len(cluster.packets),
        "answered": trace.answered_commands(shown_step),
        "event": EventFacts(event_step.event),
        "configuration": ConfigurationFacts(configuration),
        "majorities": majorities(configuration, current_leader(cluster)),
        "reads": read_facts,
        "broken": [AlarmFacts(alarm) for alarm in alarms],
        "next_to_fire": _next_to_fire(cluster),
        **_collect_functions(cluster, event_step.time_ms, waypoint_times_ms),
    }


def _collect_facts_of_some_moments(
    event_step: Step, cluster: Cluster, nodes: Mapping[NodeId, NodeFacts], read_facts: Sequence[ReadFacts]
) -> dict[str, Any]:
    """Those of the names in ``SOMETIMES`` that there are at this moment."""
    caption_facts: dict[str, Any] = {}
    if leader := current_leader(cluster):
        caption_facts["leader"] = nodes[leader.id]
    if acting_node := event_node(event_step.event):
        caption_facts["it"] = nodes[acting_node]
    if read_facts:
        caption_facts["read"] = read_facts[-1]
    refusals = [answer.rule.sentence for answer in _answers(event_step) if isinstance(answer, RequestRefused)]
    if refusals:
        caption_facts["refusal"] = refusals[-1]
    return caption_facts


def _collect_functions(cluster: Cluster, event_ms: int, waypoint_times_ms: Sequence[int]) -> dict[str, Function]:
    """What captions may call."""

    def ms_since(step: object) -> int:
        return event_ms - _time_of_waypoint(waypoint_times_ms, step)

    def find_holders(index: object, command: object) -> list[NodeId]:
        if isinstance(command, EntryFacts):
            command = command.command
        if command is not None and not isinstance(command, str):
            raise FactError(f'a command is text, and this is {kind_of(command)}; write it like "x=7"')
        return holders(cluster, _read_index(index), command)

    def find_voters(node: object) -> list[NodeId]:
        id = _read_node(node, cluster)
        return [voter.id for voter in cluster.nodes if voter.voted_for == id]

    return {
        "ms_since": Function(name="ms_since", parameters=("step",), required=1, call=ms_since),
        "holders": Function(name="holders", parameters=("index", "command"), required=1, call=find_holders),
        "voters": Function(name="voters", parameters=("node",), required=1, call=find_voters),
    }


def _read_index(value: object) -> Index:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FactError(f"an index of a log is a whole number, and this is {kind_of(value)}; write it like 1")
    return value


def _read_node(value: object, cluster: Cluster) -> NodeId:
    id = value.id if isinstance(value, NodeFacts) else value
    if id not in cluster.ids:
        raise FactError(
            f"{kind_of(value)} is no node of this run; name one of {', '.join(cluster.ids)}", is_missing=True
        )
    return str(id)


def _time_of_waypoint(times_ms: Sequence[int], step: object) -> int:
    if not isinstance(step, int) or isinstance(step, bool) or not 1 <= step <= len(times_ms):
        raise FactError(
            f"{kind_of(step)} is no step before this one; by now there are steps 1 to {len(times_ms)}", is_missing=True
        )
    return times_ms[step - 1]


def _answers(step: Step) -> tuple[Answer, ...]:
    return step.outcome.answers if step.outcome else ()


def collect_reads(trace: Trace, until: Step) -> list[ReadFacts]:
    """What clients have read of keys, up to and with a step, in order."""
    return [
        ReadFacts(step.outcome.node.id, answer)
        for step in trace.steps[: until.number + 1]
        if step.outcome
        for answer in step.outcome.answers
        if isinstance(answer, ReadResult)
    ]


def _collect_node_facts(
    trace: Trace, event_step: Step, cluster: Cluster, node: Node, time_ms: int, node_clock_ms: int
) -> NodeFacts:
    timer = trace.cluster_before(event_step).timer(node.id)
    waited_ms = event_step.time_ms - timer.started_ms if timer else 0
    return NodeFacts(cluster, node, waited_ms, time_ms, node_clock_ms)


def holders(cluster: Cluster, index: Index, command: str | None = None) -> list[NodeId]:
    """The nodes with an entry at an index (that command's, where one is named), down ones too: their disk has it.

    A snapshot that reaches to the index counts as the entry it replaced.
    """
    return [node.id for node in cluster.nodes if last_index(node) >= index and _holds(node, index, command)]


def _holds(node: Node, index: Index, command: str | None) -> bool:
    entry = entry_at(node, index)
    return entry is None or command is None or entry.command == command


def _next_to_fire(cluster: Cluster) -> NodeId | None:
    waiting = [
        timer
        for timer in cluster.timers
        if timer.is_election_timeout and cluster.node(timer.node).role is not Role.LEADER
    ]
    return min(waiting, key=lambda timer: timer.deadline_ms).node if waiting else None


def group_equal(pairs: Iterable[tuple[NodeId, T]]) -> dict[T, list[NodeId]]:
    """The nodes of which the same is said, together, in the order of the first of each."""
    groups: dict[T, list[NodeId]] = {}
    for id, value in pairs:
        groups.setdefault(value, []).append(id)
    return groups


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
    """What happened as captions see it: ``{{ event.node }}``; written alone it is worded as in a transcript."""

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
        self.term = _term_facts(node.current_term)
        self.vote = node.voted_for
        self.log = [EntryFacts(entry, index) for index, entry in enumerate(node.log, first_index)]
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
        self.match = {progress.peer: progress.match_index for progress in node.progress}
        self.next = {progress.peer: progress.next_index for progress in node.progress}
        self.transfer = node.leader_state.transfer.target if node.leader_state.transfer else None
        self.reads_waiting = len(node.leader_state.pending_reads)
        self.clock_ms = clock_ms
        self.lease_left_ms = max(0, node.leader_state.lease_until_ms - self.clock_ms) if node.role is Role.LEADER else 0

    def write_alone(self) -> str:
        """Its name."""
        return self.id


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
        """Those of the group whom the leader knows to hold an entry, itself among them."""
        least_index = _read_index(index)
        if self._leader is None:
            return []
        match_indexes = {progress.peer: progress.match_index for progress in self._leader.progress}
        match_indexes[self._leader.id] = self._leader.snapshot.index + len(self._leader.log)
        return [id for id in self.nodes if match_indexes.get(id, 0) >= least_index]

    def voting(self, candidate: object) -> list[NodeId]:
        """Those of the group whose vote a candidate has."""
        if not isinstance(candidate, NodeFacts):
            raise FactError(f"a candidate is a node, and this is {kind_of(candidate)}; name one, such as S1")
        return [id for id in self.nodes if id in candidate.votes]


def majorities(configuration: Configuration, leader: Node | None) -> list[MajorityFacts]:
    """The groups that must agree: one, or the old and the new one while a configuration is joint."""
    return [MajorityFacts(half, leader) for half in voter_groups(configuration)]
