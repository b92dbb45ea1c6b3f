"""A schedule's events as the steps of a stepper: one an event, told in the sentences of the rules that act in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.core.model import Role
from raftstep.scenario.model import Place, Sentence, Waypoint
from raftstep.scenario.played import Moment
from raftstep.simulation.cluster import Boot, Crash, Timeout, event_node
from raftstep.simulation.describe import event_words
from raftstep.simulation.explore.bounds import Bounds, names
from raftstep.simulation.explore.replay import TICK_MS, Replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.trace import Step, Trace

SHOWN_AFTER_MS = 6
"""How long after its event a step is shown, so that messages just sent have left."""

HERE = Place(line=1, column=1)


def moments(bounds: Bounds, schedule: Sequence[Move], run: Replay) -> Iterator[Moment]:
    """The start, and then each event of the schedule; one that this run does not have is a step of its own too."""
    yield _start(bounds, run.trace)
    for at, (move, number) in enumerate(zip(schedule, run.steps, strict=True), 1):
        yield _moment(bounds, run.trace, at, move, number)


def waypoint(moment: Moment, place: Place = HERE) -> Waypoint:
    """A step as the scenario of the run has it."""
    title, say = (Sentence(text=text, place=place) for text in (moment.title, moment.say))
    return Waypoint(
        name=moment.name, title=title, say=say, why=None, when=None, after_ms=SHOWN_AFTER_MS, expect=None, place=place
    )


def _start(bounds: Bounds, trace: Trace) -> Moment:
    size = bounds.nodes
    if bounds.start == "steady":
        say = f"{size} nodes. S1 leads term 1: all voted for it, and all have heard from it."
    else:
        say = f"{size} nodes, all followers in term 0, with empty logs."
    first = trace.steps[0]
    return Moment(
        number=1, name="Start", event=first, shown=first, time_ms=SHOWN_AFTER_MS, title="The start", say=say, why=None
    )


def _moment(bounds: Bounds, trace: Trace, at: int, move: Move, number: int | None) -> Moment:
    time_ms = at * TICK_MS + SHOWN_AFTER_MS
    shown = trace.at(time_ms)
    step = shown if number is None else trace.steps[number]
    title, say = ("Nothing", _absence(bounds, move)) if number is None else (_title(trace, step), _words(step))
    return Moment(
        number=at + 1,
        name=f"Event {at}",
        event=step,
        shown=shown,
        time_ms=time_ms,
        title=title,
        say=say,
        why=None,
        broken=() if number is None else step.alarms,
    )


def _absence(bounds: Bounds, move: Move) -> str:
    return f"Nothing arrives at {names(bounds.nodes)[move.place]}: with the rule in, the message was never sent."


def _words(step: Step) -> str:
    said = [rule.sentence for rule in step.outcome.rules] if step.outcome else []
    lines = [" ".join(dict.fromkeys(said)) or "Nothing changes."]
    lines += [line for alarm in step.alarms for line in ("", f"**{alarm.property} is broken:** {alarm.words}.")]
    return "\n".join(lines)


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
