"""A run at the terminal: made from its setup and a seed, and printed as a transcript."""

from __future__ import annotations

import sys
from collections.abc import Callable

from raftstep.cli.exit_codes import ExitCode
from raftstep.simulation.describe import transcript
from raftstep.simulation.plan import PlanError, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace


def print_run(setup: Setup, seed: int) -> ExitCode:
    """Make a run, print it, and give the exit code: whether a property broke, or the plan cannot be carried out."""
    return print_trace(lambda: run(setup, seed=seed))


def print_trace(make_trace: Callable[[], Trace], find_stall: Callable[[Trace], str | None] | None = None) -> ExitCode:
    """The same, for a run that is made elsewhere. ``find_stall`` says what it did not reach, which is printed last."""
    try:
        trace = make_trace()
    except PlanError as error:
        print(error if error.limit else f"the plan cannot be carried out in this run: {error}", file=sys.stderr)
        return ExitCode.PROBLEM
    print(transcript(trace), end="")
    stall = find_stall(trace) if find_stall else None
    if stall:
        print(f"no progress: {stall}")
    return ExitCode.BROKEN if trace.alarms or stall else ExitCode.FINE
