"""What is done to a run from outside, and when: faults, clients, and the events that trigger them."""

from __future__ import annotations

from dataclasses import dataclass, field

from raftstep.core.model import NodeId, Settings
from raftstep.limits import ENTRIES, EVENTS, MESSAGES, Limit
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Cut, Deliver, Event, Heal, Lose, NodeEvent, Partition, event_name, event_node
from raftstep.simulation.protocol import RAFT, Protocol, term_number
from raftstep.simulation.short_words import describe_changes
from raftstep.simulation.trace import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which steps are meant: those where a rule fires or an event happens, at a node, in a term, up to an index.

    ``name`` is a rule's slug (``become-leader``) or an event's name (``crash``). ``occurrence`` picks the n-th match.
    ``index`` asks that the node's commit index has reached it; ``source`` that the event is about a message from there.
    """

    name: str
    node: NodeId | None = None
    term: int | None = None
    index: int | None = None
    source: NodeId | None = None
    occurrence: int = 1

    def matches(self, step: Step) -> bool:
        """Whether this one step is of the kind; counting up to ``occurrence`` is the caller's."""
        rules = step.outcome.rules if step.outcome else ()
        if self.name != event_name(step.event) and self.name not in {rule.slug for rule in rules}:
            return False
        node_id = event_node(step.event)
        if self.node is not None and node_id != self.node:
            return False
        if self.source is not None and self.source != _source_of(step.event):
            return False
        if self.term is None and self.index is None:
            return True
        if node_id is None:
            return False
        node = step.cluster.node(node_id)
        return (self.term is None or term_number(node.current_term) == self.term) and (
            self.index is None or node.commit_index >= self.index
        )


def _source_of(event: Event) -> NodeId | None:
    """Who sent the message that an event is about."""
    return event.packet.message.source if isinstance(event, Deliver | Lose) else None


LEADER = "leader"
"""In a directive: whichever live node leads the newest term at that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFault:
    """Touch the next ``count`` messages sent from ``source`` to ``target``: lose, delay or duplicate them.

    ``None`` means any. ``kind`` is a message's name, such as ``RequestVote``, and ``term`` its term. ``entry`` asks for
    a message that carries it, as ``x=7`` or ``x=7@2``, and ``index`` for one that carries the entry there, or confirms
    it. Of the messages that fit, the first to be touched is number ``nth``. A ``delay_ms`` is added to the drawn
    latency; ``copies`` more of the message are sent.
    """

    source: NodeId | None = None
    target: NodeId | None = None
    kind: str | None = None
    term: int | None = None
    entry: str | None = None
    index: int | None = None
    nth: int = 1
    count: int = 1
    lose: bool = False
    delay_ms: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """From now on a node's next timeouts are these, in ms, instead of drawn ones."""

    node: NodeId
    timeouts_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink:
    """How messages from ``source`` to ``target`` fare from now on; ``None`` for an end means any node.

    Of latency in ms, loss and duplication, each a part from 0 to 1, what is ``None`` is as in the set-up.
    """

    source: NodeId | None = None
    target: NodeId | None = None
    latency_ms: tuple[int, int] | None = None
    loss: float | None = None
    duplication: float | None = None


PlannedEvent = NodeEvent | Partition | Cut | Heal | MessageFault | SetTimer | SetLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One directive and its moment: at a time, or ``after_ms`` past the step that a pattern picks.

    Actions happen in order: a pattern is looked for from the action before it, whose own step counts too. With
    ``if_possible`` one that cannot be carried out, such as asking a leader where none leads, is passed over in silence.
    """

    directive: PlannedEvent
    at_ms: int | None = None
    when: Pattern | None = None
    after_ms: int = 0
    if_possible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that decides a run, apart from the seed. Times in whole ms; probabilities from 0 to 1.

    A run begins at boot, or at ``start``: a cluster whose timers are armed at 0 ms and that has no messages in flight.
    ``links`` are slower or lose more than the others; of two that speak of one link the later holds.
    ``voters`` and ``learners`` belong to the cluster at the start; all nodes do where none is named. ``clock_speeds``:
    a node whose clock runs at 0.8 counts 80 ms while 100 pass. ``disks`` are the nodes whose writes take time, in ms.
    From ``faults_until_ms`` on no message is lost or duplicated by chance.

    A run is given up at more than ``most_events``, where ``most_messages`` are in flight, or where a log, with what its
    snapshot replaced, has more than ``most_entries``: messages that breed messages would never end.
    """

    nodes: tuple[NodeId, ...]
    voters: tuple[NodeId, ...] = ()
    learners: tuple[NodeId, ...] = ()
    settings: Settings = field(default_factory=Settings)
    start_term: int = 0
    election_timeout_ms: tuple[int, int] = (150, 300)
    heartbeat_interval_ms: int = 50
    latency_ms: tuple[int, int] = (10, 20)
    loss: float = 0.0
    duplication: float = 0.0
    faults_until_ms: int | None = None
    timers: tuple[tuple[NodeId, tuple[int, ...]], ...] = ()
    clock_speeds: tuple[tuple[NodeId, float], ...] = ()
    links: tuple[SetLink, ...] = ()
    disks: tuple[tuple[NodeId, int], ...] = ()
    plan: tuple[Action, ...] = field(default=())
    until_ms: int = 1000
    most_events: int = EVENTS.most
    most_messages: int = MESSAGES.most
    most_entries: int = ENTRIES.most
    protocol: Protocol = RAFT
    start: Cluster | None = None

    def __repr__(self) -> str:
        return describe_changes(self)


class PlanError(Exception):
    """A run that cannot be made. ``action_index`` counts the plan's actions from 0; ``None`` blames none of them.

    ``limit`` is the one that the run met, where it met one. Then ``str()`` also says how to have more.
    """

    def __init__(self, action_index: int | None, words: str, limit: Limit | None = None) -> None:
        super().__init__(f"{words}; {limit.remedy}" if limit else words)
        self.action_index = action_index
        self.words = words
        self.limit = limit
