"""Measures of the build: this site against an otherwise equal one without the generator."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.tools.bench_twin import OUR_CONFIG, ROOT, write_twin

BUILD_CACHE = ROOT / ".cache" / "built.store"
ROUNDS = 3


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

    The first has nothing kept from before but the results of the searches, the next has what the first kept, and the
    last is the plain twin's.
    """
    our_site, twin_site = build_sites(scratch)
    rounds: list[tuple[Cost, Cost, Cost]] = []
    for _ in range(ROUNDS):
        BUILD_CACHE.unlink(missing_ok=True)
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
        Figure("build, nothing kept from before", round(cold_seconds, 2), "s CPU"),
        Figure("build, again", round(warm_seconds, 2), "s CPU"),
        Figure("build, plain twin", round(twin_seconds, 2), "s CPU"),
        Figure("build, ratio with nothing kept", round(cold_seconds / twin_seconds, 2), "× twin", most=1.5),
        Figure("build, ratio again", round(warm_seconds / twin_seconds, 2), "× twin", most=1.5),
        Figure("build, peak memory", round(max(cost.peak_mb for costs in rounds for cost in costs[:2])), "MB"),
    ]


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
