"""Random runs by the thousand, in batches that can be run anywhere and in any order."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from raftstep.simulation.random_run import RandomRun

BATCH_SIZE = 25
"""A second or so of work, on any machine."""


class BatchResult(NamedTuple):
    """What came of a batch: how many runs and events, and what went wrong, each with the line that repeats it."""

    runs: int
    events: int
    failures: tuple[str, ...]


def split_batches(random_runs: Iterable[RandomRun]) -> Iterator[tuple[RandomRun, ...]]:
    """The runs in batches, which do not depend on how many workers there are.

    >>> [len(batch) for batch in split_batches(RandomRun(nodes=3, seed=seed) for seed in range(60))]
    [25, 25, 10]
    """
    remaining_runs = iter(random_runs)
    while batch := tuple(islice(remaining_runs, BATCH_SIZE)):
        yield batch


def run_batch(random_runs: Iterable[RandomRun]) -> BatchResult:
    """Make these runs, check every state of each, and go on after a failure."""
    runs, events, failures = 0, 0, []
    for random_run in random_runs:
        runs += 1
        try:
            trace = random_run.make_trace()
        except Exception:  # whatever it is, the search goes on, and says how to see it again
            failures.append(f"{traceback.format_exc()}{random_run.command}")
            continue
        events += len(trace.steps)
        failures += [f"{alarm.property} broken: {alarm.words}\n{random_run.command}" for alarm in trace.alarms[:1]]
        if stall := random_run.find_stall(trace):
            failures.append(f"no progress: {stall}\n{random_run.command}")
    return BatchResult(runs, events, tuple(failures))
