"""When the events of a schedule are shown to happen. The search asks only for their order, and for its ticks.

Where time stands still, each event takes as long as the next, so that messages can be seen on their way. Where it
moves on, the times are those of the ticks. What happens between two ticks takes no time in the search; it is shown
spread over the time up to the next tick, so that its events can be distinguished, and all clocks show what
they did at the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raftstep.simulation.events import Tick
from raftstep.simulation.explore.result import ScheduledEvent

EVENT_MS = 20
"""How long an event takes where there are no ticks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTiming:
    """The moment of one event, how long it is until the next, and the time of the last tick by then."""

    at_ms: int
    duration_ms: int = EVENT_MS
    last_tick_ms: int = 0
    is_tick: bool = False

    @property
    def shown_ms(self) -> int:
        """When the event is shown: a little after it, so that messages just sent have left; a tick sends none."""
        return self.at_ms if self.is_tick else self.at_ms + self.duration_ms * 3 // 10

    @property
    def end_ms(self) -> int:
        """When the next may be."""
        return self.at_ms + self.duration_ms


def event_timings(schedule: Sequence[ScheduledEvent]) -> tuple[EventTiming, ...]:
    """The start's slot, and one for each event.

    >>> event = ScheduledEvent(node_index=0, given="anything", is_delivery=False)
    >>> [timing.at_ms for timing in event_timings([event] * 3)]
    [0, 20, 40, 60]
    """
    tick_indexes = [index for index, event in enumerate(schedule, 1) if isinstance(event.given, Tick)]
    if not tick_indexes:
        return tuple(EventTiming(at_ms=index * EVENT_MS) for index in range(len(schedule) + 1))
    lengths_ms = [schedule[index - 1].given.ms for index in tick_indexes]  # type: ignore[attr-defined]
    timings: list[EventTiming] = []
    last_tick_ms = 0
    intervals = pairwise([0, *tick_indexes, len(schedule) + 1])
    for (first, end), length_ms in zip(intervals, [*lengths_ms, lengths_ms[-1]], strict=True):
        timings += _spread_events(last_tick_ms, length_ms, end - first)
        last_tick_ms += length_ms
    return tuple(timings)


def _spread_events(last_tick_ms: int, length_ms: int, count: int) -> Iterator[EventTiming]:
    """A tick, or the start, and the events after it, over the time up to the next tick."""
    for index in range(count):
        yield EventTiming(
            at_ms=last_tick_ms + length_ms * index // count,
            duration_ms=length_ms // count,
            last_tick_ms=last_tick_ms,
            is_tick=last_tick_ms > 0 and index == 0,
        )
