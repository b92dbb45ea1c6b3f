"""One step of one node of Multi-Paxos: a pure function of the node and its input.

The inputs are those of Raft's core; only the messages that they carry are others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from raftstep.core.inputs import ClientRequest, Input, NodeRestarts, Receive, TimerFires
from raftstep.core.model import Role
from raftstep.core.paxos import accept, ballots, learn, prepare
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import (
    Accept,
    Accepted,
    AskForChosen,
    Chosen,
    Heartbeat,
    Message,
    Prepare,
    Promise,
    Refusal,
)
from raftstep.core.paxos.model import NO_BALLOT, Node
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule


def step(node: Node, given: Input) -> Outcome:
    """What a node does with an input.

    Raises ``ValueError`` for what this Multi-Paxos does not know: reads, changes of the cluster, snapshots.
    """
    match given:
        case Receive(message=message):
            return _receive(node, cast("Message", message))
        case TimerFires():
            return accept.send_heartbeat(node) if node.role is Role.LEADER else prepare.start_ballot(node)
        case ClientRequest():
            return accept.handle_client_request(node, given)
        case NodeRestarts():
            return restart(node)
    words = "Multi-Paxos here has no reads, snapshots, transfers or changes of configuration; ask a cluster of Raft"
    raise ValueError(words)


def _receive(node: Node, message: Message) -> Outcome:
    match message:
        case Prepare():
            return prepare.answer_prepare(node, message)
        case Promise():
            return prepare.count_promise(node, message)
        case Refusal():
            return ballots.yield_to_ballot(node, message)
        case Accept():
            return accept.answer_accept(node, message)
        case Accepted():
            return accept.count_acceptance(node, message)
        case Heartbeat():
            return learn.hear_leader(node, message)
        case AskForChosen():
            return learn.teach_chosen(node, message)
        case Chosen():
            return learn.learn_chosen(node, message)


def restart(node: Node) -> Outcome:
    """Restart with the promise and what was accepted (Lamport 2001, §2.5); that it is chosen is learned again."""
    durable_slots = (
        tuple(replace(slot, is_chosen=False) for slot in node.slots) if node.keeps(Guard.DURABLE_ACCEPTANCE) else ()
    )
    restarted_node = Node(
        id=node.id,
        configuration=node.configuration,
        without=node.without,
        promised_ballot=node.promised_ballot if node.keeps(Guard.DURABLE_PROMISE) else NO_BALLOT,
        slots=durable_slots,
    )
    return Outcome(node=restarted_node, rearm=True, rules=(Rule.RESTART,))
