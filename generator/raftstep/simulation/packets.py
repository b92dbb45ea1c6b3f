"""Messages in flight, in the order they were sent. The steps of a run keep them, and share what has not changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from raftstep.core.messages import Message

CHUNK_SIZE = 128
"""Of some thousands of packets a change copies about as many packets as chunks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A message on the wire. One that ``will_be_lost`` is lost at ``due_ms`` instead of arriving."""

    id: int
    message: Message
    sent_ms: int
    due_ms: int
    will_be_lost: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Packets(Sequence[Packet]):
    """Packets that never change, like a tuple of them, and equal to one.

    They lie in chunks, so that a packet more or less copies one chunk and leaves the others as they are: a run's memory
    grows with its events, however many messages are in flight. No chunk is empty, and two neighbours together are more
    than half a chunk.
    """

    chunks: tuple[tuple[Packet, ...], ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self.chunks))

    def __iter__(self) -> Iterator[Packet]:
        return chain.from_iterable(self.chunks)

    def __reversed__(self) -> Iterator[Packet]:
        return chain.from_iterable(map(reversed, reversed(self.chunks)))

    @overload
    def __getitem__(self, index: int) -> Packet: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Packet, ...]: ...

    def __getitem__(self, index: int | slice) -> Packet | tuple[Packet, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Packets, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def with_packets(self, packets: Sequence[Packet]) -> Packets:
        """These and some more behind them."""
        last = self.chunks[-1] if self.chunks else ()
        if len(last) + len(packets) <= CHUNK_SIZE:
            return Packets((*self.chunks[:-1], (*last, *packets))) if packets else self
        starts = range(0, len(packets), CHUNK_SIZE)
        return Packets((*self.chunks, *(tuple(packets[start : start + CHUNK_SIZE]) for start in starts)))

    def without_packet(self, id: int) -> Packets:
        """All but one; the same where none has this id."""
        number = self._find_chunk(id)
        if number is None:
            return self
        rest = tuple([packet for packet in self.chunks[number] if packet.id != id])
        if len(self.chunks) == 1:
            return Packets((rest,)) if rest else NO_PACKETS
        first, last = number, number + 1
        if first > 0 and len(rest) + len(self.chunks[first - 1]) <= CHUNK_SIZE // 2:
            first -= 1
            rest = self.chunks[first] + rest
        if last < len(self.chunks) and len(rest) + len(self.chunks[last]) <= CHUNK_SIZE // 2:
            rest += self.chunks[last]
            last += 1
        return Packets((*self.chunks[:first], *((rest,) if rest else ()), *self.chunks[last:]))

    def _find_chunk(self, id: int) -> int | None:
        """The chunk that holds a packet: by the order of their ids, which grow in nearly every run, or one by one."""
        if len(self.chunks) == 1:
            return 0
        nearest = bisect_right(self.chunks, id, key=_first_id) - 1
        numbers = (nearest, *range(len(self.chunks))) if nearest >= 0 else range(len(self.chunks))
        return next((number for number in numbers if any(packet.id == id for packet in self.chunks[number])), None)


NO_PACKETS = Packets()


def _first_id(chunk: tuple[Packet, ...]) -> int:
    return chunk[0].id
