"""The shortest run that breaks a rule's property: searched for on the spot, or taken from a certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import replace

from raftstep.executors import open_executor, processors, raise_if_interrupted, report_progress, wait_for
from raftstep.scenario.proofs.certificate import SearchResult, confirm_run, load_certificate
from raftstep.scenario.proofs.stored_results import StoredResults
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG, Variant
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


def find_shortest_run(variant: Variant, stored_results: StoredResults | None = None) -> SearchResult:
    """What is known of a variant: certified, stored, or searched for and stored.

    Raises :class:`~.certificate.StaleError` where a certificate does not hold, and :class:`LookupError` where a
    search finds nothing, which would mean that a page promises what is not so.
    """
    if variant.is_long:
        return load_certificate(variant.guard.slug)
    stored_results = stored_results or StoredResults()
    result = stored_results.load(variant)
    if result is None:
        result = _search(variant)
        confirm_run(variant, result.schedule or ())
        stored_results.save(variant, result)
    return result


def search_ahead(variants: Iterable[Variant], stored_results: StoredResults, on_begin: Callable[[str], object]) -> None:
    """Make the searches whose results are not stored yet side by side, where there are several and the processors.

    ``on_begin`` gets the name of each as it begins. Whatever fails here is made again by :func:`find_shortest_run`,
    which says why; so is everything where workers cannot start, as under a main program without a guard.
    """
    missing = [variant for variant in variants if not variant.is_long and stored_results.load(variant) is None]
    if len(missing) > 1 and processors() > 1:
        with suppress(BrokenExecutor), open_executor(on_progress=on_begin) as executor:
            searches = [executor.submit(keep_search_result, variant.guard.slug) for variant in missing]
            for variant, search in zip(missing, searches, strict=True):
                wait_for(search)
                if search.exception() is None:
                    stored_results.save(variant, search.result())


def keep_search_result(slug: str) -> SearchResult:
    """Make one search in a process while others run."""
    report_progress(slug)
    return _search(VARIANTS_BY_SLUG[slug])


def _search(variant: Variant) -> SearchResult:
    exploration = search_variant(variant, lambda _: raise_if_interrupted())
    if exploration.stop_reason == "it was interrupted":
        raise KeyboardInterrupt(exploration.words)
    if exploration.schedule is None:
        raise LookupError(f"without {variant.guard.slug}: {exploration.words}")
    return SearchResult(
        bounds=variant.broken_bounds,
        states=exploration.states,
        depth=exploration.depth,
        schedule=exploration.schedule,
        is_certified=False,
    )
