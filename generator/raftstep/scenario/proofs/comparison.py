"""Shortest runs as pages show them: an event a step, without the rule and with it, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.inputs import Outcome
from raftstep.core.model import FIGURE_2
from raftstep.scenario.model import Moment, PlayedScenario, Scenario
from raftstep.scenario.proofs.certificate import SearchResult
from raftstep.scenario.proofs.export_scenario import export_variant
from raftstep.scenario.proofs.variants import Variant
from raftstep.scenario.schedule_moments import make_moments, make_waypoint
from raftstep.simulation.explore.bounds import node_names
from raftstep.simulation.explore.replay import Replay, replay
from raftstep.simulation.explore.result import ScheduledEvent
from raftstep.simulation.plan import Setup

WITHOUT_RULE, WITH_RULE = "Without the rule", "With the rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleComparison:
    """A variant's shortest run, and the same schedule with the rule in.

    ``parting_step`` is the first step that differs.
    """

    variant: Variant
    result: SearchResult
    run_without_rule: PlayedScenario
    run_with_rule: PlayedScenario
    parting_step: int


def compare_runs(variant: Variant, result: SearchResult) -> RuleComparison:
    """Play a run twice. Raises ``ValueError`` for a search without a run."""
    if result.schedule is None:
        raise ValueError(f"no run was found without {variant.guard.slug}")
    replay_without_rule, replay_with_rule = (
        replay(variant.broken_bounds, result.schedule),
        replay(variant.bounds, result.schedule),
    )
    parting_step, source = (
        _find_parting_step(replay_without_rule, replay_with_rule),
        export_variant(variant, result.schedule),
    )
    return RuleComparison(
        variant=variant,
        result=result,
        run_without_rule=_build_played(
            variant, result.schedule, replay_without_rule, WITHOUT_RULE, parting_step, source
        ),
        run_with_rule=_build_played(variant, result.schedule, replay_with_rule, WITH_RULE, parting_step, source),
        parting_step=parting_step,
    )


def _find_parting_step(replay_without_rule: Replay, replay_with_rule: Replay) -> int:
    """The first step, from 1, whose outcome differs between the two runs."""
    for step_number, (number_without_rule, number_with_rule) in enumerate(
        zip(replay_without_rule.step_numbers, replay_with_rule.step_numbers, strict=True), 2
    ):
        if number_without_rule is None or number_with_rule is None:
            return step_number
        first, second = (
            replay_without_rule.trace.steps[number_without_rule].outcome,
            replay_with_rule.trace.steps[number_with_rule].outcome,
        )
        if first and second and _comparable_outcome(first) != _comparable_outcome(second):
            return step_number
    return len(replay_without_rule.step_numbers) + 1


def _comparable_outcome(outcome: Outcome) -> Outcome:
    """What came of an event, but for the rules that the run leaves out."""
    return replace(outcome, node=replace(outcome.node, settings=FIGURE_2))


def _build_played(
    variant: Variant, schedule: tuple[ScheduledEvent, ...], run: Replay, title: str, parting_step: int, source: str
) -> PlayedScenario:
    slug = variant.guard.slug
    bounds = variant.broken_bounds if title == WITHOUT_RULE else variant.bounds
    shown_moments = list(make_moments(bounds, schedule, run))
    if parting_step <= len(shown_moments):
        shown_moments[parting_step - 1] = _mark_parting(shown_moments[parting_step - 1], variant, title)
    scenario = Scenario(
        id=f"safety-{slug}" if title == WITHOUT_RULE else f"safety-{slug}-kept",
        path=f"{slug}.yaml",
        source=source,
        title=title,
        summary=variant.guard.sentence,
        setup=Setup(
            nodes=node_names(bounds.nodes),
            settings=bounds.settings,
            clock_speeds=bounds.clocks,
            until_ms=run.trace.until_ms,
        ),
        seed=0,
        action_places=(),
        waypoints=tuple(map(make_waypoint, shown_moments)),
        expect=None,
        fork=None,
    )
    return PlayedScenario(scenario=scenario, trace=run.trace, moments=tuple(shown_moments))


def _mark_parting(moment: Moment, variant: Variant, title: str) -> Moment:
    """The step at which the runs part names the rule: the node's own rules are worded as if none were left out."""
    word = "Left out here" if title == WITHOUT_RULE else "Kept here"
    return replace(moment, say=f"**{word}:** *{variant.guard.sentence}*\n\n{moment.say}")
