"""What the tests of loading share: scenarios to begin from, and ways to ask for a scenario or its mistakes."""

from __future__ import annotations

from pathlib import Path

from raftstep.document.problem import Problems
from raftstep.scenario.load import load
from raftstep.scenario.model import Scenario
from tests.scenario.parents import PARENT_TEXTS

BAD_FOLDER = Path(__file__).parent / "bad"
GOOD_TEXT = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")
STEPS = "steps:\n  - {name: Start, title: Three followers, when: start, say: No one leads.}\n"
PLAIN_HEADER = "title: A scenario\nnodes: [S1, S2, S3]\nseed: 7\nuntil_ms: 700\n"


def load_scenario(text: str | bytes, path: str = "example.yaml") -> Scenario:
    loaded = load(path, text, find_parent=PARENT_TEXTS.get)
    assert isinstance(loaded, Scenario), loaded.show()
    return loaded


def load_mistakes(text: str | bytes, path: str = "example.yaml") -> Problems:
    loaded = load(path, text, find_parent=PARENT_TEXTS.get)
    assert isinstance(loaded, Problems)
    assert loaded.problems
    return loaded


def only_mistake(text: str | bytes) -> str:
    problems = load_mistakes(text).problems
    assert len(problems) == 1
    return f"{problems[0].place.line}:{problems[0].place.column}: {problems[0].words}"
