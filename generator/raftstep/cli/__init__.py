"""``raftstep`` at the terminal, a file a verb: play, check and draw scenarios, make random faults, search."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from raftstep.cli import chaos, check, codex, explore, export, play, prove, render, soak, timing
from raftstep.executors import ExecutorError

VERBS = (play, check, codex, render, chaos, soak, timing, explore, prove, export)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0, or 1 where a scenario has a problem or a property broke."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _make_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ExecutorError as error:
        print(error, file=sys.stderr)
        return 1


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="raftstep", description="Play, check and draw runs of Raft.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        verb.add_verb(verbs)
    return parser
