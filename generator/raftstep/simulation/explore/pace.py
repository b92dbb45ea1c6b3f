"""When the events of a schedule are shown to happen. The search asks only for their order, and for its ticks.

Where time stands still, each event takes as long as the next, so that messages can be seen on their way. Where it
moves on, the times are those of the ticks. What happens between two ticks takes no time in the search; it is shown
spread over the time up to the next tick, so that it can be told apart, and all clocks show what they did at the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raftstep.simulation.cluster import Tick
from raftstep.simulation.explore.result import Move

EVENT_MS = 20
"""How long an event takes where there are no ticks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The moment of one event, how long it is until the next, and the time of the last tick by then."""

    at_ms: int
    room_ms: int = EVENT_MS
    ticked_ms: int = 0
    tick: bool = False

    @property
    def shown_ms(self) -> int:
        """When the event is shown: a little after it, so that messages just sent have left; a tick sends none."""
        return self.at_ms if self.tick else self.at_ms + self.room_ms * 3 // 10

    @property
    def end_ms(self) -> int:
        """When the next may be."""
        return self.at_ms + self.room_ms


def slots(schedule: Sequence[Move]) -> tuple[Slot, ...]:
    """The start's slot, and one for each event.

    >>> [slot.at_ms for slot in slots([Move(place=0, given="anything", delivery=False)] * 3)]
    [0, 20, 40, 60]
    """
    ticks = [place for place, move in enumerate(schedule, 1) if isinstance(move.given, Tick)]
    if not ticks:
        return tuple(Slot(at_ms=place * EVENT_MS) for place in range(len(schedule) + 1))
    lengths_ms = [schedule[place - 1].given.ms for place in ticks]  # type: ignore[attr-defined]
    found: list[Slot] = []
    ticked_ms = 0
    parts = pairwise([0, *ticks, len(schedule) + 1])
    for (first, end), length_ms in zip(parts, [*lengths_ms, lengths_ms[-1]], strict=True):
        found += _spread(ticked_ms, length_ms, end - first)
        ticked_ms += length_ms
    return tuple(found)


def _spread(ticked_ms: int, length_ms: int, count: int) -> Iterator[Slot]:
    """A tick, or the start, and the events after it, over the time up to the next tick."""
    for place in range(count):
        yield Slot(
            at_ms=ticked_ms + length_ms * place // count,
            room_ms=length_ms // count,
            ticked_ms=ticked_ms,
            tick=ticked_ms > 0 and place == 0,
        )
