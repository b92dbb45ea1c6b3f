"""A schedule that a search found, as a scenario for authors: its start, its settings, its events, what it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from raftstep.core.model import FIGURE_2, Settings
from raftstep.scenario.proofs.schedule import line, written
from raftstep.scenario.proofs.variants import Variant
from raftstep.simulation.explore.bounds import STARTS, Bounds, names, with_parts
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import Move

OF_TIME = ("minimum_timeout_ms",)
"""Settings that no scenario writes by their name. They change nothing where time stands still."""


def source(title: str, bounds: Bounds, schedule: tuple[Move, ...]) -> str:
    """A run as a scenario that plays exactly so."""
    ids = names(bounds.nodes)
    settings = ", ".join([*_settings(with_parts(bounds.settings, bounds)), *_timeout(bounds)])
    clocks = line(dict(bounds.clocks)) if bounds.timed else ""
    broken = dict.fromkeys(alarm.property for alarm in replay(bounds, schedule).trace.alarms)
    lines = [
        f'title: "{title}"',
        f"nodes: [{', '.join(ids)}]",
        *([f"learners: [{', '.join(ids[-bounds.learners :])}]"] if bounds.learners else []),
        *([f"settings: {{{settings}}}"] if settings else []),
        *([f"clocks: {{{clocks}}}"] if clocks else []),
        *([f"start: {bounds.start}"] if bounds.start != STARTS[0] else []),
        "script:",
        *(f"  - {line(directive)}" for directive in written(bounds, schedule)),
        *([f"expect: {{broken: [{', '.join(broken)}]}}"] if broken else []),
    ]
    return "\n".join(lines) + "\n"


def source_without(variant: Variant, schedule: tuple[Move, ...]) -> str:
    """A variant's run as a scenario."""
    return source(f"Without this rule: {variant.guard.sentence.rstrip('.')}", variant.broken, schedule)


def _timeout(bounds: Bounds) -> Iterator[str]:
    """Where time passes, the least election timeout; how long the longest is has no part in it."""
    least_ms = bounds.settings.minimum_timeout_ms
    if bounds.timed and least_ms != FIGURE_2.minimum_timeout_ms:
        yield f"election_timeout_ms: [{least_ms}, {2 * least_ms}]"


def _settings(settings: Settings) -> Iterator[str]:
    """Whatever differs from the paper's Figure 2, as a scenario writes it."""
    for name in settings.__dataclass_fields__:
        value = getattr(settings, name)
        if value == getattr(FIGURE_2, name) or name in OF_TIME:
            continue
        if name == "without":
            yield f"without: [{', '.join(sorted(guard.slug for guard in settings.without))}]"
        else:
            yield line({name: str(value) if isinstance(value, StrEnum) else value})
