"""Runs that break a property on purpose: exactly what a scenario declares may break, and at the step that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.document.problem import Place, Problem
from raftstep.scenario.model import Scenario
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.trace import Step, Trace


def alarms_between(trace: Trace, after: int, until: int) -> tuple[Alarm, ...]:
    """The alarms of the steps after one number, up to and including another."""
    return tuple(alarm for step in trace.steps[after + 1 : until + 1] for alarm in step.alarms)


def check_alarms(scenario: Scenario, trace: Trace, shown_numbers: Sequence[int]) -> Iterator[Problem]:
    """What broke and was not declared, and what was declared and did not break.

    ``shown_numbers`` are those of the steps that the waypoints show, as far as they were reached.
    """
    after = -1
    for waypoint, number in zip(scenario.waypoints, shown_numbers, strict=False):
        declared_properties = waypoint.expect.broken_properties if waypoint.expect else ()
        yield from _check_alarms_between(scenario, trace, (after, number), declared_properties, waypoint.place)
        after = max(after, number)
    place = scenario.expect.place if scenario.expect else scenario.waypoints[-1].place
    declared_properties = scenario.expect.broken_properties if scenario.expect else ()
    yield from _check_alarms_between(scenario, trace, (after, len(trace.steps) - 1), declared_properties, place)


def check_schedule_alarms(
    scenario: Scenario, trace: Trace, shown_numbers: Sequence[int], places: Sequence[Place]
) -> Iterator[Problem]:
    """The same for a schedule, which says once for its whole run what breaks; ``places`` are those of its steps."""
    declared_properties = scenario.broken_properties
    numbered_places = list(zip(shown_numbers, places, strict=True))
    step_alarms = [(trace_step, alarm) for trace_step in trace.steps for alarm in trace_step.alarms]
    for step, alarm in step_alarms:
        if alarm.property not in declared_properties:
            place = next((place for number, place in numbered_places if number >= step.number), places[-1])
            yield Problem(
                path=scenario.path, place=place, words=_describe_alarm(step, alarm, 'write "expect: {{broken: [{}]}}"')
            )
    for name in declared_properties:
        if scenario.expect and name not in {alarm.property for alarm in trace.alarms}:
            words = f'{name} does not break in this run; remove it from "broken"'
            yield Problem(path=scenario.path, place=scenario.expect.place, words=words)


def _check_alarms_between(
    scenario: Scenario, trace: Trace, step_range: tuple[int, int], declared_properties: Sequence[str], place: Place
) -> Iterator[Problem]:
    after, until = step_range
    broken_properties: set[str] = set()
    for step in trace.steps[after + 1 : until + 1]:
        for alarm in step.alarms:
            broken_properties.add(alarm.property)
            if alarm.property not in declared_properties:
                yield Problem(path=scenario.path, place=place, words=_describe_alarm(step, alarm))
    for name in declared_properties:
        if name not in broken_properties:
            words = f'{name} does not break between the step before and this one; remove it from "broken"'
            yield Problem(path=scenario.path, place=place, words=words)


DECLARE_AT_STEP = 'write "broken: [{}]" under the "expect" of the step that shows it'


def _describe_alarm(step: Step, alarm: Alarm, repair: str = DECLARE_AT_STEP) -> str:
    return (
        f"{alarm.property} broken at step {step.number} ({step.time_ms} ms): {alarm.words}; this is a bug, unless the "
        f"run is meant to show it: then {repair.format(alarm.property)}"
    )
