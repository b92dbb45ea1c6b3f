"""Shortest runs as pages show them: an event a step, without the rule and with it, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.inputs import Outcome
from raftstep.core.model import FIGURE_2
from raftstep.scenario.model import Scenario
from raftstep.scenario.played import Moment, Played
from raftstep.scenario.proofs.certificate import Found
from raftstep.scenario.proofs.moments import moments, waypoint
from raftstep.scenario.proofs.script import source_without
from raftstep.scenario.proofs.variants import Variant
from raftstep.simulation.explore.bounds import names
from raftstep.simulation.explore.replay import Replay, replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.plan import Setup

WITHOUT, WITH = "Without the rule", "With the rule"


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
    parting, source = _parting(broken, kept), source_without(variant, found.schedule)
    return Comparison(
        variant=variant,
        found=found,
        without=_played(variant, found.schedule, broken, WITHOUT, parting, source),
        kept=_played(variant, found.schedule, kept, WITH, parting, source),
        parting=parting,
    )


def _parting(broken: Replay, kept: Replay) -> int:
    """The first step, from 1, at which the node that acts does not do, or does not become, the same in both runs."""
    for place, (one, other) in enumerate(zip(broken.steps, kept.steps, strict=True), 2):
        if one is None or other is None:
            return place
        first, second = broken.trace.steps[one].outcome, kept.trace.steps[other].outcome
        if first and second and _done(first) != _done(second):
            return place
    return len(broken.steps) + 1


def _done(outcome: Outcome) -> Outcome:
    """What came of an event, but for the rules that the run leaves out."""
    return replace(outcome, node=replace(outcome.node, settings=FIGURE_2))


def _played(variant: Variant, schedule: tuple[Move, ...], run: Replay, title: str, parting: int, source: str) -> Played:
    slug = variant.guard.slug
    bounds = variant.broken if title == WITHOUT else variant.bounds
    shown = list(moments(bounds, schedule, run))
    if parting <= len(shown):
        shown[parting - 1] = _told_apart(shown[parting - 1], variant, title)
    scenario = Scenario(
        id=f"safety-{slug}" if title == WITHOUT else f"safety-{slug}-kept",
        path=f"{slug}.yaml",
        source=source,
        title=title,
        summary=variant.guard.sentence,
        setup=Setup(
            nodes=names(bounds.nodes), settings=bounds.settings, clocks=bounds.clocks, until_ms=run.trace.until_ms
        ),
        seed=0,
        action_places=(),
        waypoints=tuple(map(waypoint, shown)),
        expect=None,
        fork=None,
    )
    return Played(scenario=scenario, trace=run.trace, moments=tuple(shown))


def _told_apart(moment: Moment, variant: Variant, title: str) -> Moment:
    """The step at which the runs part names the rule: the node's own rules are worded as if none were left out."""
    word = "Left out here" if title == WITHOUT else "Kept here"
    return replace(moment, say=f"**{word}:** *{variant.guard.sentence}*\n\n{moment.say}")
