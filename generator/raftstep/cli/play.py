"""``raftstep play``: a scenario's transcript, or that of the same script with other chances."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.numbers import LARGEST_SEED, whole_number
from raftstep.cli.printing import print_run
from raftstep.cli.reading import print_problems
from raftstep.document.problem import Problems, printable_name
from raftstep.limits import RUN_MS
from raftstep.scenario.named import load_named, play_named
from raftstep.simulation.describe import transcript


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("play", help="print a scenario's transcript")
    parser.add_argument("scenario", help="a file, or the name of a shipped scenario")
    seed_help = "draw from another seed (captions and expectations are left out)"
    parser.add_argument("--seed", type=whole_number(0, LARGEST_SEED), metavar="N", help=seed_help)
    until_help = "end at another time (captions and expectations are left out)"
    parser.add_argument("--until", type=whole_number(1, RUN_MS), metavar="MS", help=until_help)
    parser.set_defaults(run=play_scenario)


def play_scenario(options: argparse.Namespace) -> int:
    """Print what happens in a scenario; with a seed or an end of its own it is a free run."""
    if options.seed is not None or options.until is not None:
        return _run_freely(options)
    played = play_named(options.scenario)
    if isinstance(played, Problems):
        return print_problems(played)
    print(transcript(played.trace), end="")
    return ExitCode.FINE


def _run_freely(options: argparse.Namespace) -> int:
    scenario = load_named(options.scenario)
    if isinstance(scenario, Problems):
        return print_problems(scenario)
    if scenario.schedule:
        print(
            f"{printable_name(scenario.path)} is a schedule, which has no random draws and no end time; "
            "leave out --seed and --until",
            file=sys.stderr,
        )
        return ExitCode.PROBLEM
    setup = scenario.setup if options.until is None else replace(scenario.setup, until_ms=options.until)
    return print_run(setup, scenario.seed if options.seed is None else options.seed)
