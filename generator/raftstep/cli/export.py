"""``raftstep export``: a run, or a bounded model, in TLA+, for TLC."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.output import write_output
from raftstep.cli.reading import load_or_explain
from raftstep.cli.search_bounds import read_bounds
from raftstep.cli.terminal import explain_os_error
from raftstep.document.problem import Problems, hide_controls, printable_name
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import play
from raftstep.simulation.plan import PlanError
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from raftstep.tla.check_files import CHECK, SPECIFICATION, write_check_files
from raftstep.tla.model_files import MODEL, write_model_files
from raftstep.tla.run_module import write_run_module

RUN = "Trace"


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("export", help="print a scenario's run as states of the published TLA+ specification")
    parser.add_argument(
        "model",
        metavar="scenario",
        help="a file, or the name of a shipped scenario; with --model also boot or steady",
    )
    model_help = "write the bounded model that explore would search, for TLC, instead of a run"
    parser.add_argument("--model", action="store_true", dest="as_model", help=model_help)
    parser.add_argument("--bounds", action="append", default=[], metavar="NAME=NUMBER", help="such as terms=3")
    parser.add_argument("--after", action="store_true", help="begin in the state that the events of a schedule lead to")
    output_help = "a folder to write into, with all that TLC needs"
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help=output_help)
    parser.set_defaults(run=export, without=[])


def export(options: argparse.Namespace) -> int:
    """Print a run as a TLA+ module, or write what TLC needs; or say why it cannot be had."""
    try:
        return _export_model(options) if options.as_model else _export_run(options)
    except (PlanError, ValueError) as error:
        print(f"{printable_name(options.model)}: {hide_controls(str(error))}", file=sys.stderr)
        return ExitCode.PROBLEM


def _export_run(options: argparse.Namespace) -> int:
    if options.bounds or options.after:
        raise ValueError("bounds are of a model, and this is a run; add --model, or leave --bounds and --after out")
    scenario = load_or_explain(options.model)
    trace = None if scenario is None else _play(scenario)
    if trace is None:
        return ExitCode.PROBLEM
    if options.output is None:
        print(write_run_module(trace, RUN), end="")
        return ExitCode.FINE
    return _write_folder(options.output, write_check_files({RUN: trace}), CHECK)


def _play(scenario: Scenario) -> Trace | None:
    """The run of a scenario; says why not, where a schedule cannot be played."""
    if scenario.schedule is None:
        return run(scenario.setup, seed=scenario.seed)
    played = play(scenario)
    if isinstance(played, Problems):
        print(played.show(), file=sys.stderr)
        return None
    return played.trace


def _export_model(options: argparse.Namespace) -> int:
    if options.output is None:
        raise ValueError("a model is several files; say with -o in which folder to write them, such as -o model")
    bounds = read_bounds(options)
    if bounds is None:
        return ExitCode.PROBLEM
    files = write_model_files(bounds)
    print(bounds.words)
    return _write_folder(options.output, files, MODEL)


def _write_folder(folder: Path, files: Mapping[str, str], module: str) -> int:
    """Write the files into a folder, which is made where there is none, and say how TLC reads them.

    A folder with files of its own is left alone: only an empty one, or one of an earlier export, is written into.
    """
    try:
        folder.mkdir(exist_ok=True)
        if any(folder.iterdir()) and not (folder / SPECIFICATION).exists():
            print(f"{printable_name(str(folder))}: holds other files; choose a new folder", file=sys.stderr)
            return ExitCode.PROBLEM
    except (OSError, ValueError) as error:
        print(
            f"{printable_name(str(folder))}: {explain_os_error(error)}; choose a folder that can be written",
            file=sys.stderr,
        )
        return ExitCode.PROBLEM
    if not all(write_output(folder / name, text) for name, text in files.items()):
        return ExitCode.PROBLEM
    command = f"java -cp tla2tools.jar tlc2.TLC -deadlock {module}"
    print(f"{printable_name(str(folder))} has {', '.join(files)}; in it, run: {command}")
    return ExitCode.FINE
