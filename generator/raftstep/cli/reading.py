"""A scenario that is named on the command line: a shipped one, or a file."""

from __future__ import annotations

import sys
from pathlib import Path

from raftstep.document.problem import Place, Problem, Problems, sort_problems, suggest_nearest
from raftstep.scenario.library import list_scenario_ids, read_scenario_text
from raftstep.scenario.load import load, load_and_play
from raftstep.scenario.model import PlayedScenario, Scenario


def read_source(name: str) -> tuple[str, str | bytes] | Problems:
    """A scenario's path and text: a shipped one by name, or a file."""
    shipped_text = read_scenario_text(name)
    if shipped_text is not None:
        return f"{name}.yaml", shipped_text
    try:
        with Path(name).open("rb") as file:
            return name, file.read(300_000)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        words = f"{reason}; give a file that is there, or {suggest_nearest(name, list_scenario_ids(), 'shipped')}"
        return sort_problems(name, "", [Problem(path=name, place=Place(line=1, column=1), words=words)])


def load_named(name: str) -> Scenario | Problems:
    """A scenario as it was written, checked but not run."""
    source = read_source(name)
    return source if isinstance(source, Problems) else load(*source)


def play_named(name: str) -> PlayedScenario | Problems:
    """A scenario with its run, its captions filled and its expectations met."""
    source = read_source(name)
    return source if isinstance(source, Problems) else load_and_play(*source)


def load_or_explain(name: str) -> Scenario | None:
    """A scenario to take nodes and settings from; says why not, where it cannot be had."""
    scenario = load_named(name)
    if isinstance(scenario, Problems):
        print_problems(scenario)
        return None
    return scenario


def print_problems(problems: Problems) -> int:
    """Show what is wrong with a scenario, and give the exit code for it."""
    print(problems.show(), file=sys.stderr)
    return 1
