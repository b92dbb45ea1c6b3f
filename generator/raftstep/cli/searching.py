"""A search at the terminal, shown as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

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
