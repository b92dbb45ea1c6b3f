"""Messages on their way: one straight flight each, in the run's own time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
    RequestPreVote,
    RequestPreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)
from raftstep.core.model import NodeId
from raftstep.picture.layout import Layout, Spot
from raftstep.picture.vocabulary import paxos_look
from raftstep.simulation.cluster import Deliver, Lose, Packet
from raftstep.simulation.trace import Trace

LOST_FOR_MS = 12
"""How long a lost message's mark stays."""

LANE = 7
"""How far to the right of the straight line a message keeps, so that question and answer pass each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A glyph on a straight path, present from ``from_ms`` until just before ``to_ms``."""

    from_ms: int
    to_ms: int
    start: Spot
    end: Spot
    kind: str

    def at(self, time_ms: float) -> Spot:
        """Where it is at a moment."""
        part = (time_ms - self.from_ms) / max(1, self.to_ms - self.from_ms)
        return Spot(
            x=round(self.start.x + (self.end.x - self.start.x) * part, 1),
            y=round(self.start.y + (self.end.y - self.start.y) * part, 1),
        )


def kind_of(message: Message) -> str:
    """The message's kind, as glyphs and classes name it."""
    if (look := paxos_look(message)) is not None:
        return look
    match message:
        case RequestVote():
            return "vote-request"
        case AppendEntries():
            return "append" if message.entries else "heartbeat"
        case AppendEntriesResponse():
            return "append-accepted" if message.success else "append-rejected"
        case RequestVoteResponse():
            return "vote-granted" if message.vote_granted else "vote-denied"
        case InstallSnapshot():
            return "snapshot"
        case InstallSnapshotResponse():
            return "snapshot-accepted"
        case RequestPreVote():
            return "pre-vote-request"
        case RequestPreVoteResponse():
            return "pre-vote-granted" if message.vote_granted else "pre-vote-denied"
        case TimeoutNow():
            return "timeout-now"


def moves(trace: Trace, ring: Layout) -> tuple[Move, ...]:
    """Every flight of a run, and a mark where a message was lost, in the order of their starts."""
    spots = dict(zip(trace.start.ids, ring.spots, strict=True))
    packets: dict[int, Packet] = {}
    ended: dict[int, tuple[int, bool]] = {}
    for step in trace.steps:
        packets |= {packet.id: packet for packet in step.cluster.packets}
        match step.event:
            case Deliver(packet=packet):
                ended[packet.id] = (step.time_ms, False)
                packets[packet.id] = packet
            case Lose(packet=packet):
                ended[packet.id] = (step.time_ms, True)
                packets[packet.id] = packet
    flights = [move for packet in packets.values() for move in _flight(packet, spots, ring, ended.get(packet.id))]
    return tuple(sorted(flights, key=lambda move: (move.from_ms, move.to_ms, move.kind, move.start.x, move.end.x)))


def _flight(packet: Packet, spots: dict[NodeId, Spot], ring: Layout, end: tuple[int, bool] | None) -> Iterator[Move]:
    message = packet.message
    start, target = _path(spots[message.source], spots[message.target], ring.radius + 10)
    stop = Spot(x=round((start.x + target.x) / 2, 1), y=round((start.y + target.y) / 2, 1)) if packet.doomed else target
    yield Move(from_ms=packet.sent_ms, to_ms=packet.due_ms, start=start, end=stop, kind=kind_of(message))
    if end and end[1]:
        yield Move(from_ms=end[0], to_ms=end[0] + LOST_FOR_MS, start=stop, end=stop, kind="lost")


def _path(one: Spot, other: Spot, clear: float) -> tuple[Spot, Spot]:
    """From edge to edge, a little to the right of the straight line."""
    length = hypot(other.x - one.x, other.y - one.y)
    along_x, along_y = (other.x - one.x) / length, (other.y - one.y) / length
    aside_x, aside_y = -along_y * LANE, along_x * LANE
    return (
        Spot(x=round(one.x + along_x * clear + aside_x, 1), y=round(one.y + along_y * clear + aside_y, 1)),
        Spot(x=round(other.x - along_x * clear + aside_x, 1), y=round(other.y - along_y * clear + aside_y, 1)),
    )
