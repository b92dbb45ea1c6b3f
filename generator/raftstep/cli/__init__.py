"""``raftstep`` at the terminal, a file a verb: play, check and draw scenarios, make random faults, search.

The verbs are imported when the command line is read, not before: an interrupt meanwhile is met like any other.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from raftstep import __version__
from raftstep.cli.exit_codes import ExitCode, describe_exit_codes
from raftstep.cli.terminal import guard, ignore_interrupts, prepare_streams, take_closed_descriptors


def run_program() -> int:
    """The command ``raftstep``: the same as :func:`main`, in a process of its own that ends with it."""
    take_closed_descriptors()
    try:
        return main()
    finally:
        ignore_interrupts()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns one of :class:`~raftstep.cli.exit_codes.ExitCode`, and says what is wrong."""
    prepare_streams()
    return guard(lambda: _run_verb(arguments))


def _run_verb(arguments: Sequence[str] | None) -> int:
    from raftstep.executors import ExecutorError

    options = _make_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ExecutorError as error:
        print(error, file=sys.stderr)
        return ExitCode.PROBLEM


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help like all other output: argparse itself keeps quiet where it cannot be written."""
        print(message, end="", file=file or sys.stderr)


def _make_parser() -> argparse.ArgumentParser:
    from raftstep.cli import chaos, check, codex, explore, export, play, prove, render, soak, timing

    exit_codes = describe_exit_codes(shutil.get_terminal_size().columns - 2)
    parser = _Parser(
        prog="raftstep",
        description="Play, check and draw runs of Raft.",
        epilog=exit_codes,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"raftstep {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in (play, check, codex, render, chaos, soak, timing, explore, prove, export):
        verb.add_verb(verbs)
    for verb_parser in verbs.choices.values():
        verb_parser.epilog = exit_codes
        verb_parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser
