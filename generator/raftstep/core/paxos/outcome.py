"""The outcome of one step, in the shape of Raft's: the simulator reads both alike."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.inputs import CommandApplied, NotLeader
from raftstep.core.paxos.messages import Message
from raftstep.core.paxos.model import Node
from raftstep.core.paxos.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one step did: the node after it, what it sends and answers, and the rules that fired, in order.

    ``rearm`` says whether the node's timer restarts.
    """

    node: Node
    messages: tuple[Message, ...] = ()
    answers: tuple[CommandApplied | NotLeader, ...] = ()
    rearm: bool = False
    rules: tuple[Rule, ...] = ()
