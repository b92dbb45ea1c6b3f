"""The network of a run: latencies, losses and doubles are drawn here, and standing orders touch what is sent."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from raftstep.core.messages import Message
from raftstep.core.model import NodeId
from raftstep.simulation.cluster import Link, Packet
from raftstep.simulation.plan import Meddle, Setup


class Network:
    """Makes packets of messages. It draws from the run's own ``random``, in the order in which messages are sent."""

    def __init__(self, setup: Setup, random: Random) -> None:
        self.setup = setup
        self.random = random
        self.meddling: list[Meddle] = []
        self.next_packet = 1

    def packets(self, message: Message, time_ms: int, cut: frozenset[Link]) -> tuple[Packet, ...]:
        """The packets that one message becomes: one, or more where it is doubled; a lost one ends half way."""
        low, high = self.setup.latency_ms
        due_ms = time_ms + low + int(self.random.random() * (high - low + 1))
        lost = self.random.random() < self.setup.loss if self.setup.loss else False
        copies = 1 if self.setup.duplicate and self.random.random() < self.setup.duplicate else 0
        if self.meddling:
            for place, meddle in enumerate(self.meddling):
                if _meant(meddle, message):
                    lost, due_ms, copies = lost or meddle.lose, due_ms + meddle.delay_ms, copies + meddle.copies
                    self.meddling[place] = replace(meddle, count=meddle.count - 1)
            self.meddling = [meddle for meddle in self.meddling if meddle.count > 0]
        lost = lost or (message.source, message.target) in cut
        if lost:
            due_ms = time_ms + max(1, (due_ms - time_ms) // 2)
        first, self.next_packet = self.next_packet, self.next_packet + 1 + copies
        return tuple(
            Packet(id=first + copy, message=message, sent_ms=time_ms, due_ms=due_ms + copy * low, doomed=lost)
            for copy in range(1 + copies)
        )


def links_between(groups: tuple[tuple[NodeId, ...], ...]) -> frozenset[Link]:
    """The links that a partition into groups cuts, both ways."""
    place = {node: number for number, group in enumerate(groups) for node in group}
    return frozenset((one, other) for one in place for other in place if place[one] != place[other])


def _meant(meddle: Meddle, message: Message) -> bool:
    return (
        meddle.source in (None, message.source)
        and meddle.target in (None, message.target)
        and meddle.kind in (None, type(message).__name__)
    )
