"""``raftstep codex``: the data of the Codex, checked and counted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped

FOLDER_ADVICE = "name the one that holds sources.yaml and terms/"


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("codex", help="check the data of the Codex: terms, systems, incidents, sources")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("docs/data/codex"), help="docs/data/codex by default"
    )
    parser.set_defaults(run=check_codex)


def check_codex(options: argparse.Namespace) -> int:
    """Say what is wrong with the data, or how much of it there is."""
    from raftstep.codex.book import read_book  # the other verbs need no schema of the Codex

    if not options.folder.is_dir():
        print(f"{options.folder}: no such folder; {FOLDER_ADVICE}", file=sys.stderr)
        return ExitCode.PROBLEM
    played_scenarios = {
        name: played for name in list_scenario_ids() if isinstance(played := play_shipped(name), PlayedScenario)
    }
    book = read_book(options.folder.resolve(), played_scenarios)
    if book.problems:
        print("\n\n".join(problems.show() for problems in book.problems), file=sys.stderr)
        return ExitCode.PROBLEM
    if not any((book.terms, book.systems, book.incidents, book.sources)):
        print(f"{options.folder}: there is no data of a Codex in this folder; {FOLDER_ADVICE}", file=sys.stderr)
        return ExitCode.PROBLEM
    unseen_terms = [term.id for term in book.terms.values() if term.search_for and not book.occurrences[term.id]]
    parts = {"term": book.terms, "system": book.systems, "incident": book.incidents, "source": book.sources}
    counts = [f"{len(entries)} {kind}{'' if len(entries) == 1 else 's'}" for kind, entries in parts.items()]
    print(f"{', '.join(counts)}: nothing wrong")
    if unseen_terms:
        print(f"no scenario shows what is looked for under: {', '.join(unseen_terms)}")
    return ExitCode.FINE
