"""A scenario that is named on the command line, or why it cannot be had."""

from __future__ import annotations

import sys

from raftstep.cli.exit_codes import ExitCode
from raftstep.document.problem import Problems
from raftstep.scenario.model import Scenario
from raftstep.scenario.named import load_named


def load_or_explain(name: str) -> Scenario | None:
    """A scenario to take nodes and settings from; says why not, where it cannot be had."""
    scenario = load_named(name)
    if isinstance(scenario, Problems):
        print_problems(scenario)
        return None
    return scenario


def print_problems(problems: Problems) -> ExitCode:
    """Show what is wrong with a scenario, and give the exit code for it."""
    print(problems.show(), file=sys.stderr)
    return ExitCode.PROBLEM
