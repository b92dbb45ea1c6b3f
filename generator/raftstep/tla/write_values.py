"""Values of a run in TLA+: entries, logs, messages, sets, functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from raftstep.core.log import Log
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    Message,
    RequestVote,
    RequestVoteResponse,
)
from raftstep.core.model import Entry, Node, NodeId, Role
from raftstep.simulation.raft_words import entry_content

NIL = '"Nil"'

_ROLES = {Role.LEADER: "Leader", Role.CANDIDATE: "Candidate", Role.FOLLOWER: "Follower"}

_FIELD = re.compile(r"[A-Za-z]+[0-9]+")
"""A name that can be a field of a record. None of TLA+'s own words ends in a digit."""


def write_function(pairs: Iterable[tuple[NodeId, str]]) -> str:
    """A function from nodes to values; where the names allow it, as a record, which is the same and shorter.

    >>> write_function([("S1", "3"), ("S2", "4")]), write_function([("IF", "3")])
    ('[S1 |-> 3, S2 |-> 4]', '("IF" :> 3)')
    """
    values = list(pairs)
    if all(_FIELD.fullmatch(id) for id, _ in values):
        return "[" + ", ".join(f"{id} |-> {value}" for id, value in values) + "]"
    return "(" + " @@ ".join(f"{write_name(id)} :> {value}" for id, value in values) + ")"


def write_set(members: Iterable[NodeId], order: tuple[NodeId, ...]) -> str:
    """A set of nodes, in the scenario's order."""
    chosen = set(members)
    return "{" + ", ".join(write_name(id) for id in order if id in chosen) + "}"


def write_name(id: NodeId | None) -> str:
    """A node's name; for none the specification has a value of its own."""
    return NIL if id is None else write_text(id)


def write_text(text: str) -> str:
    r"""Any text as a string of TLA+, which has the quotation mark and the backslash as C does, and ASCII alone.

    >>> print(write_text('say="é"'))
    "say=\"<U+00E9>\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if " " <= c <= "~" else f"<U+{ord(c):04X}>" for c in escaped) + '"'


def write_role(node: Node) -> str:
    """A role under its name in the specification."""
    return write_text(_ROLES[node.role])


def write_entry(entry: Entry) -> str:
    """One entry."""
    return f"[term |-> {entry.term}, value |-> {write_text(entry_content(entry))}]"


def write_log(log: Log) -> str:
    """A log, or the entries of a message."""
    return f"<<{', '.join(map(write_entry, log))}>>"


def write_message(message: Message) -> str:
    """A message as a record with the specification's fields."""
    return "[" + ", ".join(f"{name} |-> {value}" for name, value in _write_fields(message)) + "]"


def _write_fields(message: Message) -> Iterator[tuple[str, str]]:
    match message:
        case RequestVote():
            yield "mtype", '"RequestVoteRequest"'
            yield "mterm", str(message.term)
            yield "mlastLogTerm", str(message.last_log_term)
            yield "mlastLogIndex", str(message.last_log_index)
        case RequestVoteResponse():
            yield "mtype", '"RequestVoteResponse"'
            yield "mterm", str(message.term)
            yield "mvoteGranted", write_boolean(message.vote_granted)
        case AppendEntries():
            yield "mtype", '"AppendEntriesRequest"'
            yield "mterm", str(message.term)
            yield "mprevLogIndex", str(message.previous_index)
            yield "mprevLogTerm", str(message.previous_term)
            yield "mentries", write_log(message.entries)
            yield "mcommitIndex", str(message.leader_commit)
        case AppendEntriesResponse():
            yield "mtype", '"AppendEntriesResponse"'
            yield "mterm", str(message.term)
            yield "msuccess", write_boolean(message.success)
            yield "mmatchIndex", str(message.match_index)
    yield "msource", write_name(message.source)
    yield "mdest", write_name(message.target)


def write_boolean(value: bool) -> str:
    """TRUE or FALSE."""
    return "TRUE" if value else "FALSE"
