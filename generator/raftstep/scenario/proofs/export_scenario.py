"""A schedule that a search found, as a scenario for authors: its start, its settings, its events, what it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from raftstep.core.model import FIGURE_2, Role, Settings
from raftstep.scenario.proofs.variants import Variant
from raftstep.scenario.schedule import format_line, write_schedule
from raftstep.simulation.describe import entry_words
from raftstep.simulation.explore.bounds import STARTS, Bounds, enable_needed_features
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import ScheduledEvent

TIMING_SETTINGS = ("minimum_timeout_ms",)
"""Settings that no scenario writes by their name. They change nothing where time stands still."""


def export_scenario(title: str, bounds: Bounds, schedule: tuple[ScheduledEvent, ...]) -> str:
    """A run as a scenario that plays exactly so."""
    ids = bounds.ids
    settings = ", ".join([*_setting_texts(enable_needed_features(bounds.settings, bounds)), *_timeout_text(bounds)])
    clocks = format_line(dict(bounds.clocks)) if bounds.time_passes else ""
    broken_properties = dict.fromkeys(alarm.property for alarm in replay(bounds, schedule).trace.alarms)
    lines = [
        f'title: "{title}"',
        f"nodes: [{', '.join(ids)}]",
        *([f"learners: [{', '.join(ids[-bounds.learners :])}]"] if bounds.learners else []),
        *([f"settings: {{{settings}}}"] if settings else []),
        *([f"clocks: {{{clocks}}}"] if clocks else []),
        *_start_lines(bounds),
        "script:",
        *(f"  - {format_line(written_event)}" for written_event in write_schedule(bounds, schedule)),
        *([f"expect: {{broken: [{', '.join(broken_properties)}]}}"] if broken_properties else []),
    ]
    return "\n".join(lines) + "\n"


def export_variant(variant: Variant, schedule: tuple[ScheduledEvent, ...]) -> str:
    """A variant's run as a scenario."""
    return export_scenario(f"Without this rule: {variant.guard.sentence.rstrip('.')}", variant.broken_bounds, schedule)


def _start_lines(bounds: Bounds) -> Iterator[str]:
    """The start by its name, or the state of each node."""
    if bounds.given is None:
        if bounds.start != STARTS[0]:
            yield f"start: {bounds.start}"
        return
    yield "start:"
    for node in bounds.given.nodes:
        is_down = node.id in bounds.given.down_nodes
        state = {
            "role": "down" if is_down else "leader" if node.role is Role.LEADER else None,
            "term": node.current_term,
            "vote": node.voted_for,
            "log": [entry_words(entry) for entry in node.log] or None,
            "commit_index": node.commit_index or None,
        }
        yield f"  {node.id}: {{{format_line({key: value for key, value in state.items() if value is not None})}}}"


def _timeout_text(bounds: Bounds) -> Iterator[str]:
    """Where time passes, the least election timeout; how long the longest is has no part in it."""
    least_ms = bounds.settings.minimum_timeout_ms
    if bounds.time_passes and least_ms != FIGURE_2.minimum_timeout_ms:
        yield f"election_timeout_ms: [{least_ms}, {2 * least_ms}]"


def _setting_texts(settings: Settings) -> Iterator[str]:
    """Whatever differs from the paper's Figure 2, as a scenario writes it."""
    for name in settings.__dataclass_fields__:
        value = getattr(settings, name)
        if value == getattr(FIGURE_2, name) or name in TIMING_SETTINGS:
            continue
        if name == "without":
            yield f"without: [{', '.join(sorted(guard.slug for guard in settings.without))}]"
        else:
            yield format_line({name: str(value) if isinstance(value, StrEnum) else value})
