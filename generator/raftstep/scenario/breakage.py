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


def undeclared_by(scenario: Scenario, trace: Trace, shown: Sequence[int], places: Sequence[Place]) -> Iterator[Problem]:
    """The same for a schedule, which says once for its whole run what breaks; ``places`` are those of its steps."""
    declared = scenario.breaks
    moments = list(zip(shown, places, strict=True))
    raised = [(one, alarm) for one in trace.steps for alarm in one.alarms]
    for step, alarm in raised:
        if alarm.property not in declared:
            place = next((place for number, place in moments if number >= step.number), places[-1])
            yield Problem(
                path=scenario.path, place=place, words=_words(step, alarm, 'write "expect: {{broken: [{}]}}"')
            )
    for name in declared:
        if scenario.expect and name not in {alarm.property for alarm in trace.alarms}:
            words = f'{name} does not break in this run; remove it from "broken"'
            yield Problem(path=scenario.path, place=scenario.expect.place, words=words)


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


BESIDE_THE_STEP = 'write "broken: [{}]" under the "expect" of the step that tells it'


def _words(step: Step, alarm: Alarm, mend: str = BESIDE_THE_STEP) -> str:
    return (
        f"{alarm.property} broken at step {step.number} ({step.time_ms} ms): {alarm.words}; this is a bug, unless the "
        f"run is meant to show it: then {mend.format(alarm.property)}"
    )
