"""A run at the terminal: made from its setup and a seed, and printed as a transcript."""

from __future__ import annotations

import sys

from raftstep.cli.exit_codes import ExitCode
from raftstep.simulation.describe import transcript
from raftstep.simulation.plan import PlanError, Setup
from raftstep.simulation.run import run


def print_run(setup: Setup, seed: int) -> ExitCode:
    """Make a run, print it, and give the exit code: whether a property broke, or the plan cannot be carried out."""
    try:
        trace = run(setup, seed=seed)
    except PlanError as error:
        print(error if error.limit else f"the plan cannot be carried out in this run: {error}", file=sys.stderr)
        return ExitCode.PROBLEM
    print(transcript(trace), end="")
    return ExitCode.BROKEN if trace.alarms else ExitCode.FINE
