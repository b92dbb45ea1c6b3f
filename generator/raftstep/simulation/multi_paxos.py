"""Multi-Paxos as a protocol of the simulator: the one place where its nodes are said to answer as Raft's do."""

from __future__ import annotations

from typing import cast, get_args

from raftstep.core import model as raft
from raftstep.core.model import Configuration, Index, NodeId, Settings, Term
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import Message
from raftstep.core.paxos.model import Ballot, Node, Slot
from raftstep.core.paxos.step import restart, step
from raftstep.simulation import paxos_words
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.paxos_invariants import PROPERTIES, History, observe_node
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


def _as_paxos(node: raft.Node) -> Node:
    """A cluster's node as one of Multi-Paxos; the simulator types it as one of Raft."""
    return cast("Node", cast("object", node))


def _crash_node(node: raft.Node) -> raft.Node:
    return cast("raft.Node", restart(_as_paxos(node)).node)


def _wipe_node(node: raft.Node) -> raft.Node:
    paxos_node = _as_paxos(node)
    empty_node = Node(
        id=paxos_node.id,
        configuration=paxos_node.configuration,
        promised_ballot=Ballot(0),
        without=paxos_node.without,
    )
    return cast("raft.Node", empty_node)


def observe(history: History, before: Cluster, after: Cluster, node_id: NodeId | None) -> tuple[History, list[Alarm]]:
    """The history after one event at one node, and what that event broke. Only that node can have changed."""
    if node_id is None:
        return history, []
    return observe_node(history, _as_paxos(before.node(node_id)), _as_paxos(after.node(node_id)))


def _is_hole(slot: Slot) -> bool:
    return slot.is_hole


def _is_settled(node: Node, index: Index) -> bool:
    """Each slot is known to be chosen, or not, by itself."""
    return node.slot(index).is_chosen


MULTI_PAXOS = Protocol(
    name="multi-paxos",
    title="Multi-Paxos",
    own_types=(Node, Slot, *get_args(Message)),
    boot=boot,
    step=cast("StepFunction", step),
    crash=_crash_node,
    wipe=_wipe_node,
    is_leader=has_leader_role,
    new_history=History,
    observe=observe,
    properties=PROPERTIES,
    proposes_no_ops=True,
    is_hole=_is_hole,
    is_settled=_is_settled,
    words=ProtocolWords(
        term="ballot",
        vote="promised to",
        log="slots",
        commit_index="chosen up to",
        committed="chosen",
        settled="value this node knows to be chosen",
        open="value this node does not know to be chosen",
        each_vote="a dot for each promise",
        signs="B2.S1 is S1’s ballot of round 2: on a node the highest it has promised, in a slot the one in which it "
        "accepted the value. An empty slot before a full one is a hole.",
        roles=paxos_words.ROLE_NAMES,
    ),
    message_words=paxos_words.message_words,
    entry_words=paxos_words.entry_words,
    entry_content=paxos_words.entry_content,
    node_words=paxos_words.node_words,
    message_kind=paxos_words.message_kind,
    message_name=paxos_words.message_name,
    kind_names=paxos_words.KIND_NAMES,
)
