"""The options of verbs that can share their work out."""

from __future__ import annotations

import argparse


def add_worker_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs`` and ``--scheduler``; the work comes to the same with any."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--jobs", type=positive_number, metavar="N", help="how many processes; as many as processors when left out"
    )
    group.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="work on the Dask cluster of this scheduler")


def positive_number(words: str) -> int:
    """A whole number from 1, for options that count."""
    number = int(words) if words.isdecimal() else 0
    if not number:
        raise argparse.ArgumentTypeError(f'"{words}" is not a whole number from 1')
    return number
