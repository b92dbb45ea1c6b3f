"""What a long search found, kept in the repository, and what code it holds for.

A certificate is believed only where its digest is that of the code as it stands, and where its run, played again,
breaks the property with the rule left out and not with it in. What was searched cannot be seen from a run; for that
the digest stands: it covers the core, the observer, the search and the bounds.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, Settings
from raftstep.scenario.proofs.schedule import Directive, read, written
from raftstep.scenario.proofs.variants import BY_SLUG, Variant
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import Exploration, Move

EXHAUSTED = {
    "two-terms-two-entries": Bounds(terms=2, entries=2, commands=2),
    "three-terms-one-crash": Bounds(terms=3, entries=1, commands=1, crashes=1, heartbeats=False),
}
"""Unbroken clusters that are searched to the end. A second search, which knows no clocks, counts them too."""

EXHAUSTED_IN_TIME = {"leases-on-a-slow-clock": BY_SLUG[Guard.LEASE_ALLOWS_FOR_DRIFT.slug].bounds}
"""The same of clusters in which time passes."""

HARMLESS = {
    "caught-up-before-voting": Bounds(
        nodes=4,
        learners=1,
        terms=2,
        entries=2,
        commands=1,
        changes=1,
        heartbeats=False,
        start="steady",
        settings=Settings(membership=Membership.SINGLE, without=frozenset({Guard.CAUGHT_UP_BEFORE_VOTING})),
    ),
}
"""Rules that guard no property, by their names: clusters without them, searched to the end too."""

TO_THE_END = EXHAUSTED | EXHAUSTED_IN_TIME | HARMLESS

RENEW = "make prove"


class StaleError(ValueError):
    """A certificate that does not hold for the code as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a search: how many states it saw, how deep it went, and the run that it found, if any."""

    bounds: Bounds
    states: int
    depth: int
    schedule: tuple[Move, ...] | None
    certified: bool


NOT_IN_IT = {"rules.py", "guards.py", "replay.py", "pace.py", "result.py", "paxos.py", "paxos_cases.py", "__init__.py"}
"""Files that only name or show things: what a search finds does not depend on them."""


@cache
def digest(bounds: Bounds) -> str:
    """What a search's result depends on: the core, the observer, the search, and the bounds; not what they say of it.

    Docstrings and comments do not count, so the words of a module may change.
    """
    total = sha256(_plain(bounds).encode() + _code().encode())
    return total.hexdigest()[:16]


@cache
def _code() -> str:
    package = files("raftstep")
    found = [package.joinpath("simulation/invariants.py")]
    for folder in ("core", "simulation/explore"):
        found += sorted(package.joinpath(folder).iterdir(), key=lambda one: one.name)
    return "".join(
        without_words(file.read_text(encoding="utf-8"))
        for file in found
        if file.name.endswith(".py") and file.name not in NOT_IN_IT
    )


def without_words(source: str) -> str:
    """A module's lines without docstrings, whole-line comments and empty lines.

    >>> without_words("# why\\n\\nx = 1")
    'x = 1'
    """
    words: set[int] = set()
    for statement in _in_bodies(ast.parse(source)):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            words.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    return "\n".join(line for at, line in lines if at not in words and line.strip() and line.strip()[0] != "#")


def _in_bodies(node: ast.AST) -> Iterator[ast.AST]:
    """The statements in every body, at any depth; expressions, of which there are many more, hold none."""
    yield from getattr(node, "body", ())
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, part, ()):
            yield from _in_bodies(inner)


def _plain(bounds: Bounds) -> str:
    settings = bounds.settings
    left_out = sorted(guard.slug for guard in settings.without)
    names = [name for name in settings.__dataclass_fields__ if name != "without"]
    return json.dumps(
        [
            bounds.words,
            left_out,
            [(name, str(getattr(settings, name))) for name in names],
            bounds.heartbeats,
            written(bounds, bounds.after),
        ]
    )


def folder() -> Path:
    """Where the certificates lie."""
    return Path(__file__).resolve().parent / "certificates"


def write(name: str, bounds: Bounds, found: Exploration, seconds: float) -> Path:
    """Keep what a search found. The rate is for the reader; nothing is drawn from it."""
    path = folder() / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    text = {
        "name": name,
        "without": sorted(guard.slug for guard in bounds.settings.without),
        "bounds": bounds.words,
        "states": found.states,
        "depth": found.depth,
        "complete": found.complete,
        "alarms": [f"{alarm.property}: {alarm.words}" for alarm in found.alarms],
        "script": None if found.schedule is None else written(bounds, bounds.whole(found.schedule)),
        "states_per_second": round(found.states / max(seconds, 0.001)),
        "digest": digest(bounds),
    }
    path.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def certified(name: str) -> Found:
    """A certificate, checked. Raises :class:`StaleError`, with the command that renews it, where it does not hold."""
    bounds = TO_THE_END[name] if name in TO_THE_END else BY_SLUG[name].broken
    path = folder() / f"{name}.json"
    if not path.is_file():
        raise StaleError(f"there is no certificate for {name}; run: {RENEW}")
    kept: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if kept["digest"] != digest(bounds):
        raise StaleError(f"{path.name} holds for other code than this; run: {RENEW}")
    script: list[Directive] | None = kept["script"]
    schedule = None if script is None else read(bounds, script)
    if name in BY_SLUG:
        confirm(BY_SLUG[name], schedule or ())
    return Found(bounds=bounds, states=kept["states"], depth=kept["depth"], schedule=schedule, certified=True)


def confirm(variant: Variant, schedule: tuple[Move, ...]) -> None:
    """Play a run again: it must break the property with the rule left out, and break nothing with it in."""
    broken = {alarm.property for alarm in replay(variant.broken, schedule).trace.alarms}
    kept = [alarm.property for alarm in replay(variant.bounds, schedule).trace.alarms]
    if variant.breaks not in broken:
        raise StaleError(f"the run kept for {variant.guard.slug} no longer breaks {variant.breaks}; run: {RENEW}")
    if kept:
        raise StaleError(f"the run kept for {variant.guard.slug} breaks {kept[0]} with the rule in; this is a bug")
