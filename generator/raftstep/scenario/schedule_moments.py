"""A schedule's events as the steps of a stepper: one an event, described by the rules that fire in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.core.model import Role
from raftstep.core.rules import Rule
from raftstep.document.markdown_text import escape_markdown
from raftstep.document.problem import Place
from raftstep.scenario.model import Moment, Sentence, Waypoint
from raftstep.simulation.events import (
    Boot,
    Crash,
    Cut,
    Event,
    Heal,
    LoseDisk,
    Partition,
    Pause,
    Restart,
    Resume,
    Tick,
    Timeout,
    event_words,
)
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.clocks import clock_reading_ms
from raftstep.simulation.explore.event_timings import EventTiming, event_timings
from raftstep.simulation.explore.replay import Replay
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.short_words import join_and
from raftstep.simulation.trace import Step, Trace

NETWORK_SENTENCES: dict[type[Event], str] = {
    Crash: "The node stops; its term, its vote and its log are on disk, and all else is lost.",
    LoseDisk: "The node has forgotten its term, its vote and its log.",
    Partition: "While these links are cut, no message arrives over them.",
    Cut: "While these links are cut, no message arrives over them.",
    Heal: "Messages arrive over these links again.",
    Pause: "It handles nothing, and its clock and its timer stop.",
    Resume: "For this node no time has passed.",
}
"""What is said of events by which no node acts."""

FIRST_POSITION = Place(line=1, column=1)


def make_moments(bounds: Bounds, schedule: Sequence[ScheduledEvent], run: Replay) -> Iterator[Moment]:
    """The start, and then each event of the schedule; one that this run does not have is a step of its own too."""
    first, *other_timings = event_timings(schedule)
    yield _start_moment(bounds, run.trace, first)
    for event_number, (event, step_number, timing) in enumerate(
        zip(schedule, run.step_numbers, other_timings, strict=True), 1
    ):
        yield _event_moment(bounds, run, event_number, event, step_number, timing)


def make_waypoint(moment: Moment, place: Place = FIRST_POSITION) -> Waypoint:
    """A step as the scenario of the run has it."""
    title, say = (Sentence(text=text, place=place) for text in (moment.title, moment.say))
    after_ms = moment.time_ms - moment.event_step.time_ms
    why = Sentence(text=moment.why, place=place) if moment.why else None
    return Waypoint(
        name=moment.name, title=title, say=say, why=why, when=None, after_ms=after_ms, expect=None, place=place
    )


def _start_moment(bounds: Bounds, trace: Trace, timing: EventTiming) -> Moment:
    size = bounds.nodes
    if bounds.given is not None:
        say = f"{size} nodes, with the terms, votes and logs that they are given."
    elif bounds.start == "steady":
        say = f"{size} nodes. {bounds.ids[0]} leads term 1: all voted for it, and all have heard from it."
    else:
        say = f"{size} nodes, all followers in term 0, with empty logs."
    first = trace.steps[0]
    return Moment(
        number=1,
        name="Start",
        event_step=first,
        shown_step=first,
        time_ms=timing.shown_ms,
        title="The start",
        say=say,
        why=None,
    )


def _event_moment(
    bounds: Bounds, run: Replay, event_number: int, event: ScheduledEvent, step_number: int | None, timing: EventTiming
) -> Moment:
    trace = run.trace
    shown_step = trace.step_at(timing.shown_ms)
    step = shown_step if step_number is None else trace.steps[step_number]
    if timing.shown_ms == timing.at_ms:
        shown_step = step
    if step_number is None:
        title, say = "Nothing", _absence_words(bounds, event)
    else:
        title, say = _step_title(run, step), _step_words(step, bounds, timing)
    return Moment(
        number=event_number + 1,
        name=f"Event {event_number}",
        event_step=step,
        shown_step=shown_step,
        time_ms=timing.shown_ms,
        title=title,
        say=say,
        why=None,
        alarms=() if step_number is None else step.alarms,
    )


def _absence_words(bounds: Bounds, event: ScheduledEvent) -> str:
    return f"Nothing arrives at {bounds.ids[event.node_index]}: with the rule in, the message was never sent."


def _step_words(step: Step, bounds: Bounds, timing: EventTiming) -> str:
    sentences = [rule.sentence for rule in step.outcome.rules] if step.outcome else []
    sentences += [sentence] if (sentence := NETWORK_SENTENCES.get(type(step.event))) else []
    if isinstance(step.event, Tick):
        sentences.append(_clock_words(bounds, timing))
    if step.outcome and Rule.EXTEND_LEASE in step.outcome.rules and bounds.time_passes:
        node = step.outcome.node
        sentences.append(f"{node.id}'s lease lasts until its clock shows {node.leader_state.lease_until_ms} ms.")
    lines = [" ".join(dict.fromkeys(sentences)) or "Nothing changes."]
    lines += [
        line
        for alarm in step.alarms
        for line in ("", f"**{alarm.property} is broken:** {escape_markdown(alarm.words)}.")
    ]
    return "\n".join(lines)


def _clock_words(bounds: Bounds, timing: EventTiming) -> str:
    words = f"{timing.last_tick_ms} ms have passed since the start"
    clock_readings = [
        f"{id}'s clock shows {clock_reading_ms(timing.last_tick_ms, speed)} ms" for id, speed in bounds.clocks
    ]
    return f"{words}, and {join_and(clock_readings)}." if clock_readings else f"{words}."


def _step_title(run: Replay, step: Step) -> str:
    trace = run.trace
    before = trace.cluster_before(step)
    match step.event:
        case Timeout(node=node) if before.node(node).role is Role.LEADER:
            return f"{node} sends heartbeats"
        case Timeout(node=node):
            return f"{node}'s election timeout runs out"
        case Boot():
            return "The start"
        case Restart(node=node) if _has_just_crashed(run, step):
            return f"{node} crashes and restarts"
    words = escape_markdown(event_words(step.event))
    return words[0].upper() + words[1:]


def _has_just_crashed(run: Replay, step: Step) -> bool:
    """Whether a node's crash and its restart are one event of the schedule."""
    step_before = run.trace.steps[step.number - 1]
    return isinstance(step_before.event, Crash) and step_before.number not in run.step_numbers
