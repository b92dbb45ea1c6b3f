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
from raftstep.simulation.events import Cut, Heal, Partition
from raftstep.simulation.message_contents import carries_entry, concerns_index
from raftstep.simulation.packets import Packet
from raftstep.simulation.plan import MessageFault, PlanError, SetLink, Setup
from raftstep.simulation.protocol import term_number

RELEASED_FIRST = 1_000_000_000
"""Behind this many numbers those of packets begin, so that what waited comes before what arrives in the same moment."""


class Network:
    """Makes packets of messages, and knows which is due next.

    It draws from the run's own ``random``, in the order in which messages are sent.
    """

    def __init__(self, setup: Setup, random: Random, packets: Iterable[Packet] = ()) -> None:
        self.setup = setup
        self.random = random
        self.message_faults: list[MessageFault] = []
        self.links: dict[Link, SetLink] = {}
        for link in setup.links:
            self.set_link(link)
        self.next_packet_id = 1
        self._queue = [(packet.due_ms, packet.id, packet) for packet in packets]
        heapify(self._queue)
        self._released_count = 0
        self._released_ids: set[int] = set()

    def set_link(self, setting: SetLink) -> None:
        """From now on the links that a setting means are as it says."""
        for source in self.setup.nodes if setting.source is None else (setting.source,):
            for target in self.setup.nodes if setting.target is None else (setting.target,):
                self.links[source, target] = setting

    @property
    def next_packet(self) -> Packet | None:
        """The packet that is due next; of several, the one that was sent first."""
        return self._queue[0][2] if self._queue else None

    def take_next_packet(self) -> Packet:
        """The same, which then is no longer in flight."""
        return heappop(self._queue)[2]

    @property
    def next_due_ms(self) -> int | None:
        """When the next packet is due."""
        return self._queue[0][0] if self._queue else None

    def release(self, packets: Iterable[Packet], time_ms: int) -> None:
        """Packets that waited at a paused node are handled at this time, in this order; no link can stop them now."""
        for packet in packets:
            self._released_count += 1
            self._released_ids.add(packet.id)
            heappush(self._queue, (time_ms, self._released_count - RELEASED_FIRST, packet))

    def has_arrived(self, packet: Packet) -> bool:
        """Whether a packet had arrived before, at a node that was paused."""
        return packet.id in self._released_ids

    def send(self, message: Message, time_ms: int, cut_links: frozenset[Link]) -> tuple[Packet, ...]:
        """The packets that one message becomes: one, or more where it is duplicated; a lost one ends half way."""
        link = self.links.get((message.source, message.target), _PLAIN_LINK) if self.links else _PLAIN_LINK
        low, high = self.setup.latency_ms if link.latency_ms is None else link.latency_ms
        loss = self.setup.loss if link.loss is None else link.loss
        duplication = self.setup.duplication if link.duplication is None else link.duplication
        due_ms = time_ms + low + int(self.random.random() * (high - low + 1))
        is_lost = self.random.random() < loss if loss else False
        copies = 1 if duplication and self.random.random() < duplication else 0
        if self.setup.faults_until_ms is not None and time_ms >= self.setup.faults_until_ms:
            is_lost, copies = False, 0
        for fault in self._take_faults(message) if self.message_faults else ():
            is_lost, due_ms, copies = is_lost or fault.lose, due_ms + fault.delay_ms, copies + fault.copies
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

    def _take_faults(self, message: Message) -> list[MessageFault]:
        """The faults that touch a message; each then has one message less to touch, or to let pass before."""
        touching_faults: list[MessageFault] = []
        for index, fault in enumerate(self.message_faults):
            if not _applies_to(fault, message):
                continue
            if fault.nth > 1:
                self.message_faults[index] = replace(fault, nth=fault.nth - 1)
            else:
                touching_faults.append(fault)
                self.message_faults[index] = replace(fault, count=fault.count - 1)
        self.message_faults = [fault for fault in self.message_faults if fault.count > 0]
        return touching_faults

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


_PLAIN_LINK = SetLink()
"""A link of which nothing is said."""


def cut_links_after(cut_links: frozenset[Link], event: Partition | Cut | Heal) -> frozenset[Link]:
    """The links that are cut once the network has changed."""
    match event:
        case Partition(groups=groups):
            return links_between(groups)
        case Cut(links=links):
            return cut_links | frozenset(links)
        case Heal(links=links):
            return cut_links.difference(links) if links else frozenset()


def _applies_to(fault: MessageFault, message: Message) -> bool:
    return (
        fault.source in (None, message.source)
        and fault.target in (None, message.target)
        and fault.kind in (None, type(message).__name__)
        and (fault.term is None or fault.term == term_number(message.term))
        and (fault.entry is None or carries_entry(message, fault.entry))
        and (fault.index is None or concerns_index(message, fault.index))
    )
