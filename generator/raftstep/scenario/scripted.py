"""Playing a schedule: every event where it stands, each a step, or the first that cannot happen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from raftstep.scenario.breakage import undeclared_by
from raftstep.scenario.caption import fill
from raftstep.scenario.expect import unmet
from raftstep.scenario.facts import facts
from raftstep.scenario.model import Place, Scenario, Script, Scripted, Sentence
from raftstep.scenario.played import Moment, Played
from raftstep.scenario.problem import Problem, Problems, problems
from raftstep.scenario.proofs.moments import moments, waypoint
from raftstep.scenario.proofs.schedule import ScheduleError, Wire, move_of
from raftstep.simulation.explore.bounds import STARTS, Bounds
from raftstep.simulation.explore.pace import slots
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.trace import Trace

MOST_EVENTS = 100
"""How many events a schedule has at most, each of them a step with its pictures."""

Happening = tuple[Move, Place, Sentence | None]
"""An event, where it stands, and what is said of it."""


def bounds_of(scenario: Scenario) -> Bounds:
    """Nodes, settings and start, as a search would have them."""
    setup = scenario.setup
    script = scenario.script
    return Bounds(
        nodes=len(setup.nodes),
        learners=len(setup.learners),
        ticks=sum("tick" in event.directive for event in script.events) if script else 0,
        clocks=setup.clocks,
        settings=setup.settings,
        start=script.start if script else STARTS[0],
    )


def play_script(scenario: Scenario, script: Script) -> Played | Problems:
    """A schedule as played, or everything in it that the run does not bear out."""
    bounds = bounds_of(scenario)
    happenings: list[Happening] = []
    try:
        happenings += _happenings(bounds, script)
    except ScheduleError as error:
        place = script.events[error.place - 1].place
        words = f"{error.words}; {error.mend}"
        return problems(scenario.path, scenario.source, [Problem(path=scenario.path, place=place, words=words)])
    schedule = tuple(move for move, _, _ in happenings)
    run = replay(bounds, schedule)
    found: list[Problem] = []
    says = [None, *(say for _, _, say in happenings)]
    stood_ms = [slot.ticked_ms for slot in slots(schedule)]
    told = tuple(_told(scenario, run.trace, list(moments(bounds, schedule, run)), says, stood_ms, found))
    if scenario.expect:
        found += unmet(scenario.expect, run.trace, run.trace.steps[-1], scenario.path)
    places = [script.events[0].place, *(place for _, place, _ in happenings)]
    shown = [moment.shown.number for moment in told]
    found += undeclared_by(scenario, run.trace, shown, places)
    if found:
        return problems(scenario.path, scenario.source, found)
    waypoints = tuple(waypoint(moment, place) for moment, place in zip(told, places, strict=True))
    setup = replace(scenario.setup, until_ms=run.trace.until_ms)
    return Played(scenario=replace(scenario, setup=setup, waypoints=waypoints), trace=run.trace, moments=told)


def schedule_of(scenario: Scenario, script: Script) -> tuple[Move, ...]:
    """The events alone, of a schedule that can be played."""
    return tuple(move for move, _, _ in _happenings(bounds_of(scenario), script))


def _happenings(bounds: Bounds, script: Script) -> Iterator[Happening]:
    """Each event with its words; of several in one directive, the first has them."""
    try:
        wire = Wire(bounds)
    except ValueError as mistake:
        raise ScheduleError(1, str(mistake), 'begin with "start: boot"') from None
    count = 0
    for number, event in enumerate(script.events, 1):
        say = event.say
        for move in _moves(bounds, wire, number, event):
            count += 1
            if count > MOST_EVENTS:
                words = f"a schedule has at most {MOST_EVENTS} events, and here is one more"
                raise ScheduleError(number, words, "tell the story in fewer")
            yield move, event.place, say
            say = None


def _moves(bounds: Bounds, wire: Wire, number: int, event: Scripted) -> Iterator[Move]:
    """The events of one directive, each played on the wire."""
    [(verb, value)] = event.directive.items()
    if verb == "drop":
        wire.drop(number, value)
        return
    if event.directive == {"deliver": "all"}:
        moves: Sequence[Move] = [wire.delivery(message) for message in wire.waiting]
        if not moves:
            raise ScheduleError(number, "no message is under way", "remove it, or let a message be sent before")
    else:
        moves = [move_of(bounds, wire, number, event.directive)]
    for move in moves:
        wire.play(move)
        yield move


def _told(
    scenario: Scenario,
    trace: Trace,
    steps: Sequence[Moment],
    says: Sequence[Sentence | None],
    stood_ms: Sequence[int],
    found: list[Problem],
) -> Iterator[Moment]:
    """The steps with what their author says in place of the rules' sentences."""
    times_ms: list[int] = []
    clocks = dict(scenario.setup.clocks)
    for moment, say, clocks_ms in zip(steps, says, stood_ms, strict=True):
        times_ms.append(moment.event.time_ms)
        if say is None:
            yield moment
            continue
        known = facts(
            trace,
            moment.event,
            moment.shown,
            moment.time_ms,
            times_ms,
            clocks=clocks,
            clocks_stood_ms=clocks_ms,
            broken=moment.broken,
        )
        filled = fill(say, known, scenario.path)
        if isinstance(filled, Problem):
            found.append(filled)
        yield moment if isinstance(filled, Problem) else replace(moment, say=filled)
