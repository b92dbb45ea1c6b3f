"""Messages on their way: one straight flight each, in the run's own time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import hypot

from raftstep.core.messages import Message
from raftstep.core.model import NodeId
from raftstep.picture.layout import Layout, Spot
from raftstep.simulation.events import Deliver, Lose
from raftstep.simulation.packets import Packet, Packets
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.trace import Trace

LOST_MARK_MS = 12
"""How long a lost message's mark stays."""

SIDE_OFFSET = 7
"""How far to the right of the straight line a message keeps, so that question and answer pass each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A glyph on a straight path, present from ``from_ms`` until just before ``to_ms``."""

    from_ms: int
    to_ms: int
    start: Spot
    end: Spot
    kind: str

    def position_at(self, time_ms: float) -> Spot:
        """Where it is at a moment."""
        part = (time_ms - self.from_ms) / max(1, self.to_ms - self.from_ms)
        return Spot(
            x=round(self.start.x + (self.end.x - self.start.x) * part, 1),
            y=round(self.start.y + (self.end.y - self.start.y) * part, 1),
        )


def kind_of(message: Message) -> str:
    """The message's kind, as glyphs and classes name it."""
    return protocol_of(message).message_kind(message)


def list_flights(trace: Trace, ring: Layout) -> tuple[Flight, ...]:
    """Every flight of a run, and a mark where a message was lost, in the order of their starts."""
    spots = dict(zip(trace.start.ids, ring.spots, strict=True))
    packets: dict[int, Packet] = {}
    endings: dict[int, tuple[int, bool]] = {}
    for step in trace.steps:
        packets |= {packet.id: packet for packet in _find_new_packets(step.cluster.packets, packets)}
        match step.event:
            case Deliver(packet=packet):
                endings[packet.id] = (step.time_ms, False)
                packets[packet.id] = packet
            case Lose(packet=packet):
                endings[packet.id] = (step.time_ms, True)
                packets[packet.id] = packet
    flights = [
        flight for packet in packets.values() for flight in _build_flights(packet, spots, ring, endings.get(packet.id))
    ]
    return tuple(
        sorted(flights, key=lambda flight: (flight.from_ms, flight.to_ms, flight.kind, flight.start.x, flight.end.x))
    )


def _find_new_packets(packets: Packets, known_packets: Mapping[int, Packet]) -> list[Packet]:
    """The packets that are not known yet. What is sent comes after all that was sent before."""
    new_packets: list[Packet] = []
    for packet in reversed(packets):
        if packet.id in known_packets:
            break
        new_packets.append(packet)
    return new_packets[::-1]


def _build_flights(
    packet: Packet, spots: dict[NodeId, Spot], ring: Layout, end: tuple[int, bool] | None
) -> Iterator[Flight]:
    message = packet.message
    start, target = _straight_path(spots[message.source], spots[message.target], ring.radius + 10)
    stop = (
        Spot(x=round((start.x + target.x) / 2, 1), y=round((start.y + target.y) / 2, 1))
        if packet.will_be_lost
        else target
    )
    yield Flight(from_ms=packet.sent_ms, to_ms=packet.due_ms, start=start, end=stop, kind=kind_of(message))
    if end and end[1]:
        yield Flight(from_ms=end[0], to_ms=end[0] + LOST_MARK_MS, start=stop, end=stop, kind="lost")


def _straight_path(start: Spot, end: Spot, clearance: float) -> tuple[Spot, Spot]:
    """From edge to edge, a little to the right of the straight line."""
    length = hypot(end.x - start.x, end.y - start.y)
    along_x, along_y = (end.x - start.x) / length, (end.y - start.y) / length
    aside_x, aside_y = -along_y * SIDE_OFFSET, along_x * SIDE_OFFSET
    return (
        Spot(x=round(start.x + along_x * clearance + aside_x, 1), y=round(start.y + along_y * clearance + aside_y, 1)),
        Spot(x=round(end.x - along_x * clearance + aside_x, 1), y=round(end.y - along_y * clearance + aside_y, 1)),
    )
