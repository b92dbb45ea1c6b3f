"""The shortest run that breaks a rule's property: searched for on the spot, or taken from a certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from raftstep.scenario.proofs.certificate import Found, certified, confirm, digest
from raftstep.scenario.proofs.schedule import read, written
from raftstep.scenario.proofs.variants import Variant
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


def kept_at(variant: Variant, cache: Path) -> Path:
    """Where a variant's result is kept; the name says what it depends on."""
    return cache / f"{variant.guard.slug}-{digest(variant.broken)}.json"


def _searched(variant: Variant, kept: Path | None) -> Found:
    found = search(variant)
    if found.schedule is None:
        raise LookupError(f"without {variant.guard.slug}: {found.words}")
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        script = written(variant.broken, found.schedule)
        kept.write_text(json.dumps({"states": found.states, "depth": found.depth, "script": script}), encoding="utf-8")
    return Found(
        bounds=variant.broken, states=found.states, depth=found.depth, schedule=found.schedule, certified=False
    )


def _from_cache(variant: Variant, kept: Path) -> Found:
    known = json.loads(kept.read_text(encoding="utf-8"))
    schedule = read(variant.broken, known["script"])
    return Found(
        bounds=variant.broken, states=known["states"], depth=known["depth"], schedule=schedule, certified=False
    )
