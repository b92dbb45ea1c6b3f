"""A scenario that has been played: its run, and the moments at which the explanation stops."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.scenario.model import Scenario
from raftstep.simulation.trace import Alarm, Step, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A waypoint reached: the event that did it, the moment shown, and the words about it (Markdown).

    ``broken`` are the alarms since the waypoint before, where the scenario is meant to raise some.
    """

    number: int
    name: str
    event: Step
    shown: Step
    time_ms: int
    title: str
    say: str
    why: str | None
    broken: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scenario and the run it made. Everything on a page is read from here."""

    scenario: Scenario
    trace: Trace
    moments: tuple[Moment, ...]

    @property
    def moments_ms(self) -> tuple[int, ...]:
        """The time that each step shows."""
        return tuple(moment.time_ms for moment in self.moments)

    @property
    def action_times_ms(self) -> tuple[int, ...]:
        """When each action of the plan was carried out."""
        return self.trace.acted_ms
