"""A search at the terminal, shown as it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from click import progressbar

from raftstep.simulation.explore import Exploration, Limits, SearchProgress, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.short_words import count_words


def run_search(
    bounds: Bounds, limits: Limits, report: Callable[[SearchProgress], None], most_minutes: int | None = None
) -> tuple[Exploration, float]:
    """What a search found, and in how many seconds."""
    start_s = time.monotonic()
    is_out_of_time = False

    def report_in_time(progress: SearchProgress) -> None:
        nonlocal is_out_of_time
        report(progress)
        if most_minutes is not None and time.monotonic() - start_s > 60 * most_minutes:
            is_out_of_time = True
            raise KeyboardInterrupt  # which ends a search with what it has found so far

    exploration = explore(raft_model(bounds), limits, report_in_time)
    if is_out_of_time:
        exploration = replace(
            exploration, stop_reason=f"the limit of {count_words(most_minutes or 0, 'minute')} was met"
        )
    return exploration, time.monotonic() - start_s


class ProgressBar:
    """A bar for each depth: how much of it is done, how many states there are, how fast they come."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.depth = -1
        self.states_left = 0
        self.start_s = time.monotonic()

    def report(self, progress: SearchProgress) -> None:
        """Show how far the search is."""
        rate = round(progress.states / max(0.001, time.monotonic() - self.start_s))
        label = (
            f"{progress.depth:>3} events, {progress.states:>11,} states, {progress.states_ahead:,} ahead, {rate:,}/s"
        )
        if progress.depth != self.depth:
            self.close()
            self.depth, self.states_left = progress.depth, progress.states_left
            self.bar = progressbar(length=max(1, progress.states_left), label=label, file=sys.stderr)
            self.bar.__enter__()
        self.bar.label = label
        self.bar.update(self.states_left - progress.states_left)
        self.states_left = progress.states_left

    def close(self) -> None:
        """Leave the last bar as it is."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
