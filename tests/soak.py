"""Search long for a schedule that breaks Raft: ``make soak``, or ``python tests/soak.py [--count N] [--first N]``.

Every schedule draws its size, its faults and the parts beyond Figure 2 that are on; every state is checked. What goes
wrong is printed with the line that repeats it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from raftstep.simulation.random_run import draw_run
from raftstep.simulation.run import run

COUNT = 10_000
BATCH_SIZE = 25


class BatchResult(NamedTuple):
    """What one batch of schedules came to: how many events it had, and what went wrong, each with how to repeat it."""

    events: int
    failures: tuple[str, ...]


def run_batch(numbers: range) -> BatchResult:
    """Run the schedules of these numbers."""
    events, failures = 0, []
    for number in numbers:
        random_run = draw_run(number)
        try:
            trace = run(random_run.make_setup(), seed=random_run.seed)
        except Exception:  # whatever it is, the search goes on, and says how to see it again
            failures.append(f"{traceback.format_exc()}{random_run.command}")
            continue
        events += len(trace.steps)
        failures += [f"{alarm.property} broken: {alarm.words}\n{random_run.command}" for alarm in trace.alarms[:1]]
    return BatchResult(events, tuple(failures))


def soak(first: int, count: int, workers: int) -> Iterator[tuple[int, BatchResult]]:
    """Every batch as it ends, with how many schedules have been run by then."""
    batches = [
        range(start, min(start + BATCH_SIZE, first + count)) for start in range(first, first + count, BATCH_SIZE)
    ]
    done = 0
    with multiprocessing.Pool(workers) as pool:
        for result in pool.imap_unordered(run_batch, batches):
            done = min(done + BATCH_SIZE, count)
            yield done, result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many processes")
    arguments = parser.parse_args()
    started_at, events, failure_count, reported_count = time.perf_counter(), 0, 0, 0
    for done, result in soak(arguments.first, arguments.count, arguments.workers):
        events += result.events
        failure_count += len(result.failures)
        for failure in result.failures:
            print(failure, flush=True)
        if done - reported_count >= 500 or done == arguments.count:
            reported_count = done
            seconds = time.perf_counter() - started_at
            print(
                f"{done:,} schedules, {events:,} events, {seconds:.0f} s: {failure_count or 'nothing'} wrong",
                flush=True,
            )
    return 1 if failure_count else 0


if __name__ == "__main__":
    sys.exit(main())
