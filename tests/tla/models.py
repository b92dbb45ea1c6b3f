"""The bounded models whose states TLC and our own search both count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from raftstep.core.inputs import TimerFires
from raftstep.core.model import Settings
from raftstep.simulation.explore import Exploration, ScheduledEvent, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.tla.model_files import MODEL, write_model_files
from tests.tla.tlc import Findings, Tlc, run_tlc

SMALL_MODELS = (
    Bounds(nodes=2, terms=2, crashes=1),
    Bounds(start="steady", terms=1, entries=2, commands=1, rounds=1, settings=Settings(no_op=True)),
)
"""Those that `make test` counts."""

AFTER_AN_ELECTION_BEGAN = Bounds(
    nodes=2, terms=1, prefix=(ScheduledEvent(node_index=0, given=TimerFires(), is_delivery=False),)
)
"""A model that begins with a candidate and a message under way."""

MODELS = (
    *SMALL_MODELS,
    Bounds(terms=1),
    Bounds(start="steady", terms=2, heartbeats=False),
)
"""Those of the record, which `python -m tests.tools.measure_models` counts in some minutes."""


def count_ours(bounds: Bounds) -> Exploration:
    """Our search, with states that differ in names, or in answers that come too late, counted apart, as TLC does."""
    return explore(replace(raft_model(bounds), rename=None, is_spent=None))


def count_with_tlc(tlc: Tlc, bounds: Bounds) -> Findings:
    return run_tlc(tlc, write_model_files(bounds), MODEL, workers="2", timeout_s=3600)


def count_both(tlc: Tlc, bounds: Bounds) -> dict[str, Any]:
    """A line of the record."""
    findings, exploration = count_with_tlc(tlc, bounds), count_ours(bounds)
    assert findings.has_finished, findings.output[-3000:]
    return {
        "bounds": bounds.words,
        "states": findings.states,
        "events": findings.depth - 1,
        "our_states": exploration.states,
        "our_events": exploration.depth,
        "merged_states": explore(raft_model(bounds)).states,
    }
