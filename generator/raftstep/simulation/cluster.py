"""A whole cluster at one moment: its nodes, what is on the wire, who is down, which links are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from raftstep.core.log import last_index, last_term
from raftstep.core.model import NO_CONFIGURATION, Configuration, Node, NodeId, Role, Settings, Term, new_node
from raftstep.core.quorum import majority
from raftstep.simulation.packets import NO_PACKETS, Packet, Packets
from raftstep.simulation.short_words import count_words

Link = tuple[NodeId, NodeId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A node's one timer, from ``started_ms`` to ``deadline_ms``; ``is_election_timeout`` is false for a heartbeat."""

    node: NodeId
    started_ms: int
    deadline_ms: int
    is_election_timeout: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Everything there is at one moment. Nodes and timers are in the order the scenario names the nodes.

    ``paused_since`` are the nodes that stand still, each with the time since when. ``waiting_packets`` have arrived at
    one of them and wait there. ``missed_ms`` is how long each clock stood still in pauses that are over.
    """

    nodes: tuple[Node, ...]
    timers: tuple[Timer, ...] = ()
    packets: Packets = NO_PACKETS
    down_nodes: frozenset[NodeId] = frozenset()
    cut_links: frozenset[Link] = frozenset()
    paused_since: tuple[tuple[NodeId, int], ...] = ()
    waiting_packets: Packets = NO_PACKETS
    missed_ms: tuple[tuple[NodeId, int], ...] = ()

    def __repr__(self) -> str:
        leaders = [node for node in self.nodes if node.role is Role.LEADER and node.id not in self.down_nodes]
        words = [count_words(len(self.nodes), "node"), *map(_describe_leader, leaders)]
        words += [f"{' '.join(sorted(self.down_nodes))} down"] if self.down_nodes else []
        words += [f"{' '.join(id for id, _ in self.paused_since)} paused"] if self.paused_since else []
        words += [f"{count_words(len(self.cut_links), 'link')} cut"] if self.cut_links else []
        return f"<Cluster: {', '.join(words)}, {count_words(len(self.packets), 'message')} in flight>"

    def node(self, id: NodeId) -> Node:
        """The node of this name; raises ``KeyError`` where there is none."""
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(f"no node {id} among {', '.join(self.ids)}")

    def timer(self, id: NodeId) -> Timer | None:
        """A node's timer; ``None`` while it is down."""
        return next((timer for timer in self.timers if timer.node == id), None)

    def is_paused(self, id: NodeId) -> bool:
        """Whether a node stands still."""
        return any(node == id for node, _ in self.paused_since)

    def clock_time_ms(self, id: NodeId, time_ms: int) -> int:
        """How long a node's clock has run by a time: all of it, less the pauses."""
        since_ms = dict(self.paused_since).get(id, time_ms)
        return min(since_ms, time_ms) - dict(self.missed_ms).get(id, 0)

    @property
    def ids(self) -> tuple[NodeId, ...]:
        """The names of all nodes, in the scenario's order."""
        return tuple(node.id for node in self.nodes)

    @property
    def configuration(self) -> Configuration:
        """Who belongs to the cluster, as the newest leader has it; without one, as the node of the longest log does."""
        first = self.nodes[0].configuration
        if all(node.configuration is first or node.configuration == first for node in self.nodes):
            return first
        leaders = [node for node in self.nodes if node.role is Role.LEADER and node.id not in self.down_nodes]
        if leaders:
            return max(leaders, key=lambda node: node.current_term).configuration
        return max(self.nodes, key=lambda node: (last_term(node), last_index(node))).configuration

    @property
    def majority(self) -> int:
        """How many voters are more than half."""
        return majority(len(self.configuration.voters))

    def with_node(self, replacement: Node) -> Cluster:
        """The cluster with one node replaced."""
        return replace(self, nodes=tuple(replacement if node.id == replacement.id else node for node in self.nodes))

    def with_timer(self, id: NodeId, timer: Timer | None) -> Cluster:
        """The cluster with one node's timer replaced, or taken away."""
        if timer and any(other_timer.node == id for other_timer in self.timers):
            return replace(
                self, timers=tuple(timer if other_timer.node == id else other_timer for other_timer in self.timers)
            )
        other_timers = [other_timer for other_timer in self.timers if other_timer.node != id]
        timers = [*other_timers, timer] if timer else other_timers
        order = {name: position for position, name in enumerate(self.ids)}
        return replace(self, timers=tuple(sorted(timers, key=lambda item: order[item.node])))

    def with_pause(self, id: NodeId, time_ms: int) -> Cluster:
        """The cluster with one node paused: its clock and its timer stand still."""
        return replace(self.with_timer(id, None), paused_since=(*self.paused_since, (id, time_ms)))

    def without_pause(self, id: NodeId, time_ms: int) -> Cluster:
        """The cluster with one node going on, or down; what waited there has to be dealt with by who calls this."""
        missed_ms = dict(self.missed_ms)
        missed_ms[id] = missed_ms.get(id, 0) + time_ms - dict(self.paused_since)[id]
        return replace(
            self,
            paused_since=tuple(pause for pause in self.paused_since if pause[0] != id),
            waiting_packets=NO_PACKETS.with_packets(
                [packet for packet in self.waiting_packets if packet.message.target != id]
            ),
            missed_ms=tuple(sorted(missed_ms.items())),
        )

    def with_packets(self, packets: Sequence[Packet]) -> Cluster:
        """The cluster with more packets on the wire."""
        return replace(self, packets=self.packets.with_packets(packets))

    def without_packet(self, id: int) -> Cluster:
        """The cluster with one packet off the wire."""
        return replace(self, packets=self.packets.without_packet(id))


def _describe_leader(leader: Node) -> str:
    """Who leads which term, or in Multi-Paxos, whose terms are no plain numbers, which ballot."""
    term: object = leader.current_term
    return f"{leader.id} leads {'term' if isinstance(term, int) else 'ballot'} {term}"


def boot(
    ids: tuple[NodeId, ...],
    *,
    settings: Settings,
    start_term: Term,
    voters: tuple[NodeId, ...] = (),
    learners: tuple[NodeId, ...] = (),
) -> Cluster:
    """A cluster just started: all followers of one term, with empty logs and no vote cast.

    Where ``voters`` are named, only they and the learners belong to it; the others wait, knowing of no configuration.

    The paper counts terms from 0; its formal specification and several systems start at 1. Only the order matters.
    """
    first_voters = voters or ids
    configuration = Configuration(
        voters=first_voters, learners=tuple(learner for learner in learners if learner not in first_voters)
    )
    nodes = tuple(
        new_node(id, configuration, settings, term=start_term)
        if id in configuration.members
        else new_node(id, NO_CONFIGURATION, settings)
        for id in ids
    )
    return Cluster(nodes=nodes)
