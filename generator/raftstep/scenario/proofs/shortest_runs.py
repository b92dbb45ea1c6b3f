"""The shortest run that breaks a rule's property: searched for on the spot, or taken from a certificate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from raftstep.executors import open_executor, processors, raise_if_interrupted, report_progress, wait_for
from raftstep.scenario.proofs.certificate import SearchResult, confirm_run, digest, load_certificate
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG, Variant
from raftstep.scenario.schedule import read_schedule, write_schedule
from raftstep.simulation.explore import Exploration, Limits, SearchProgress, explore
from raftstep.simulation.explore.raft import raft_model


def search_variant(variant: Variant, report: Callable[[SearchProgress], None] | None = None) -> Exploration:
    """Search for a shortest run that breaks the variant's property; events that it begins after are part of it."""
    exploration = explore(raft_model(variant.broken_bounds), Limits(properties=(variant.broken_property,)), report)
    return (
        exploration
        if exploration.schedule is None
        else replace(exploration, schedule=variant.bounds.full_schedule(exploration.schedule))
    )


def find_shortest_run(variant: Variant, cache: Path | None = None) -> SearchResult:
    """What is known of a variant. ``cache`` is a folder for results, kept by what they depend on.

    Raises :class:`~.certificate.StaleError` where a certificate does not hold, and :class:`LookupError` where a
    search finds nothing, which would mean that a page promises what is not so.
    """
    if variant.is_long:
        return load_certificate(variant.guard.slug)
    result_file = result_path(variant, cache) if cache else None
    result = (
        _read_result(variant, result_file)
        if result_file and result_file.is_file()
        else _search_and_store(variant, result_file)
    )
    confirm_run(variant, result.schedule or ())
    return result


def search_ahead(variants: Iterable[Variant], cache: Path, on_begin: Callable[[str], object]) -> None:
    """Make the searches whose results are not kept yet side by side, where there are several and the processors for it.

    ``on_begin`` gets the name of each as it begins. Whatever fails here is made again by :func:`find_shortest_run`,
    which says why; so is everything where workers cannot start, as under a main program without a guard.
    """
    result_files = {variant.guard.slug: result_path(variant, cache) for variant in variants if not variant.is_long}
    tasks = [(slug, result_file) for slug, result_file in result_files.items() if not result_file.is_file()]
    if len(tasks) > 1 and processors() > 1:
        with suppress(BrokenExecutor), open_executor(on_progress=on_begin) as executor:
            for search in [executor.submit(search_in_worker, *task) for task in tasks]:
                wait_for(search)


def search_in_worker(slug: str, result_file: Path) -> None:
    """Make one search and keep its result, in a process beside others."""
    report_progress(slug)
    _search_and_store(VARIANTS_BY_SLUG[slug], result_file)


def result_path(variant: Variant, cache: Path) -> Path:
    """Where a variant's result is kept; the name says what it depends on."""
    return cache / f"{variant.guard.slug}-{digest(variant.broken_bounds)}.json"


def _search_and_store(variant: Variant, result_file: Path | None) -> SearchResult:
    exploration = search_variant(variant, lambda _: raise_if_interrupted())
    if exploration.stop_reason == "it was interrupted":
        raise KeyboardInterrupt(exploration.words)
    if exploration.schedule is None:
        raise LookupError(f"without {variant.guard.slug}: {exploration.words}")
    if result_file:
        result_file.parent.mkdir(parents=True, exist_ok=True)
        script = write_schedule(variant.broken_bounds, exploration.schedule)
        partial_file = result_file.with_suffix(f".{os.getpid()}")  # whole or not at all, whoever else is at it
        partial_file.write_text(
            json.dumps({"states": exploration.states, "depth": exploration.depth, "script": script}), encoding="utf-8"
        )
        partial_file.replace(result_file)
    return SearchResult(
        bounds=variant.broken_bounds,
        states=exploration.states,
        depth=exploration.depth,
        schedule=exploration.schedule,
        is_certified=False,
    )


def _read_result(variant: Variant, result_file: Path) -> SearchResult:
    stored_result = json.loads(result_file.read_text(encoding="utf-8"))
    schedule = read_schedule(variant.broken_bounds, stored_result["script"])
    return SearchResult(
        bounds=variant.broken_bounds,
        states=stored_result["states"],
        depth=stored_result["depth"],
        schedule=schedule,
        is_certified=False,
    )
