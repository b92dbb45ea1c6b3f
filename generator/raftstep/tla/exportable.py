"""What the specification knows, and so which runs can be exported.

All is allowed by name. A setting, an event, a message or a field that is not named here is refused, so what is new
stays refused until somebody has found its counterpart in the specification.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from raftstep.core.messages import AppendEntries, AppendEntriesResponse, Message, RequestVote, RequestVoteResponse
from raftstep.core.model import Entry, Node, Role, Settings
from raftstep.limits import EXPORTED_VALUES
from raftstep.simulation import events
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import event_name
from raftstep.simulation.short_words import join_and
from raftstep.simulation.trace import Trace

FIRST_TERM = 1
"""The term in which all servers of the published specification boot."""

SETTINGS = {
    "no_op": "a command that the leader gives itself",
    "leader_stickiness": "a request for a vote that is passed over is a message that is lost",
    "reads": "a read leaves no mark but the heartbeats that confirm the leader",
    "sessions": "a repeated command is passed over by the state machine, which the specification leaves out",
    "minimum_timeout_ms": "the specification has no time",
    "drift_bound": "the specification has no time",
    "without": "the specification has all rules, so it finds the step at which one is missing",
}
"""The settings that may have any value, each with what it is in the specification."""

EVENTS = (
    events.Boot,
    events.Tick,
    events.Deliver,
    events.Lose,
    events.Timeout,
    events.Request,
    events.ReadRequest,
    events.Crash,
    events.Restart,
    events.Partition,
    events.Cut,
    events.Heal,
)
"""The events that are a step of the specification, or none of its business: time, links and reads."""

FIELDS: dict[type, tuple[str, ...]] = {
    RequestVote: ("source", "target", "term", "last_log_index", "last_log_term"),
    RequestVoteResponse: ("source", "target", "term", "vote_granted"),
    AppendEntries: (
        "source",
        "target",
        "term",
        "previous_index",
        "previous_term",
        "entries",
        "leader_commit",
        "round",
    ),
    AppendEntriesResponse: ("source", "target", "term", "success", "match_index", "round"),
    Entry: ("term", "command", "client", "serial"),
}
"""The messages and entries of the specification, with the fields that are written or do not matter there.

A ``round`` confirms reads, and ``client`` and ``serial`` distinguish a repeated command from a new one: neither is in
the specification.
"""


def check_exportable(trace: Trace) -> None:
    """Raise :class:`ValueError` for a run of what the specification does not know, and say what to export instead."""
    if trace.protocol != "raft":
        raise ValueError("the specification is of Raft, and this run is of another protocol; export a run of Raft")
    _check_size(trace)
    for problem in _find_problems(trace):
        raise ValueError(problem)


def _check_size(trace: Trace) -> None:
    values = sum(len(step.cluster.packets) + sum(len(node.log) for node in step.cluster.nodes) for step in trace.steps)
    if values > EXPORTED_VALUES.most:
        words = f"the states of this run hold {values:,} messages and entries, and an export at most"
        raise ValueError(f"{words} {EXPORTED_VALUES.words}; {EXPORTED_VALUES.remedy}")


def _find_problems(trace: Trace) -> Iterator[str]:
    for node in trace.start.nodes:
        yield from describe_unknown_settings(node.settings)
    yield from _find_start_problems(trace.start)
    messages: dict[Message, None] = {}  # dictionaries, because they keep their order in every process
    nodes: dict[Node, None] = {}
    for step in trace.steps:
        if not isinstance(step.event, EVENTS):
            yield f"the specification has no event {event_name(step.event)}; export a run without it"
        messages.update(dict.fromkeys(packet.message for packet in step.cluster.packets))
        nodes.update(dict.fromkeys(step.cluster.nodes))
    for node in nodes:
        yield from _find_node_problems(node, trace.start)
    entries = dict.fromkeys(entry for node in nodes for entry in node.log)
    for part in (*messages, *entries):
        yield from _find_unknown_parts(part)


def describe_unknown_settings(settings: Settings, known: Collection[str] = SETTINGS) -> Iterator[str]:
    """Each setting that the specification has no counterpart of, and what to do instead."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name not in known and value != field.default:
            yield (
                f"the specification knows nothing of the setting {field.name}, which is {_write_setting(value)} here; "
                f"set it to {_write_setting(field.default)}"
            )


def _write_setting(value: object) -> str:
    """A setting's value as authors write it."""
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(guard.slug for guard in value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _find_start_problems(start: Cluster) -> Iterator[str]:
    for node in start.nodes:
        if set(node.configuration.voters) != set(start.ids) or node.configuration.learners:
            yield "in the specification every server votes from the start; export a run without learners and new nodes"
        if node.current_term != FIRST_TERM:
            yield (
                f"the servers of the specification start in term {FIRST_TERM}, and {node.id} starts in term "
                f"{node.current_term}; set start_term to {FIRST_TERM}, or give a schedule seed, until_ms and happens"
            )
        if (node.role, node.voted_for, node.log, node.commit_index) != (Role.FOLLOWER, None, (), 0):
            yield (
                f"the servers of the specification start as followers with empty logs and no vote, and {node.id} does "
                "not; export a run that begins at boot"
            )
    if start.packets or start.down_nodes:
        yield "the specification starts with all servers up and no message sent; export a run that begins at boot"


def _find_node_problems(node: Node, start: Cluster) -> Iterator[str]:
    if node.role not in (Role.FOLLOWER, Role.CANDIDATE, Role.LEADER):
        yield f"the specification has no {node.role}; export a run without it"
    if node.snapshot.index:
        yield "the specification has no snapshots; export a run without them"
    if node.configuration != start.node(node.id).configuration:
        yield "the specification has no changes of configuration; export a run without them"


def _find_unknown_parts(value: Any) -> Iterator[str]:
    """What of a message or an entry the specification does not have."""
    name = type(value).__name__
    if type(value) not in FIELDS:
        known = join_and(kind.__name__ for kind in FIELDS if kind is not Entry)
        yield f"the specification has no message {name}, only {known}; export a run without it"
        return
    for field in fields(value):
        if field.name not in FIELDS[type(value)] and getattr(value, field.name) != _default_of(field):
            yield f"in the specification {name} has no {field.name}; export a run without it"
    for entry in getattr(value, "entries", ()):
        yield from _find_unknown_parts(entry)


def _default_of(field: Field[Any]) -> object:
    return None if field.default is MISSING else field.default
