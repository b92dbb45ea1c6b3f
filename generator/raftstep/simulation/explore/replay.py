"""A schedule played on the real core: a trace like any other, whose events have the times of :mod:`.event_timings`.

The same schedule can be played with a rule left out and with it in. Where a message was never sent, because a node
refused what it would not have refused before, its delivery does not happen, and the replay says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from raftstep.core.inputs import NodeRestarts, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import NodeId
from raftstep.core.step import restart
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import (
    Boot,
    Crash,
    Cut,
    Deliver,
    Event,
    Heal,
    Lose,
    LoseDisk,
    Partition,
    Pause,
    Restart,
    Resume,
    Tick,
    find_event,
)
from raftstep.simulation.explore.bounds import Bounds, enable_needed_features, initial_history, start_nodes
from raftstep.simulation.explore.clocks import TimedCluster
from raftstep.simulation.explore.event_timings import EVENT_MS, event_timings
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.packets import Packet
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.record import Recorder
from raftstep.simulation.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The trace, the number of the step that each event of the schedule became, and which events could not happen.

    A step's number is ``None`` for an event that could not happen.
    """

    trace: Trace
    step_numbers: tuple[int | None, ...]


@lru_cache(maxsize=128)
def replay(bounds: Bounds, schedule: tuple[ScheduledEvent, ...]) -> Replay:
    """Play a schedule from the start of its bounds, under their settings; once, for all who look at its run."""
    bounds = replace(bounds, settings=enable_needed_features(bounds.settings, bounds))
    sent_messages = _collect_messages(bounds, schedule)
    return _Replayer(bounds, schedule, sent_messages).play_all()


@dataclass(slots=True)
class _SentMessage:
    """One message sent at an event, and the event at which this copy of it arrives; ``None`` where it is lost."""

    message: Message
    sent_at_event: int
    arrives_at_event: int | None = None


def _collect_messages(bounds: Bounds, schedule: Sequence[ScheduledEvent]) -> list[_SentMessage]:
    """Every message of the run. One that arrives twice was sent once, and duplicated on the way."""
    timed_cluster = TimedCluster(bounds)
    sent_messages: list[_SentMessage] = []
    for event_number, event in enumerate(schedule, 1):
        given: Any = event.given
        if event.is_delivery:
            copies = [sent_message for sent_message in sent_messages if sent_message.message == given]
            if not copies:
                continue
            free_copy = next((copy for copy in reversed(copies) if copy.arrives_at_event is None), None)
            if free_copy is None:
                sent_messages.append(_SentMessage(given, copies[-1].sent_at_event, event_number))
            else:
                free_copy.arrives_at_event = event_number
        outcome = timed_cluster.play_event(event)
        sent_messages += [_SentMessage(message, event_number) for message in outcome.messages] if outcome else []
    return sent_messages


class _Replayer:
    """One replay in progress."""

    def __init__(self, bounds: Bounds, schedule: Sequence[ScheduledEvent], sent_messages: list[_SentMessage]) -> None:
        self.bounds = bounds
        self.schedule = schedule
        self.timings = event_timings(schedule)
        self.timed_cluster = TimedCluster(bounds)
        self.cluster = Cluster(nodes=start_nodes(bounds), down_nodes=self.timed_cluster.down_nodes)
        self.recorder = Recorder(RAFT, self.cluster, initial_history(bounds))
        self.packets = [
            (sent_message, self._make_packet(number, sent_message))
            for number, sent_message in enumerate(sent_messages, 1)
        ]
        self.step_numbers: list[int | None] = []

    def _make_packet(self, number: int, sent_message: _SentMessage) -> Packet:
        timing = self.timings[sent_message.sent_at_event]
        due_ms = (
            timing.at_ms + timing.duration_ms // 2
            if sent_message.arrives_at_event is None
            else self.timings[sent_message.arrives_at_event].at_ms
        )
        return Packet(
            id=number,
            message=sent_message.message,
            sent_ms=timing.at_ms,
            due_ms=due_ms,
            will_be_lost=sent_message.arrives_at_event is None,
        )

    def play_all(self) -> Replay:
        self._record(0, Boot(), None, self.cluster)
        for event_number, scheduled_event in enumerate(self.schedule, 1):
            self._lose_until(self.timings[event_number].at_ms)
            self._play_event(event_number, scheduled_event)
        timeout_ms = self.bounds.settings.minimum_timeout_ms if self.bounds.time_passes else EVENT_MS
        trace = Trace(
            steps=tuple(self.recorder.steps),
            seed=None,
            until_ms=self.timings[-1].end_ms,
            timeout_ms=(timeout_ms, timeout_ms),
            states_checked=len(self.recorder.steps),
        )
        return Replay(trace=trace, step_numbers=tuple(self.step_numbers))

    def _lose_until(self, time_ms: int) -> None:
        for packet in sorted(self.cluster.packets, key=lambda queued: (queued.due_ms, queued.id)):
            if packet.will_be_lost and packet.due_ms < time_ms:
                self._record(packet.due_ms, Lose(packet=packet), None, self.cluster.without_packet(packet.id))

    def _play_event(self, event_number: int, scheduled_event: ScheduledEvent) -> None:
        timing = self.timings[event_number]
        id = self.cluster.ids[scheduled_event.node_index]
        if scheduled_event.is_delivery:
            due_packets = [
                packet
                for sent_message, packet in self.packets
                if sent_message.arrives_at_event == event_number and packet in self.cluster.packets
            ]
            if not due_packets:
                self.step_numbers.append(None)
                return
            self.cluster = self.cluster.without_packet(due_packets[0].id)
            self._apply_event(event_number, timing.at_ms, scheduled_event, Deliver(packet=due_packets[0]))
        elif isinstance(scheduled_event.given, NodeRestarts):
            restart_ms = timing.at_ms
            if id not in self.cluster.down_nodes:
                self._crash_node(timing.at_ms, id)
                restart_ms += timing.duration_ms // 4
            self.cluster = replace(self.cluster, down_nodes=self.cluster.down_nodes - {id})
            self._apply_event(event_number, restart_ms, scheduled_event, Restart(node=id))
        elif isinstance(scheduled_event.given, Crash):
            self.timed_cluster.play_event(scheduled_event)
            self._crash_node(timing.at_ms, id)
        elif isinstance(scheduled_event.given, LoseDisk):
            self.timed_cluster.play_event(scheduled_event)
            self._record(
                timing.at_ms,
                scheduled_event.given,
                None,
                self.cluster.with_node(self.timed_cluster.nodes[scheduled_event.node_index].node),
            )
        elif isinstance(scheduled_event.given, Partition | Cut | Heal):
            self.timed_cluster.play_event(scheduled_event)
            after = replace(self.cluster, cut_links=self.timed_cluster.cut_links)
            self._record(timing.at_ms, scheduled_event.given, None, after)
        elif isinstance(pause := scheduled_event.given, Pause | Resume):
            self.timed_cluster.play_event(scheduled_event)
            change = self.cluster.with_pause if isinstance(pause, Pause) else self.cluster.without_pause
            self._record(timing.at_ms, pause, None, change(id, timing.last_tick_ms))
        else:
            self._apply_event(event_number, timing.at_ms, scheduled_event, _make_event(id, scheduled_event.given))
        self.step_numbers.append(len(self.recorder.steps) - 1)

    def _crash_node(self, time_ms: int, id: NodeId) -> None:
        durable = self.cluster.with_node(restart(self.cluster.node(id)).node)
        self._record(time_ms, Crash(node=id), None, replace(durable, down_nodes=durable.down_nodes | {id}))

    def _apply_event(self, event_number: int, time_ms: int, scheduled_event: ScheduledEvent, event: Event) -> None:
        outcome = self.timed_cluster.play_event(scheduled_event)
        after = self.cluster.with_node(outcome.node) if outcome else self.cluster
        new_packets = tuple(
            packet for sent_message, packet in self.packets if sent_message.sent_at_event == event_number
        )
        self._record(time_ms, event, outcome, after.with_packets(new_packets))

    def _record(self, time_ms: int, event: Event, outcome: Outcome | None, after: Cluster) -> None:
        self.recorder.record(time_ms, event, outcome, after)
        self.cluster = after


def _make_event(id: NodeId, given: Any) -> Event:
    """A schedule's input as an event of a run; a tick already is one."""
    return given if isinstance(given, Tick) else find_event(id, given)
