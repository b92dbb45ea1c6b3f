"""``raftstep render``: one step of a scenario as an SVG file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.output import can_write_output, write_output
from raftstep.cli.reading import print_problems
from raftstep.document.problem import Problems, printable_name
from raftstep.picture.figures import make_figures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.named import play_named

VIEWS = ("cluster", "log", "timeline")


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("render", help="draw one step as SVG")
    parser.add_argument("scenario", help="a file, or the name of a shipped scenario")
    parser.add_argument("--step", type=int, default=1, metavar="N", help="the step to draw; 1 by default")
    parser.add_argument("--view", choices=VIEWS, default="cluster", help="cluster by default")
    parser.add_argument("-o", "--output", type=Path, help="the file to write; the terminal by default")
    parser.set_defaults(run=render_step)


def render_step(options: argparse.Namespace) -> int:
    """Draw a step, and write it to a file or to the terminal."""
    if not can_write_output(options.output):
        return ExitCode.PROBLEM
    played = play_named(options.scenario)
    if isinstance(played, Problems):
        return print_problems(played)
    if not 1 <= options.step <= len(played.moments):
        print(
            f"there is no step {options.step}; {printable_name(options.scenario)} has steps 1 to {len(played.moments)}",
            file=sys.stderr,
        )
        return ExitCode.PROBLEM
    drawing = draw_standalone(make_figures(played, prefix="raft"), step=options.step, view=options.view)
    if options.output is None:
        print(drawing)
        return ExitCode.FINE
    return ExitCode.FINE if write_output(options.output, drawing + "\n") else ExitCode.PROBLEM
