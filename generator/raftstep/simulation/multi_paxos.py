"""Multi-Paxos as a protocol of the simulator: the one place where its nodes are said to answer as Raft's do."""

from __future__ import annotations

from typing import cast

from raftstep.core import model as raft
from raftstep.core.model import Configuration, NodeId, Role, Settings, Term
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.model import Ballot, Node
from raftstep.core.paxos.step import restart, step
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.paxos_invariants import PROPERTIES, History, observe
from raftstep.simulation.protocol import Protocol, ProtocolWords, StepFunction, has_leader_role


def boot(
    ids: tuple[NodeId, ...],
    *,
    settings: Settings,
    start_term: Term,
    voters: tuple[NodeId, ...] = (),
    learners: tuple[NodeId, ...] = (),
) -> Cluster:
    """A cluster just started: nothing accepted, and no ballot promised below the next round.

    All nodes vote: ``voters`` and ``learners`` are Raft's. Of the settings only ``without`` is read.
    """
    if voters or learners:
        raise ValueError("Multi-Paxos here has a fixed set of nodes; leave voters and learners out")
    disabled_guards = cast("frozenset[Guard]", settings.without)
    configuration = Configuration(voters=ids)
    nodes = tuple(
        Node(id=id, configuration=configuration, promised_ballot=Ballot(start_term), without=disabled_guards)
        for id in ids
    )
    return Cluster(nodes=cast("tuple[raft.Node, ...]", nodes))


def _crash_node(node: raft.Node) -> raft.Node:
    return cast("raft.Node", restart(cast("Node", cast("object", node))).node)


MULTI_PAXOS = Protocol(
    name="multi-paxos",
    title="Multi-Paxos",
    boot=boot,
    step=cast("StepFunction", step),
    crash=_crash_node,
    is_leader=has_leader_role,
    new_history=History,
    observe=observe,
    properties=PROPERTIES,
    words=ProtocolWords(
        term="ballot",
        vote="promised to",
        commit_index="chosen up to",
        committed="chosen",
        roles={
            Role.FOLLOWER: "acceptor",
            Role.PRE_CANDIDATE: "acceptor",
            Role.CANDIDATE: "proposer",
            Role.LEADER: "leader",
        },
    ),
)
