"""The shipped scenarios, each played once a process."""

from __future__ import annotations

from functools import cache

from raftstep.scenario.library import text
from raftstep.scenario.load import load_and_play, may_fork, played_alone
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problems


@cache
def shipped(id: str) -> Played | Problems:
    """A shipped scenario as played; raises ``KeyError`` where there is none of this id."""
    source = text(id)
    if source is None:
        raise KeyError(id)
    if not may_fork(source) and (alone := played_alone(id, source)):
        return alone
    return load_and_play(f"{id}.yaml", source)
