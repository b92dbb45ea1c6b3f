"""``raftstep export``: a run as states of the published TLA+ specification."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.reading import load_or_explain
from raftstep.document.problem import Problems, hide_controls, printable_name
from raftstep.scenario.play import play
from raftstep.simulation.plan import PlanError
from raftstep.simulation.run import run
from raftstep.tla.run_module import write_run_module


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("export", help="print a scenario's run as states of the published TLA+ specification")
    parser.add_argument("scenario", help="a file, or the name of a shipped scenario")
    parser.set_defaults(run=export_run)


def export_run(options: argparse.Namespace) -> int:
    """Print a run as a TLA+ module, or say why it cannot be one."""
    scenario = load_or_explain(options.scenario)
    if scenario is None:
        return ExitCode.PROBLEM
    try:
        if scenario.schedule is None:
            trace = run(scenario.setup, seed=scenario.seed)
        elif isinstance(played := play(scenario), Problems):
            print(played.show(), file=sys.stderr)
            return ExitCode.PROBLEM
        else:
            trace = played.trace
        print(write_run_module(trace, "Trace"), end="")
    except (PlanError, ValueError) as error:
        print(f"{printable_name(options.scenario)}: {hide_controls(str(error))}", file=sys.stderr)
        return ExitCode.PROBLEM
    return ExitCode.FINE
