"""A search at the terminal: shown as it goes, stored so that it can be interrupted and gone on with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError, dump, load
from typing import Any

from click import progressbar

from raftstep.simulation.explore import Exploration, Limits, Search, SearchProgress
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.short_words import count_words

STORE_EVERY_S = 60


def run_search(
    bounds: Bounds,
    limits: Limits,
    report: Callable[[SearchProgress], None],
    store_path: Path | None = None,
    most_minutes: int | None = None,
) -> tuple[Exploration, float]:
    """What a search found, and in how many seconds; begun again from where it is stored, and stored now and then."""
    search = (_load_search(store_path, bounds) if store_path else None) or Search(raft_model(bounds))
    start_s = last_store_s = time.monotonic()

    def store(unfinished_search: Search) -> None:
        nonlocal last_store_s
        if store_path and time.monotonic() - last_store_s > STORE_EVERY_S:
            _save_search(unfinished_search, store_path)
            last_store_s = time.monotonic()

    is_out_of_time = False

    def report_in_time(progress: SearchProgress) -> None:
        nonlocal is_out_of_time
        report(progress)
        if most_minutes is not None and time.monotonic() - start_s > 60 * most_minutes:
            is_out_of_time = True
            raise KeyboardInterrupt  # which ends a search with what it has found so far

    exploration = search.run(limits, report_in_time, store)
    if is_out_of_time:
        exploration = replace(
            exploration, stop_reason=f"the limit of {count_words(most_minutes or 0, 'minute')} was met"
        )
    if store_path and exploration.stop_reason:
        _save_search(search, store_path)
    elif store_path:
        store_path.unlink(missing_ok=True)
    return exploration, time.monotonic() - start_s


def _load_search(store_path: Path, bounds: Bounds) -> Search | None:
    with suppress(OSError, UnpicklingError, EOFError), store_path.open("rb") as file:
        search: Search = load(file)
        search.tables.attach_model(raft_model(bounds))
        print(f"going on from {len(search.states):,} states", file=sys.stderr)
        return search
    return None


def _save_search(search: Search, store_path: Path) -> None:
    store_path.parent.mkdir(parents=True, exist_ok=True)
    partial_file = store_path.with_suffix(".half")
    with partial_file.open("wb") as file:
        dump(search, file)
    partial_file.replace(store_path)


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
