"""The shipped scenarios, each played once as long as its text stays the same."""

from __future__ import annotations

import re
from functools import lru_cache

from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.scenario.library import list_scenario_ids, read_scenario_text
from raftstep.scenario.load import load_and_play, may_be_fork, play_without_parent
from raftstep.scenario.model import PlayedScenario

_PARENT = re.compile(r"\bof:\s*([\w-]+)")


def play_shipped(id: str) -> PlayedScenario | Problems:
    """A shipped scenario as played; raises ``KeyError`` where there is none of this id."""
    source = read_scenario_text(id)
    if source is None and id in list_scenario_ids():
        words = "cannot be read any more; put the file back, or begin again"
        path = f"{id}.yaml"
        return sort_problems(path, "", [Problem(path=path, place=Place(line=1, column=1), words=words)])
    if source is None:
        raise KeyError(id)
    return _play(id, source, tuple(read_scenario_text(parent) for parent in _PARENT.findall(source)))


@lru_cache(maxsize=256)
def _play(id: str, source: str, _parents: tuple[str | None, ...]) -> PlayedScenario | Problems:
    """A scenario by its text; a fork's run depends on the text of what it forks, too."""
    if not may_be_fork(source) and (played := play_without_parent(id, source)):
        return played
    return load_and_play(f"{id}.yaml", source)
