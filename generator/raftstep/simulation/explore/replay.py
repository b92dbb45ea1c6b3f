"""A schedule played on the real core: a trace like any other, whose events have the times of :mod:`.pace`.

The same schedule can be played with a rule left out and with it in. Where a message was never sent, because a node
refused what it would not have refused before, its delivery does not happen, and the replay says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from raftstep.core.inputs import (
    ChangeConfiguration,
    ClientRead,
    ClientRequest,
    Compact,
    Outcome,
    Restart,
    TimerFires,
)
from raftstep.core.messages import Message
from raftstep.core.model import NodeId
from raftstep.core.step import restart
from raftstep.simulation.cluster import (
    Boot,
    Change,
    Cluster,
    Crash,
    Deliver,
    Event,
    Lose,
    Packet,
    Read,
    Request,
    Revive,
    Snapshot,
    Tick,
    Timeout,
)
from raftstep.simulation.cluster import event_node as where_of
from raftstep.simulation.explore.bounds import Bounds, start_nodes, with_parts
from raftstep.simulation.explore.clocks import Stage
from raftstep.simulation.explore.pace import EVENT_MS, slots
from raftstep.simulation.explore.result import Move
from raftstep.simulation.invariants import History, observe
from raftstep.simulation.linearizability import Clients, note
from raftstep.simulation.trace import Step, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The trace, the number of the step that each event of the schedule became, and which events could not happen.

    A step's number is ``None`` for an event that could not happen.
    """

    trace: Trace
    steps: tuple[int | None, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """The events, from 0, whose message was never sent."""
        return tuple(place for place, number in enumerate(self.steps) if number is None)


@lru_cache(maxsize=128)
def replay(bounds: Bounds, schedule: tuple[Move, ...]) -> Replay:
    """Play a schedule from the start of its bounds, under their settings; once, for all who look at its run."""
    bounds = replace(bounds, settings=with_parts(bounds.settings, bounds))
    packets = _packets(bounds, schedule)
    return _Replay(bounds, schedule, packets).to_end()


@dataclass(slots=True)
class _Sent:
    """One message sent at an event, and the event at which this copy of it arrives; ``None`` where it is lost."""

    message: Message
    at: int
    arrives: int | None = None


def _packets(bounds: Bounds, schedule: Sequence[Move]) -> list[_Sent]:
    """Every message of the run. One that arrives twice was sent once, and doubled on the way."""
    stage = Stage(bounds)
    sent: list[_Sent] = []
    for at, move in enumerate(schedule, 1):
        given: Any = move.given
        if move.delivery:
            copies = [one for one in sent if one.message == given]
            if not copies:
                continue
            free = next((one for one in reversed(copies) if one.arrives is None), None)
            if free is None:
                sent.append(_Sent(given, copies[-1].at, at))
            else:
                free.arrives = at
        outcome = stage.play(move)
        sent += [_Sent(message, at) for message in outcome.messages] if outcome else []
    return sent


class _Replay:
    """One replay under way."""

    def __init__(self, bounds: Bounds, schedule: Sequence[Move], sent: list[_Sent]) -> None:
        self.bounds = bounds
        self.schedule = schedule
        self.slots = slots(schedule)
        self.stage = Stage(bounds)
        self.cluster = Cluster(nodes=start_nodes(bounds))
        leaders = ((1, "S1"),) if bounds.start == "steady" else ()
        self.history, self.clients = History(leaders=leaders), Clients()
        self.packets = [(one, self._packet(number, one)) for number, one in enumerate(sent, 1)]
        self.records: list[Step] = []
        self.places: list[int | None] = []

    def _packet(self, number: int, one: _Sent) -> Packet:
        slot = self.slots[one.at]
        due_ms = slot.at_ms + slot.room_ms // 2 if one.arrives is None else self.slots[one.arrives].at_ms
        return Packet(id=number, message=one.message, sent_ms=slot.at_ms, due_ms=due_ms, doomed=one.arrives is None)

    def to_end(self) -> Replay:
        self._record(0, Boot(), None, self.cluster)
        for at, move in enumerate(self.schedule, 1):
            self._lose_until(self.slots[at].at_ms)
            self._play(at, move)
        timeout_ms = self.bounds.settings.minimum_timeout_ms if self.bounds.timed else EVENT_MS
        trace = Trace(
            steps=tuple(self.records),
            seed=None,
            until_ms=self.slots[-1].end_ms,
            timeout_ms=(timeout_ms, timeout_ms),
            checked=len(self.records),
        )
        return Replay(trace=trace, steps=tuple(self.places))

    def _lose_until(self, time_ms: int) -> None:
        for packet in sorted(self.cluster.packets, key=lambda one: (one.due_ms, one.id)):
            if packet.doomed and packet.due_ms < time_ms:
                self._record(packet.due_ms, Lose(packet=packet), None, self.cluster.without_packet(packet.id))

    def _play(self, at: int, move: Move) -> None:
        slot = self.slots[at]
        id = self.cluster.ids[move.place]
        if move.delivery:
            due = [packet for one, packet in self.packets if one.arrives == at and packet in self.cluster.packets]
            if not due:
                self.places.append(None)
                return
            self.cluster = self.cluster.without_packet(due[0].id)
            self._tell(at, slot.at_ms, move, Deliver(packet=due[0]))
        elif isinstance(move.given, Restart):
            durable = self.cluster.with_node(restart(self.cluster.node(id)).node)
            self._record(slot.at_ms, Crash(node=id), None, replace(durable, down=frozenset({id})))
            self.cluster = replace(self.cluster, down=frozenset())
            self._tell(at, slot.at_ms + slot.room_ms // 4, move, Revive(node=id))
        else:
            self._tell(at, slot.at_ms, move, _event(id, move.given))
        self.places.append(len(self.records) - 1)

    def _tell(self, at: int, time_ms: int, move: Move, event: Event) -> None:
        outcome = self.stage.play(move)
        after = self.cluster.with_node(outcome.node) if outcome else self.cluster
        fresh = tuple(packet for one, packet in self.packets if one.at == at)
        self._record(time_ms, event, outcome, replace(after, packets=(*after.packets, *fresh)))

    def _record(self, time_ms: int, event: Event, outcome: Outcome | None, after: Cluster) -> None:
        before = self.cluster
        self.history, alarms = observe(self.history, before, after, where_of(event))
        self.clients, stale = note(self.clients, len(self.records), event, outcome)
        self.cluster = after
        self.records.append(
            Step(
                number=len(self.records),
                time_ms=time_ms,
                event=event,
                outcome=outcome,
                cluster=after,
                alarms=(*alarms, *stale),
            )
        )


def _event(id: NodeId, given: Any) -> Event:
    match given:
        case Tick():
            return given
        case ClientRequest(command=command):
            return Request(node=id, command=command)
        case ClientRead(key=key):
            return Read(node=id, key=key)
        case ChangeConfiguration(configuration=configuration):
            return Change(node=id, voters=configuration.voters, learners=configuration.learners)
        case Compact():
            return Snapshot(node=id)
        case TimerFires():
            return Timeout(node=id)
    raise AssertionError(f"{given} is no event of a schedule")
