"""A schedule's events as the steps of a stepper: one an event, told in the sentences of the rules that act in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.core.model import Role
from raftstep.core.rules import Rule
from raftstep.scenario.facts import listed
from raftstep.scenario.model import Place, Sentence, Waypoint
from raftstep.scenario.played import Moment
from raftstep.simulation.cluster import Boot, Crash, Tick, Timeout, event_node
from raftstep.simulation.describe import event_words
from raftstep.simulation.explore.bounds import Bounds, names
from raftstep.simulation.explore.clocks import clock_ms
from raftstep.simulation.explore.pace import Slot, slots
from raftstep.simulation.explore.replay import Replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.trace import Step, Trace

HERE = Place(line=1, column=1)


def moments(bounds: Bounds, schedule: Sequence[Move], run: Replay) -> Iterator[Moment]:
    """The start, and then each event of the schedule; one that this run does not have is a step of its own too."""
    first, *others = slots(schedule)
    yield _start(bounds, run.trace, first)
    for at, (move, number, slot) in enumerate(zip(schedule, run.steps, others, strict=True), 1):
        yield _moment(bounds, run.trace, at, move, number, slot)


def waypoint(moment: Moment, place: Place = HERE) -> Waypoint:
    """A step as the scenario of the run has it."""
    title, say = (Sentence(text=text, place=place) for text in (moment.title, moment.say))
    after_ms = moment.time_ms - moment.event.time_ms
    return Waypoint(
        name=moment.name, title=title, say=say, why=None, when=None, after_ms=after_ms, expect=None, place=place
    )


def _start(bounds: Bounds, trace: Trace, slot: Slot) -> Moment:
    size = bounds.nodes
    if bounds.start == "steady":
        say = f"{size} nodes. S1 leads term 1: all voted for it, and all have heard from it."
    else:
        say = f"{size} nodes, all followers in term 0, with empty logs."
    first = trace.steps[0]
    return Moment(
        number=1, name="Start", event=first, shown=first, time_ms=slot.shown_ms, title="The start", say=say, why=None
    )


def _moment(bounds: Bounds, trace: Trace, at: int, move: Move, number: int | None, slot: Slot) -> Moment:
    shown = trace.at(slot.shown_ms)
    step = shown if number is None else trace.steps[number]
    if slot.shown_ms == slot.at_ms:
        shown = step
    if number is None:
        title, say = "Nothing", _absence(bounds, move)
    else:
        title, say = _title(trace, step), _words(step, bounds, slot)
    return Moment(
        number=at + 1,
        name=f"Event {at}",
        event=step,
        shown=shown,
        time_ms=slot.shown_ms,
        title=title,
        say=say,
        why=None,
        broken=() if number is None else step.alarms,
    )


def _absence(bounds: Bounds, move: Move) -> str:
    return f"Nothing arrives at {names(bounds.nodes)[move.place]}: with the rule in, the message was never sent."


def _words(step: Step, bounds: Bounds, slot: Slot) -> str:
    said = [rule.sentence for rule in step.outcome.rules] if step.outcome else []
    if isinstance(step.event, Tick):
        said.append(_clock_words(bounds, slot))
    if step.outcome and Rule.EXTEND_LEASE in step.outcome.rules and bounds.timed:
        node = step.outcome.node
        said.append(f"{node.id}'s lease lasts until its clock shows {node.office.lease_until_ms} ms.")
    lines = [" ".join(dict.fromkeys(said)) or "Nothing changes."]
    lines += [line for alarm in step.alarms for line in ("", f"**{alarm.property} is broken:** {alarm.words}.")]
    return "\n".join(lines)


def _clock_words(bounds: Bounds, slot: Slot) -> str:
    words = f"{slot.ticked_ms} ms have passed since the start"
    counted = [f"{id}'s clock shows {clock_ms(slot.ticked_ms, speed)} ms" for id, speed in bounds.clocks]
    return f"{words}, and {listed(counted)}." if counted else f"{words}."


def _title(trace: Trace, step: Step) -> str:
    where = event_node(step.event)
    before = trace.before(step)
    match step.event:
        case Timeout(node=node) if before.node(node).role is Role.LEADER:
            return f"{node} writes to everyone"
        case Timeout(node=node):
            return f"{node} has waited long enough, and stands"
        case Boot() | Crash():
            return "The start"
    if where is not None and step.number and isinstance(trace.steps[step.number - 1].event, Crash):
        return f"{where} crashes and restarts"
    words = event_words(step.event)
    return words[0].upper() + words[1:]
