"""The scenarios that the About page shows are played, and say what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.schema import scenario_schema

ABOUT = Path(__file__).resolve().parents[1] / "docs" / "about.md"
FENCE = re.compile(r"^```raft\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = FENCE.findall(ABOUT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_a_scenario_that_the_page_shows_can_be_played(text: str) -> None:
    """A reader copies it into a fence, where a mistake would be a box on the page."""
    played = load_and_play("about.yaml", text)

    assert isinstance(played, PlayedScenario), played.show()


def test_the_page_shows_each_way_to_mean_a_start_a_link_and_a_message() -> None:
    """What is not shown is not found."""
    shown = "\n".join(EXAMPLES)
    parts = scenario_schema()["$defs"]
    names = {
        *parts["node_state"]["properties"],
        *parts["link_setting"]["properties"],
        *parts["action"]["properties"]["drop"]["properties"],
        *parts["event"]["properties"],
    }
    told = ABOUT.read_text(encoding="utf-8")

    assert len(EXAMPLES) == 4
    assert sorted(name for name in names if f"{name}:" not in shown and f"`{name}" not in told) == []
