"""``raftstep soak``: random runs by the thousand, each drawn from its number, every state of each checked."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.numbers import LARGEST_SEED, whole_number
from raftstep.cli.workers import add_worker_options
from raftstep.executors import map_tasks, open_executor
from raftstep.limits import RUN_MS, RUNS
from raftstep.simulation.random_run import RandomRun, draw_recovery_run, draw_run
from raftstep.simulation.soak import run_batch, split_batches

COUNT = 10_000
RUNS_PER_LINE = 500


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("soak", help="search thousands of random runs, with all parts of Raft, for a broken one")
    count_help = f"how many runs; {COUNT:,} by default, {RUNS.most:,} at most"
    parser.add_argument("--count", type=whole_number(1, RUNS), default=COUNT, metavar="N", help=count_help)
    parser.add_argument(
        "--first", type=whole_number(0, LARGEST_SEED), default=0, metavar="NUMBER", help="the number of the first run"
    )
    recover_help = "change the configuration in each, and require a leader within this time after the last fault"
    parser.add_argument("--recover", type=whole_number(0, RUN_MS), default=0, metavar="MS", help=recover_help)
    add_worker_options(parser)
    parser.set_defaults(run=soak)


def soak(options: argparse.Namespace) -> int:
    """Make runs that draw their size, their faults and the parts beyond Figure 2 that are on."""
    numbers = range(options.first, options.first + options.count)
    if options.recover:
        return make_runs((draw_recovery_run(number, options.recover) for number in numbers), options)
    return make_runs((draw_run(number) for number in numbers), options)


def make_runs(random_runs: Iterable[RandomRun], options: argparse.Namespace) -> int:
    """Make the runs, print what goes wrong with the line that repeats it, and say now and then how far they are."""
    start_s, runs, events, failures, runs_told = time.perf_counter(), 0, 0, 0, 0

    def print_summary() -> None:
        seconds = time.perf_counter() - start_s
        print(f"{runs:,} runs, {events:,} events, {seconds:.0f} s: {failures or 'nothing'} wrong", flush=True)

    try:
        with open_executor(options.scheduler, options.jobs) as executor:
            batches = ((batch,) for batch in split_batches(random_runs))
            for result in map_tasks(executor, run_batch, batches):
                runs, events, failures = runs + result.runs, events + result.events, failures + len(result.failures)
                for failure in result.failures:
                    print(failure, flush=True)
                if runs - runs_told >= RUNS_PER_LINE:
                    runs_told = runs
                    print_summary()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        print_summary()
        return ExitCode.INTERRUPTED
    if runs != runs_told:
        print_summary()
    return ExitCode.BROKEN if failures else ExitCode.FINE
