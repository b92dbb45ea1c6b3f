"""Measure speed and size: ``make bench``, or ``python tests/bench.py [--only NAME …] [--output FILE]``.

Prints a table and writes the same figures to a JSON file, and, when all were measured, to the About page's table.
A measure whose tool is missing says so and is left out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from raftstep.simulation.cluster import Request
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.run import run
from tests import bench_page, bench_site
from tests.bench_site import Figure, NotMeasuredError

ROOT = bench_site.ROOT
EVENTS = 100_000
SHOWN = ROOT / "docs" / "includes" / "measures.md"


def simulator(_: Path) -> list[Figure]:
    """Five nodes on a network that loses and doubles a tenth of all messages, with a client request a second."""
    nodes = ("S1", "S2", "S3", "S4", "S5")
    until_ms = 700_000
    plan = tuple(
        Action(at_ms=at_ms, directive=Request(node=nodes[at_ms // 1000 % 5], command=f"x={at_ms}"))
        for at_ms in range(1000, until_ms, 1000)
    )
    setup = Setup(nodes=nodes, loss=0.1, duplicate=0.1, plan=plan, until_ms=until_ms, most_events=10 * EVENTS)
    began = time.perf_counter()
    trace = run(setup, seed=1)
    seconds = time.perf_counter() - began
    if len(trace.steps) < EVENTS or trace.alarms:
        raise AssertionError(f"{len(trace.steps)} events (at least {EVENTS} wanted), {len(trace.alarms)} alarms")
    return [
        Figure("simulator events", len(trace.steps), "events", least=EVENTS),
        Figure("simulator speed", round(len(trace.steps) / seconds), "events/s"),
    ]


MEASURES = {
    "simulator": simulator,
    "build": bench_site.build,
    "page": bench_page.page,
    "key": bench_page.key_press,
}


def table(figures: list[Figure]) -> str:
    """The figures, one a line."""
    rows = [(figure.name, f"{figure.value:,}", figure.unit, figure.aim, figure.verdict) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {aim:<{widths[3]}}  {verdict}".rstrip()
        for name, value, unit, aim, verdict in rows
    )


def page_table(figures: list[Figure]) -> str:
    """The figures as the About page shows them."""
    rows = [f"| {one.name} | {one.value:,} {one.unit} | {one.aim.removeprefix('aim ')} |" for one in figures]
    return "\n".join(["| Measure | Value | Aim |", "| --- | ---: | ---: |", *rows]) + "\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="measure just these")
    options.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json", help="where the JSON file goes")
    chosen = options.parse_args()
    figures: list[Figure] = []
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="raftstep-bench-") as scratch:
        for name in chosen.only:
            try:
                figures += MEASURES[name](Path(scratch))
            except NotMeasuredError as reason:
                skipped[name] = str(reason)
    if figures:
        print(table(figures))
    for name, reason in skipped.items():
        print(f"{name}: not measured. {reason}")
    report = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "figures": [figure.as_json() for figure in figures],
        "skipped": skipped,
    }
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {chosen.output}")
    if not skipped and chosen.only == list(MEASURES):
        SHOWN.write_text(page_table(figures), encoding="utf-8")
        print(f"Written to {SHOWN}, which the About page shows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
