"""Playing a schedule: every event where it is, each a step, or the first that cannot happen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.limits import SCRIPT_EVENTS
from raftstep.scenario.breakage import check_schedule_alarms
from raftstep.scenario.caption import fill_sentence
from raftstep.scenario.expectations import compare_expectation
from raftstep.scenario.facts import collect_facts
from raftstep.scenario.model import (
    Moment,
    PlayedScenario,
    Scenario,
    Schedule,
    ScheduleLine,
    Sentence,
)
from raftstep.scenario.schedule import ScheduleError, SentMessages, read_event
from raftstep.scenario.schedule_moments import make_moments, make_waypoint
from raftstep.simulation.explore.bounds import STARTS, Bounds
from raftstep.simulation.explore.event_timings import event_timings
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.trace import Trace

CaptionedEvent = tuple[ScheduledEvent, Place, Sentence | None]
"""An event, where it is, and what is said of it."""


def schedule_bounds(scenario: Scenario) -> Bounds:
    """Nodes, settings and start, as a search would have them."""
    setup = scenario.setup
    schedule = scenario.schedule
    return Bounds(
        nodes=len(setup.nodes),
        learners=len(setup.learners),
        ticks=sum("tick" in line.directive for line in schedule.lines) if schedule else 0,
        clocks=setup.clock_speeds,
        settings=setup.settings,
        start=schedule.start if schedule else STARTS[0],
    )


def play_schedule(scenario: Scenario, author_schedule: Schedule) -> PlayedScenario | Problems:
    """A schedule as played, or everything in it that the run does not bear out."""
    bounds = schedule_bounds(scenario)
    scheduled_events: list[CaptionedEvent] = []
    try:
        scheduled_events += _play_lines(bounds, author_schedule)
    except ScheduleError as error:
        place = author_schedule.lines[error.step_number - 1].place
        words = f"{error.words}; {error.remedy}"
        return sort_problems(scenario.path, scenario.source, [Problem(path=scenario.path, place=place, words=words)])
    moves = tuple(move for move, _, _ in scheduled_events)
    run = replay(bounds, moves)
    mistakes: list[Problem] = []
    sentences = [None, *(say for _, _, say in scheduled_events)]
    clock_times_ms = [slot.last_tick_ms for slot in event_timings(moves)]
    captioned_moments = tuple(
        _caption_moments(
            scenario, run.trace, list(make_moments(bounds, moves, run)), sentences, clock_times_ms, mistakes
        )
    )
    if scenario.expect:
        mistakes += compare_expectation(scenario.expect, run.trace, run.trace.steps[-1], scenario.path)
    places = [author_schedule.lines[0].place, *(place for _, place, _ in scheduled_events)]
    shown_numbers = [moment.shown_step.number for moment in captioned_moments]
    mistakes += check_schedule_alarms(scenario, run.trace, shown_numbers, places)
    if mistakes:
        return sort_problems(scenario.path, scenario.source, mistakes)
    waypoints = tuple(make_waypoint(moment, place) for moment, place in zip(captioned_moments, places, strict=True))
    setup = replace(scenario.setup, until_ms=run.trace.until_ms)
    return PlayedScenario(
        scenario=replace(scenario, setup=setup, waypoints=waypoints), trace=run.trace, moments=captioned_moments
    )


def schedule_moves(scenario: Scenario, schedule: Schedule) -> tuple[ScheduledEvent, ...]:
    """The events alone, of a schedule that can be played."""
    return tuple(move for move, _, _ in _play_lines(schedule_bounds(scenario), schedule))


def _play_lines(bounds: Bounds, schedule: Schedule) -> Iterator[CaptionedEvent]:
    """Each event with its words; of several in one directive, the first has them."""
    wire = SentMessages(bounds)
    count = 0
    for number, line in enumerate(schedule.lines, 1):
        say = line.say
        for move in _play_line(bounds, wire, number, line):
            count += 1
            if count > SCRIPT_EVENTS.most:
                words = f"a schedule has at most {SCRIPT_EVENTS.words}, and here is one more"
                raise ScheduleError(number, words, SCRIPT_EVENTS.remedy)
            yield move, line.place, say
            say = None


def _play_line(bounds: Bounds, wire: SentMessages, number: int, line: ScheduleLine) -> Iterator[ScheduledEvent]:
    """The events of one directive, each played on the wire."""
    [(verb, value)] = line.directive.items()
    if verb == "drop":
        wire.drop(number, value)
        return
    if line.directive == {"deliver": "all"}:
        moves: Sequence[ScheduledEvent] = [wire.make_delivery(message) for message in wire.in_flight]
        if not moves:
            raise ScheduleError(number, "no message is in flight", "remove it, or let a message be sent before")
    else:
        moves = [read_event(bounds, wire, number, line.directive)]
    for move in moves:
        wire.play_event(move)
        yield move


def _caption_moments(
    scenario: Scenario,
    trace: Trace,
    plain_moments: Sequence[Moment],
    sentences: Sequence[Sentence | None],
    clock_times_ms: Sequence[int],
    mistakes: list[Problem],
) -> Iterator[Moment]:
    """The steps with what their author says in place of the rules' sentences."""
    times_ms: list[int] = []
    clock_speeds = dict(scenario.setup.clock_speeds)
    for moment, say, clock_time_ms in zip(plain_moments, sentences, clock_times_ms, strict=True):
        times_ms.append(moment.event_step.time_ms)
        if say is None:
            yield moment
            continue
        caption_facts = collect_facts(
            trace,
            moment.event_step,
            moment.shown_step,
            moment.time_ms,
            times_ms,
            clock_speeds=clock_speeds,
            clocks_stopped_ms=clock_time_ms,
            alarms=moment.alarms,
        )
        caption = fill_sentence(say, caption_facts, scenario.path)
        if isinstance(caption, Problem):
            mistakes.append(caption)
        yield moment if isinstance(caption, Problem) else replace(moment, say=caption)
