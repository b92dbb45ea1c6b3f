"""A scenario as people name it: a shipped one by its id, a file by its path, or its text itself."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from raftstep.document.files import MissingError, read_file
from raftstep.document.problem import Problem, Problems, sort_problems, suggest_nearest
from raftstep.document.reading import UnreadableError
from raftstep.scenario.library import list_scenario_ids, read_scenario_text
from raftstep.scenario.load import load, load_and_play
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.shipped import play_shipped

TEXT_PATH = "<text>"
"""What stands for the file in the problems of a scenario given as text."""


def read_source(scenario: str | PathLike[str]) -> tuple[str, str | bytes] | Problems:
    """A scenario's path and text. A path is always a file, a string with a line break always the text itself."""
    name = fspath(scenario)
    if isinstance(scenario, str):
        if "\n" in scenario:
            return TEXT_PATH, scenario
        if (shipped_text := read_scenario_text(scenario)) is not None:
            return f"{scenario}.yaml", shipped_text
    try:
        return name, read_file(Path(name))
    except UnreadableError as error:
        advice = suggest_nearest(name, list_scenario_ids(), "shipped")
        words = f"{error.words}, or {advice}" if isinstance(error, MissingError) else error.words
        return sort_problems(name, "", [Problem(path=name, place=error.place, words=words)])


def load_named(scenario: str | PathLike[str]) -> Scenario | Problems:
    """A scenario as it was written, checked but not run."""
    source = read_source(scenario)
    return source if isinstance(source, Problems) else load(*source)


def play_named(scenario: str | PathLike[str]) -> PlayedScenario | Problems:
    """A scenario with its run, its captions filled and its expectations met."""
    if isinstance(scenario, str) and scenario in list_scenario_ids():
        return play_shipped(scenario)
    source = read_source(scenario)
    return source if isinstance(source, Problems) else load_and_play(*source)
