"""What a caption may speak of: the state of the run at one moment, under plain names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from raftstep.core.inputs import Answer, ReadResult, RequestRefused
from raftstep.core.log import entry_at, last_index
from raftstep.core.model import Configuration, Entry, Index, Node, NodeId, Role, Snapshot
from raftstep.core.quorum import majority, voter_groups
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.events import event_node
from raftstep.simulation.explore.clocks import clock_reading_ms
from raftstep.simulation.raft_words import configuration_words, snapshot_words
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace

T = TypeVar("T")

NUMBER_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class ReadFacts:
    """One answer to a read as captions see it; written alone it is what was read."""

    def __init__(self, node: NodeId, answer: ReadResult) -> None:
        self.node = node
        self.key = answer.key
        self.value = answer.value or "none"
        self.index = answer.index

    def __str__(self) -> str:
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
    caption_facts: dict[str, Any] = dict(nodes)
    leader = current_leader(cluster)
    if leader:
        caption_facts["leader"] = nodes[leader.id]
    acting_node = event_node(event_step.event)
    if acting_node:
        caption_facts["it"] = nodes[acting_node]
    all_nodes = list(nodes.values())
    configuration = cluster.configuration
    read_facts = collect_reads(trace, shown_step)
    if read_facts:
        caption_facts["read"] = read_facts[-1]
    refusals = [answer.rule.sentence for answer in _answers(event_step) if isinstance(answer, RequestRefused)]
    if refusals:
        caption_facts["refusal"] = refusals[-1]
    caption_facts |= {
        "nodes": all_nodes,
        "alive": [node for node in all_nodes if node.alive],
        "down": [node for node in all_nodes if not node.alive],
        "others": [node for node in all_nodes if node.id != acting_node],
        "size": len(configuration.voters),
        "majority": cluster.majority,
        "time_ms": event_step.time_ms,
        "shown_ms": time_ms,
        "minimum_ms": trace.timeout_ms[0],
        "maximum_ms": trace.timeout_ms[1],
        "in_flight": len(cluster.packets),
        "answered": trace.answered_commands(shown_step),
        "event": event_step.event,
        "configuration": ConfigurationFacts(configuration),
        "majorities": majorities(configuration, leader),
        "reads": read_facts,
        "broken": list(alarms),
        "ms_since": lambda step: event_step.time_ms - _time_of_waypoint(waypoint_times_ms, step),
        "holders": lambda index, command=None: holders(cluster, index, command),
        "voters": lambda id: [node.id for node in cluster.nodes if node.voted_for == str(id)],
        "next_to_fire": _next_to_fire(cluster),
    }
    return caption_facts


def _time_of_waypoint(times_ms: Sequence[int], step: object) -> int:
    if not isinstance(step, int) or not 1 <= step <= len(times_ms):
        raise ValueError(f"ms_since({step!r}): by then there are steps 1 to {len(times_ms)}")
    return times_ms[step - 1]


def _answers(step: Step) -> tuple[Answer, ...]:
    return step.outcome.answers if step.outcome else ()


def collect_reads(trace: Trace, until: Step) -> list[ReadFacts]:
    """What clients have been told of keys, up to and with a step, in order."""
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


def number_word(number: int) -> str:
    """A small number as a word: ``3`` is *three*; larger ones stay digits."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else str(number)


def group_equal(pairs: Iterable[tuple[NodeId, T]]) -> dict[T, list[NodeId]]:
    """The nodes of which the same is told, together, in the order of the first of each."""
    groups: dict[T, list[NodeId]] = {}
    for id, value in pairs:
        groups.setdefault(value, []).append(id)
    return groups


def join_and(items: Iterable[object]) -> str:
    """*S1*, *S1 and S2*, *S1, S2 and S3*."""
    names = [str(item) for item in items]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class NodeFacts:
    """One node as captions see it: ``{{ S3.term }}``; written alone it is the node's name."""

    def __init__(self, cluster: Cluster, node: Node, waited_ms: int, time_ms: int, clock_ms: int) -> None:
        timer = cluster.timer(node.id)
        first_index = node.snapshot.index + 1
        self.id = node.id
        self.alive = node.id not in cluster.down_nodes
        self.role = node.role.value if self.alive else "down"
        self.term = node.current_term
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
        self.joint = configuration.is_joint
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
        match_indexes = {progress.peer: progress.match_index for progress in self._leader.progress}
        match_indexes[self._leader.id] = self._leader.snapshot.index + len(self._leader.log)
        return [id for id in self.nodes if match_indexes.get(id, 0) >= index]

    def voting(self, candidate: NodeFacts) -> list[NodeId]:
        """Those of the group whose vote a candidate has."""
        return [id for id in self.nodes if id in candidate.votes]


def majorities(configuration: Configuration, leader: Node | None) -> list[MajorityFacts]:
    """The groups that must agree: one, or the old and the new one while a configuration is joint."""
    return [MajorityFacts(half, leader) for half in voter_groups(configuration)]
