"""What a run needs to know of a protocol, as one value: another one can then take Raft's place in the same simulator.

The code around it is typed for Raft's nodes, messages and outcomes. Another protocol's answer to the same names
(``id``, ``role``, ``current_term``, ``log``, ``commit_index`` …), and its value here is where that is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from raftstep.core.inputs import Input, Outcome
from raftstep.core.model import Node, NodeId, Role, Term
from raftstep.core.step import restart, step
from raftstep.simulation.cluster import Cluster, boot
from raftstep.simulation.invariants import PROPERTIES, History, observe
from raftstep.simulation.trace import Alarm

StepFunction = Callable[[Node, Input], Outcome]
Observer = Callable[[Any, Cluster, Cluster, NodeId | None], tuple[Any, list[Alarm]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolWords:
    """What a protocol calls the things that pictures and tables show."""

    term: str
    vote: str
    commit_index: str
    committed: str
    roles: Mapping[Role, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol:
    """One protocol. ``name`` is how scenarios write it, ``title`` how readers do.

    ``boot`` makes the cluster, ``step`` is one node, and ``crash`` leaves of a node what was durable. A node that
    ``is_leader`` has a heartbeat for its timer, any other an election timeout. ``observe`` holds the ``properties``
    after every event, and begins with what ``new_history`` makes.
    """

    name: str
    title: str
    boot: Callable[..., Cluster]
    step: StepFunction
    crash: Callable[[Node], Node]
    is_leader: Callable[[Node], bool]
    new_history: Callable[[], Any]
    observe: Observer
    properties: Mapping[str, str]
    words: ProtocolWords


def _crash_node(node: Node) -> Node:
    return restart(node).node


def term_number(term: Term) -> int:
    """The number that grows with each election: a term itself, or the round of a ballot."""
    return cast("int", getattr(term, "round", term))


def has_leader_role(node: Node) -> bool:
    """Whether a node has the leader's role."""
    return node.role is Role.LEADER


RAFT = Protocol(
    name="raft",
    title="Raft",
    boot=boot,
    step=step,
    crash=_crash_node,
    is_leader=has_leader_role,
    new_history=History,
    observe=observe,
    properties=PROPERTIES,
    words=ProtocolWords(
        term="term",
        vote="vote",
        commit_index="commit index",
        committed="committed",
        roles={role: role.value for role in Role},
    ),
)
