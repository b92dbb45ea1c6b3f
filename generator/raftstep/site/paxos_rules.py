"""The rules of Multi-Paxos as an exhibit: each with its sentence, its place, and a step in which it fires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from raftstep.core.paxos.rules import Rule
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros

SOURCE_ADDRESS = "codex/sources/#lamport-2001-paxos-made-simple"
"""Where the bibliography has *Paxos Made Simple*."""


_macros = partial(load_macros, "paxos_rules.html.jinja")


def exhibits(scenario_runs: Mapping[str, PlayedScenario]) -> dict[str, Exhibit]:
    """The table, as ``paxos-rules``."""
    return {"paxos-rules": _make_table(scenario_runs)}


def _make_table(scenario_runs: Mapping[str, PlayedScenario]) -> Callable[[LinkTo], str]:
    def render_table(link_to: LinkTo) -> str:
        rows = [
            {
                "name": rule.slug.replace("-", " "),
                "sentence": rule.sentence,
                "place": rule.source.removeprefix("2001 "),
                "seen": _example_step(rule, scenario_runs, link_to),
            }
            for rule in Rule
        ]
        return str(_macros().table(rows, link_to(SOURCE_ADDRESS)))

    return render_table


def _example_step(rule: Rule, scenario_runs: Mapping[str, PlayedScenario], link_to: LinkTo) -> dict[str, str]:
    """A step that shows the rule, in the run in which it fires least: there it is seen most plainly."""
    firings = {
        id: times_ms
        for id, played in scenario_runs.items()
        if played.trace.protocol == MULTI_PAXOS.name and not played.scenario.broken_properties
        if (times_ms := _firing_times_ms(rule, played))
    }
    if not firings:
        raise ValueError(f"no shipped run shows the rule {rule.slug}; add a scenario in which it fires")
    id = min(firings, key=lambda scenario_id: (len(firings[scenario_id]), scenario_id))
    moments = scenario_runs[id].moments
    number = next((moment.number for moment in moments if moment.time_ms >= firings[id][0]), len(moments))
    return {"href": link_to(f"scenarios/{id}/#step-{number}"), "words": scenario_runs[id].scenario.title}


def _firing_times_ms(rule: Rule, played: PlayedScenario) -> list[int]:
    """When a rule fires in a run."""
    return [
        step.time_ms
        for step in played.trace.steps
        if step.outcome and any(fired_rule.slug == rule.slug for fired_rule in step.outcome.rules)
    ]
