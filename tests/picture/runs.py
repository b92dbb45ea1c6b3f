"""Runs to draw: the shipped scenarios, and small ones made to be awkward. Each is played and drawn once."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree

from raftstep.picture.figures import Figures, make_figures
from raftstep.scenario import library
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play

SCENARIO_NAMES = library.list_scenario_ids()
CLUSTER_SIZES = tuple(range(1, 10))
LONG_COMMAND = "account-balance=1000000"


@cache
def write_crowded_scenario(size: int, entries: int = 12) -> str:
    """A cluster whose leader takes many long commands at once, with a step at every event it can name.

    A node that is alone stands, wins and leads in one event, and commits as it appends.
    """
    nodes = ", ".join(f"S{number}" for number in range(1, size + 1))
    happens = "".join(
        f"  - {{{'when: become-leader, after_ms: 40' if not number else 'at_ms: 240'}, "
        f"client: {{node: leader, command: {LONG_COMMAND}{number}}}}}\n"
        for number in range(entries)
    )
    steps = "".join(
        f"  - {{name: Command {number}, title: A command, when: append-command, say: It is appended.}}\n"
        for number in range(1, entries + 1)
    )
    commit = "  - {name: Commit, title: Commit, when: commit, say: It commits, after_ms: 60}\n"
    stand = "  - {name: Stand, title: Stand, when: start-election, say: It stands, after_ms: 4}\n"
    return (
        f"title: Many\nnodes: [{nodes}]\nseed: 5\nuntil_ms: 600\ntimers: {{S1: [160]}}\nhappens:\n{happens}"
        "steps:\n  - {name: Start, title: Start, when: start, say: No one leads.}\n"
        f"{'' if size == 1 else stand}"
        "  - {name: Leader, title: Leader, when: become-leader, say: It leads, after_ms: 8}\n"
        f"{steps}{'' if size == 1 else commit}"
    )


@cache
def play_scenario(name: str) -> PlayedScenario:
    """A shipped scenario by name, or ``crowded-3`` and the like."""
    text = library.read_scenario_text(name) or write_crowded_scenario(int(name.rpartition("-")[2]))
    scenario = load(f"{name}.yaml", text)
    assert isinstance(scenario, Scenario), scenario.show()
    run = play(scenario)
    assert isinstance(run, PlayedScenario), run.show()
    return run


@cache
def draw_scenario(name: str) -> Figures:
    """All its pictures, with ids that begin with ``test``."""
    return make_figures(play_scenario(name), prefix="test")


CROWDED_NAMES = tuple(f"crowded-{size}" for size in CLUSTER_SIZES)
ALL_NAMES = (*SCENARIO_NAMES, *(f"crowded-{size}" for size in (1, 2, 5, 9)))


def list_pictures(name: str) -> tuple[str, ...]:
    """Every SVG of a scenario as text."""
    scenario_figures = draw_scenario(name)
    return (
        *(picture for step in scenario_figures.steps for picture in (step.cluster.svg, step.log.svg)),
        scenario_figures.timeline.svg,
    )


@cache
def parse_svg(svg: str) -> ElementTree.Element:
    """An SVG as a tree, without its namespace; not to be changed."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    return root


def list_classes(element: ElementTree.Element) -> list[str]:
    """The classes of an element."""
    return element.get("class", "").split()
