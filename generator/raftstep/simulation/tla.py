"""A trace in the words of Raft's published TLA+ specification, for a second opinion.

The state variables, the roles and the messages' fields have the names they have there (ongardie/raft.tla), so that a
checker can hold each state and each step of a run against that specification. ``messages`` is a bag: each message
with how many of it are under way. The specification's history variables are left out; it says of them that they do
not appear in an implementation. ``votesGranted`` holds a candidate's own vote at once, where the specification has it
ask itself by a message; a node that does not lead has the index marks of a fresh start, for the specification never
reads them before it sets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from raftstep.core.log import Log
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    Message,
    RequestVote,
    RequestVoteResponse,
)
from raftstep.core.model import Membership, Node, NodeId, Role
from raftstep.limits import EXPORTED_VALUES
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Deliver
from raftstep.simulation.raft_words import entry_content
from raftstep.simulation.trace import Step, Trace

VARIABLES = (
    "messages",
    "currentTerm",
    "state",
    "votedFor",
    "log",
    "commitIndex",
    "votesResponded",
    "votesGranted",
    "nextIndex",
    "matchIndex",
)
"""The specification's state variables, in its order."""

CONSTANTS = (
    "Follower",
    "Candidate",
    "Leader",
    "Nil",
    "RequestVoteRequest",
    "RequestVoteResponse",
    "AppendEntriesRequest",
    "AppendEntriesResponse",
)


def tla_module(trace: Trace, name: str) -> str:
    """A module that defines ``Trace``, the sequence of the run's states.

    Raises :class:`ValueError` for a run of what the specification does not know: changes of configuration, snapshots,
    pre-votes, hand-overs, or another protocol.
    """
    _check_supported(trace)
    responders: dict[NodeId, frozenset[NodeId]] = {node.id: frozenset() for node in trace.start.nodes}
    states = []
    for step in trace.steps:
        _update_responders(responders, trace, step)
        states.append(_state(step.cluster, responders))
    servers = ", ".join(f'"{id}"' for id in trace.start.ids)
    lines = [
        f"---- MODULE {name} ----",
        "EXTENDS Naturals, Sequences, TLC",
        f"CONSTANTS {', '.join(CONSTANTS)}",
        f"Server == {{{servers}}}",
        "Trace == <<",
        ",\n".join(states),
        ">>",
        "====",
    ]
    return "\n".join(lines) + "\n"


def _check_supported(trace: Trace) -> None:
    nodes = trace.start.nodes
    supported_messages = RequestVote | RequestVoteResponse | AppendEntries | AppendEntriesResponse
    if trace.protocol != "raft":
        raise ValueError("the specification is of Raft; this run is of another protocol")
    if any(node.settings.membership is not Membership.FIXED for node in nodes):
        raise ValueError("the specification has no changes of configuration; export a run with a fixed one")
    values = sum(len(step.cluster.packets) + sum(len(node.log) for node in step.cluster.nodes) for step in trace.steps)
    if values > EXPORTED_VALUES.most:
        words = f"the states of this run hold {values:,} messages and entries, and an export at most"
        raise ValueError(f"{words} {EXPORTED_VALUES.words}; {EXPORTED_VALUES.remedy}")
    for step in trace.steps:
        if any(not isinstance(packet.message, supported_messages) for packet in step.cluster.packets):
            raise ValueError("the specification has only votes and entries; export a run without other messages")
        if any(node.snapshot.index for node in step.cluster.nodes):
            raise ValueError("the specification has no snapshots; export a run without them")


def _update_responders(responders: dict[NodeId, frozenset[NodeId]], trace: Trace, step: Step) -> None:
    """Who has answered a candidate in its present term, granted or not."""
    before = trace.cluster_before(step)
    for node in step.cluster.nodes:
        node_before = before.node(node.id)
        if node.current_term != node_before.current_term or (node.role is Role.CANDIDATE) != (
            node_before.role is Role.CANDIDATE
        ):
            if node.role is Role.CANDIDATE:
                responders[node.id] = frozenset({node.id})
            elif node.current_term != node_before.current_term:
                responders[node.id] = frozenset()
    if isinstance(step.event, Deliver) and isinstance(step.event.packet.message, RequestVoteResponse):
        vote = step.event.packet.message
        if vote.term == before.node(vote.target).current_term:
            responders[vote.target] |= {vote.source}


def _state(cluster: Cluster, responders: Mapping[NodeId, frozenset[NodeId]]) -> str:
    nodes = cluster.nodes
    ids = cluster.ids
    values = {
        "messages": _bag([packet.message for packet in cluster.packets]),
        "currentTerm": _function((node.id, str(node.current_term)) for node in nodes),
        "state": _function((node.id, _role(node)) for node in nodes),
        "votedFor": _function((node.id, _node_name(node.voted_for)) for node in nodes),
        "log": _function((node.id, _log(node.log)) for node in nodes),
        "commitIndex": _function((node.id, str(node.commit_index)) for node in nodes),
        "votesResponded": _function((node.id, _set(responders[node.id], ids)) for node in nodes),
        "votesGranted": _function((node.id, _set(node.votes_granted, ids)) for node in nodes),
        "nextIndex": _function((node.id, _index_function(node, ids, next_index=True)) for node in nodes),
        "matchIndex": _function((node.id, _index_function(node, ids, next_index=False)) for node in nodes),
    }
    return "  [" + ",\n   ".join(f"{variable} |-> {values[variable]}" for variable in VARIABLES) + "]"


def _role(node: Node) -> str:
    return {Role.LEADER: "Leader", Role.CANDIDATE: "Candidate"}.get(node.role, "Follower")


def _index_function(node: Node, ids: tuple[NodeId, ...], *, next_index: bool) -> str:
    indexes = {progress.peer: progress.next_index if next_index else progress.match_index for progress in node.progress}
    default_index = (len(node.log) + 1 if indexes else 1) if next_index else 0
    return _function((id, str(indexes.get(id, default_index))) for id in ids)


def _bag(messages: list[Message]) -> str:
    counts: dict[str, int] = {}
    for message in messages:
        record = "[" + ", ".join(f"{name} |-> {value}" for name, value in _fields(message)) + "]"
        counts[record] = counts.get(record, 0) + 1
    return "(" + " @@ ".join(f"{record} :> {count}" for record, count in counts.items()) + ")" if counts else "<<>>"


def _fields(message: Message) -> Iterator[tuple[str, str]]:
    match message:
        case RequestVote():
            yield "mtype", "RequestVoteRequest"
            yield "mterm", str(message.term)
            yield "mlastLogTerm", str(message.last_log_term)
            yield "mlastLogIndex", str(message.last_log_index)
        case RequestVoteResponse():
            yield "mtype", "RequestVoteResponse"
            yield "mterm", str(message.term)
            yield "mvoteGranted", _boolean(message.vote_granted)
        case AppendEntries():
            yield "mtype", "AppendEntriesRequest"
            yield "mterm", str(message.term)
            yield "mprevLogIndex", str(message.previous_index)
            yield "mprevLogTerm", str(message.previous_term)
            yield "mentries", _log(message.entries)
            yield "mcommitIndex", str(message.leader_commit)
        case AppendEntriesResponse():
            yield "mtype", "AppendEntriesResponse"
            yield "mterm", str(message.term)
            yield "msuccess", _boolean(message.success)
            yield "mmatchIndex", str(message.match_index)
    yield "msource", _node_name(message.source)
    yield "mdest", _node_name(message.target)


def _log(log: Log) -> str:
    return "<<" + ", ".join(f'[term |-> {entry.term}, value |-> "{entry_content(entry)}"]' for entry in log) + ">>"


def _function(pairs: Iterable[tuple[NodeId, str]]) -> str:
    return "(" + " @@ ".join(f'"{id}" :> {value}' for id, value in pairs) + ")"


def _set(members: Iterable[NodeId], order: tuple[NodeId, ...]) -> str:
    return "{" + ", ".join(f'"{id}"' for id in order if id in set(members)) + "}"


def _node_name(id: NodeId | None) -> str:
    return f'"{id}"' if id else "Nil"


def _boolean(value: bool) -> str:
    return "TRUE" if value else "FALSE"
