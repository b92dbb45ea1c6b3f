"""What captions may call: who holds an entry, who is known to, whether it is committed, who voted, how long ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from raftstep.core.log import entry_at, last_index
from raftstep.core.model import Entry, Index, Node, NodeId
from raftstep.scenario.caption_values import FactError, Function, kind_of, suggest_name
from raftstep.scenario.commitment import find_committed_entries, iterate_changed_nodes
from raftstep.scenario.fact_values import EntryFacts, NodeFacts, majorities, read_index, written_index
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def collect_functions(
    trace: Trace, shown_step: Step, event_ms: int, waypoint_times_ms: Sequence[int]
) -> dict[str, Function]:
    """The functions of captions at one moment. An entry is named by its command or its index, or given from a log."""
    moment = _Moment(trace=trace, step=shown_step)

    def ms_since(step: object) -> int:
        return event_ms - _time_of_waypoint(waypoint_times_ms, step)

    functions = (
        Function(name="committed", parameters=("entry",), required=1, call=moment.is_committed),
        Function(name="entry", parameters=("command",), required=1, call=moment.find_entry),
        Function(name="holders", parameters=("entry", "command"), required=1, call=moment.find_holders),
        Function(name="known_holders", parameters=("entry",), required=1, call=moment.find_known_holders),
        Function(name="ms_since", parameters=("step",), required=1, call=ms_since),
        Function(name="reach", parameters=("node",), required=1, call=moment.find_reach),
        Function(name="voters", parameters=("node",), required=1, call=moment.find_voters),
    )
    return {function.name: function for function in functions}


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """A step of a run, and what captions may find out about it; what takes long is worked out once."""

    trace: Trace
    step: Step

    @cached_property
    def known_entries(self) -> dict[str, tuple[Entry, Index]]:
        """Every entry that a log has held, and its index, by its content; of several with one content a late one."""
        known_entries: dict[str, tuple[Entry, Index]] = {}
        for node in iterate_changed_nodes(self.trace, self.step):
            for index, entry in reversed(list(enumerate(node.log, node.snapshot.index + 1))):
                if not protocol_of(entry).is_hole(entry):
                    known_entries[entry_content(entry)] = (entry, index)
        return known_entries

    @cached_property
    def committed_entries(self) -> list[tuple[Index, Entry]]:
        """Every entry that can no longer be lost."""
        return find_committed_entries(self.trace, self.step)

    def find_entry(self, command: object) -> EntryFacts:
        """An entry that is or was in a log, by its command."""
        if not isinstance(command, str):
            raise FactError(f'a command is text, and this is {kind_of(command)}; write such as "x=7"')
        if command not in self.known_entries:
            words = f'no log has held "{command[:40]}" yet; {suggest_name(command, [*self.known_entries])}'
            raise FactError(words, is_missing=True)
        return EntryFacts(*self.known_entries[command])

    def locate(self, entry: object) -> Index:
        """The index of an entry, which is named by it or by a command, or given as it is in a log."""
        if isinstance(entry, EntryFacts):
            return entry.index
        return self.find_entry(entry).index if isinstance(entry, str) else read_index(entry)

    def is_committed(self, entry: object) -> bool:
        """Whether an entry can no longer be lost, whether or not a node knows it."""
        index = self.locate(entry)
        if isinstance(entry, str):
            return any(entry_content(committed_entry) == entry for _, committed_entry in self.committed_entries)
        committed_there = [found for committed_index, found in self.committed_entries if committed_index == index]
        return any(not isinstance(entry, EntryFacts) or entry.is_copied_in(found) for found in committed_there)

    def find_holders(self, entry: object, command: object) -> list[NodeId]:
        """The nodes with an entry. Raises :class:`FactError` for an index at which logs have different entries."""
        command = command.command if isinstance(command, EntryFacts) else command
        if command is not None and not isinstance(command, str):
            raise FactError(f'a command is text, and this is {kind_of(command)}; write such as "x=7"')
        cluster = self.step.cluster
        index = self.locate(entry)
        if isinstance(entry, str) or command is not None:
            return holders(cluster, index, entry if isinstance(entry, str) else command)
        if isinstance(entry, EntryFacts):
            return [id for id in holders(cluster, index) if _is_copied(entry, cluster.node(id))]
        _check_one_entry(cluster, index)
        return holders(cluster, index)

    def find_known_holders(self, entry: object) -> list[NodeId]:
        """The leader once its disk has an entry, and the voters whose copy it knows of; none if its log has another."""
        cluster = self.step.cluster
        leader = current_leader(cluster)
        if self.trace.protocol != RAFT.name:
            raise FactError("only a leader of Raft keeps a match index for each node; ask for holders")
        if leader is None:
            words = "nobody leads at this moment, so no leader knows who holds it; ask for holders"
            raise FactError(words, is_missing=True)
        index = self.locate(entry)
        if leader.id not in holders(cluster, index, entry if isinstance(entry, str) else None):
            return []
        if isinstance(entry, EntryFacts) and not _is_copied(entry, leader):
            return []
        known_ids = {id for group in majorities(leader.configuration, leader) for id in group.holding(index)}
        if written_index(leader) >= index:
            known_ids.add(leader.id)
        return [id for id in cluster.ids if id in known_ids]

    def find_voters(self, node: object) -> list[NodeId]:
        """The nodes that voted for a node in the term they are in."""
        id = _read_node(node, self.step.cluster)
        return [voter.id for voter in self.step.cluster.nodes if voter.voted_for == id]

    def find_reach(self, node: object) -> list[NodeId]:
        """The nodes that a node can exchange messages with."""
        return reach(self.step.cluster, _read_node(node, self.step.cluster))


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


def holders(cluster: Cluster, index: Index, command: str | None = None) -> list[NodeId]:
    """The nodes with an entry at an index (that command's, where one is named), down ones too: their disk has it.

    A snapshot that reaches to the index counts as the entry it replaced.
    """
    return [node.id for node in cluster.nodes if last_index(node) >= index and _holds(node, index, command)]


def _check_one_entry(cluster: Cluster, index: Index) -> None:
    """Raises :class:`FactError` where logs have different entries at an index, so that it names none of them."""
    found: dict[tuple[object, str], NodeId] = {}
    for id in holders(cluster, index):
        if (entry := entry_at(cluster.node(id), index)) is not None:
            facts = EntryFacts(entry, index)
            found.setdefault(facts.identity, id)
    if len(found) > 1:
        (_, command), (_, other_command) = list(found)[:2]
        first_id, other_id = list(found.values())[:2]
        which = f"{command} at {first_id} and {other_command} at {other_id}"
        example = f'holders("{command}")' if command != other_command else f"holders({first_id}.log[-1])"
        raise FactError(f"the logs have different entries at index {index}, {which}; name one, such as {example}")


def _is_copied(entry: EntryFacts, node: Node) -> bool:
    """Whether a node, whose log reaches so far, has this very entry, or a snapshot in its place."""
    found = entry_at(node, entry.index)
    return found is None or entry.is_copied_in(found)


def _holds(node: Node, index: Index, command: str | None) -> bool:
    entry = entry_at(node, index)
    if entry is None:  # a snapshot replaced it
        return True
    return not protocol_of(entry).is_hole(entry) and (command is None or entry_content(entry) == command)


def reach(cluster: Cluster, id: NodeId) -> list[NodeId]:
    """The nodes that can hear a node and that it can hear: up, with both links whole; itself among them, if up."""
    if id in cluster.down_nodes:
        return []
    return [
        other.id
        for other in cluster.nodes
        if other.id not in cluster.down_nodes and not {(id, other.id), (other.id, id)} & cluster.cut_links
    ]
