"""The shipped scenarios, each played once a process."""

from __future__ import annotations

from functools import cache

from raftstep.document.problem import Problems
from raftstep.scenario.library import read_scenario_text
from raftstep.scenario.load import load_and_play, may_be_fork, play_without_parent
from raftstep.scenario.model import PlayedScenario


@cache
def play_shipped(id: str) -> PlayedScenario | Problems:
    """A shipped scenario as played; raises ``KeyError`` where there is none of this id."""
    source = read_scenario_text(id)
    if source is None:
        raise KeyError(id)
    if not may_be_fork(source) and (outcome := play_without_parent(id, source)):
        return outcome
    return load_and_play(f"{id}.yaml", source)
