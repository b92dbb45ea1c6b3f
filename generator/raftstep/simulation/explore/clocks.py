"""Time in a search and in a schedule: it stands still, and moves on in ticks, for all nodes at once.

Each node's clock runs at its own speed and shows what the core is told, as in a run against the virtual clock. An
election timer is not drawn: it may fire as soon as the node's own clock has run the least election timeout since the
timer last started anew, and at any time after that. What a node may do before is what leases rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from raftstep.core.inputs import Input, Outcome, Receive, TimerFires
from raftstep.core.model import Node, Role
from raftstep.core.step import step
from raftstep.simulation.cluster import Tick
from raftstep.simulation.explore.bounds import Bounds, start_nodes
from raftstep.simulation.explore.model import Act, Effect, Model, Time
from raftstep.simulation.explore.result import Move


def clock_ms(time_ms: int, speed: float) -> int:
    """What a clock of this speed shows at a time."""
    return int(time_ms * speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A node with its clock. Its speed goes with it, so that under other names it is the other node's that is slow.

    ``waited_ms`` is how long its election timer has run by this clock; past the least timeout it counts no further.
    """

    node: Node
    speed: float = 1.0
    time_ms: int = 0
    waited_ms: int = 0

    @property
    def clock_ms(self) -> int:
        """What the node's own clock shows."""
        return clock_ms(self.time_ms, self.speed)

    @property
    def may_time_out(self) -> bool:
        """Whether its timer may fire: a leader's at any time, an election timer when the least timeout is over."""
        return self.node.role is Role.LEADER or self.waited_ms >= self.node.settings.minimum_timeout_ms

    def later(self, ms: int) -> Timed:
        """The node after so much time."""
        after = replace(self, time_ms=self.time_ms + ms)
        waited_ms = self.waited_ms + after.clock_ms - self.clock_ms
        return replace(after, waited_ms=min(waited_ms, self.node.settings.minimum_timeout_ms))

    def told(self, given: Input) -> tuple[Timed, Outcome]:
        """One step of the core, which is told what the clock shows."""
        outcome = step(self.node, replace(given, clock_ms=self.clock_ms) if self.time_ms else given)
        return replace(self, node=outcome.node, waited_ms=0 if outcome.rearm else self.waited_ms), outcome


def with_clocks(
    model: Model, nodes: tuple[Timed, ...], effect: Callable[[Outcome], Effect], tick: Tick, until_ms: int
) -> Model:
    """A model of nodes without clocks as one of these nodes with them; no tick goes past ``until_ms``.

    ``effect`` is what that model makes of a step of the core.
    """
    clocks = _Clocks(model, effect, tick, until_ms)
    inner: Any = model
    return replace(
        model,
        nodes=tuple(forget(node) for node in nodes),
        own=clocks.own,
        act=clocks.act,
        receive=lambda timed, message: clocks.act(timed, Receive(message=message)),
        quiet=lambda was, effect: inner.quiet(was.node, _bare(effect)),
        remember=lambda seen, was, given, effect: inner.remember(seen, was.node, given, _bare(effect)),
        pair=lambda now, other: inner.pair(now.node, other.node),
        single=lambda seen, timed: inner.single(seen, timed.node),
        spent=(lambda timed, message: inner.spent(timed.node, message)) if inner.spent else None,
        time=Time(given=tick, passes=clocks.passes),
    )


class Stage:
    """The nodes of a schedule that is played, with their clocks, at the start of its bounds or on the way."""

    def __init__(self, bounds: Bounds) -> None:
        speeds = dict(bounds.clocks)
        self.nodes = [Timed(node=node, speed=speeds.get(node.id, 1.0)) for node in start_nodes(bounds)]

    def play(self, move: Move) -> Outcome | None:
        """One event: what the node did that acts; ``None`` where only time moves on."""
        given: Any = move.given
        if isinstance(given, Tick):
            self.nodes = [timed.later(given.ms) for timed in self.nodes]
            return None
        timed = self.nodes[move.place]
        self.nodes[move.place], outcome = timed.told(Receive(message=given) if move.delivery else given)
        return outcome


class _Clocks:
    """What the functions of a model with clocks share."""

    def __init__(self, model: Model, effect: Callable[[Outcome], Effect], tick: Tick, until_ms: int) -> None:
        self.model, self.effect, self.tick, self.until_ms = model, effect, tick, until_ms

    def own(self, timed: Timed) -> Iterator[Act]:
        for act in self.model.own(timed.node):
            if timed.may_time_out or not isinstance(act.given, TimerFires):
                yield act

    def act(self, timed: Timed, given: Input) -> Effect:
        after, outcome = timed.told(given)
        effect = self.effect(outcome)
        return replace(effect, node=forget(replace(after, node=cast("Node", effect.node))))

    def passes(self, timed: Timed) -> Timed | None:
        if timed.time_ms + self.tick.ms > self.until_ms:
            return None
        return forget(timed.later(self.tick.ms))


def _bare(effect: Effect) -> Effect:
    timed: Any = effect.node
    return replace(effect, node=timed.node)


def forget(timed: Timed) -> Timed:
    """The node without the times that are over, or that its settings never ask for.

    A clock only goes forward: a leader heard from longer ago than the least timeout is as good as never heard from,
    and a lease that has run out as none.
    """
    node, office = timed.node, timed.node.office
    settings, now_ms = node.settings, timed.clock_ms
    if node.heard_ms is not None and now_ms - node.heard_ms >= settings.minimum_timeout_ms:
        node = replace(node, heard_ms=None)
    if node.progress and not settings.check_quorum:
        node = replace(node, progress=tuple(replace(one, heard_ms=0) for one in node.progress))
    if office.lease_until_ms or office.rounds:
        rounds = tuple(one for one in office.rounds if now_ms - one[1] < settings.minimum_timeout_ms)
        lease_until_ms = office.lease_until_ms if office.lease_until_ms > now_ms else 0
        node = replace(node, office=replace(office, rounds=rounds, lease_until_ms=lease_until_ms))
    if node.role is Role.LEADER:
        return replace(timed, node=replace(node, votes_granted=frozenset()), waited_ms=0)
    return replace(timed, node=node)
