"""The Markdown of the generated pages: one for each scenario, and the list of all."""

from __future__ import annotations

import json
from collections.abc import Mapping

from raftstep.scenario.play import Played
from raftstep.simulation.describe import transcript


def scenario_page(played: Played, everyone: Mapping[str, Played]) -> str:
    """A scenario's page: its steps, its source, its transcript."""
    scenario = played.scenario
    lines = [
        "---",
        f"title: {json.dumps(f'Scenario: {scenario.title}', ensure_ascii=False)}",
        f"description: {json.dumps(scenario.summary, ensure_ascii=False)}",
        "hide: [navigation, toc]",
        "---",
        f"# {scenario.title}",
        "",
        scenario.summary,
        "",
    ]
    if scenario.fork and scenario.fork.of in everyone:
        parent = everyone[scenario.fork.of].scenario
        lines += [
            f"*{scenario.fork.question}* The run is that of [{parent.title}]({parent.id}.md) "
            f"up to its step {scenario.fork.step}.",
            "",
        ]
    lines += [
        f'```raft src="{scenario.id}"',
        "```",
        "",
        "## The scenario as YAML",
        "",
        f"This file decides the run; everything above was drawn from it. [Download it]({scenario.id}.yaml).",
        "",
        "````yaml",
        scenario.source.rstrip(),
        "````",
        "",
        "## The transcript",
        "",
        f"The run in words, an event a line: {len(played.trace.steps)} events, "
        "and all five safety properties checked after each. "
        f"[Download it]({scenario.id}.txt).",
        "",
        "````text",
        transcript(played.trace).rstrip(),
        "````",
        "",
    ]
    return "\n".join(lines)


def index_page(everyone: Mapping[str, Played]) -> str:
    """All scenarios as cards: first those that stand alone, then the *what ifs* by the step they leave."""
    states = sum(played.trace.checked for played in everyone.values())
    lines = [
        "---",
        "title: Scenarios",
        "description: Every run on this site, with its pictures, its source and its transcript.",
        "hide: [navigation, toc]",
        "---",
        "# Scenarios",
        "",
        f"{len(everyone)} runs, each drawn by the generator and checked after every event: "
        f"{states} states, and in none of them did a safety property break.",
        "",
    ]
    for id, played in everyone.items():
        if played.scenario.fork is None:
            lines += _card(id, played)
    lines += ["", "## What if…?", "", "Each of these follows the eight steps up to a moment, then goes its own way.", ""]
    forks = [(played.scenario.fork.step, id) for id, played in everyone.items() if played.scenario.fork]
    for _, id in sorted(forks):
        lines += _card(id, everyone[id])
    return "\n".join(lines)


def _card(id: str, played: Played) -> list[str]:
    """A picture that leads to the scenario: a fork's is of the step before its last, where things come to a head."""
    picture = max(1, len(played.moments) - 1) if played.scenario.fork else min(4, len(played.moments))
    return [f'```raft src="{id}" id="card-{id}" picture="{picture}"', "```", ""]
