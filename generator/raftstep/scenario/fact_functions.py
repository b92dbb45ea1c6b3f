"""What captions may call: who holds an entry, who is known to, whether it is committed, who voted, how long ago."""

from __future__ import annotations

from collections.abc import Sequence

from raftstep.core.log import entry_at, last_index
from raftstep.core.model import Entry, Index, Node, NodeId
from raftstep.scenario.caption_values import FactError, Function, kind_of, suggest_name
from raftstep.scenario.commitment import find_committed_entries
from raftstep.scenario.fact_values import EntryFacts, NodeFacts, majorities, read_index
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def collect_functions(
    trace: Trace, shown_step: Step, event_ms: int, waypoint_times_ms: Sequence[int]
) -> dict[str, Function]:
    """The functions of captions at one moment. An entry is named by its index or by its command."""
    cluster = shown_step.cluster

    def ms_since(step: object) -> int:
        return event_ms - _time_of_waypoint(waypoint_times_ms, step)

    def find_entry(command: object) -> EntryFacts:
        return EntryFacts(*_find_entry(trace, shown_step, command))

    def find_holders(entry: object, command: object) -> list[NodeId]:
        command = command.command if isinstance(command, EntryFacts) else command
        if command is not None and not isinstance(command, str):
            raise FactError(f'a command is text, and this is {kind_of(command)}; write such as "x=7"')
        if isinstance(entry, str):
            found_entry, index = _find_entry(trace, shown_step, entry)
            return holders(cluster, index, entry_content(found_entry))
        return holders(cluster, read_index(entry), command)

    def find_known_holders(entry: object) -> list[NodeId]:
        leader = current_leader(cluster)
        if trace.protocol != RAFT.name:
            raise FactError("only a leader of Raft keeps a match index for each node; ask for holders")
        if leader is None:
            raise FactError(
                "nobody leads at this moment, so no leader knows who holds it; ask for holders", is_missing=True
            )
        index = _find_entry(trace, shown_step, entry)[1] if isinstance(entry, str) else read_index(entry)
        known_ids = {id for group in majorities(leader.configuration, leader) for id in group.holding(index)}
        return [id for id in cluster.ids if id in known_ids or (id == leader.id and last_index(leader) >= index)]

    def is_committed(entry: object) -> bool:
        committed_entries = find_committed_entries(trace, shown_step)
        if isinstance(entry, str):
            content = entry_content(_find_entry(trace, shown_step, entry)[0])
            return any(entry_content(committed_entry) == content for _, committed_entry in committed_entries)
        wanted_index = read_index(entry)
        return any(index == wanted_index for index, _ in committed_entries)

    def find_voters(node: object) -> list[NodeId]:
        id = _read_node(node, cluster)
        return [voter.id for voter in cluster.nodes if voter.voted_for == id]

    def find_reach(node: object) -> list[NodeId]:
        return reach(cluster, _read_node(node, cluster))

    return {
        "committed": Function(name="committed", parameters=("entry",), required=1, call=is_committed),
        "entry": Function(name="entry", parameters=("command",), required=1, call=find_entry),
        "holders": Function(name="holders", parameters=("entry", "command"), required=1, call=find_holders),
        "known_holders": Function(name="known_holders", parameters=("entry",), required=1, call=find_known_holders),
        "ms_since": Function(name="ms_since", parameters=("step",), required=1, call=ms_since),
        "reach": Function(name="reach", parameters=("node",), required=1, call=find_reach),
        "voters": Function(name="voters", parameters=("node",), required=1, call=find_voters),
    }


def _find_entry(trace: Trace, until: Step, command: object) -> tuple[Entry, Index]:
    """An entry that a node has, or has had, and its index; of several the latest to come into a log."""
    if not isinstance(command, str):
        raise FactError(f'a command is text, and this is {kind_of(command)}; write such as "x=7"')
    known_commands: dict[str, None] = {}
    for step in reversed(trace.steps[: until.number + 1]):
        for node in step.cluster.nodes:
            for index, entry in enumerate(node.log, node.snapshot.index + 1):
                if protocol_of(entry).is_hole(entry):
                    continue
                if entry_content(entry) == command:
                    return entry, index
                known_commands[entry_content(entry)] = None
    raise FactError(
        f'no log has held "{command[:40]}" yet; {suggest_name(command, [*known_commands])}', is_missing=True
    )


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
