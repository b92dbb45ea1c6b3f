"""A search at the terminal: stored so that it can be interrupted and gone on with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError, dump, load

from raftstep.simulation.explore import Exploration, Limits, Search, SearchProgress
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model

STORE_EVERY_S = 60


def run_search(
    bounds: Bounds, limits: Limits, report: Callable[[SearchProgress], None], store_path: Path | None = None
) -> tuple[Exploration, float]:
    """What a search found, and in how many seconds; begun again from where it is stored, and stored now and then."""
    search = (_load_search(store_path, bounds) if store_path else None) or Search(raft_model(bounds))
    start_s = last_store_s = time.monotonic()

    def store(unfinished_search: Search) -> None:
        nonlocal last_store_s
        if store_path and time.monotonic() - last_store_s > STORE_EVERY_S:
            _save_search(unfinished_search, store_path)
            last_store_s = time.monotonic()

    exploration = search.run(limits, report, store)
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
