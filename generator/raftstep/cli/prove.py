"""``raftstep prove``: the long searches, side by side where there are the processors for it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from raftstep.cli.searching import ProgressBar, run_search
from raftstep.document.problem import suggest_nearest
from raftstep.scenario.proofs.certificate import (
    ALL_EXHAUSTIVE_BOUNDS,
    certificate_folder,
    digest,
    load_certificate,
    write_certificate,
)
from raftstep.scenario.proofs.processes import LostError, Tell, processors, side_by_side
from raftstep.scenario.proofs.variants import VARIANTS, VARIANTS_BY_SLUG
from raftstep.simulation.explore import Limits, SearchProgress

STORE_FOLDER = Path(".cache") / "explore"

LONG_SEARCHES = {
    variant.guard.slug: variant.broken_bounds for variant in VARIANTS if variant.is_long
} | ALL_EXHAUSTIVE_BOUNDS
"""The searches that are kept as certificates."""

RESUME_HINT = "Run the same command again to go on from there."


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("prove", help="make the long searches and keep their certificates")
    parser.add_argument("names", nargs="*", help="which; all where none is named")
    parser.add_argument("--stale", action="store_true", help="only those that do not hold for the code as it is")
    parser.set_defaults(run=prove)


def prove(options: argparse.Namespace) -> int:
    """Make the long searches, as many at a time as there are processors; each can be interrupted, and goes on later."""
    for name in options.names:
        if name not in LONG_SEARCHES:
            print(f'there is no long search "{name}"; {suggest_nearest(name, list(LONG_SEARCHES))}', file=sys.stderr)
            return 1
    names = []
    for name in options.names or LONG_SEARCHES:
        if options.stale and _certificate_holds(name):
            print(f"{name}: the certificate holds")
        else:
            names.append(name)
    try:
        for outcome in _run_searches(names):
            if isinstance(outcome, LostError):
                print(outcome, file=sys.stderr)
                return 1
            print("\n".join(outcome["told"]))
            if outcome["stopped"]:
                return 1
    except KeyboardInterrupt:
        print(f"Interrupted. {RESUME_HINT}")
        return 1
    return 0


def _run_searches(names: list[str]) -> Iterator[Any]:
    """What came of each search. One at a time shows a bar; several say how deep they are, and the longest is first."""
    if len(names) > 1 and processors() > 1:
        names = sorted(names, key=_last_state_count, reverse=True)
        tasks = [(name,) for name in names]
        outcomes = side_by_side(
            prove_in_worker, tasks, lambda number, news: print(f"{names[number]}: {news}", file=sys.stderr)
        )
        for name, outcome in zip(names, outcomes, strict=True):
            print(f"{name}: {LONG_SEARCHES[name].words}")
            yield outcome
        return
    for name in names:
        print(f"{name}: {LONG_SEARCHES[name].words}")
        progress_bar = ProgressBar()
        outcome = _prove_search(name, progress_bar.report)
        progress_bar.close()
        yield outcome


def prove_in_worker(name: str, tell: Tell) -> dict[str, Any]:
    """Make one long search in a process beside others, and tell of each depth that it comes to."""
    depths: set[int] = set()

    def report(progress: SearchProgress) -> None:
        if progress.depth not in depths:
            depths.add(progress.depth)
            tell(f"{progress.depth} events, {progress.states:,} states")

    return _prove_search(name, report)


def _prove_search(name: str, report: Callable[[SearchProgress], None]) -> dict[str, Any]:
    limits = Limits(
        memory_bytes=8_000_000_000,
        properties=(VARIANTS_BY_SLUG[name].broken_property,) if name in VARIANTS_BY_SLUG else (),
    )
    exploration, seconds = run_search(
        LONG_SEARCHES[name], limits, report, STORE_FOLDER / f"{name}-{digest(LONG_SEARCHES[name])}.search"
    )
    last_line = (
        RESUME_HINT
        if exploration.stop_reason
        else f"Written to {write_certificate(name, LONG_SEARCHES[name], exploration, seconds)}"
    )
    return {"told": [exploration.words, last_line], "stopped": bool(exploration.stop_reason)}


def _last_state_count(name: str) -> int:
    """How many states the search had when it was last made."""
    path = certificate_folder() / f"{name}.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["states"]) if path.is_file() else 0


def _certificate_holds(name: str) -> bool:
    try:
        load_certificate(name)
    except ValueError:
        return False
    return True
