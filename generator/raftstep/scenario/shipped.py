"""The shipped scenarios, each played once a process."""

from __future__ import annotations

from functools import cache

from raftstep.scenario.library import text
from raftstep.scenario.load import load, may_fork, played_alone
from raftstep.scenario.play import Played, play
from raftstep.scenario.problem import Problems


@cache
def shipped(id: str) -> Played | Problems:
    """A shipped scenario as played; raises ``KeyError`` where there is none of this id."""
    source = text(id)
    if source is None:
        raise KeyError(id)
    if not may_fork(source) and (alone := played_alone(id, source)):
        return alone
    loaded = load(f"{id}.yaml", source)
    return loaded if isinstance(loaded, Problems) else play(loaded)
