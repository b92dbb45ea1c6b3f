"""``raftstep explore``: every schedule within bounds, searched for one that breaks a property."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from raftstep.cli.exit_codes import ExitCode, exit_code_of
from raftstep.cli.numbers import whole_number
from raftstep.cli.output import can_write_output, write_output
from raftstep.cli.progress import ProgressBar
from raftstep.cli.search_bounds import read_bounds
from raftstep.cli.searching import run_search
from raftstep.document.problem import hide_controls, printable_name
from raftstep.limits import SCRIPT_EVENTS, SEARCH_DEPTH, SEARCH_MEGABYTES, SEARCH_MINUTES
from raftstep.scenario.proofs.export_scenario import export_scenario
from raftstep.simulation.describe import transcript
from raftstep.simulation.explore import Exploration, Limits
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.short_words import join_and


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("explore", help="search every schedule within bounds for a broken property")
    parser.add_argument(
        "model",
        nargs="?",
        default="boot",
        help="boot or steady; the name of a rule, for its own bounds; or a scenario, for its nodes and settings",
    )
    parser.add_argument("--without", action="append", default=[], metavar="RULE", help="leave a rule out")
    bounds_help = "such as terms=3; ticks=3 lets time pass"
    parser.add_argument("--bounds", action="append", default=[], metavar="NAME=NUMBER", help=bounds_help)
    parser.add_argument("--after", action="store_true", help="begin in the state that the events of a schedule lead to")
    depth_help = "stop at schedules of this many events"
    parser.add_argument("--depth", type=whole_number(0, SEARCH_DEPTH), default=0, metavar="N", help=depth_help)
    memory_help = "stop at this much memory; 4000 by default"
    parser.add_argument(
        "--memory", type=whole_number(1, SEARCH_MEGABYTES), default=4000, metavar="MB", help=memory_help
    )
    minutes_help = "stop after this many minutes; 60 by default"
    parser.add_argument("--minutes", type=whole_number(1, SEARCH_MINUTES), default=60, metavar="N", help=minutes_help)
    parser.add_argument("-o", "--output", type=Path, help="where to write the run found, as a scenario")
    parser.set_defaults(run=explore)


def explore(options: argparse.Namespace) -> int:
    """Search, say what came of it, and print the transcript of a run that breaks a property."""
    try:
        bounds = read_bounds(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return ExitCode.PROBLEM
    if bounds is None or not can_write_output(options.output):
        return ExitCode.PROBLEM
    print(bounds.words, flush=True)
    limits = Limits(depth=options.depth, memory_bytes=options.memory * 1_000_000)
    progress_bar = ProgressBar()
    try:
        exploration, _ = run_search(bounds, limits, progress_bar.report, most_minutes=options.minutes)
    except (ValueError, OverflowError) as error:
        print(f"{printable_name(options.model)}: {hide_controls(str(error))}", file=sys.stderr)
        return ExitCode.PROBLEM
    finally:
        progress_bar.close()
    print(exploration.words)
    if exploration.schedule is None:
        if options.output is not None:
            print(f"{options.output} is not written: there is no run to write", file=sys.stderr)
        return exit_code_of(exploration)
    schedule = bounds.full_schedule(exploration.schedule)
    print(transcript(replay(bounds, schedule).trace), end="")
    if len(schedule) > SCRIPT_EVENTS.most:
        words = f"it has {len(schedule)} events, and a script at most {SCRIPT_EVENTS.words}, so it is not written"
        print(f"{words}; begin after fewer events", file=sys.stderr)
        return ExitCode.BROKEN
    scenario_text = export_scenario(_scenario_title(exploration, len(schedule)), bounds, schedule)
    print(f"\n{scenario_text}", end="")
    if options.output is not None and not write_output(options.output, scenario_text):
        return ExitCode.PROBLEM
    return ExitCode.BROKEN


def _scenario_title(exploration: Exploration, events: int) -> str:
    broken_properties = join_and(dict.fromkeys(alarm.property for alarm in exploration.alarms))
    return f"{broken_properties} broken in {events} events"
