"""What the tests of loading share: scenarios to begin from, and ways to ask for a scenario or its mistakes."""

from __future__ import annotations

from pathlib import Path

from raftstep.scenario.load import load
from raftstep.scenario.model import Scenario
from raftstep.scenario.problem import Problems
from tests.scenario.parents import TEXTS

BAD = Path(__file__).parent / "bad"
GOOD = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")
STEPS = "steps:\n  - {name: Start, title: Three followers, when: start, say: No one leads.}\n"
PLAIN = "title: A scenario\nnodes: [S1, S2, S3]\nseed: 7\nuntil_ms: 700\n"


def scenario(text: str | bytes, path: str = "example.yaml") -> Scenario:
    loaded = load(path, text, parent=TEXTS.get)
    assert isinstance(loaded, Scenario), loaded.show()
    return loaded


def mistakes(text: str | bytes, path: str = "example.yaml") -> Problems:
    loaded = load(path, text, parent=TEXTS.get)
    assert isinstance(loaded, Problems)
    assert loaded.found
    return loaded


def one_mistake(text: str | bytes) -> str:
    found = mistakes(text).found
    assert len(found) == 1
    return f"{found[0].place.line}:{found[0].place.column}: {found[0].words}"
