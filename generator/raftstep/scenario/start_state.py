"""The state of each node at the start, as authors write it: read, and held against what a run of Raft can lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from raftstep.core.model import Entry, NodeId, Settings
from raftstep.document.problem import Place
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_integer, read_list, read_mapping, read_text, read_texts
from raftstep.scenario.known_names import KnownNames, check_node, check_node_keys
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.given_start import GivenNode, entry_of_term, find_contradictions, make_cluster
from raftstep.simulation.multi_paxos import MULTI_PAXOS

NO_OP = "no-op"
NONE = "none"
_ENTRY = re.compile(r"\S+( \S+)*@[1-9][0-9]{0,5}")


def read_start(
    top: YamlValue, nodes: tuple[NodeId, ...], voters: tuple[NodeId, ...], settings: Settings
) -> Cluster | None:
    """The cluster at the start; ``None`` where no state is given."""
    start = top.get("start")
    if start is None or start.fields is None:
        return None
    learners = read_texts(top.get("learners"))
    return make_cluster(_read_nodes(top, nodes), settings=settings, voters=voters, learners=learners)


def start_commands(top: YamlValue) -> tuple[str, ...]:
    """The commands in the logs at the start, which nobody sends."""
    return tuple(entry.command for entry in _start_entries(top) if entry.command is not None)


def holds_no_op(top: YamlValue) -> bool:
    """Whether there is a no-op in a log at the start."""
    return any(entry.command is None for entry in _start_entries(top))


def _start_entries(top: YamlValue) -> Iterator[Entry]:
    for _, state in read_mapping(top.get("start")):
        for index, entry in enumerate(read_list(state.get("log")), 1):
            if is_entry(entry):
                yield _read_entry(entry, index)


def is_entry(value: YamlValue) -> bool:
    """Whether an entry is written as the schema has it, which reports what is wrong with any other."""
    return isinstance(value.scalar, int) or bool(_ENTRY.fullmatch(str(value.scalar)))


def check_start(top: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """Unknown names, and what no run can have led to, each where it is written."""
    start = top.get("start")
    if start is None or start.fields is None:
        return
    if read_text(top.get("settings"), "protocol") == MULTI_PAXOS.name:
        yield top.key_places["start"], f'a given state is one of Raft, and {MULTI_PAXOS.title} has none; remove "start"'
        return
    findings = [*check_node_keys(start, known_names), *_check_values(start, known_names)]
    yield from findings
    entries = [entry for _, state in start.pairs() for entry in read_list(state.get("log"))]
    if findings or start.is_incomplete or known_names.nodes is None or not all(map(is_entry, entries)):
        return
    voters = read_texts(top.get("voters"))
    learners = read_texts(top.get("learners"))
    electorate = voters or tuple(node for node in known_names.nodes if node not in learners)
    for contradiction in find_contradictions(_read_nodes(top, known_names.nodes), electorate):
        yield _place_of(start, contradiction.node, contradiction.part, top.key_places["start"]), contradiction.words


def _check_values(start: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    for _, state in start.pairs():
        yield from check_node(state.get("vote"), known_names, NONE)
        for entry in read_list(state.get("log")):
            if isinstance(entry.scalar, str) and entry.scalar.startswith("{"):
                yield entry.place, "a log at the start holds commands; write the configuration as voters and learners"
        if (commit_index := state.get("commit_index")) and read_text(state, "role") == "down":
            yield commit_index.place, "a node that is down has lost its commit index; remove it"


def _place_of(start: YamlValue, node: NodeId, part: str, fallback: Place) -> Place:
    """The value to blame: the part of a node's state, else the node, else the whole start."""
    state = start.get(node)
    if state is None:
        return fallback
    value = state.get(part)
    return start.key_places[node] if value is None else value.place


def _read_nodes(top: YamlValue, nodes: tuple[NodeId, ...]) -> tuple[GivenNode, ...]:
    start = top.get("start")
    start_term = read_integer(top.get("settings"), "start_term", 0 if top.get("script") else 1)
    states = dict(read_mapping(start))
    return tuple(_read_node(node, states.get(node), start_term) for node in nodes)


def _read_node(id: NodeId, state: YamlValue | None, start_term: int) -> GivenNode:
    log_items = read_list(state.get("log") if state else None)
    log = tuple(_read_entry(entry, index) for index, entry in enumerate(log_items, 1))
    role, vote = read_text(state, "role"), read_text(state, "vote")
    is_leader = role == "leader"
    if vote == NONE:
        vote = None
    return GivenNode(
        id=id,
        term=read_integer(state, "term", max(start_term, log[-1].term if log else 0)),
        vote=id if is_leader and vote is None else vote,
        log=log,
        commit_index=read_integer(state, "commit_index", 0),
        is_leader=is_leader,
        is_down=role == "down",
    )


def _read_entry(value: YamlValue, index: int) -> Entry:
    if isinstance(value.scalar, int):
        return entry_of_term(value.scalar, index)
    command, _, term = value.text().rpartition("@")
    return Entry(term=int(term), command=None if command == NO_OP else command)
