"""Runs that break a property on purpose: exactly what a scenario declares may break, and at the step that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.scenario.model import Place, Scenario
from raftstep.scenario.problem import Problem
from raftstep.simulation.trace import Alarm, Step, Trace


def alarms_between(trace: Trace, after: int, until: int) -> tuple[Alarm, ...]:
    """The alarms of the steps behind one number, up to and with another."""
    return tuple(alarm for step in trace.steps[after + 1 : until + 1] for alarm in step.alarms)


def undeclared(scenario: Scenario, trace: Trace, shown: Sequence[int]) -> Iterator[Problem]:
    """What broke and was not declared, and what was declared and did not break.

    ``shown`` are the numbers of the steps that the waypoints show, as far as they were reached.
    """
    after = -1
    for waypoint, number in zip(scenario.waypoints, shown, strict=False):
        declared = waypoint.expect.broken if waypoint.expect else ()
        yield from _differences(scenario, trace, (after, number), declared, waypoint.place)
        after = max(after, number)
    place = scenario.expect.place if scenario.expect else scenario.waypoints[-1].place
    declared = scenario.expect.broken if scenario.expect else ()
    yield from _differences(scenario, trace, (after, len(trace.steps) - 1), declared, place)


def _differences(
    scenario: Scenario, trace: Trace, between: tuple[int, int], declared: Sequence[str], place: Place
) -> Iterator[Problem]:
    after, until = between
    broken: set[str] = set()
    for step in trace.steps[after + 1 : until + 1]:
        for alarm in step.alarms:
            broken.add(alarm.property)
            if alarm.property not in declared:
                yield Problem(path=scenario.path, place=place, words=_words(step, alarm))
    for name in declared:
        if name not in broken:
            words = f'{name} does not break between the step before and this one; remove it from "broken"'
            yield Problem(path=scenario.path, place=place, words=words)


def _words(step: Step, alarm: Alarm) -> str:
    return (
        f"{alarm.property} broken at step {step.number} ({step.time_ms} ms): {alarm.words}; this is a bug, unless the "
        f'run is meant to show it: then write "broken: [{alarm.property}]" under the "expect" of the step that tells it'
    )
