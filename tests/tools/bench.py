"""Measure speed and size: ``make bench``, or ``python -m tests.tools.bench [--only NAME …] [--output FILE]``.

Prints a table and writes the same figures to a JSON file, and, when all were measured, to the About page's table.
A measure whose tool is missing says so and is left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.simulation.events import ReadRequest, Request
from raftstep.simulation.explore import Limits, Search
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from tests.simulation.explore.naive import search_naively
from tests.tools import bench_page, bench_site
from tests.tools.bench_site import Figure, NotMeasuredError

ROOT = bench_site.ROOT
EVENTS = 100_000
MAX_COST_RATIO = 1.5
MEASURES_PAGE = ROOT / "docs" / "includes" / "measures.md"


NODES = ("S1", "S2", "S3", "S4", "S5")
ALL_SETTINGS = Settings(
    no_op=True,
    pre_vote=True,
    check_quorum=True,
    leader_stickiness=True,
    membership=Membership.JOINT,
    reads=ReadMode.LEASE,
    sessions=True,
    snapshot_after=50,
    drift_bound=1.25,
)


def measure_simulator(_: Path) -> list[Figure]:
    """Five nodes on a network that loses and doubles a tenth of all messages, with a client request a second.

    The plain core once for its speed; then, in turns, a shorter run of it and of the core with everything switched on.
    """
    trace, seconds = time_run(lossy_setup(700_000))
    if len(trace.steps) < EVENTS or trace.alarms:
        raise AssertionError(f"{len(trace.steps)} events (at least {EVENTS} wanted), {len(trace.alarms)} alarms")
    return [
        Figure("simulator events", len(trace.steps), "events", least=EVENTS),
        Figure("simulator speed", round(len(trace.steps) / seconds), "events/s"),
        *measure_all_settings(),
    ]


def lossy_setup(until_ms: int, *more_actions: Action) -> Setup:
    """A request a second, to one node after the other, whoever leads."""
    requests = (
        Action(at_ms=at_ms, directive=Request(node=NODES[at_ms // 1000 % 5], command=f"x={at_ms}"))
        for at_ms in range(1000, until_ms, 1000)
    )
    plan = tuple(sorted((*requests, *more_actions), key=lambda action: action.at_ms or 0))
    return Setup(nodes=NODES, loss=0.1, duplication=0.1, plan=plan, until_ms=until_ms, most_events=10 * EVENTS)


def time_run(setup: Setup) -> tuple[Trace, float]:
    """A run, and how many seconds of computing it took."""
    gc.collect()
    started_at = time.process_time()
    trace = run(setup, seed=1)
    return trace, time.process_time() - started_at


def measure_all_settings(until_ms: int = 150_000, rounds: int = 3) -> list[Figure]:
    """The best of some rounds, so that what else the machine does counts little."""
    plain_setup = lossy_setup(until_ms)
    reads = (
        Action(at_ms=at_ms, directive=ReadRequest(node=NODES[at_ms // 1500 % 5], key="x"))
        for at_ms in range(1500, until_ms, 1500)
    )
    full_setup = replace(lossy_setup(until_ms, *reads), settings=ALL_SETTINGS)
    best = {}
    for _ in range(rounds):
        for name, setup in (("plain", plain_setup), ("full", full_setup)):
            trace, seconds = time_run(setup)
            best[name] = min(best.get(name, seconds), seconds / len(trace.steps))
    return [
        Figure("simulator speed, everything on", round(1 / best["full"]), "events/s"),
        Figure(
            "cost of an event, everything on", round(best["full"] / best["plain"], 2), "× plain", most=MAX_COST_RATIO
        ),
    ]


def measure_explorer(_: Path) -> list[Figure]:
    """The search of every schedule, against its slow twin on the same model: whole values, nothing remembered."""
    model = replace(raft_model(Bounds(terms=2, entries=1, commands=1)), rename=None, is_spent=None)
    started_at = time.process_time()
    naive_result = search_naively(model, most_states=20_000)
    slow_rate = len(naive_result.states) / (time.process_time() - started_at)
    search = Search(model)
    started_at = time.process_time()
    result = search.run(Limits(states=400_000))
    rate = result.states / (time.process_time() - started_at)
    return [
        Figure("explorer speed", round(rate), "states/s", least=100_000),
        Figure("explorer memory", round(result.memory_bytes / result.states), "bytes/state", most=132),
        Figure("explorer against the plain way", round(rate / slow_rate, 1), "times", least=9),
    ]


MEASURES = {
    "simulator": measure_simulator,
    "explorer": measure_explorer,
    "build": bench_site.measure_build,
    "serve": bench_site.measure_serve,
    "page": bench_page.measure_page,
    "key": bench_page.measure_key_press,
}


def format_table(figures: list[Figure]) -> str:
    """The figures, one a line."""
    rows = [(figure.name, f"{figure.value:,}", figure.unit, figure.aim, figure.verdict) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {aim:<{widths[3]}}  {verdict}".rstrip()
        for name, value, unit, aim, verdict in rows
    )


def format_page_table(figures: list[Figure]) -> str:
    """The figures as the About page shows them."""
    rows = [
        f"| {figure.name} | {figure.value:,} {figure.unit} | {figure.aim.removeprefix('aim ')} |" for figure in figures
    ]
    return "\n".join(["| Measure | Value | Aim |", "| --- | ---: | ---: |", *rows]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="measure just these")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json", help="where the JSON file goes")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="raftstep-bench-") as scratch:
        for name in arguments.only:
            try:
                figures += MEASURES[name](Path(scratch))
            except NotMeasuredError as reason:
                skipped[name] = str(reason)
    if figures:
        print(format_table(figures))
    for name, reason in skipped.items():
        print(f"{name}: not measured. {reason}")
    report = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "figures": [figure.as_json() for figure in figures],
        "skipped": skipped,
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {arguments.output}")
    if not skipped and arguments.only == list(MEASURES):
        MEASURES_PAGE.write_text(format_page_table(figures), encoding="utf-8")
        print(f"Written to {MEASURES_PAGE}, which the About page shows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
