"""Time in a search and in a schedule: it stands still, and moves on in ticks, for all nodes at once.

Each node's clock runs at its own speed and shows what the core is given, as in a run against the virtual clock. An
election timer is not drawn: it may fire as soon as the node's own clock has run the least election timeout since the
timer last started anew, and at any time after that. What a node may do before is what leases rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from raftstep.core.inputs import Input, Outcome, Receive, TimerFires
from raftstep.core.model import Node, NodeId, Role
from raftstep.core.step import restart, step
from raftstep.simulation.cluster import Link
from raftstep.simulation.events import Crash, Cut, Heal, LoseDisk, Partition, Pause, Resume, Tick
from raftstep.simulation.explore.bounds import Bounds, start_nodes
from raftstep.simulation.explore.model import Act, Effect, Model, TickRule
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.network import cut_links_after
from raftstep.simulation.protocol import RAFT


def clock_reading_ms(time_ms: int, speed: float) -> int:
    """What a clock of this speed shows at a time."""
    return int(time_ms * speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedNode:
    """A node with its clock. The speed is part of it, so that a renaming moves the slow clock too.

    ``waited_ms`` is how long its election timer has run by this clock; past the least timeout it counts no further.
    Clock and timer of a node that ``is_paused`` stand still, which only schedules written by hand have.
    """

    node: Node
    speed: float = 1.0
    time_ms: int = 0
    waited_ms: int = 0
    is_paused: bool = False

    @property
    def clock_ms(self) -> int:
        """What the node's own clock shows."""
        return clock_reading_ms(self.time_ms, self.speed)

    @property
    def may_time_out(self) -> bool:
        """Whether its timer may fire: a leader's at any time, an election timer when the least timeout is over."""
        return self.node.role is Role.LEADER or self.waited_ms >= self.node.settings.minimum_timeout_ms

    def advance(self, ms: int) -> TimedNode:
        """The node after so much time."""
        if self.is_paused:
            return self
        after = replace(self, time_ms=self.time_ms + ms)
        waited_ms = self.waited_ms + after.clock_ms - self.clock_ms
        return replace(after, waited_ms=min(waited_ms, self.node.settings.minimum_timeout_ms))

    def apply_input(self, given: Input) -> tuple[TimedNode, Outcome]:
        """One step of the core, given what the clock shows."""
        outcome = step(self.node, replace(given, clock_ms=self.clock_ms) if self.time_ms else given)
        return replace(self, node=outcome.node, waited_ms=0 if outcome.rearm else self.waited_ms), outcome


def with_clocks(
    model: Model, nodes: tuple[TimedNode, ...], make_effect: Callable[[Outcome], Effect], tick: Tick, until_ms: int
) -> Model:
    """A model of nodes without clocks as one of these nodes with them; no tick goes past ``until_ms``.

    ``make_effect`` is what that model makes of a step of the core.
    """
    clocks = _TimedModelFunctions(model, make_effect, tick, until_ms)
    inner: Any = model
    return replace(
        model,
        nodes=tuple(forget_past_times(node) for node in nodes),
        possible_acts=clocks.possible_acts,
        perform=clocks.perform,
        receive=lambda timed_node, message: clocks.perform(timed_node, Receive(message=message)),
        is_quiet=lambda node_before, effect: inner.is_quiet(node_before.node, _strip_clock(effect)),
        update_history=lambda observer_state, node_before, given, effect: inner.update_history(
            observer_state, node_before.node, given, _strip_clock(effect)
        ),
        check_pair=lambda changed_node, other_node: inner.check_pair(changed_node.node, other_node.node),
        check_node=lambda observer_state, timed_node: inner.check_node(observer_state, timed_node.node),
        is_spent=(lambda timed_node, message: inner.is_spent(timed_node.node, message)) if inner.is_spent else None,
        time=TickRule(given=tick, advance=clocks.advance_tick),
    )


class TimedCluster:
    """The nodes of a schedule that is played, with their clocks, at the start of its bounds or on the way.

    Which nodes are down and which links are cut is known, but stops nothing here: who plays the schedule does.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.down_nodes = frozenset[NodeId]() if bounds.given is None else bounds.given.down_nodes
        self.cut_links = frozenset[Link]()
        speeds = dict(bounds.clocks)
        self.nodes = [TimedNode(node=node, speed=speeds.get(node.id, 1.0)) for node in start_nodes(bounds)]

    def play_event(self, event: ScheduledEvent) -> Outcome | None:
        """One event: what the node did that acts; ``None`` where none acts."""
        given: Any = event.given
        match given:
            case Tick(ms=ms):
                self.nodes = [timed_node.advance(ms) for timed_node in self.nodes]
                return None
            case Partition() | Cut() | Heal():
                self.cut_links = cut_links_after(self.cut_links, given)
                return None
        timed_node = self.nodes[event.node_index]
        if isinstance(given, Pause | Resume):
            self.nodes[event.node_index] = replace(timed_node, is_paused=isinstance(given, Pause))
            return None
        if isinstance(given, LoseDisk):
            self.nodes[event.node_index] = replace(timed_node, node=RAFT.wipe(timed_node.node))
            return None
        if isinstance(given, Crash):
            self.nodes[event.node_index] = replace(timed_node, node=restart(timed_node.node).node)
            self.down_nodes |= {given.node}
            return None
        self.down_nodes -= {timed_node.node.id}
        self.nodes[event.node_index], outcome = timed_node.apply_input(
            Receive(message=given) if event.is_delivery else given
        )
        return outcome


class _TimedModelFunctions:
    """What the functions of a model with clocks share."""

    def __init__(self, model: Model, make_effect: Callable[[Outcome], Effect], tick: Tick, until_ms: int) -> None:
        self.model, self.make_effect, self.tick, self.until_ms = model, make_effect, tick, until_ms

    def possible_acts(self, timed_node: TimedNode) -> Iterator[Act]:
        for act in self.model.possible_acts(timed_node.node):
            if timed_node.may_time_out or not isinstance(act.given, TimerFires):
                yield act

    def perform(self, timed_node: TimedNode, given: Input) -> Effect:
        after, outcome = timed_node.apply_input(given)
        effect = self.make_effect(outcome)
        return replace(effect, node=forget_past_times(replace(after, node=cast("Node", effect.node))))

    def advance_tick(self, timed_node: TimedNode) -> TimedNode | None:
        if timed_node.time_ms + self.tick.ms > self.until_ms:
            return None
        return forget_past_times(timed_node.advance(self.tick.ms))


def _strip_clock(effect: Effect) -> Effect:
    timed_node: Any = effect.node
    return replace(effect, node=timed_node.node)


def forget_past_times(timed_node: TimedNode) -> TimedNode:
    """The node without the times that are over, or that its settings never ask for.

    A clock only goes forward: a leader heard from longer ago than the least timeout is as good as never heard from,
    and a lease that has run out as none.
    """
    node, leader_state = timed_node.node, timed_node.node.leader_state
    settings, now_ms = node.settings, timed_node.clock_ms
    if node.last_heard_ms is not None and now_ms - node.last_heard_ms >= settings.minimum_timeout_ms:
        node = replace(node, last_heard_ms=None)
    if node.progress and not settings.check_quorum:
        node = replace(node, progress=tuple(replace(progress, last_heard_ms=0) for progress in node.progress))
    if leader_state.lease_until_ms or leader_state.unconfirmed_rounds:
        rounds = tuple(
            heartbeat_round
            for heartbeat_round in leader_state.unconfirmed_rounds
            if now_ms - heartbeat_round[1] < settings.minimum_timeout_ms
        )
        lease_until_ms = leader_state.lease_until_ms if leader_state.lease_until_ms > now_ms else 0
        node = replace(
            node, leader_state=replace(leader_state, unconfirmed_rounds=rounds, lease_until_ms=lease_until_ms)
        )
    if node.role is Role.LEADER:
        return replace(timed_node, node=replace(node, votes_granted=frozenset()), waited_ms=0)
    return replace(timed_node, node=node)
