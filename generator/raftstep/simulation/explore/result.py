"""What came of a search."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

EVERYWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One event of a schedule: at which place, and what: a message that arrives, or something of the node's own.

    What happens to all nodes at once, as when time moves on, is ``EVERYWHERE``.
    """

    place: int
    given: Hashable
    delivery: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is. ``left`` are the states of this depth still to be looked at, ``next`` those of the next."""

    depth: int
    states: int
    left: int
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a search found.

    ``states`` is how many distinct states it reached. Every schedule of at most ``depth`` events was looked at;
    where ``complete``, every schedule there is within the bounds. ``schedule`` is a shortest one that breaks a
    property, with the alarms of its last event; ``stopped`` says why an incomplete search without one ended.
    """

    states: int
    depth: int
    complete: bool
    schedule: tuple[Move, ...] | None = None
    alarms: tuple[Any, ...] = ()
    stopped: str | None = None
    bytes: int = 0

    @property
    def words(self) -> str:
        """The outcome in a sentence. It never says more than was searched."""
        if self.schedule is not None:
            return f"broken after {len(self.schedule)} events; no schedule of {self.depth} events or fewer breaks it"
        if self.complete:
            return f"no violation within these bounds: {self.states:,} states, the farthest {self.depth} events away"
        return f"no violation in schedules of up to {self.depth} events; then {self.stopped}"
