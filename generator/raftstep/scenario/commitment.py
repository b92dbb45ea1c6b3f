"""Which entries of a run are committed, as an observer of the whole run knows it.

A node knows less: a leader learns of a copy from an acknowledgement, a follower of a commit from the leader.
"""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.core.log import entry_at, last_index, term_at
from raftstep.core.model import Entry, Index, Node, NodeId, Term
from raftstep.core.quorum import has_quorum, highest_majority_mark
from raftstep.scenario.fact_values import written_index
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.trace import Step, Trace


def find_committed_entries(trace: Trace, until: Step) -> list[tuple[Index, Entry]]:
    """Every entry that can no longer be lost at a step, with its index; several of one index where a rule is left out.

    In Raft an entry is committed once a majority stored it while the term of its leader lasted, and all before it with
    it; whether the leader has heard of that makes no difference (paper §5.3, §5.4.2; dissertation §11.3). A copy that
    a leader of a later term made does not count: Figure 8 shows how such an entry is lost.
    In Multi-Paxos a value is chosen once a majority accepted it in one ballot (Lamport 2001, §2.1).
    """
    changed_nodes = iterate_changed_nodes(trace, until)
    return _find_in_raft(changed_nodes) if trace.protocol == RAFT.name else _find_in_paxos(changed_nodes)


def iterate_changed_nodes(trace: Trace, until: Step) -> Iterator[Node]:
    """Each node as it was at first, and after each step that changed it."""
    last_nodes: dict[NodeId, Node] = {}
    for step in trace.steps[: until.number + 1]:
        for node in step.cluster.nodes:
            if last_nodes.get(node.id) is not node:
                last_nodes[node.id] = node
                yield node


def _find_in_raft(changed_nodes: Iterator[Node]) -> list[tuple[Index, Entry]]:
    committed_entries: list[tuple[Index, Entry]] = []
    stored_indexes: dict[Term, dict[NodeId, Index]] = {}
    longest_logs: dict[Term, Node] = {}
    for node in changed_nodes:
        term = node.current_term
        stored_index = written_index(node)
        if not stored_index or term_at(node, stored_index) != term:
            continue
        stored_indexes.setdefault(term, {})[node.id] = stored_index
        if last_index(node) >= last_index(longest_logs.setdefault(term, node)):
            longest_logs[term] = node
        longest = longest_logs[term]
        mark = highest_majority_mark(longest.configuration, stored_indexes[term])
        for index in range(longest.snapshot.index + 1, mark + 1):
            entry = entry_at(longest, index)
            if entry and (index, entry) not in committed_entries:
                committed_entries.append((index, entry))
    return committed_entries


def _find_in_paxos(changed_nodes: Iterator[Node]) -> list[tuple[Index, Entry]]:
    chosen_values: dict[tuple[Index, object], tuple[Index, Entry]] = {}
    acceptors: dict[tuple[Index, object], set[NodeId]] = {}
    for node in changed_nodes:
        for index, value in enumerate(node.log, 1):
            if protocol_of(value).is_hole(value):
                continue
            accepted_by = acceptors.setdefault((index, value.term), set())
            accepted_by.add(node.id)
            if has_quorum(node.configuration, accepted_by):
                chosen_values.setdefault((index, value.term), (index, value))
    return list(chosen_values.values())
