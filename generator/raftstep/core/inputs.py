"""The inputs of a node, its answers to clients, and the outcome of one step.

``clock_ms`` is what the node's own clock shows. Figure 2 needs none; pre-vote, check-quorum, leader stickiness,
leadership transfer and leases measure time by it, and clocks may run at different speeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.messages import Message
from raftstep.core.model import Configuration, Index, Node, NodeId, Term
from raftstep.core.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A message arrives."""

    message: Message
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFires:
    """The node's one timer runs out: a leader's is its heartbeat, everyone else's the election timeout."""

    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """A client asks this node to have a command applied. ``client`` and ``serial`` name the request, where it has one.

    A client that gets no answer sends the same serial again (dissertation §6.3).
    """

    command: str
    client: str | None = None
    serial: int = 0
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRead:
    """A client asks this node for the value of a key. ``id`` names the read."""

    id: str
    key: str
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeConfiguration:
    """An operator asks the leader for another configuration (§6)."""

    configuration: Configuration
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLeadership:
    """An operator asks the leader to transfer leadership to ``target`` (dissertation §3.10)."""

    target: NodeId
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshot:
    """The node takes a snapshot of what it has applied and drops the log up to there (§7)."""

    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteEnds:
    """The disk of a node whose writes take time now holds its log up to ``index``. Other nodes are never given this."""

    index: Index
    clock_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRestarts:
    """The node restarts after a crash with its durable state."""

    clock_ms: int = 0


Input = (
    Receive
    | TimerFires
    | ClientRequest
    | ClientRead
    | ChangeConfiguration
    | TransferLeadership
    | TakeSnapshot
    | WriteEnds
    | NodeRestarts
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandApplied:
    """To the client: your command was committed and applied at this index."""

    command: str
    index: Index
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLeader:
    """To the client: ask ``leader`` instead (``None`` where the node knows of none)."""

    command: str
    leader: NodeId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """To the client: ``key`` has ``value`` (``None``: never set) after the entry at ``index``."""

    id: str
    key: str
    value: str | None
    index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused:
    """To a client or an operator: not now, or not this; ``rule`` says why."""

    request: str
    rule: Rule


Answer = CommandApplied | NotLeader | ReadResult | RequestRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one step did: the node after it, what it sends and answers, and the rules that fired, in order.

    ``rearm`` says whether the node's timer restarts. It is said by the rule, never inferred: a newer term whose
    vote is denied does not restart a follower's election timeout, while a leader that steps down is given one.
    """

    node: Node
    messages: tuple[Message, ...] = ()
    answers: tuple[Answer, ...] = ()
    rearm: bool = False
    rules: tuple[Rule, ...] = ()
