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

from raftstep.simulation.run import run
from raftstep.simulation.schedule import drawn

COUNT = 10_000
A_BATCH = 25


class Finding(NamedTuple):
    """What one batch of schedules came to: how many events it had, and what went wrong, each with how to repeat it."""

    events: int
    wrong: tuple[str, ...]


def search(numbers: range) -> Finding:
    """Run the schedules of these numbers."""
    events, wrong = 0, []
    for number in numbers:
        schedule = drawn(number)
        try:
            trace = run(schedule.setup(), seed=schedule.seed)
        except Exception:  # whatever it is, the search goes on, and says how to see it again
            wrong.append(f"{traceback.format_exc()}{schedule.command}")
            continue
        events += len(trace.steps)
        wrong += [f"{alarm.property} broken: {alarm.words}\n{schedule.command}" for alarm in trace.alarms[:1]]
    return Finding(events, tuple(wrong))


def soak(first: int, count: int, workers: int) -> Iterator[tuple[int, Finding]]:
    """Every batch as it ends, with how many schedules have been run by then."""
    batches = [range(at, min(at + A_BATCH, first + count)) for at in range(first, first + count, A_BATCH)]
    done = 0
    with multiprocessing.Pool(workers) as pool:
        for finding in pool.imap_unordered(search, batches):
            done = min(done + A_BATCH, count)
            yield done, finding


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=COUNT, help="how many schedules")
    options.add_argument("--first", type=int, default=0, help="the number of the first")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many processes")
    chosen = options.parse_args()
    began, events, wrong, shown = time.perf_counter(), 0, 0, 0
    for done, finding in soak(chosen.first, chosen.count, chosen.workers):
        events += finding.events
        wrong += len(finding.wrong)
        for words in finding.wrong:
            print(words, flush=True)
        if done - shown >= 500 or done == chosen.count:
            shown = done
            seconds = time.perf_counter() - began
            print(f"{done:,} schedules, {events:,} events, {seconds:.0f} s: {wrong or 'nothing'} wrong", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
