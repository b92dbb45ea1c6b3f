"""How far a search of Raft goes, and from which start."""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.guards import Guard
from raftstep.core.inputs import Input, Receive, TimerFires
from raftstep.core.messages import AppendEntriesResponse, Message
from raftstep.core.model import FIGURE_2, Membership, Node, NodeId, ReadMode, Settings
from raftstep.core.step import step
from raftstep.limits import NODES
from raftstep.simulation.cluster import Cluster, boot
from raftstep.simulation.events import Tick
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.given_start import history_of
from raftstep.simulation.invariants import History

STARTS = ("boot", "steady")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a search may do. Messages need no bound: each is sent once into a set, and may arrive any number of times.
    With ``messages``, no schedule goes on from a state in which more than so many different ones may still arrive; one
    that has arrived may come again, unless it can change nothing any more.

    ``terms`` is the highest term a node campaigns in, ``entries`` the longest log; ``commands``, ``crashes``,
    ``changes`` (of the configuration), ``reads`` and ``snapshots`` are how many there may be in a run, a crash and
    its restart being one event. ``start`` is ``boot`` (all followers in term 0) or ``steady`` (S1 leads term 1, all
    voted for it and have heard from it, and nothing is on the wire). ``learners`` of the nodes, the last ones, do not
    vote. Without ``heartbeats`` a leader writes only when it is elected, takes a command or is refused. Where a cluster
    is ``given``, the search starts from its state instead. The nodes are S1, S2 and so on, or have these ``names``.

    With ``rounds`` there are so many rounds of heartbeats at most: where reads are answered each differs from the one
    before, and there is no end to them.

    Time stands still, unless there are ``ticks``: each moves it on by ``tick_ms``, a third of the least election
    timeout, and ``clocks`` are the speeds of the clocks that do not run true. An election timer then fires no sooner
    than the least timeout after it restarted, by its node's own clock.

    With ``prefix`` the search begins where these events, played from the start, have led; all messages sent in them may
    still arrive, and what the other bounds count is counted from there on. That the run found is the shortest is then
    said of the events that follow.
    """

    nodes: int = 3
    terms: int = 2
    entries: int = 1
    commands: int = 1
    crashes: int = 0
    changes: int = 0
    reads: int = 0
    snapshots: int = 0
    messages: int = 0
    rounds: int = 0
    ticks: int = 0
    learners: int = 0
    heartbeats: bool = True
    clocks: tuple[tuple[NodeId, float], ...] = ()
    start: str = "boot"
    given: Cluster | None = None
    names: tuple[NodeId, ...] = ()
    prefix: tuple[ScheduledEvent, ...] = ()
    settings: Settings = FIGURE_2

    def __post_init__(self) -> None:
        """Raise :class:`ValueError` for a bound that makes no sense."""
        if self.start not in STARTS:
            raise ValueError(f'a search starts from "boot" or "steady", not from "{self.start}"')
        for name, least, most in BOUND_RANGES:
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"{name} can be {least} to {most}, not {value}")
        if conflict := self.settings.conflict:
            raise ValueError(conflict)
        if self.reads and self.settings.reads is ReadMode.LEASE and not self.time_passes:
            raise ValueError("a lease lasts for a time, and without ticks none passes; give it some, such as ticks=3")
        known_nodes = self.names if self.given is None else self.given.ids
        if known_nodes and len(known_nodes) != self.nodes:
            raise ValueError(f"the nodes are {', '.join(known_nodes)}, so leave nodes out")
        if self.learners >= self.nodes:
            raise ValueError(f"of {self.nodes} nodes at least one must vote, so at most {self.nodes - 1} are learners")

    @property
    def ids(self) -> tuple[NodeId, ...]:
        """The names of the nodes."""
        return self.names or node_names(self.nodes)

    @property
    def time_passes(self) -> bool:
        """Whether time moves on at all, in the search or in the events before it."""
        return self.ticks > 0 or any(isinstance(event.given, Tick) for event in self.prefix)

    @property
    def tick_ms(self) -> int:
        """How long a tick is: three of them are an election timeout, or a little more."""
        return -(-self.settings.minimum_timeout_ms // 3)

    def without_rules(self, *guards: Guard) -> Bounds:
        """The same bounds with rules left out."""
        return replace(self, settings=replace(self.settings, without=self.settings.without.union(guards)))

    def full_schedule(self, schedule: tuple[ScheduledEvent, ...]) -> tuple[ScheduledEvent, ...]:
        """A schedule that a search found, with the events that the search began after."""
        return (*self.prefix, *schedule)

    @property
    def words(self) -> str:
        """The bounds in words, such as *3 nodes, 2 terms, 1 entry, 1 command; from boot*."""
        amounts = [
            _pluralize(getattr(self, name), noun)
            for name, noun in BOUND_NOUNS.items()
            if getattr(self, name) or name in ("entries", "commands")
        ]
        time = f", {_pluralize(self.ticks, 'tick')} of {self.tick_ms} ms" if self.time_passes else ""
        time += "".join(f", {node}'s clock running at {speed:g}" for node, speed in self.clocks if self.time_passes)
        message_words = f", at most {_pluralize(self.messages, 'message')} that may arrive" if self.messages else ""
        start = "a steady leader" if self.start == "steady" else "the boot of the cluster"
        start = start if self.given is None else "the given logs"
        heartbeat_words = ", heartbeats without entries" if self.settings.empty_heartbeats else ""
        heartbeat_words = heartbeat_words if self.heartbeats else ", no heartbeats"
        prefix_words = f" and the {len(self.prefix)} events after it" if self.prefix else ""
        return f"{', '.join(amounts)}{time}{message_words}{heartbeat_words}; from {start}{prefix_words}"


BOUND_RANGES = (
    ("nodes", 1, NODES.most),
    ("terms", 0, 9),
    ("entries", 0, 9),
    ("commands", 0, 9),
    ("crashes", 0, 9),
    ("changes", 0, 9),
    ("reads", 0, 1),
    ("snapshots", 0, 9),
    ("messages", 0, 99),
    ("rounds", 0, 9),
    ("ticks", 0, 99),
    ("learners", 0, NODES.most - 1),
)
"""Each bound with its least and its greatest value."""

MOST_SEARCHED_NODES = 5
"""A schedule may have as many nodes as a cluster; a search of more than these would not end."""

BOUND_NOUNS = {
    "nodes": "node",
    "terms": "term",
    "entries": "entry",
    "commands": "command",
    "crashes": "crash",
    "changes": "change of configuration",
    "reads": "read",
    "snapshots": "snapshot",
    "rounds": "round of heartbeats",
    "learners": "learner",
}


IRREGULAR_PLURALS = {
    "entry": "entries",
    "crash": "crashes",
    "change of configuration": "changes of configuration",
    "round of heartbeats": "rounds of heartbeats",
}
"""What does not get an s at its end where there are several."""


def _pluralize(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number or 'no'} {IRREGULAR_PLURALS.get(noun, noun + 's')}"


def node_names(size: int) -> tuple[NodeId, ...]:
    """S1, S2, S3 …"""
    return tuple(f"S{number}" for number in range(1, size + 1))


def start_nodes(bounds: Bounds) -> tuple[Node, ...]:
    """The nodes at the start of a search."""
    settings = enable_needed_features(bounds.settings, bounds)
    if bounds.given is not None:
        return tuple(replace(node, settings=settings) for node in bounds.given.nodes)
    ids = bounds.ids
    voters = ids[: bounds.nodes - bounds.learners]
    nodes = boot(ids, settings=settings, start_term=0, voters=voters, learners=ids[len(voters) :]).nodes
    return _elect_first_node(nodes) if bounds.start == "steady" else nodes


def initial_history(bounds: Bounds) -> History:
    """What an observer has seen by the start of a search."""
    if bounds.given is not None:
        return history_of(bounds.given)
    return History(leaders=((1, bounds.ids[0]),)) if bounds.start == "steady" else History()


def _elect_first_node(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes after S1 was elected and heard by all; no answer to its first heartbeat has arrived."""
    nodes_by_id = {node.id: node for node in nodes}

    def apply_input(id: NodeId, given: Input) -> tuple[Message, ...]:
        outcome = step(nodes_by_id[id], given)
        nodes_by_id[id] = outcome.node
        return outcome.messages

    leader_id = nodes[0].id
    messages = list(apply_input(leader_id, TimerFires()))
    for message in messages:  # grows meanwhile: requests, with pre-vote twice; their answers; the first heartbeats
        if not isinstance(message, AppendEntriesResponse):
            messages += apply_input(message.target, Receive(message=message))
    return tuple(nodes_by_id[node.id] for node in nodes)


def enable_needed_features(settings: Settings, bounds: Bounds) -> Settings:
    """Settings with what the bounds need switched on: changes of configuration and reads."""
    if bounds.changes and settings.membership is Membership.FIXED:
        settings = replace(settings, membership=Membership.SINGLE)
    if bounds.reads and settings.reads is ReadMode.OFF:
        settings = replace(settings, reads=ReadMode.READ_INDEX)
    return settings
