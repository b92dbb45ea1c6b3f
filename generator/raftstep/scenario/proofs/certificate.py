"""What a long search found, kept in the repository, and what code it holds for.

A certificate is believed only where its digest is that of the code as it stands, and where its run, played again,
breaks the property with the rule left out and not with it in. What was searched cannot be seen from a run; for that
the digest stands: it covers the core, the observer, the search and the bounds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, Settings
from raftstep.scenario.proofs.code_digest import digest_code
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG, Variant
from raftstep.scenario.schedule import WrittenEvent, read_schedule, write_schedule
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import Exploration, ScheduledEvent

EXHAUSTIVE_BOUNDS = {
    "two-terms-two-entries": Bounds(terms=2, entries=2, commands=2),
    "three-terms-one-crash": Bounds(terms=3, entries=1, commands=1, crashes=1, heartbeats=False),
}
"""Unbroken clusters that are searched to the end. A second search, which knows no clocks, counts them too."""

TIMED_EXHAUSTIVE_BOUNDS = {"leases-on-a-slow-clock": VARIANTS_BY_SLUG[Guard.LEASE_ALLOWS_FOR_DRIFT.slug].bounds}
"""The same of clusters in which time passes."""

HARMLESS_BOUNDS = {
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

ALL_EXHAUSTIVE_BOUNDS = EXHAUSTIVE_BOUNDS | TIMED_EXHAUSTIVE_BOUNDS | HARMLESS_BOUNDS

RENEW_COMMAND = "make prove"


class StaleError(ValueError):
    """A certificate that does not hold for the code as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What is known of a search: how many states it saw, how deep it went, and the run that it found, if any."""

    bounds: Bounds
    states: int
    depth: int
    schedule: tuple[ScheduledEvent, ...] | None
    is_certified: bool


FILES_NOT_DIGESTED = {
    "rules.py",
    "guards.py",
    "replay.py",
    "event_timings.py",
    "result.py",
    "paxos.py",
    "paxos_cases.py",
    "__init__.py",
}
"""Files that only name or show things: what a search finds does not depend on them."""


@cache
def digest(bounds: Bounds) -> str:
    """What a search's result depends on: the bounds, and what the core, the observer and the search do.

    Names, docstrings, comments and layout do not count; see :mod:`~raftstep.scenario.proofs.code_digest`.
    """
    hashed = sha256(_bounds_text(bounds).encode() + _search_code_digest().encode())
    return hashed.hexdigest()[:16]


@cache
def _search_code_digest() -> str:
    package = files("raftstep")
    source_files = [package.joinpath("simulation/invariants.py")]
    for folder in ("core", "simulation/explore"):
        source_files += package.joinpath(folder).iterdir()
    return digest_code(
        file.read_text(encoding="utf-8")
        for file in source_files
        if file.name.endswith(".py") and file.name not in FILES_NOT_DIGESTED
    )


def _bounds_text(bounds: Bounds) -> str:
    settings = bounds.settings
    left_out = sorted(guard.slug for guard in settings.without)
    setting_names = [name for name in settings.__dataclass_fields__ if name != "without"]
    return json.dumps(
        [
            bounds.words,
            left_out,
            [(name, str(getattr(settings, name))) for name in setting_names],
            bounds.heartbeats,
            write_schedule(bounds, bounds.prefix),
        ]
    )


def certificate_folder() -> Path:
    """Where the certificates lie."""
    return Path(__file__).resolve().parent / "certificates"


def write_certificate(name: str, bounds: Bounds, exploration: Exploration, seconds: float) -> Path:
    """Keep what a search found. The rate is for the reader; nothing is drawn from it."""
    path = certificate_folder() / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    certificate = {
        "name": name,
        "without": sorted(guard.slug for guard in bounds.settings.without),
        "bounds": bounds.words,
        "states": exploration.states,
        "depth": exploration.depth,
        "complete": exploration.is_complete,
        "alarms": [f"{alarm.property}: {alarm.words}" for alarm in exploration.alarms],
        "script": None
        if exploration.schedule is None
        else write_schedule(bounds, bounds.full_schedule(exploration.schedule)),
        "states_per_second": round(exploration.states / max(seconds, 0.001)),
        "digest": digest(bounds),
    }
    path.write_text(json.dumps(certificate, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load_certificate(name: str) -> SearchResult:
    """A certificate, checked. Raises :class:`StaleError`, with the command that renews it, where it does not hold."""
    bounds = ALL_EXHAUSTIVE_BOUNDS[name] if name in ALL_EXHAUSTIVE_BOUNDS else VARIANTS_BY_SLUG[name].broken_bounds
    path = certificate_folder() / f"{name}.json"
    if not path.is_file():
        raise StaleError(f"there is no certificate for {name}; run: {RENEW_COMMAND}")
    certificate: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if certificate["digest"] != digest(bounds):
        raise StaleError(f"{path.name} holds for other code than this; run: {RENEW_COMMAND}")
    script: list[WrittenEvent] | None = certificate["script"]
    schedule = None if script is None else read_schedule(bounds, script)
    if name in VARIANTS_BY_SLUG:
        confirm_run(VARIANTS_BY_SLUG[name], schedule or ())
    return SearchResult(
        bounds=bounds, states=certificate["states"], depth=certificate["depth"], schedule=schedule, is_certified=True
    )


def confirm_run(variant: Variant, schedule: tuple[ScheduledEvent, ...]) -> None:
    """Play a run again: it must break the property with the rule left out, and break nothing with it in."""
    broken_properties = {alarm.property for alarm in replay(variant.broken_bounds, schedule).trace.alarms}
    broken_with_rule = [alarm.property for alarm in replay(variant.bounds, schedule).trace.alarms]
    if variant.broken_property not in broken_properties:
        raise StaleError(
            f"the run kept for {variant.guard.slug} no longer breaks {variant.broken_property}; run: {RENEW_COMMAND}"
        )
    if broken_with_rule:
        raise StaleError(
            f"the run kept for {variant.guard.slug} breaks {broken_with_rule[0]} with the rule in; this is a bug"
        )
