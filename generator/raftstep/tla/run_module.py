"""A run as a TLA+ module: the sequence of its states, in the words of Raft's published specification.

The state variables, the roles and the messages' fields have the names they have there (ongardie/raft.tla), so that a
checker can hold each state and each step of a run against that specification, or against ``RaftSteps.tla`` here.
``messages`` is a bag: each message with how many of it are in flight. The specification's history variables are left
out; it says of them that they do not appear in an implementation.

What a node of ours forgets when it is a candidate or a leader no more, the specification keeps and does not read:
``votesResponded``, ``votesGranted``, ``nextIndex`` and ``matchIndex``. So these stay as they were. A vote or an
acknowledgement that a node ignores counts nowhere, like a message that was lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from raftstep.core.log import last_index
from raftstep.core.messages import Message, RequestVoteResponse
from raftstep.core.model import Index, Node, NodeId, ReadMode, Role
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Crash, Deliver, Event, Restart, Timeout, event_node, event_words
from raftstep.simulation.raft_words import entry_content
from raftstep.simulation.trace import Step, Trace
from raftstep.tla.exportable import check_exportable
from raftstep.tla.write_values import (
    write_boolean,
    write_function,
    write_log,
    write_message,
    write_name,
    write_role,
    write_set,
    write_text,
)

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

STATES_PER_FULL_STATE = 50
"""Of so many states one is written in full and the others as changes, so that no checker has a long way to a value."""


def write_run_module(trace: Trace, name: str) -> str:
    """A module that defines ``Trace``, the sequence of the run's states, and ``Server``, ``Value`` and ``NoOp``.

    Raises :class:`ValueError` for a run of what the specification does not know; :mod:`.exportable` has what it knows.
    """
    check_exportable(trace)
    ids, settings = trace.start.ids, trace.start.nodes[0].settings
    candidacies = dict.fromkeys(ids, _START)
    message_names: dict[str, str] = {}
    states: list[str] = []
    values: dict[str, str] = {}
    for number, step in enumerate(trace.steps, 1):
        _follow(candidacies, trace, step)
        values_before, values = values, _write_values(step.cluster, candidacies, message_names)
        states += [_write_comment(step), _write_state(number, values, values_before)]
    lines = [
        f"---- MODULE {name} ----",
        "EXTENDS Naturals, Sequences, TLC",
        f"Server == {write_set(ids, ids)}",
        f"Value == {{{', '.join(map(write_text, _list_commands(trace)))}}}",
        f"FirstTerm == {trace.start.nodes[0].current_term}",
        f"NoOp == {write_boolean(settings.no_op)}",
        f"Reads == {write_boolean(settings.reads is not ReadMode.OFF)}",
        *(f"{message_name} == {message}" for message, message_name in message_names.items()),
        *states,
        f"Trace == <<{', '.join(f's{number + 1}' for number in range(len(trace.steps)))}>>",
        "====",
    ]
    return "\n".join(lines) + "\n"


def _list_commands(trace: Trace) -> list[str]:
    logs = {node.log for step in trace.steps for node in step.cluster.nodes}
    return sorted({entry_content(entry) for log in logs for entry in log if entry.command is not None})


def _write_comment(step: Step) -> str:
    words = write_text(event_words(step.event))[1:-1]
    return f"\\* {step.time_ms} ms: {words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """What the specification keeps of a node's last candidacy and its last time as a leader.

    ``own_index`` is the node's entry for itself in ``nextIndex``, which the specification sets with the others when a
    leader is elected, and never again.
    """

    responded: frozenset[NodeId] = frozenset()
    granted: frozenset[NodeId] = frozenset()
    own_index: Index = 1
    next_indexes: tuple[tuple[NodeId, Index], ...] = ()
    match_indexes: tuple[tuple[NodeId, Index], ...] = ()


_START = Candidacy()


def _follow(candidacies: dict[NodeId, Candidacy], trace: Trace, step: Step) -> None:
    """Bring what is kept of the node at which a step happens up to date."""
    id = event_node(step.event)
    if id is None:
        return
    if isinstance(step.event, (Crash, Restart)):
        candidacies[id] = _START
        return
    before, after = trace.node_before(step, id), step.cluster.node(id)
    candidacies[id] = update_candidacy(candidacies[id], before, after, step.event)


def update_candidacy(candidacy: Candidacy, before: Node, after: Node, event: Event) -> Candidacy:
    """What is kept after one event at a node."""
    if after.role is Role.FOLLOWER:
        return candidacy
    if isinstance(event, Timeout) and before.role is not Role.LEADER:
        candidacy = replace(candidacy, responded=frozenset({after.id}))
    elif before.role is Role.CANDIDATE and isinstance(event, Deliver):
        vote = event.packet.message
        if isinstance(vote, RequestVoteResponse) and vote.term == before.current_term:
            candidacy = replace(candidacy, responded=candidacy.responded | {vote.source})
    candidacy = replace(candidacy, granted=after.votes_granted)
    if after.role is not Role.LEADER:
        return candidacy
    if before.role is not Role.LEADER or before.current_term != after.current_term:
        candidacy = replace(candidacy, own_index=last_index(before) + 1)
    return replace(
        candidacy,
        next_indexes=tuple((progress.peer, progress.next_index) for progress in after.progress),
        match_indexes=tuple((progress.peer, progress.match_index) for progress in after.progress),
    )


def _write_values(cluster: Cluster, candidacies: Mapping[NodeId, Candidacy], names: dict[str, str]) -> dict[str, str]:
    """One state: what each variable holds. Messages are written under names, which are added to ``names``."""
    nodes, ids = cluster.nodes, cluster.ids
    return {
        "messages": _write_bag([packet.message for packet in cluster.packets], names),
        "currentTerm": write_function((node.id, str(node.current_term)) for node in nodes),
        "state": write_function((node.id, write_role(node)) for node in nodes),
        "votedFor": write_function((node.id, write_name(node.voted_for)) for node in nodes),
        "log": write_function((node.id, write_log(node.log)) for node in nodes),
        "commitIndex": write_function((node.id, str(node.commit_index)) for node in nodes),
        "votesResponded": write_function((id, write_set(candidacies[id].responded, ids)) for id in ids),
        "votesGranted": write_function((id, write_set(candidacies[id].granted, ids)) for id in ids),
        "nextIndex": write_function((id, _write_next_indexes(id, candidacies[id], ids)) for id in ids),
        "matchIndex": write_function((id, _write_match_indexes(candidacies[id], ids)) for id in ids),
    }


def _write_state(number: int, values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
    """One state under its name, in full or as what is new in it."""
    if number % STATES_PER_FULL_STATE == 1:
        return f"s{number} ==\n  [" + ",\n   ".join(f"{name} |-> {value}" for name, value in values.items()) + "]"
    changes = [f"!.{name} = {value}" for name, value in values.items() if value != values_before[name]]
    if not changes:
        return f"s{number} == s{number - 1}"
    return f"s{number} == [s{number - 1} EXCEPT\n  " + ",\n  ".join(changes) + "]"


def _write_next_indexes(id: NodeId, candidacy: Candidacy, ids: tuple[NodeId, ...]) -> str:
    indexes = {**dict(candidacy.next_indexes), id: candidacy.own_index}
    return write_function((peer, str(indexes.get(peer, 1))) for peer in ids)


def _write_match_indexes(candidacy: Candidacy, ids: tuple[NodeId, ...]) -> str:
    indexes = dict(candidacy.match_indexes)
    return write_function((peer, str(indexes.get(peer, 0))) for peer in ids)


def _write_bag(messages: Iterable[Message], message_names: dict[str, str]) -> str:
    counts = Counter(write_message(message) for message in messages)
    words = " @@ ".join(
        f"{message_names.setdefault(message, f'm{len(message_names) + 1}')} :> {count}"
        for message, count in counts.items()
    )
    return f"({words})" if words else "<<>>"
