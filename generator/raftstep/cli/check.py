"""``raftstep check``: is each scenario well formed, does its run keep its word, and do its captions rest on the run?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.reading import print_problems
from raftstep.document.problem import Problems, printable_name
from raftstep.scenario.claims import check_claims
from raftstep.scenario.library import list_misnamed_files, list_scenario_ids
from raftstep.scenario.named import play_named
from raftstep.simulation.short_words import join_and


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("check", help="load, run and check scenarios")
    parser.add_argument("scenarios", nargs="*", help="files or names; all shipped scenarios when none is given")
    parser.set_defaults(run=check_scenarios)


def check_scenarios(options: argparse.Namespace) -> int:
    """Check each scenario: print one line for each that is right, and all problems of the others."""
    exit_code = ExitCode.FINE
    if not options.scenarios:
        for file_name, words in list_misnamed_files().items():
            print(f"{file_name}:1:1: {words}", file=sys.stderr)
            exit_code = ExitCode.PROBLEM
    for name in options.scenarios or list_scenario_ids():
        played = play_named(name)
        if isinstance(played, Problems):
            exit_code = print_problems(played)
        elif problems := check_claims(played.scenario):
            exit_code = print_problems(problems)
        else:
            broken_properties = played.scenario.broken_properties
            outcome = f"{join_and(broken_properties)} broken, on purpose" if broken_properties else "none broken"
            counts = f"{len(played.moments)} steps, {played.trace.states_checked} states checked"
            print(f"{printable_name(name)}: {counts}, {outcome}")
    return exit_code
