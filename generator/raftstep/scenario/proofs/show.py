"""Shortest runs as pages show them: an event a step, without the rule and with it, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.model import Role
from raftstep.scenario.model import Place, Scenario, Sentence, Waypoint
from raftstep.scenario.play import Moment, Played
from raftstep.scenario.proofs.certificate import Found
from raftstep.scenario.proofs.script import source
from raftstep.scenario.proofs.variants import Variant
from raftstep.simulation.cluster import Boot, Crash, Timeout, event_node
from raftstep.simulation.describe import event_words
from raftstep.simulation.explore.bounds import names
from raftstep.simulation.explore.replay import TICK_MS, Replay, replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.plan import Setup
from raftstep.simulation.trace import Step, Trace

SHOWN_AFTER_MS = 6
"""How long after its event a step is shown, so that messages just sent have left."""

WITHOUT, WITH = "Without the rule", "With the rule"
HERE = Place(line=1, column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A variant's shortest run, and the same schedule with the rule in. ``parting`` is the first step that differs."""

    variant: Variant
    found: Found
    without: Played
    kept: Played
    parting: int


def compare(variant: Variant, found: Found) -> Comparison:
    """Play a run twice. Raises ``ValueError`` for a search without a run."""
    if found.schedule is None:
        raise ValueError(f"no run was found without {variant.guard.slug}")
    broken, kept = replay(variant.broken, found.schedule), replay(variant.bounds, found.schedule)
    parting = _parting(broken, kept)
    return Comparison(
        variant=variant,
        found=found,
        without=_played(variant, found.schedule, broken, WITHOUT, parting),
        kept=_played(variant, found.schedule, kept, WITH, parting),
        parting=parting,
    )


def _parting(broken: Replay, kept: Replay) -> int:
    """The first step, from 1, at which the node that acts does not do the same in both runs."""
    for place, (one, other) in enumerate(zip(broken.steps, kept.steps, strict=True), 2):
        if one is None or other is None:
            return place
        first, second = broken.trace.steps[one].outcome, kept.trace.steps[other].outcome
        if first and second and (first.rules, first.messages) != (second.rules, second.messages):
            return place
    return len(broken.steps) + 1


def _played(variant: Variant, schedule: tuple[Move, ...], run: Replay, title: str, parting: int) -> Played:
    slug = variant.guard.slug
    moments = [_start(variant, run.trace)]
    for at, (move, number) in enumerate(zip(schedule, run.steps, strict=True), 1):
        moments.append(_moment(variant, run.trace, at, move, number))
    if parting <= len(moments):
        moments[parting - 1] = _told_apart(moments[parting - 1], variant, title)
    bounds = variant.broken if title == WITHOUT else variant.bounds
    scenario = Scenario(
        id=f"safety-{slug}" if title == WITHOUT else f"safety-{slug}-kept",
        path=f"{slug}.yaml",
        source=source(variant, schedule),
        title=title,
        summary=variant.guard.sentence,
        setup=Setup(nodes=names(bounds.nodes), settings=bounds.settings, until_ms=run.trace.until_ms),
        seed=0,
        action_places=(),
        waypoints=tuple(_waypoint(moment) for moment in moments),
        expect=None,
        fork=None,
    )
    return Played(scenario=scenario, trace=run.trace, moments=tuple(moments))


def _told_apart(moment: Moment, variant: Variant, title: str) -> Moment:
    """The step at which the runs part names the rule: the node's own rules are worded as if none were left out."""
    word = "Left out here" if title == WITHOUT else "Kept here"
    return replace(moment, say=f"**{word}:** *{variant.guard.sentence}*\n\n{moment.say}")


def _waypoint(moment: Moment) -> Waypoint:
    title, say = (Sentence(text=text, place=HERE) for text in (moment.title, moment.say))
    return Waypoint(
        name=moment.name, title=title, say=say, why=None, when=None, after_ms=SHOWN_AFTER_MS, expect=None, place=HERE
    )


def _start(variant: Variant, trace: Trace) -> Moment:
    size = variant.bounds.nodes
    if variant.bounds.start == "steady":
        say = f"{size} nodes. S1 leads term 1: all voted for it, and all have heard from it."
    else:
        say = f"{size} nodes, all followers in term 0, with empty logs."
    first = trace.steps[0]
    return Moment(
        number=1, name="Start", event=first, shown=first, time_ms=SHOWN_AFTER_MS, title="The start", say=say, why=None
    )


def _moment(variant: Variant, trace: Trace, at: int, move: Move, number: int | None) -> Moment:
    time_ms = at * TICK_MS + SHOWN_AFTER_MS
    shown = trace.at(time_ms)
    if number is None:
        node = names(variant.bounds.nodes)[move.place]
        say = f"Nothing arrives at {node}: with the rule in, the message was never sent."
        return Moment(
            number=at + 1,
            name=f"Event {at}",
            event=shown,
            shown=shown,
            time_ms=time_ms,
            title="Nothing",
            say=say,
            why=None,
        )
    step = trace.steps[number]
    alarms = step.alarms
    said = [rule.sentence for rule in step.outcome.rules] if step.outcome else []
    lines = [" ".join(dict.fromkeys(said)) or "Nothing changes."]
    lines += [line for alarm in alarms for line in ("", f"**{alarm.property} is broken:** {alarm.words}.")]
    return Moment(
        number=at + 1,
        name=f"Event {at}",
        event=step,
        shown=shown,
        time_ms=time_ms,
        title=_title(trace, step),
        say="\n".join(lines),
        why=None,
        broken=alarms,
    )


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
