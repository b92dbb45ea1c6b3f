"""What a long search found, kept in the repository, and what code it holds for.

A certificate is believed only where its digest is that of the present code, and where its run, played again,
breaks the property with the rule left out and not with it in. What was searched cannot be seen from a run; for that
the digest is: it covers the core, the observer, the search and the bounds. A second digest, of what the certificate
says, shows that nothing in it has been damaged since.
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
from raftstep.document.damage import describe_damage
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

MOST_STATES = 10**12
"""More than any search can have seen."""


class StaleError(ValueError):
    """A certificate that does not hold for the present code."""


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
    certificate: dict[str, Any] = {
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
    certificate["content_digest"] = digest_content(certificate)
    path.write_text(json.dumps(certificate, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def digest_content(certificate: Mapping[str, Any]) -> str:
    """A digest of all that a certificate says."""
    said = {key: value for key, value in certificate.items() if key != "content_digest"}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def load_certificate(name: str) -> SearchResult:
    """A certificate, checked. Raises :class:`StaleError`, with the command that renews it, where it does not hold."""
    bounds = ALL_EXHAUSTIVE_BOUNDS[name] if name in ALL_EXHAUSTIVE_BOUNDS else VARIANTS_BY_SLUG[name].broken_bounds
    path = certificate_folder() / f"{name}.json"
    if not path.is_file():
        raise StaleError(f"there is no certificate for {name}; run: {RENEW_COMMAND}")
    try:
        certificate = json.loads(path.read_text(encoding="utf-8"))
        if certificate["digest"] != digest(bounds):
            raise StaleError(f"{path.name} holds for other code than this; run: {RENEW_COMMAND}")
        return _read_certificate(name, bounds, certificate)
    except StaleError:
        raise
    except Exception as error:  # a damaged file may lead to any
        raise StaleError(f"{path.name} is damaged ({describe_damage(error)}); run: {RENEW_COMMAND}") from error


def _read_certificate(name: str, bounds: Bounds, certificate: Mapping[str, Any]) -> SearchResult:
    """What a certificate says. Raises whatever it may where that is not as it was written, or makes no sense."""
    if certificate["content_digest"] != digest_content(certificate):
        raise ValueError("it is not as it was written")
    states, depth, alarms = certificate["states"], certificate["depth"], certificate["alarms"]
    check_counts(states, depth)
    script: list[WrittenEvent] | None = certificate["script"]
    if certificate["complete"] is not (script is None) or (script is None) is not (name in ALL_EXHAUSTIVE_BOUNDS):
        raise ValueError("a search either goes to its end or finds a run")
    if script is None:
        if alarms != []:
            raise ValueError("without a run nothing can be broken")
        return SearchResult(bounds=bounds, states=states, depth=depth, schedule=None, is_certified=True)
    variant, schedule = VARIANTS_BY_SLUG[name], read_schedule(bounds, script)
    check_depth(bounds, schedule, depth)
    if not alarms or any(not alarm.startswith(f"{variant.broken_property}: ") for alarm in alarms):
        raise ValueError(f"its run breaks something else than {variant.broken_property}")
    confirm_run(variant, schedule)
    return SearchResult(bounds=bounds, states=states, depth=depth, schedule=schedule, is_certified=True)


def check_counts(states: object, depth: object) -> None:
    """Raise ``ValueError`` where these cannot be how many states a search saw, and how deep it went."""
    if type(states) is not int or type(depth) is not int or not 0 <= depth < states < MOST_STATES:
        raise ValueError("its numbers make no sense")


def check_depth(bounds: Bounds, schedule: tuple[ScheduledEvent, ...], depth: int) -> None:
    """Raise ``ValueError`` where a search so deep cannot have found this run: its last event is one further."""
    if schedule[: len(bounds.prefix)] != bounds.prefix:
        raise ValueError("its run does not begin as the search did")
    if depth != len(schedule) - len(bounds.prefix) - 1:
        raise ValueError("its depth is not that of its run")


def confirm_run(variant: Variant, schedule: tuple[ScheduledEvent, ...]) -> None:
    """Play a run again: with the rule left out its last event breaks the property, and with it in nothing does."""
    broken_replay = replay(variant.broken_bounds, schedule)
    broken_properties = {alarm.property for alarm in broken_replay.trace.alarms}
    broken_with_rule = [alarm.property for alarm in replay(variant.bounds, schedule).trace.alarms]
    last_before = max((number for number in broken_replay.step_numbers[:-1] if number is not None), default=0)
    steps_before = broken_replay.trace.steps[: last_before + 1]
    if any(alarm.property == variant.broken_property for step in steps_before for alarm in step.alarms):
        raise StaleError(
            f"the run kept for {variant.guard.slug} breaks {variant.broken_property} before its end; "
            f"run: {RENEW_COMMAND}"
        )
    if variant.broken_property not in broken_properties:
        raise StaleError(
            f"the run kept for {variant.guard.slug} no longer breaks {variant.broken_property}; run: {RENEW_COMMAND}"
        )
    if broken_with_rule:
        raise StaleError(
            f"the run kept for {variant.guard.slug} breaks {broken_with_rule[0]} with the rule in; this is a bug"
        )
