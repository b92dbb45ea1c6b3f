"""A bounded model as files for TLC: the specification, its bounds, and the properties that every state must have."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, cast

from raftstep.core.log import last_index
from raftstep.core.messages import Message
from raftstep.core.model import Node, Role
from raftstep.simulation.events import Tick
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.observer import ObserverState
from raftstep.simulation.explore.raft import KEYS, raft_model
from raftstep.tla.check_files import SPECIFICATION, read_specification
from raftstep.tla.exportable import describe_unknown_settings
from raftstep.tla.write_values import (
    write_boolean,
    write_entry,
    write_function,
    write_log,
    write_message,
    write_name,
    write_role,
    write_set,
    write_text,
)

MODEL = "Model"
BOUNDED_SPECIFICATION = "RaftModel.tla"

BOUNDS = ("nodes", "terms", "entries", "commands", "crashes", "rounds", "heartbeats", "start", "prefix", "settings")
"""The bounds that the model has. Any other must be left as it is, so a new one is refused until it is in the model."""

SETTINGS = ("no_op", "minimum_timeout_ms", "drift_bound")
"""The settings that the model has, or that have no meaning without time."""

INVARIANTS = ("ElectionSafety", "LogMatching", "LeaderCompleteness", "StateMachineSafety")
ACTION_PROPERTY = "LeaderAppendOnly"


def write_model_files(bounds: Bounds) -> dict[str, str]:
    """The files of a model, by their names: two modules of the package, the start, and TLC's configuration.

    Raises :class:`ValueError` for bounds that the specification does not have, and says what to leave out.
    """
    _check_bounds(bounds)
    return {
        SPECIFICATION: read_specification(),
        BOUNDED_SPECIFICATION: read_specification(BOUNDED_SPECIFICATION),
        f"{MODEL}.tla": _write_start(bounds),
        f"{MODEL}.cfg": _write_configuration(bounds),
    }


def _check_bounds(bounds: Bounds) -> None:
    for field in fields(bounds):
        default: object = None if field.default is MISSING else field.default
        if field.name not in BOUNDS and getattr(bounds, field.name) != default:
            raise ValueError(f"the specification has no bound {field.name}; leave it out")
    if any(isinstance(event.given, Tick) for event in bounds.prefix):
        raise ValueError("the specification has no time; name a schedule without ticks")
    for problem in describe_unknown_settings(bounds.settings, SETTINGS):
        raise ValueError(problem)


def _write_configuration(bounds: Bounds) -> str:
    constants = {
        "FirstTerm": "0",
        "NoOp": write_boolean(bounds.settings.no_op),
        "Reads": "FALSE",
        "KeepsMail": "TRUE",
        "MaxTerm": str(bounds.terms),
        "MaxEntries": str(bounds.entries),
        "MaxCommands": str(bounds.commands),
        "MaxCrashes": str(bounds.crashes),
        "MaxRounds": str(bounds.rounds),
        "Heartbeats": write_boolean(bounds.heartbeats),
    }
    lines = [
        f"\\* {bounds.words}",
        "CONSTANTS",
        "  Server <- TheServers",
        "  Value <- TheValues",
        "  Command <- TheCommands",
        *(f"  {name} = {value}" for name, value in constants.items()),
        "INIT Start",
        "NEXT ModelNext",
        "VIEW View",
        f"INVARIANTS {' '.join(INVARIANTS)}",
        f"PROPERTIES {ACTION_PROPERTY}",
    ]
    return "\n".join(lines) + "\n"


def _write_start(bounds: Bounds) -> str:
    model = raft_model(bounds)
    nodes = cast("tuple[Node, ...]", model.nodes)
    messages = cast("tuple[Message, ...]", model.messages)
    history = cast("ObserverState", model.history).history
    ids = tuple(node.id for node in nodes)
    commands = {
        id: [f"{KEYS[n % len(KEYS)]}={number}" for n in range(bounds.entries)] for number, id in enumerate(ids, 1)
    }
    mail = " @@ ".join(f"{write_message(message)} :> 1" for message in messages)
    leaders = ", ".join(f"<<{term}, {write_name(leader)}>>" for term, leader in history.leaders)
    committed = ", ".join(
        f"[entry |-> {write_entry(item.entry)}, term |-> {item.commit_term}]" for item in history.committed_entries
    )
    values: dict[str, str] = {
        "messages": f"({mail})" if mail else "[m \\in {} |-> 0]",
        "currentTerm": write_function((node.id, str(node.current_term)) for node in nodes),
        "state": write_function((node.id, write_role(node)) for node in nodes),
        "votedFor": write_function((node.id, write_name(node.voted_for)) for node in nodes),
        "log": write_function((node.id, write_log(node.log)) for node in nodes),
        "commitIndex": write_function((node.id, str(node.commit_index)) for node in nodes),
        "votesResponded": write_function((node.id, write_set(node.votes_granted, ids)) for node in nodes),
        "votesGranted": write_function((node.id, write_set(node.votes_granted, ids)) for node in nodes),
        "nextIndex": write_function((node.id, _write_indexes(node, ids, "next_index", 1)) for node in nodes),
        "matchIndex": write_function((node.id, _write_indexes(node, ids, "match_index", 0)) for node in nodes),
        "leaders": f"{{{leaders}}}",
        "committed": f"<<{committed}>>",
        "applied": write_log(history.applied_entries),
    }
    lines = [
        f"---- MODULE {MODEL} ----",
        f"\\* {bounds.words}",
        "EXTENDS RaftModel",
        f"TheServers == {write_set(ids, ids)}",
        "TheValues == {}",
        "TheCommands == "
        + write_function((id, f"<<{', '.join(map(write_text, texts))}>>") for id, texts in commands.items()),
        "Start ==",
        "    /\\ BoundsInit",
        *(f"    /\\ {name} = {value}" for name, value in values.items()),
        "====",
    ]
    return "\n".join(lines) + "\n"


def _write_indexes(node: Node, ids: tuple[str, ...], name: str, default: int) -> str:
    """A leader's index for each peer. Those of others, and its own, are read by nobody."""
    indexes: dict[str, Any] = {progress.peer: getattr(progress, name) for progress in node.progress}
    if node.role is Role.LEADER and name == "next_index":
        indexes[node.id] = last_index(node) + 1
    return write_function((id, str(indexes.get(id, default))) for id in ids)
