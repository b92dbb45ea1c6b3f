"""Measures of the build: this site against an otherwise equal one without the generator."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

from tests.tools.bench_twin import OUR_CONFIG, ROOT, write_twin

SEARCH_RESULTS = ROOT / ".cache" / "explore"
LIBRARY = ROOT / "generator" / "raftstep" / "scenario" / "library"
ROUNDS = 3
SAVES = 5


class NotMeasuredError(Exception):
    """Why a measure could not be taken, as a sentence."""


@dataclass(frozen=True, kw_only=True)
class _Bounds:
    most: float | None = None
    least: float | None = None


class Figure:
    """One measured value, and the bound it is meant to keep."""

    def __init__(self, name: str, value: float, unit: str, **bounds: float) -> None:
        self.name, self.value, self.unit, self.bounds = name, value, unit, _Bounds(**bounds)

    @property
    def aim(self) -> str:
        if self.bounds.most is not None:
            return f"aim ≤ {self.bounds.most:,}"
        return f"aim ≥ {self.bounds.least:,}" if self.bounds.least is not None else ""

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is met; ``None`` where there is none."""
        if self.bounds.most is not None:
            return self.value <= self.bounds.most
        return self.value >= self.bounds.least if self.bounds.least is not None else None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.is_met]

    def as_json(self) -> dict[str, object]:
        return {"name": self.name, "value": self.value, "unit": self.unit, "aim": self.aim, "met": self.is_met}


class Cost(NamedTuple):
    """What one build took."""

    cpu_seconds: float
    peak_mb: float


def measure_build(scratch: Path) -> list[Figure]:
    """CPU time of three builds, in turns after one of each to warm up; the peak is this site's.

    The first has not even the results of the searches, the next has those, and the last is the plain twin's.
    """
    our_site, twin_site = build_sites(scratch)
    rounds: list[tuple[Cost, Cost, Cost]] = []
    for _ in range(ROUNDS):
        shutil.rmtree(SEARCH_RESULTS, ignore_errors=True)
        rounds.append(
            (
                build_with_mkdocs(OUR_CONFIG, our_site),
                build_with_mkdocs(OUR_CONFIG, our_site),
                build_with_mkdocs(twin_config(scratch), twin_site),
            )
        )
    seconds = [[cost.cpu_seconds for cost in column_costs] for column_costs in zip(*rounds, strict=True)]
    cold_seconds, warm_seconds, twin_seconds = map(statistics.median, seconds)
    return [
        Figure("build from nothing", round(cold_seconds, 2), "s CPU", most=15),
        Figure("build again", round(warm_seconds, 2), "s CPU", most=6),
        Figure("build, plain twin", round(twin_seconds, 2), "s CPU"),
        Figure("build again, against the twin", round(warm_seconds / twin_seconds, 2), "×"),
        Figure("build, peak memory", round(max(cost.peak_mb for costs in rounds for cost in costs[:2])), "MB"),
    ]


def measure_serve(scratch: Path) -> list[Figure]:
    """How long after a save `mkdocs serve` shows it: of a page, and of a scenario's file that a page names."""
    site = scratch / "served"
    for name in ("docs", "site_overrides"):
        shutil.copytree(ROOT / name, site / name)
    (site / "mkdocs.yml").write_text(OUR_CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    page, scenario = site / "docs" / "about.md", site / "docs" / "mine.yaml"
    shutil.copy(LIBRARY / "split-vote.yaml", scenario)
    fence = '\n```raft src="mine.yaml"\n```\n'
    page.write_text(page.read_text(encoding="utf-8") + fence, encoding="utf-8")
    with serve_site(site) as fetch_page:
        page_seconds, scenario_seconds = [], []
        for number in range(SAVES):
            page_seconds.append(save_and_wait(page, "# How this is made", f"# Made {number}", fetch_page))
            scenario_seconds.append(save_and_wait(scenario, "say: ", f"say: Saved {number}. ", fetch_page))
    return [
        Figure("serve, a page shown after its save", round(statistics.median(page_seconds), 2), "s", most=2),
        Figure("serve, a scenario shown after its save", round(statistics.median(scenario_seconds), 2), "s", most=2),
    ]


@contextmanager
def serve_site(site: Path) -> Iterator[Callable[[], str]]:
    """A server of a site, once its first build is done; what is given fetches the About page."""
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        port = free_socket.getsockname()[1]
    command = [sys.executable, "-m", "mkdocs", "serve", "--quiet", "--dev-addr", f"127.0.0.1:{port}"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    direct = build_opener(ProxyHandler({}))

    def fetch_page() -> str:
        with suppress(OSError), direct.open(f"http://127.0.0.1:{port}/raftstep/about/", timeout=60) as answer:
            return str(answer.read().decode())
        return ""

    server = subprocess.Popen(command, cwd=site, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: "raft-step" in fetch_page())
        yield fetch_page
    finally:
        server.terminate()
        server.wait(timeout=10)


def save_and_wait(file: Path, old: str, new: str, fetch_page: Callable[[], str]) -> float:
    """Save a change, and how many seconds it took until the page showed it; then the file is as before."""
    text = file.read_text(encoding="utf-8")
    shown = new.removeprefix("# ").removeprefix("say: ").strip()
    start = time.monotonic()
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    wait_for(lambda: shown in fetch_page())
    seconds = time.monotonic() - start
    file.write_text(text, encoding="utf-8")
    wait_for(lambda: shown not in fetch_page())
    return seconds


def wait_for(is_done: Callable[[], bool]) -> None:
    """Wait two minutes at most."""
    deadline = time.monotonic() + 120
    while not is_done():
        if time.monotonic() > deadline:
            raise NotMeasuredError("mkdocs serve does not show what was saved")
        time.sleep(0.02)


def build_sites(scratch: Path) -> tuple[Path, Path]:
    """Where the two sites are; they are built when they are first asked for."""
    our_site, twin_site = scratch / "ours", scratch / "plain"
    if not our_site.exists():
        build_with_mkdocs(OUR_CONFIG, our_site)
        write_twin(twin_config(scratch).parent)
        build_with_mkdocs(twin_config(scratch), twin_site)
    return our_site, twin_site


def build_with_mkdocs(config: Path, target: Path) -> Cost:
    """Build once, into an empty folder, in a process of its own."""
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", str(config), "-d", str(target)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": ""}  # compile once, as users do
    log_file = target.with_name(f"{target.name}.log")
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        shutil.rmtree(target, ignore_errors=True)
        log_lines = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise NotMeasuredError(
            f"{config.name} of {config.parent.name} does not build: {log_lines[-1] if log_lines else 'no words'}"
        )
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    return Cost(cpu_seconds=usage.ru_utime + usage.ru_stime, peak_mb=usage.ru_maxrss * unit / 1e6)


def twin_config(scratch: Path) -> Path:
    return scratch / "twin" / "mkdocs.yml"
