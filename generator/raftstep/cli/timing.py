"""``raftstep timing``: elections by the thousand, measured and recorded for the page on timing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from raftstep.cli.workers import add_worker_options
from raftstep.executors import map_tasks, open_executor
from raftstep.simulation.timing import Trial
from raftstep.simulation.timing_trials import Chunk, format_record, list_chunks, make_record, run_chunk

RECORD = Path("docs/data/timing.json")


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("timing", help="measure elections by the thousand for the page on timing")
    parser.add_argument("-o", "--output", type=Path, default=RECORD, help=f"where to write it; {RECORD} by default")
    add_worker_options(parser)
    parser.set_defaults(run=measure_timing)


def measure_timing(options: argparse.Namespace) -> int:
    """Measure everything, in a minute or two, and write the record."""
    if not options.output.parent.is_dir():
        print(f"{options.output.parent}: no such folder; choose one that is there with -o", file=sys.stderr)
        return 1
    try:
        record = make_record(_measure_chunks(options))
    except KeyboardInterrupt:
        print("\nInterrupted: nothing is written.", file=sys.stderr)
        return 1
    options.output.write_text(format_record(record), encoding="utf-8")
    print(f"\nWritten to {options.output}", file=sys.stderr)
    return 0


def _measure_chunks(options: argparse.Namespace) -> Iterator[tuple[Chunk, list[Trial]]]:
    chunks = list_chunks()
    with open_executor(options.scheduler, options.jobs) as executor:
        results = map_tasks(executor, run_chunk, chunks)
        for number, (chunk, trials) in enumerate(zip(chunks, results, strict=True), 1):
            print(f"\r{number} of {len(chunks)} parts", end="", file=sys.stderr, flush=True)
            yield chunk, trials
