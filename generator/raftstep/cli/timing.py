"""``raftstep timing``: elections by the thousand, measured and recorded for the page on timing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.output import can_write_output, write_output
from raftstep.cli.progress import ProgressLine
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
    if not can_write_output(options.output):
        return ExitCode.PROBLEM
    progress_line = ProgressLine()
    try:
        record = make_record(_measure_chunks(options, progress_line))
    except KeyboardInterrupt:
        progress_line.close()
        print("Interrupted: nothing is written.", file=sys.stderr)
        return ExitCode.INTERRUPTED
    progress_line.close()
    if not write_output(options.output, format_record(record)):
        return ExitCode.PROBLEM
    print(f"Written to {options.output}", file=sys.stderr)
    return ExitCode.FINE


def _measure_chunks(options: argparse.Namespace, progress_line: ProgressLine) -> Iterator[tuple[Chunk, list[Trial]]]:
    chunks = list_chunks()
    with open_executor(options.scheduler, options.jobs) as executor:
        results = map_tasks(executor, run_chunk, chunks)
        for number, (chunk, trials) in enumerate(zip(chunks, results, strict=True), 1):
            progress_line.show(f"{number} of {len(chunks)} parts")
            yield chunk, trials
