"""A search at the terminal: shown as it goes, stored so that it can be interrupted and gone on with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError, dump, load
from typing import Any

from click import progressbar

from raftstep.simulation.explore import Exploration, Limits, Progress, Search
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft

STORE_EVERY_S = 60


def searched(
    bounds: Bounds, limits: Limits, report: Callable[[Progress], None], stored: Path | None = None
) -> tuple[Exploration, float]:
    """What a search found, and in how many seconds; begun again from where it is stored, and stored now and then."""
    search = (_resumed(stored, bounds) if stored else None) or Search(raft(bounds))
    began = last = time.monotonic()

    def store(one: Search) -> None:
        nonlocal last
        if stored and time.monotonic() - last > STORE_EVERY_S:
            _store(one, stored)
            last = time.monotonic()

    found = search.run(limits, report, store)
    if stored and found.stopped:
        _store(search, stored)
    elif stored:
        stored.unlink(missing_ok=True)
    return found, time.monotonic() - began


def _resumed(stored: Path, bounds: Bounds) -> Search | None:
    with suppress(OSError, UnpicklingError, EOFError), stored.open("rb") as file:
        search: Search = load(file)
        search.tables.attach(raft(bounds))
        print(f"going on from {len(search.states):,} states", file=sys.stderr)
        return search
    return None


def _store(search: Search, stored: Path) -> None:
    stored.parent.mkdir(parents=True, exist_ok=True)
    half = stored.with_suffix(".half")
    with half.open("wb") as file:
        dump(search, file)
    half.replace(stored)


class Shown:
    """A bar for each depth: how much of it is done, how many states there are, how fast they come."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.depth = -1
        self.left = 0
        self.began = time.monotonic()

    def report(self, progress: Progress) -> None:
        """Show how far the search is."""
        rate = round(progress.states / max(0.001, time.monotonic() - self.began))
        label = f"{progress.depth:>3} events, {progress.states:>11,} states, {progress.next:,} ahead, {rate:,}/s"
        if progress.depth != self.depth:
            self.close()
            self.depth, self.left = progress.depth, progress.left
            self.bar = progressbar(length=max(1, progress.left), label=label, file=sys.stderr)
            self.bar.__enter__()
        self.bar.label = label
        self.bar.update(self.left - progress.left)
        self.left = progress.left

    def close(self) -> None:
        """Leave the last bar as it is."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
