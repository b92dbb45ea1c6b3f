"""The network of a run: latencies, losses and duplicates are drawn here, and planned faults change what is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from heapq import heapify, heappop, heappush
from random import Random

from raftstep.core.messages import Message
from raftstep.core.model import NodeId
from raftstep.limits import MESSAGES
from raftstep.simulation.cluster import Link
from raftstep.simulation.packets import Packet
from raftstep.simulation.plan import MessageFault, PlanError, Setup


class Network:
    """Makes packets of messages, and knows which is due next.

    It draws from the run's own ``random``, in the order in which messages are sent.
    """

    def __init__(self, setup: Setup, random: Random, packets: Iterable[Packet] = ()) -> None:
        self.setup = setup
        self.random = random
        self.message_faults: list[MessageFault] = []
        self.next_packet_id = 1
        self._queue = [(packet.due_ms, packet.id, packet) for packet in packets]
        heapify(self._queue)

    @property
    def next_packet(self) -> Packet | None:
        """The packet that is due next; of several, the one that was sent first."""
        return self._queue[0][2] if self._queue else None

    def take_next_packet(self) -> Packet:
        """The same, which then is not under way any more."""
        return heappop(self._queue)[2]

    def send(self, message: Message, time_ms: int, cut_links: frozenset[Link]) -> tuple[Packet, ...]:
        """The packets that one message becomes: one, or more where it is duplicated; a lost one ends half way."""
        low, high = self.setup.latency_ms
        due_ms = time_ms + low + int(self.random.random() * (high - low + 1))
        is_lost = self.random.random() < self.setup.loss if self.setup.loss else False
        copies = 1 if self.setup.duplication and self.random.random() < self.setup.duplication else 0
        if self.setup.faults_until_ms is not None and time_ms >= self.setup.faults_until_ms:
            is_lost, copies = False, 0
        if self.message_faults:
            for index, fault in enumerate(self.message_faults):
                if _applies_to(fault, message):
                    is_lost, due_ms, copies = is_lost or fault.lose, due_ms + fault.delay_ms, copies + fault.copies
                    self.message_faults[index] = replace(fault, count=fault.count - 1)
            self.message_faults = [fault for fault in self.message_faults if fault.count > 0]
        is_lost = is_lost or (message.source, message.target) in cut_links
        if is_lost:
            due_ms = time_ms + max(1, (due_ms - time_ms) // 2)
        self._check_room(1 + copies, time_ms)
        first_id, self.next_packet_id = self.next_packet_id, self.next_packet_id + 1 + copies
        packets = tuple(
            Packet(
                id=first_id + copy, message=message, sent_ms=time_ms, due_ms=due_ms + copy * low, will_be_lost=is_lost
            )
            for copy in range(1 + copies)
        )
        for packet in packets:
            heappush(self._queue, (packet.due_ms, packet.id, packet))
        return packets

    def _check_room(self, count: int, time_ms: int) -> None:
        most = self.setup.most_messages
        if len(self._queue) + count > most:
            words = f"more than {most:,} messages are in flight at {time_ms} ms"
            raise PlanError(None, words, MESSAGES)


def links_between(groups: tuple[tuple[NodeId, ...], ...]) -> frozenset[Link]:
    """The links that a partition into groups cuts, both ways."""
    group_numbers = {node: number for number, group in enumerate(groups) for node in group}
    return frozenset(
        (source, target)
        for source in group_numbers
        for target in group_numbers
        if group_numbers[source] != group_numbers[target]
    )


def _applies_to(fault: MessageFault, message: Message) -> bool:
    return (
        fault.source in (None, message.source)
        and fault.target in (None, message.target)
        and fault.kind in (None, type(message).__name__)
    )
