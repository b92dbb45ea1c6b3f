"""A search at the terminal, shown as it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from click import progressbar

from raftstep.simulation.explore import Exploration, Limits, SearchProgress, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model


def run_search(bounds: Bounds, limits: Limits, report: Callable[[SearchProgress], None]) -> tuple[Exploration, float]:
    """What a search found, and in how many seconds."""
    start_s = time.monotonic()
    exploration = explore(raft_model(bounds), limits, report)
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
