"""The eight steps run again with a system's own timing: the same script, other timeouts and heartbeats.

Such a run is of this site's simulator. It shows what the system's numbers do to Raft, not what the system does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from raftstep.picture.draw import draw
from raftstep.picture.timeline_view import timeline_view
from raftstep.scenario.model import Scenario, Waypoint
from raftstep.scenario.play import play
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problem, Problems
from raftstep.simulation.plan import Action, Setup
from raftstep.site.codex.systems import System

SCRIPT = "leader-election"
"""The scenario that is run again."""

AFTER_BEATS = {"client": 2.3, "crash": 1.44, "look": 1.2}
"""When the client comes after the election, the crash after the commit and the last look at the crash, in heartbeat
intervals: as in the script, where an interval is 50 ms."""

SEEDS = 8
"""How many seeds are tried; the first whose run has the eight steps, with one election each time, is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRun:
    """A run with a system's timing, and what was measured in it, in ms."""

    played: Played
    seed: int
    wait_ms: tuple[int, int]
    heartbeat_ms: int
    first_leader_ms: int
    without_leader_ms: int

    @property
    def timeline(self) -> str:
        """The space-time picture as SVG text."""
        return draw(timeline_view(self.played, id=f"{self.played.scenario.id}-timeline", current=0))


def system_run(system: System, script: Scenario) -> SystemRun | None:
    """The eight steps with this system's timing; ``None`` where its data says that there is none.

    Raises :class:`ValueError` where no seed tried gives the eight steps.
    """
    timing = system.timing
    if not (timing.run and timing.wait_ms and timing.heartbeat_ms):
        return None
    beat_ms = timing.heartbeat_ms[0]
    why: Problem | None = None
    for seed in range(SEEDS):
        outcome = play(_with(script, system, timing.wait_ms, beat_ms, script.seed + seed))
        if isinstance(outcome, Problems):
            why = outcome.found[0]
        elif len(_elections(outcome)) == 2:
            return _measured(outcome, timing.wait_ms, beat_ms)
    raise ValueError(f"{system.id}: no seed of {SEEDS} gives the eight steps{f'; {why.words}' if why else ''}")


def _with(script: Scenario, system: System, wait_ms: tuple[int, int], beat_ms: int, seed: int) -> Scenario:
    """The script with other timing. What it expects of single nodes holds for its own dice only, and is left out."""
    client, crash = script.setup.plan
    plan: tuple[Action, ...] = (
        replace(client, after_ms=round(beat_ms * AFTER_BEATS["client"])),
        replace(crash, after_ms=round(beat_ms * AFTER_BEATS["crash"])),
    )
    setup: Setup = replace(
        script.setup,
        election_timeout_ms=wait_ms,
        heartbeat_interval_ms=beat_ms,
        plan=plan,
        timers=(),
        until_ms=wait_ms[1] * 2 + beat_ms * 10 + 1000,
    )
    return replace(
        script,
        id=f"{system.id}-run",
        title=f"the eight steps with {system.name}’s timing",
        setup=setup,
        seed=seed,
        waypoints=tuple(_waypoints(script, beat_ms)),
        expect=None,
        fork=None,
    )


def _waypoints(script: Scenario, beat_ms: int) -> Iterator[Waypoint]:
    for waypoint in script.waypoints:
        look = waypoint.when and waypoint.when.what == "crash"
        after_ms = round(beat_ms * AFTER_BEATS["look"]) if look else waypoint.after_ms
        yield replace(waypoint, after_ms=after_ms, expect=None)


def _elections(played: Played) -> list[int]:
    """When nodes stood for election."""
    return [
        step.time_ms
        for step in played.trace.steps
        if step.time_ms <= played.moments_ms[-1]
        and step.outcome
        and any(rule.slug == "start-election" for rule in step.outcome.rules)
    ]


def _measured(played: Played, wait_ms: tuple[int, int], beat_ms: int) -> SystemRun:
    led = [moment.event.time_ms for moment in played.moments if moment.name in ("Leader", "Re-election")]
    crash = next(moment.event.time_ms for moment in played.moments if moment.name == "Crash")
    return SystemRun(
        played=played,
        seed=played.scenario.seed,
        wait_ms=wait_ms,
        heartbeat_ms=beat_ms,
        first_leader_ms=led[0],
        without_leader_ms=led[1] - crash,
    )
