"""What came of a search."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

ALL_NODES = -1

INTERRUPTED = "it was interrupted"
"""Why a search stopped that was interrupted from the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEvent:
    """One event of a schedule: at which node, and what: a message that arrives, or something of the node's own.

    What happens to all nodes at once, as when time moves on, is ``ALL_NODES``.
    """

    node_index: int
    given: Hashable
    is_delivery: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProgress:
    """How far a search is.

    ``states_left`` are the states of this depth still to be looked at, ``states_ahead`` those of the next.
    """

    depth: int
    states: int
    states_left: int
    states_ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a search found.

    ``states`` is how many distinct states it reached. Every schedule of at most ``depth`` events was looked at;
    where ``is_complete``, every schedule there is within the bounds. ``schedule`` is a shortest one that breaks a
    property, with the alarms of its last event; ``stop_reason`` says why an incomplete search without one ended.
    """

    states: int
    depth: int
    is_complete: bool
    schedule: tuple[ScheduledEvent, ...] | None = None
    alarms: tuple[Any, ...] = ()
    stop_reason: str | None = None
    memory_bytes: int = 0

    @property
    def is_interrupted(self) -> bool:
        """Whether somebody stopped the search from the keyboard."""
        return self.stop_reason == INTERRUPTED

    @property
    def words(self) -> str:
        """The outcome in a sentence. It never says more than was searched."""
        if self.schedule is not None:
            return f"broken after {len(self.schedule)} events; no schedule of {self.depth} events or fewer breaks it"
        if self.is_complete:
            return f"no violation within these bounds: {self.states:,} states, the farthest {self.depth} events away"
        return f"no violation in schedules of up to {self.depth} events; then {self.stop_reason}"
