"""Playing a scenario: one run, its waypoints found, its captions filled, its expectations held against it."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.scenario.breakage import alarms_between, undeclared
from raftstep.scenario.caption import fill
from raftstep.scenario.expect import unmet
from raftstep.scenario.facts import facts
from raftstep.scenario.model import Scenario, Waypoint
from raftstep.scenario.played import Moment, Played
from raftstep.scenario.problem import Problem, Problems, problems
from raftstep.scenario.scripted import play_script
from raftstep.simulation.run import PlanError, run
from raftstep.simulation.trace import Step, Trace


def play(scenario: Scenario) -> Played | Problems:
    """Run a scenario and check all it says; every mistake that only the run can show, at once."""
    if scenario.script:
        return play_script(scenario, scenario.script)
    try:
        trace = run(scenario.setup, seed=scenario.seed)
    except PlanError as error:
        own = error.action is not None
        place = scenario.action_places[error.action] if error.action is not None else scenario.waypoints[0].place
        mend = "change its moment, or what happens before it" if own else "let it end earlier, or duplicate less"
        words = f"this cannot happen: {error.words}; {mend}"
        return problems(scenario.path, scenario.source, [Problem(path=scenario.path, place=place, words=words)])
    found: list[Problem] = []
    moments = tuple(_moments(scenario, trace, found))
    if scenario.expect:
        found += unmet(scenario.expect, trace, trace.steps[-1], scenario.path)
    found += undeclared(scenario, trace, [moment.shown.number for moment in moments])
    if found:
        return problems(scenario.path, scenario.source, found)
    return Played(scenario=scenario, trace=trace, moments=moments)


def _moments(scenario: Scenario, trace: Trace, found: list[Problem]) -> Iterator[Moment]:
    after, shown = -1, -1
    shown_ms = 0
    reached: list[Step] = []
    for number, waypoint in enumerate(scenario.waypoints, 1):
        event = _reach(waypoint, trace, after)
        if event is None:
            found.append(_unreached(scenario, waypoint, number, trace, after))
            return
        time_ms = event.time_ms + waypoint.after_ms
        if time_ms < shown_ms:
            words = f"step {number} would show {time_ms} ms, before step {number - 1}; lower that step's after_ms"
            found.append(Problem(path=scenario.path, place=waypoint.place, words=words))
        after, shown_ms = event.number, time_ms
        reached.append(event)
        moment = _moment(scenario, trace, waypoint, reached, shown, found)
        shown = max(shown, moment.shown.number)
        yield moment


def _shown(trace: Trace, event: Step, waypoint: Waypoint) -> Step:
    """The event itself when nothing is added to its time, though more may happen in the same millisecond."""
    return trace.at(event.time_ms + waypoint.after_ms) if waypoint.after_ms else event


def _moment(
    scenario: Scenario, trace: Trace, waypoint: Waypoint, reached: list[Step], since: int, found: list[Problem]
) -> Moment:
    """The last of the waypoints reached so far, with its words; the one before it showed step number ``since``."""
    event = reached[-1]
    shown = _shown(trace, event, waypoint)
    time_ms = event.time_ms + waypoint.after_ms
    broken = alarms_between(trace, since, shown.number)
    times_ms = [step.time_ms for step in reached]
    known = facts(trace, event, shown, time_ms, times_ms, clocks=dict(scenario.setup.clocks), broken=broken)
    words: dict[str, str] = {}
    for key, sentence in (("title", waypoint.title), ("say", waypoint.say), ("why", waypoint.why)):
        filled = fill(sentence, known, scenario.path) if sentence else ""
        if isinstance(filled, Problem):
            found.append(filled)
        else:
            words[key] = filled
    if waypoint.expect:
        found += unmet(waypoint.expect, trace, shown, scenario.path)
    return Moment(
        number=len(reached),
        name=waypoint.name,
        event=event,
        shown=shown,
        time_ms=time_ms,
        title=words.get("title", ""),
        say=words.get("say", ""),
        why=words.get("why") or None,
        broken=broken,
    )


def _reach(waypoint: Waypoint, trace: Trace, after: int) -> Step | None:
    if waypoint.when is None:
        return trace.steps[0]
    matching = (step for step in trace.steps[after + 1 :] if waypoint.when.matches(step))
    for count, step in enumerate(matching, 1):
        if count == waypoint.when.times:
            return step
    return None


def _unreached(scenario: Scenario, waypoint: Waypoint, number: int, trace: Trace, after: int) -> Problem:
    what = waypoint.when.what if waypoint.when else "start"
    near = sum(1 for step in trace.steps[after + 1 :] if waypoint.when and waypoint.when.matches(step))
    since = trace.steps[max(after, 0)].time_ms
    words = (
        f"step {number} is never reached: from {since} ms to the end at {trace.until_ms} ms, "
        f'"{what}" as described happens {near} times; change "when", or let the run go on longer with until_ms'
    )
    return Problem(path=scenario.path, place=waypoint.place, words=words)
