"""The eight steps run again with a system's own timing: the same script, other timeouts and heartbeats.

Such a run is of this site's simulator. It shows what the system's numbers do to Raft, not what the system does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from raftstep.codex.systems import System
from raftstep.document.problem import Problem, Problems
from raftstep.picture.draw import draw
from raftstep.picture.timeline_view import build_timeline_frame
from raftstep.scenario.model import PlayedScenario, Scenario, Waypoint
from raftstep.scenario.play import play
from raftstep.simulation.plan import Action, Setup

SCRIPT_ID = "leader-election"
"""The scenario that is run again."""

DELAYS_IN_HEARTBEATS = {"client": 2.3, "crash": 1.44, "look": 1.2}
"""When the client comes after the election, the crash after the commit and the last look at the crash, in heartbeat
intervals: as in the script, where an interval is 50 ms."""

SEED_COUNT = 8
"""How many seeds are tried; the first whose run has the eight steps, with one election each time, is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRun:
    """A run with a system's timing, and what was measured in it, in ms."""

    played: PlayedScenario
    seed: int
    election_timeout_ms: tuple[int, int]
    heartbeat_ms: int
    without_leader_ms: int

    @property
    def timeline(self) -> str:
        """The space-time picture as SVG text."""
        return draw(build_timeline_frame(self.played, id=f"{self.played.scenario.id}-timeline", current_step=0))


def simulate_system(system: System, script: Scenario) -> SystemRun | None:
    """The eight steps with this system's timing; ``None`` where its data says that there is none.

    Raises :class:`ValueError` where no seed tried gives the eight steps.
    """
    timing = system.timing
    if not (timing.has_run and timing.election_timeout_ms and timing.heartbeat_ms):
        return None
    beat_ms = timing.heartbeat_ms[0]
    first_problem: Problem | None = None
    for seed in range(SEED_COUNT):
        result = play(_retime_script(script, system, timing.election_timeout_ms, beat_ms, script.seed + seed))
        if isinstance(result, Problems):
            first_problem = result.problems[0]
        elif len(_election_times_ms(result)) == 2:
            return _measure_run(result, timing.election_timeout_ms, beat_ms)
    raise ValueError(
        f"{system.id}: no seed of {SEED_COUNT} gives the eight "
        f"steps{f'; {first_problem.words}' if first_problem else ''}"
    )


def _retime_script(
    script: Scenario, system: System, election_timeout_ms: tuple[int, int], beat_ms: int, seed: int
) -> Scenario:
    """The script with other timing. What it expects of single nodes holds for its own dice only, and is left out."""
    client, crash = script.setup.plan
    plan: tuple[Action, ...] = (
        replace(client, after_ms=round(beat_ms * DELAYS_IN_HEARTBEATS["client"])),
        replace(crash, after_ms=round(beat_ms * DELAYS_IN_HEARTBEATS["crash"])),
    )
    setup: Setup = replace(
        script.setup,
        election_timeout_ms=election_timeout_ms,
        heartbeat_interval_ms=beat_ms,
        plan=plan,
        timers=(),
        until_ms=election_timeout_ms[1] * 2 + beat_ms * 10 + 1000,
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
        is_last_look = waypoint.when and waypoint.when.name == "crash"
        after_ms = round(beat_ms * DELAYS_IN_HEARTBEATS["look"]) if is_last_look else waypoint.after_ms
        yield replace(waypoint, after_ms=after_ms, expect=None)


def _election_times_ms(played: PlayedScenario) -> list[int]:
    """When nodes started elections."""
    return [
        step.time_ms
        for step in played.trace.steps
        if step.time_ms <= played.moments_ms[-1]
        and step.outcome
        and any(rule.slug == "start-election" for rule in step.outcome.rules)
    ]


def _measure_run(played: PlayedScenario, election_timeout_ms: tuple[int, int], beat_ms: int) -> SystemRun:
    leader_times_ms = [
        moment.event_step.time_ms for moment in played.moments if moment.name in ("Leader", "Re-election")
    ]
    crash_time_ms = next(moment.event_step.time_ms for moment in played.moments if moment.name == "Crash")
    return SystemRun(
        played=played,
        seed=played.scenario.seed,
        election_timeout_ms=election_timeout_ms,
        heartbeat_ms=beat_ms,
        without_leader_ms=leader_times_ms[1] - crash_time_ms,
    )
