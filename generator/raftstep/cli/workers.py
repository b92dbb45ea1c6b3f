"""The options of verbs that can share their work out."""

from __future__ import annotations

import argparse

from raftstep.cli.numbers import whole_number
from raftstep.limits import JOBS


def add_worker_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs`` and ``--scheduler``; the work comes to the same with any."""
    group = parser.add_mutually_exclusive_group()
    jobs_help = f"how many processes, {JOBS.most} at most; as many as processors when left out"
    group.add_argument("--jobs", type=whole_number(1, JOBS), metavar="N", help=jobs_help)
    group.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="work on the Dask cluster of this scheduler")
