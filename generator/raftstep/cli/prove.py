"""``raftstep prove``: the long searches, side by side where there are the processors for it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from typing import Any

from raftstep.cli.exit_codes import ExitCode, exit_code_of
from raftstep.cli.progress import ProgressBar
from raftstep.cli.searching import run_search
from raftstep.cli.workers import add_worker_options
from raftstep.document.problem import suggest_nearest
from raftstep.executors import open_executor, processors, raise_if_interrupted, report_progress, results_in_order
from raftstep.scenario.proofs.certificate import (
    ALL_EXHAUSTIVE_BOUNDS,
    certificate_folder,
    load_certificate,
    write_certificate,
)
from raftstep.scenario.proofs.variants import VARIANTS, VARIANTS_BY_SLUG
from raftstep.simulation.explore import Exploration, Limits, SearchProgress

LONG_SEARCHES = {
    variant.guard.slug: variant.broken_bounds for variant in VARIANTS if variant.is_long
} | ALL_EXHAUSTIVE_BOUNDS
"""The searches that are kept as certificates."""

STALE_HINT = "Certificates of the searches that were finished are written; --stale makes only the others."

WRITE_TIMEOUT_S = 5
"""How long to wait for certificates that are being written at an interrupt."""

Outcome = tuple[Exploration, float]


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("prove", help="make the long searches and keep their certificates")
    parser.add_argument("names", nargs="*", help="the searches to make; all of them by default")
    parser.add_argument(
        "--stale", action="store_true", help="only searches whose certificate is not valid for this code"
    )
    add_worker_options(parser)
    parser.set_defaults(run=prove)


def prove(options: argparse.Namespace) -> int:
    """Make the long searches, as many at a time as there are workers.

    One that is interrupted begins again the next time: it takes a minute or two, and a certificate must not rest on a
    file that lay about half finished.
    """
    for name in options.names:
        if name not in LONG_SEARCHES:
            print(f'there is no long search "{name}"; {suggest_nearest(name, list(LONG_SEARCHES))}', file=sys.stderr)
            return ExitCode.PROBLEM
    names = []
    for name in options.names or LONG_SEARCHES:
        if options.stale and _certificate_holds(name):
            print(f"{name}: the certificate holds")
        else:
            names.append(name)
    is_alone = not options.scheduler and (len(names) == 1 or (options.jobs or processors()) == 1)
    try:
        return _prove_here(names) if is_alone else _prove_side_by_side(names, options)
    except KeyboardInterrupt:
        print(f"Interrupted. {STALE_HINT}")
        return ExitCode.INTERRUPTED


def _prove_here(names: list[str]) -> int:
    """One search after the other, each with a bar for each depth."""
    for name in names:
        print(f"{name}: {LONG_SEARCHES[name].words}", flush=True)
        progress_bar = ProgressBar()
        try:
            outcome = search_by_name(name, progress_bar.report)
        finally:
            progress_bar.close()
        print(_write_outcome(name, outcome))
        if outcome[0].stop_reason:
            return exit_code_of(outcome[0])
    return ExitCode.FINE


def _prove_side_by_side(names: list[str], options: argparse.Namespace) -> int:
    """Several searches at a time, which say how deep they are; the longest is first."""
    names = sorted(names, key=_last_state_count, reverse=True)
    written: list[Future[tuple[Outcome, str]]] = []
    try:
        with open_executor(options.scheduler, options.jobs, _print_progress) as executor:
            written += [_submit_search(executor, name) for name in names]
            for name, (outcome, words) in zip(names, results_in_order(written), strict=True):
                print(f"{name}: {LONG_SEARCHES[name].words}\n{words}")
                if outcome[0].stop_reason:
                    return exit_code_of(outcome[0])
    finally:
        wait(written, timeout=WRITE_TIMEOUT_S)
    return ExitCode.FINE


def _submit_search(executor: Executor, name: str) -> Future[tuple[Outcome, str]]:
    """Submit a search whose certificate is written as soon as it ends, whatever the searches before it are doing."""
    written: Future[tuple[Outcome, str]] = Future()

    def write(search: Future[Outcome]) -> None:
        try:
            written.set_result((search.result(), _write_outcome(name, search.result())))
        except BaseException as error:  # it is raised again where this is waited for
            written.set_exception(error)

    executor.submit(certify_in_worker, name).add_done_callback(write)
    return written


def certify_in_worker(name: str) -> Outcome:
    """Make one long search while others run, and report each depth that it comes to."""
    depths: set[int] = set()

    def report(progress: SearchProgress) -> None:
        raise_if_interrupted()
        if progress.depth not in depths:
            depths.add(progress.depth)
            report_progress(f"{name}: {progress.depth} events, {progress.states:,} states")

    return search_by_name(name, report)


def search_by_name(name: str, report: Callable[[SearchProgress], None]) -> Outcome:
    """Make one long search: what it found, and in how many seconds."""
    limits = Limits(
        memory_bytes=8_000_000_000,
        properties=(VARIANTS_BY_SLUG[name].broken_property,) if name in VARIANTS_BY_SLUG else (),
    )
    return run_search(LONG_SEARCHES[name], limits, report)


def _write_outcome(name: str, outcome: Outcome) -> str:
    """Write the certificate of a search that was made to its end; the words that report it."""
    exploration, seconds = outcome
    if exploration.stop_reason:
        return f"{exploration.words}\n{STALE_HINT}"
    return f"{exploration.words}\nWritten to {write_certificate(name, LONG_SEARCHES[name], exploration, seconds)}"


def _print_progress(words: str) -> None:
    print(words, file=sys.stderr)


def _last_state_count(name: str) -> int:
    """How many states the search had when it was last made."""
    path = certificate_folder() / f"{name}.json"
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["states"])
    except (OSError, ValueError, LookupError, TypeError):  # missing or damaged: it is made again, at any turn
        return 0


def _certificate_holds(name: str) -> bool:
    try:
        load_certificate(name)
    except ValueError:
        return False
    return True
