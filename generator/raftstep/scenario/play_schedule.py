"""Playing a schedule: every event where it is, each a step, or the first that cannot happen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.limits import SCRIPT_EVENTS
from raftstep.scenario.breakage import check_schedule_alarms
from raftstep.scenario.caption import check_conditions, check_last_conditions, fill_sentence
from raftstep.scenario.expectations import compare_expectation
from raftstep.scenario.facts import collect_facts
from raftstep.scenario.model import (
    Expectation,
    Moment,
    PlayedScenario,
    Scenario,
    Schedule,
    ScheduleLine,
    Sentence,
)
from raftstep.scenario.schedule import ScheduleError, SentMessages, read_event
from raftstep.scenario.schedule_moments import make_moments, make_waypoint
from raftstep.simulation.explore.bounds import STARTS, Bounds, node_names
from raftstep.simulation.explore.event_timings import event_timings
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.trace import Trace


class CaptionedEvent(NamedTuple):
    """An event, where it is, what is said of it, and what must be true after it."""

    event: ScheduledEvent
    place: Place
    say: Sentence | None
    why: Sentence | None
    expect: Expectation | None


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
        given=setup.start,
        names=() if setup.nodes == node_names(len(setup.nodes)) else setup.nodes,
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
    moves = tuple(captioned.event for captioned in scheduled_events)
    run = replay(bounds, moves)
    mistakes: list[Problem] = []
    clock_times_ms = [slot.last_tick_ms for slot in event_timings(moves)]
    captioned_moments = tuple(
        _caption_moments(
            scenario, run.trace, list(make_moments(bounds, moves, run)), scheduled_events, clock_times_ms, mistakes
        )
    )
    if scenario.expect:
        mistakes += compare_expectation(scenario.expect, run.trace, run.trace.steps[-1], scenario.path)
        mistakes += check_last_conditions(scenario, run.trace)
    places = [author_schedule.lines[0].place, *(captioned.place for captioned in scheduled_events)]
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
    return tuple(captioned.event for captioned in _play_lines(schedule_bounds(scenario), schedule))


def _play_lines(bounds: Bounds, schedule: Schedule) -> Iterator[CaptionedEvent]:
    """Each event with its words; of several in one directive, the first has them, and the last what is expected."""
    wire = SentMessages(bounds)
    count = 0
    for number, line in enumerate(schedule.lines, 1):
        moves = _list_moves(bounds, wire, number, line)
        for position, move in enumerate(moves, 1):
            wire.play_event(move)
            count += 1
            if count > SCRIPT_EVENTS.most:
                words = f"a schedule has at most {SCRIPT_EVENTS.words}, and here is one more"
                raise ScheduleError(number, words, SCRIPT_EVENTS.remedy)
            say, why = (line.say, line.why) if position == 1 else (None, None)
            expect = line.expect if position == len(moves) else None
            yield CaptionedEvent(move, line.place, say, why, expect)


def _list_moves(bounds: Bounds, wire: SentMessages, number: int, line: ScheduleLine) -> Sequence[ScheduledEvent]:
    """The events of one directive; a loss is none, and is done at once."""
    [(verb, value)] = line.directive.items()
    if verb == "drop":
        wire.drop(number, value)
        return ()
    if line.directive != {"deliver": "all"}:
        return [read_event(bounds, wire, number, line.directive)]
    moves = [wire.make_delivery(message) for message in wire.in_flight if wire.can_arrive(message)]
    if not moves:
        words = "no message that can arrive is in flight" if wire.in_flight else "no message is in flight"
        raise ScheduleError(number, words, "remove it, or let a message be sent before")
    return moves


def _caption_moments(
    scenario: Scenario,
    trace: Trace,
    plain_moments: Sequence[Moment],
    scheduled_events: Sequence[CaptionedEvent],
    clock_times_ms: Sequence[int],
    mistakes: list[Problem],
) -> Iterator[Moment]:
    """The steps with what their author says in place of the rules' sentences; what is expected is compared."""
    first, *other_moments = plain_moments
    yield first
    times_ms = [first.event_step.time_ms]
    for moment, captioned, clock_time_ms in zip(other_moments, scheduled_events, clock_times_ms[1:], strict=True):
        times_ms.append(moment.event_step.time_ms)
        conditions = captioned.expect.conditions if captioned.expect else ()
        if captioned.expect:
            mistakes += compare_expectation(captioned.expect, trace, moment.shown_step, scenario.path)
        if captioned.say is None and captioned.why is None and not conditions:
            yield moment
            continue
        caption_facts = collect_facts(
            trace,
            moment.event_step,
            moment.shown_step,
            moment.time_ms,
            times_ms,
            setup=scenario.setup,
            clocks_stopped_ms=clock_time_ms,
            alarms=moment.alarms,
        )
        mistakes += check_conditions(conditions, caption_facts, scenario.path)
        captions: dict[str, str] = {}
        for key, sentence in (("say", captioned.say), ("why", captioned.why)):
            caption = fill_sentence(sentence, caption_facts, scenario.path) if sentence else None
            if isinstance(caption, Problem):
                mistakes.append(caption)
            elif caption is not None:
                captions[key] = caption
        yield replace(moment, **captions)  # type: ignore[arg-type]
