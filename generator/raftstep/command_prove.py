"""``raftstep prove`` at the terminal: the long searches, side by side where there are the processors for it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from raftstep.command_search import Shown, searched
from raftstep.scenario.problem import nearest
from raftstep.scenario.proofs.certificate import TO_THE_END, certified, digest, folder, write
from raftstep.scenario.proofs.side_by_side import LostError, Tell, processors, side_by_side
from raftstep.scenario.proofs.variants import BY_SLUG, VARIANTS
from raftstep.simulation.explore import Limits, Progress

STORE = Path(".cache") / "explore"

LONG = {variant.guard.slug: variant.broken for variant in VARIANTS if variant.long} | TO_THE_END
"""The searches that are kept as certificates."""

GO_ON = "Run the same command again to go on from there."


def prove(options: argparse.Namespace) -> int:
    """Make the long searches, as many at a time as there are processors; each can be interrupted, and goes on later."""
    for name in options.names:
        if name not in LONG:
            print(f'there is no long search "{name}"; {nearest(name, list(LONG))}', file=sys.stderr)
            return 1
    names = []
    for name in options.names or LONG:
        if options.stale and _holds(name):
            print(f"{name}: the certificate holds")
        else:
            names.append(name)
    try:
        for outcome in _proved(names):
            if isinstance(outcome, LostError):
                print(outcome, file=sys.stderr)
                return 1
            print("\n".join(outcome["told"]))
            if outcome["stopped"]:
                return 1
    except KeyboardInterrupt:
        print(f"Interrupted. {GO_ON}")
        return 1
    return 0


def _proved(names: list[str]) -> Iterator[Any]:
    """What came of each search. One at a time shows a bar; several say how deep they are, and the longest is first."""
    if len(names) > 1 and processors() > 1:
        names = sorted(names, key=_states, reverse=True)
        tasks = [(name,) for name in names]
        found = side_by_side(prove_one, tasks, lambda number, news: print(f"{names[number]}: {news}", file=sys.stderr))
        for name, outcome in zip(names, found, strict=True):
            print(f"{name}: {LONG[name].words}")
            yield outcome
        return
    for name in names:
        print(f"{name}: {LONG[name].words}")
        shown = Shown()
        outcome = _prove(name, shown.report)
        shown.close()
        yield outcome


def prove_one(name: str, tell: Tell) -> dict[str, Any]:
    """Make one long search in a process beside others, and tell of each depth that it comes to."""
    depths: set[int] = set()

    def report(progress: Progress) -> None:
        if progress.depth not in depths:
            depths.add(progress.depth)
            tell(f"{progress.depth} events, {progress.states:,} states")

    return _prove(name, report)


def _prove(name: str, report: Callable[[Progress], None]) -> dict[str, Any]:
    limits = Limits(bytes=8_000_000_000, properties=(BY_SLUG[name].breaks,) if name in BY_SLUG else ())
    found, seconds = searched(LONG[name], limits, report, STORE / f"{name}-{digest(LONG[name])}.search")
    last = GO_ON if found.stopped else f"Written to {write(name, LONG[name], found, seconds)}"
    return {"told": [found.words, last], "stopped": bool(found.stopped)}


def _states(name: str) -> int:
    """How many states the search had when it was last made."""
    path = folder() / f"{name}.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["states"]) if path.is_file() else 0


def _holds(name: str) -> bool:
    try:
        certified(name)
    except ValueError:
        return False
    return True
