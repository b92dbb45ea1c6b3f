"""The shortest run that breaks a rule's property: searched for on the spot, or taken from a certificate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from raftstep.scenario.proofs.certificate import Found, certified, confirm, digest
from raftstep.scenario.proofs.schedule import read, written
from raftstep.scenario.proofs.side_by_side import Tell, processors, side_by_side
from raftstep.scenario.proofs.variants import BY_SLUG, Variant
from raftstep.simulation.explore import Exploration, Limits, Progress, explore
from raftstep.simulation.explore.raft import raft


def search(variant: Variant, report: Callable[[Progress], None] | None = None) -> Exploration:
    """Search for a shortest run that breaks the variant's property; events that it begins after are part of it."""
    found = explore(raft(variant.broken), Limits(properties=(variant.breaks,)), report)
    return found if found.schedule is None else replace(found, schedule=variant.bounds.whole(found.schedule))


def shortest(variant: Variant, cache: Path | None = None) -> Found:
    """What is known of a variant. ``cache`` is a folder for results, kept by what they depend on.

    Raises :class:`~.certificate.StaleError` where a certificate does not hold, and :class:`LookupError` where a
    search finds nothing, which would mean that a page promises what is not so.
    """
    if variant.long:
        return certified(variant.guard.slug)
    kept = kept_at(variant, cache) if cache else None
    found = _from_cache(variant, kept) if kept and kept.is_file() else _searched(variant, kept)
    confirm(variant, found.schedule or ())
    return found


def search_ahead(variants: Iterable[Variant], cache: Path, tell: Callable[[str], None]) -> None:
    """Make the searches whose results are not kept yet side by side, where there are several and the processors for it.

    ``tell`` gets the name of each as it begins. What fails here is made again by :func:`shortest`, which says why.
    """
    waiting = {one.guard.slug: kept_at(one, cache) for one in variants if not one.long}
    tasks = [(slug, str(kept)) for slug, kept in waiting.items() if not kept.is_file()]
    if len(tasks) > 1 and processors() > 1:
        for _ in side_by_side(keep, tasks, lambda number, _: tell(tasks[number][0])):
            pass  # each is in its place by now


def keep(slug: str, kept: str, tell: Tell) -> None:
    """Make one search and keep its result, in a process beside others."""
    tell("begun")
    _searched(BY_SLUG[slug], Path(kept))


def kept_at(variant: Variant, cache: Path) -> Path:
    """Where a variant's result is kept; the name says what it depends on."""
    return cache / f"{variant.guard.slug}-{digest(variant.broken)}.json"


def _searched(variant: Variant, kept: Path | None) -> Found:
    found = search(variant)
    if found.stopped == "it was interrupted":
        raise KeyboardInterrupt(found.words)
    if found.schedule is None:
        raise LookupError(f"without {variant.guard.slug}: {found.words}")
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        script = written(variant.broken, found.schedule)
        half = kept.with_suffix(f".{os.getpid()}")  # whole or not at all, whoever else is at it
        half.write_text(json.dumps({"states": found.states, "depth": found.depth, "script": script}), encoding="utf-8")
        half.replace(kept)
    return Found(
        bounds=variant.broken, states=found.states, depth=found.depth, schedule=found.schedule, certified=False
    )


def _from_cache(variant: Variant, kept: Path) -> Found:
    known = json.loads(kept.read_text(encoding="utf-8"))
    schedule = read(variant.broken, known["script"])
    return Found(
        bounds=variant.broken, states=known["states"], depth=known["depth"], schedule=schedule, certified=False
    )
