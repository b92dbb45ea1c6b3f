"""``import raftstep``: what it offers, what it costs, what it says, and how its values look in a REPL."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import raftstep
from raftstep import Action, Crash, Heal, Partition, Request, SetLink, Setup
from raftstep.picture.figures import make_figures
from raftstep.scenario import library
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.random_run import draw_run

NODES = ("S1", "S2", "S3")
TWO_MISTAKES = "title: One request\nnodes: [S1, S2, S3]\nstart: boot\nscript:\n  - timout: S1\n  - deliver: al\n"


@pytest.fixture(scope="module")
def trace() -> raftstep.Trace:
    return raftstep.run(Setup(nodes=NODES), seed=1)


# What it costs


def list_modules_after(statement: str) -> set[str]:
    command = [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split())


def test_the_package_alone_imports_nothing() -> None:
    """A name is imported when it is first used."""
    assert {name for name in list_modules_after("import raftstep") if name.startswith("raftstep")} == {"raftstep"}


def test_core_loads_the_standard_library_and_itself_alone() -> None:
    """One node of Raft runs wherever Python does. What Python loads at its start does not count."""
    every_module = (
        "import importlib, pkgutil, raftstep.core as core\n"
        "for module in pkgutil.walk_packages(core.__path__, 'raftstep.core.'): importlib.import_module(module.name)"
    )

    loaded = list_modules_after(every_module) - list_modules_after("import importlib, pkgutil")

    own_modules = {name for name in loaded if name.split(".")[0] == "raftstep"}
    assert {"raftstep.core.step", "raftstep.core.paxos.step"} <= own_modules
    assert [name for name in own_modules if name != "raftstep" and not name.startswith("raftstep.core")] == []
    assert {name.split(".")[0] for name in loaded - own_modules} <= sys.stdlib_module_names


# What it offers


def test_every_name_is_there_and_the_type_checker_is_told_the_same() -> None:
    """``__all__``, the table of homes and the block for type checkers name the same things from the same modules."""
    tree = ast.parse(Path(str(raftstep.__file__)).read_text(encoding="utf-8"))
    typed_names = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {name: home for home, names in raftstep._HOMES.items() for name in names}

    assert typed_names == homes
    assert sorted(homes) == sorted(raftstep.__all__)
    assert all(getattr(raftstep, name) is not None for name in raftstep.__all__)
    assert set(raftstep.__all__) <= set(dir(raftstep))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """Tools ask for names that modules may lack."""
    assert not hasattr(raftstep, "plai")
    with pytest.raises(ImportError, match="cannot import name 'plai'"):
        exec("from raftstep import plai")


def test_scenarios_are_names_with_titles() -> None:
    """What one can play, and what it is about."""
    titles = raftstep.scenarios()

    assert tuple(titles) == library.list_scenario_ids()
    assert titles["leader-election"] == raftstep.play("leader-election").scenario.title


def test_a_scenario_is_named_by_its_name_its_file_or_its_text(tmp_path: Path) -> None:
    """One call for all three; a Path is always a file."""
    text = library.read_scenario_text("no-op") or ""
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")

    played = raftstep.play("no-op")

    assert [raftstep.play(source).trace for source in (file, str(file), text)] == [played.trace] * 3
    assert raftstep.load("no-op") == played.scenario
    assert raftstep.run(played.scenario.setup, seed=played.scenario.seed) == played.trace


def test_a_trace_and_a_played_scenario_have_the_same_transcript() -> None:
    """Both are runs."""
    played = raftstep.play("no-op")

    assert raftstep.transcript(played) == raftstep.transcript(played.trace)
    assert raftstep.transcript(played).endswith("none broken\n")


@pytest.mark.parametrize("view", ["cluster", "log", "timeline"])
def test_any_step_of_any_run_is_drawn_in_any_view(view: raftstep.View, trace: raftstep.Trace) -> None:
    """A file that stands by itself."""
    paxos_trace = raftstep.run(Setup(nodes=NODES, protocol=MULTI_PAXOS), seed=1)
    last = trace.steps[-1].number
    runs: list[tuple[raftstep.Trace | raftstep.PlayedScenario, int]] = [(raftstep.play("no-op"), 4)]
    runs += [(trace, 0), (trace, 20), (trace, last), (paxos_trace, 9)]

    for run, step in runs:
        root = ElementTree.fromstring(raftstep.draw(run, step=step, view=view))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_picture_of_a_trace_says_which_event_it_shows(trace: raftstep.Trace) -> None:
    """The number is the event's, in the title and on the axis."""
    assert "3 nodes with seed 1, step 20, S1&#39;s timer fires: the cluster at 345 ms" in raftstep.draw(trace, step=20)
    stops = [
        element.get("data-stop")
        for element in ElementTree.fromstring(raftstep.draw(trace, step=20, view="timeline")).iter()
        if "raft-stop--current" in (element.get("class") or "")
    ]
    assert stops == ["20"]


def test_a_timeline_marks_the_step_that_is_asked_for() -> None:
    """The view is of the whole run, the step a mark on it."""
    root = ElementTree.fromstring(raftstep.draw(raftstep.play("leader-election"), step=3, view="timeline"))
    marks = [element for element in root.iter() if "raft-stop--current" in (element.get("class") or "")]

    assert [mark.get("data-stop") for mark in marks] == ["3"]


# What it says


def test_every_problem_of_a_scenario_is_told_at_once(tmp_path: Path) -> None:
    """House rule: report all, not the first."""
    file = tmp_path / "mine.yaml"
    file.write_text(TWO_MISTAKES, encoding="utf-8")

    with pytest.raises(raftstep.ScenarioError) as caught:
        raftstep.play(file)

    assert [(problem.place.line, problem.path) for problem in caught.value.problems] == [(5, str(file)), (6, str(file))]
    assert str(caught.value).startswith(f'{file}:5:5: unknown directive "timout"; did you mean "timeout"?')
    assert f'\n\n{file}:6:14: unknown word "al"' in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert len(repr(caught.value)) <= 200


@pytest.mark.parametrize("call", [raftstep.play, raftstep.load])
@pytest.mark.parametrize("name", ["leader-electoin", Path("leader-electoin"), "leader-electoin\0"], ids=repr)
def test_a_name_that_nothing_has_gets_the_nearest(call: object, name: str | Path) -> None:
    """Errors teach."""
    assert callable(call)
    with pytest.raises(raftstep.ScenarioError, match='give a file that is there, or did you mean "leader-election"'):
        call(name)


@pytest.mark.parametrize("step", [0, 9, -1, "3", 1.5, None])
def test_a_step_that_a_scenario_lacks_is_refused_with_those_it_has(step: int) -> None:
    """Errors teach."""
    with pytest.raises(ValueError, match=r'there is no step .*; "Raft leader election" has steps 1 to 8'):
        raftstep.draw(raftstep.play("leader-election"), step=step)


def test_a_step_that_a_trace_lacks_is_refused_with_those_it_has(trace: raftstep.Trace) -> None:
    """Events count from 0, the start."""
    with pytest.raises(ValueError, match="there is no step 86; this run has steps 0 to 85"):
        raftstep.draw(trace, step=86)


def test_a_view_that_is_not_there_is_refused_with_those_that_are(trace: raftstep.Trace) -> None:
    """Errors teach."""
    with pytest.raises(ValueError, match='there is no view "logs"; did you mean "log"'):
        raftstep.draw(trace, view="logs")  # type: ignore[arg-type]


@pytest.mark.parametrize("call", [raftstep.draw, raftstep.transcript])
def test_what_is_no_run_is_refused_with_where_runs_come_from(call: object) -> None:
    """A name in place of what it names is an easy mistake."""
    assert callable(call)
    with pytest.raises(TypeError, match=r"expected a run, found str 'no-op'; give what raftstep.play"):
        call("no-op")


def test_only_a_setup_is_run() -> None:
    """The same."""
    with pytest.raises(TypeError, match=r"expected a Setup, found tuple"):
        raftstep.run(NODES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodes": ["S1"]}, 'nodes: expected a tuple of 1 to 9 different names, such as ("S1", "S2", "S3")'),
        ({"nodes": ("S1", "S1")}, "nodes: expected a tuple of 1 to 9 different names"),
        ({"nodes": ()}, "nodes: expected a tuple of 1 to 9 different names"),
        ({"latency_ms": (20, 10)}, "latency_ms: expected two whole numbers, the shortest from 0 ms"),
        ({"election_timeout_ms": (0, 10)}, "election_timeout_ms: expected two whole numbers, the shortest from 1 ms"),
        ({"election_timeout_ms": 150}, "election_timeout_ms: expected two whole numbers"),
        ({"heartbeat_interval_ms": 0}, "heartbeat_interval_ms: expected whole milliseconds from 1, not 0"),
        ({"until_ms": 1.5}, "until_ms: expected whole milliseconds from 0, not 1.5"),
        ({"clock_speeds": (("S1", 0),)}, "clock_speeds: expected a speed from 0.1 to 10 for S1, not 0"),
        ({"most_messages": 0}, "most_messages: expected a whole number from 1, not 0"),
        ({"loss": 20}, "loss: expected a share from 0 to 1, not 20"),
        ({"voters": ("S7",)}, "voters: there is no node S7; the nodes are S1, S2, S3"),
        ({"plan": (Crash(node="S1"),)}, "plan[0]: expected an Action, such as Action(at_ms=300, directive=...)"),
        ({"plan": (Action(directive=Crash(node="S1")),)}, "plan[0]: give its moment either as at_ms or as when"),
        ({"plan": (Action(at_ms=5, directive=Crash(node="S9")),)}, "plan[0]: there is no node S9; the nodes are S1"),
        (
            {"plan": (Action(at_ms=5, directive=Partition(groups=(("S1",), ("S2", "S9")))),)},
            "plan[0]: there is no node S9",
        ),
        ({"plan": (Action(at_ms=5, directive=Heal(links=(("S1", "S9"),))),)}, "plan[0]: there is no node S9"),
        ({"plan": (Action(at_ms=5, directive=SetLink(loss=2.0)),)}, "plan[0]: expected a share from 0 to 1 for loss"),
        ({"links": (SetLink(target="S9"),)}, "links[0]: there is no node S9; the nodes are S1, S2, S3"),
        ({"links": (SetLink(latency_ms=(9, 5)),)}, "links[0]: expected a latency_ms of two whole numbers"),
    ],
)
def test_a_setup_that_makes_no_sense_is_told_before_it_is_run(changes: dict[str, object], words: str) -> None:
    """Some of these would run for ever, and others fail deep inside with words that help nobody."""
    setup = replace(Setup(nodes=NODES), **changes)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match=r"expected|there is no|give its") as caught:
        raftstep.run(setup)

    assert str(caught.value).startswith(words)


def test_all_that_is_wrong_with_a_setup_is_told_at_once() -> None:
    """House rule: report all, not the first."""
    with pytest.raises(ValueError, match=r"(?s)until_ms.*\nloss"):
        raftstep.run(Setup(nodes=NODES, loss=3, until_ms=-1))


def test_a_plan_that_cannot_be_carried_out_is_an_error_of_its_own() -> None:
    """The set-up makes sense; the run does not come to it."""
    setup = Setup(nodes=NODES, plan=(Action(at_ms=1, directive=Request(node="leader", command="x=1")),))

    with pytest.raises(raftstep.PlanError, match="at 1 ms no node leads"):
        raftstep.run(setup)


# How values look


def test_a_run_looks_like_what_it_is(trace: raftstep.Trace) -> None:
    """One line: what, how much, from which seed, what broke."""
    assert repr(trace) == "<Trace: 85 events, 3 nodes, seed 1, 1000 ms, nothing broken>"
    assert repr(trace.steps[20]) == "<Step 20 at 345 ms: timeout at S1, send-heartbeat>"
    assert repr(trace.steps[20].cluster) == "<Cluster: 3 nodes, S1 leads term 1, 2 messages in flight>"
    assert repr(Setup(nodes=NODES, loss=0.5)) == "Setup(nodes=('S1', 'S2', 'S3'), loss=0.5)"
    assert repr(replace(trace, seed=None)) == "<Trace: 85 events, 3 nodes, 1000 ms, nothing broken>"


def test_a_run_of_multi_paxos_has_ballots() -> None:
    """Its terms are no plain numbers."""
    trace = raftstep.run(Setup(nodes=NODES, protocol=MULTI_PAXOS), seed=1)

    assert "leads ballot " in repr(trace.steps[-1].cluster)


@pytest.mark.parametrize("name", ["leader-election", "lease-drift", "split-vote", "cut-off-paxos"])
def test_what_a_repl_shows_of_a_scenario_is_short(name: str) -> None:
    """A repr of 400,000 characters ends a session."""
    played = raftstep.play(name)
    figures = make_figures(played, prefix="raft")
    values = (played, played.scenario, played.scenario.setup, played.trace, figures, figures.run_pictures)

    assert [repr(value) for value in values if len(repr(value)) > 200] == []
    assert [repr(value) for value in (*played.moments, *figures.steps) if len(repr(value)) > 200] == []


@pytest.mark.parametrize("number", range(8))
def test_what_a_repl_shows_of_a_random_run_is_short(number: int) -> None:
    """Whatever the faults, the features and the size."""
    random_run = draw_run(number)
    setup = random_run.make_setup()
    trace = raftstep.run(setup, seed=random_run.seed)
    values = (setup, trace, *trace.steps, *(step.cluster for step in trace.steps))

    assert [repr(value) for value in values if len(repr(value)) > 200] == []


def test_what_a_repl_shows_of_a_run_that_breaks_much_is_short(trace: raftstep.Trace) -> None:
    """Each property is named once."""
    names = [*MULTI_PAXOS.properties, *raftstep.Setup(nodes=NODES).protocol.properties, "Linearizability"]
    alarms = tuple(raftstep.Alarm(property=name, words="all of it " * 99) for name in names for _ in range(9))
    broken_step = replace(trace.steps[20], alarms=alarms)

    assert len(repr(broken_step)) <= 200
    assert len(repr(replace(trace, steps=(broken_step,)))) <= 200


# The command line


def test_the_package_is_a_command_too() -> None:
    """``python -m raftstep`` is ``raftstep``."""
    command = [sys.executable, "-m", "raftstep", "play", "no-op"]

    output = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=60).stdout

    assert output == raftstep.transcript(raftstep.play("no-op"))
