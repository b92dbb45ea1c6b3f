"""Playing a scenario: one run, its waypoints found, its captions filled, its expectations held against it."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.document.problem import Problem, Problems, sort_problems
from raftstep.scenario.breakage import alarms_between, check_alarms
from raftstep.scenario.caption import check_conditions, check_last_conditions, fill_sentence
from raftstep.scenario.expectations import compare_expectation
from raftstep.scenario.facts import collect_facts
from raftstep.scenario.model import Moment, PlayedScenario, Scenario, Waypoint
from raftstep.scenario.play_schedule import play_schedule
from raftstep.simulation.plan import PlanError
from raftstep.simulation.run import run
from raftstep.simulation.trace import Step, Trace


def play(scenario: Scenario) -> PlayedScenario | Problems:
    """Run a scenario and check all it says; every mistake that only the run can show, at once."""
    if scenario.schedule:
        return play_schedule(scenario, scenario.schedule)
    try:
        trace = run(scenario.setup, seed=scenario.seed)
    except (PlanError, ValueError) as error:
        return sort_problems(scenario.path, scenario.source, [_plan_problem(scenario, error)])
    mistakes: list[Problem] = []
    moments = tuple(_find_moments(scenario, trace, mistakes))
    if scenario.expect:
        mistakes += compare_expectation(scenario.expect, trace, trace.steps[-1], scenario.path)
        mistakes += check_last_conditions(scenario, trace)
    mistakes += check_alarms(scenario, trace, [moment.shown_step.number for moment in moments])
    if mistakes:
        return sort_problems(scenario.path, scenario.source, mistakes)
    return PlayedScenario(scenario=scenario, trace=trace, moments=moments)


def _plan_problem(scenario: Scenario, error: PlanError | ValueError) -> Problem:
    """Why the run cannot be made: at the directive to blame, or where a limit was met, at the end of the run.

    A ``ValueError`` is about the set-up as a whole, and ends with a remedy of its own.
    """
    end_place = scenario.end_place or (scenario.fork.place if scenario.fork else scenario.waypoints[0].place)
    if isinstance(error, ValueError):
        return Problem(path=scenario.path, place=end_place, words=f"this cannot be run: {error}")
    remedy = error.limit.remedy if error.limit else "change its moment, or what happens before it"
    place = end_place if error.action_index is None else scenario.action_places[error.action_index]
    return Problem(path=scenario.path, place=place, words=f"this cannot happen: {error.words}; {remedy}")


def _find_moments(scenario: Scenario, trace: Trace, mistakes: list[Problem]) -> Iterator[Moment]:
    after, shown_number = -1, -1
    shown_ms = 0
    reached_steps: list[Step] = []
    for number, waypoint in enumerate(scenario.waypoints, 1):
        event_step = _find_waypoint_step(waypoint, trace, after)
        if event_step is None:
            mistakes.append(_unreached_problem(scenario, waypoint, number, trace, after))
            return
        time_ms = event_step.time_ms + waypoint.after_ms
        if time_ms < shown_ms:
            words = f"step {number} would show {time_ms} ms, before step {number - 1}; lower that step's after_ms"
            mistakes.append(Problem(path=scenario.path, place=waypoint.place, words=words))
        after, shown_ms = event_step.number, time_ms
        reached_steps.append(event_step)
        moment = _make_moment(scenario, trace, waypoint, reached_steps, shown_number, mistakes)
        shown_number = max(shown_number, moment.shown_step.number)
        yield moment


def _find_shown_step(trace: Trace, event_step: Step, waypoint: Waypoint) -> Step:
    """The event itself when nothing is added to its time, though more may happen in the same millisecond."""
    return trace.step_at(event_step.time_ms + waypoint.after_ms) if waypoint.after_ms else event_step


def _make_moment(
    scenario: Scenario,
    trace: Trace,
    waypoint: Waypoint,
    reached_steps: list[Step],
    previous_number: int,
    mistakes: list[Problem],
) -> Moment:
    """The last of the waypoints reached so far, with its words.

    The one before it showed step number ``previous_number``.
    """
    event_step = reached_steps[-1]
    shown_step = _find_shown_step(trace, event_step, waypoint)
    time_ms = event_step.time_ms + waypoint.after_ms
    alarms = alarms_between(trace, previous_number, shown_step.number)
    times_ms = [step.time_ms for step in reached_steps]
    caption_facts = collect_facts(trace, event_step, shown_step, time_ms, times_ms, setup=scenario.setup, alarms=alarms)
    captions: dict[str, str] = {}
    for key, sentence in (("title", waypoint.title), ("say", waypoint.say), ("why", waypoint.why)):
        caption = fill_sentence(sentence, caption_facts, scenario.path, is_title=key == "title") if sentence else ""
        if isinstance(caption, Problem):
            mistakes.append(caption)
        else:
            captions[key] = caption
    if waypoint.expect:
        mistakes += compare_expectation(waypoint.expect, trace, shown_step, scenario.path)
        mistakes += check_conditions(waypoint.expect.conditions, caption_facts, scenario.path)
    return Moment(
        number=len(reached_steps),
        name=waypoint.name,
        event_step=event_step,
        shown_step=shown_step,
        time_ms=time_ms,
        title=captions.get("title", ""),
        say=captions.get("say", ""),
        why=captions.get("why") or None,
        alarms=alarms,
    )


def _find_waypoint_step(waypoint: Waypoint, trace: Trace, after: int) -> Step | None:
    if waypoint.when is None:
        return trace.steps[0]
    matching_steps = (step for step in trace.steps[after + 1 :] if waypoint.when.matches(step))
    for count, step in enumerate(matching_steps, 1):
        if count == waypoint.when.occurrence:
            return step
    return None


def _unreached_problem(scenario: Scenario, waypoint: Waypoint, number: int, trace: Trace, after: int) -> Problem:
    event_name = waypoint.when.name if waypoint.when else "start"
    match_count = sum(1 for step in trace.steps[after + 1 :] if waypoint.when and waypoint.when.matches(step))
    since_ms = trace.steps[max(after, 0)].time_ms
    words = (
        f"step {number} is never reached: from {since_ms} ms to the end at {trace.until_ms} ms, "
        f'"{event_name}" as described happens {match_count} times; change "when", or let the run go '
        "on longer with until_ms"
    )
    return Problem(path=scenario.path, place=waypoint.place, words=words)
