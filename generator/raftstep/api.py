"""What ``import raftstep`` offers: play a scenario, run a cluster of one's own, read and draw what happened."""

from __future__ import annotations

from functools import cache
from os import PathLike
from typing import Literal, cast, get_args

from raftstep.document.problem import Problem, Problems, suggest_nearest
from raftstep.document.reading import parse_yaml
from raftstep.document.value import read_text
from raftstep.picture.figures import make_figures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.bare_trace import wrap_trace
from raftstep.scenario.library import list_scenario_ids, read_scenario_text
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.named import load_named, play_named
from raftstep.simulation import describe
from raftstep.simulation.plan import Setup
from raftstep.simulation.run import run as run_setup
from raftstep.simulation.setup_checks import check_setup
from raftstep.simulation.trace import Trace

View = Literal["cluster", "log", "timeline"]
"""What can be drawn: the nodes on their ring, their logs, or the whole run in space and time."""


class ScenarioError(Exception):
    """A scenario that cannot be played. ``problems`` has all that is wrong; ``str()`` shows each with its place."""

    __module__ = "raftstep"

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.problems: tuple[Problem, ...] = problems.problems
        self._words = problems.show()

    def __str__(self) -> str:
        return self._words


def scenarios() -> dict[str, str]:
    """The shipped scenarios: their names, sorted, and their titles."""
    return dict(_read_titles())


@cache
def _read_titles() -> tuple[tuple[str, str], ...]:
    tops = {id: parse_yaml(read_scenario_text(id) or "").top for id in list_scenario_ids()}
    return tuple((id, read_text(top, "title") or id) for id, top in tops.items())


def load(scenario: str | PathLike[str]) -> Scenario:
    """A scenario as it was written, checked but not run: its ``setup`` and ``seed`` can go into :func:`run`.

    Name it as :func:`play` does. Raises :class:`ScenarioError`.
    """
    loaded = load_named(scenario)
    if isinstance(loaded, Problems):
        raise ScenarioError(loaded)
    return loaded


def play(scenario: str | PathLike[str]) -> PlayedScenario:
    """Play a scenario: a shipped one by its name, a file by its path, or text of more than one line as YAML.

    Its captions are filled from the run and its expectations held against it. Raises :class:`ScenarioError` with
    everything that is wrong.
    """
    played = play_named(scenario)
    if isinstance(played, Problems):
        raise ScenarioError(played)
    return played


def run(setup: Setup, *, seed: int = 1) -> Trace:
    """Run a cluster of one's own. The same set-up and seed give the same trace, in any process.

    Every safety property is checked after every event; ``trace.alarms`` has what broke. Raises ``ValueError`` for a
    set-up that makes no sense, and ``PlanError`` for a plan that this run cannot carry out.
    """
    if not isinstance(setup, Setup):
        raise TypeError(f"expected a Setup, found {_kind(setup)}; write raftstep.run(raftstep.Setup(nodes=(...)))")
    check_setup(setup)
    return run_setup(setup, seed=seed)


def transcript(run: Trace | PlayedScenario) -> str:
    """A run in words: a line an event, a line a broken property, and how many states were checked."""
    return describe.transcript(_trace_of(run))


def draw(run: Trace | PlayedScenario, step: int = 1, view: View = "cluster") -> str:
    """One step as the text of an SVG file.

    The step of a played scenario is one of its explanation, from 1; that of a trace is an event's number, with 0 for
    the start. The ``timeline`` shows the whole run, and the step as a mark on it.
    """
    trace = _trace_of(run)
    if view not in get_args(View):
        raise ValueError(f'there is no view "{view}"; {suggest_nearest(str(view), get_args(View))}')
    if isinstance(run, PlayedScenario):
        first, last, name = 1, len(run.moments), f'"{run.scenario.title}"'
    else:
        first, last, name = 0, len(trace.steps) - 1, "this run"
    if not isinstance(cast("object", step), int) or not first <= step <= last:
        raise ValueError(f"there is no step {step}; {name} has steps {first} to {last}")
    played = run if isinstance(run, PlayedScenario) else wrap_trace(trace, step)
    return draw_standalone(make_figures(played, prefix="raft"), step=step, view=view)


def _trace_of(run: Trace | PlayedScenario) -> Trace:
    if isinstance(run, PlayedScenario):
        return run.trace
    if not isinstance(cast("object", run), Trace):
        words = f"expected a run, found {_kind(run)}; give what raftstep.play(...) or raftstep.run(...) returns"
        raise TypeError(words)
    return run


def _kind(value: object) -> str:
    return f"{type(value).__name__} {value!r}" if isinstance(value, str | int | float) else type(value).__name__
