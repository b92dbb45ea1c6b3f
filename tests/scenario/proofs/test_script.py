"""Schedules as scenarios: what can be written, and what is said of what cannot."""

from pathlib import Path

import pytest

from raftstep.command import main
from raftstep.core.model import Role
from raftstep.scenario.problem import Problems
from raftstep.scenario.proofs.script import is_script, load_script, source
from raftstep.scenario.proofs.shortest import search
from raftstep.scenario.proofs.variants import BY_SLUG

ELECTION = """title: One request lost, an election won
nodes: [S1, S2, S3]
script:
  - timeout: S1
    say: S1 has waited long enough.
  - drop: {source: S1, target: S3}
  - deliver: all
  - deliver: all
"""


def test_a_schedule_is_played_directive_by_directive() -> None:
    """One request is lost, the other arrives, the vote comes back: S1 leads, and its first words are under way."""
    assert is_script(ELECTION)

    script = load_script("election.yaml", ELECTION)

    assert not isinstance(script, Problems)
    assert script.says == ("S1 has waited long enough.", "", "")
    leader = script.play().steps[-1].cluster.node("S1")
    assert (leader.role, leader.votes_granted) == (Role.LEADER, frozenset({"S1", "S2"}))


@pytest.mark.parametrize("slug", ["up-to-date-log", "confirm-leadership", "learners-do-not-count", "persist-log"])
def test_what_a_page_offers_can_be_played(slug: str) -> None:
    """A shortest run written as a schedule is the same run when it is read."""
    variant = BY_SLUG[slug]
    schedule = search(variant).schedule
    assert schedule is not None

    script = load_script(f"{slug}.yaml", source(variant, schedule))

    assert not isinstance(script, Problems), script.show()
    assert script.schedule == schedule
    assert variant.breaks in {alarm.property for alarm in script.play().alarms}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("timeout: S1", "timout: S1", 'election.yaml:4:5: step 1: unknown directive "timout"'),
        ("timeout: S1", "timeout: S7", 'election.yaml:4:5: step 1: there is no node "S7"'),
        ("target: S3", "target: S1", "election.yaml:6:5: step 2: no such message is under way"),
        ("nodes: [S1", "nodes: [A", "election.yaml:2:1: a schedule's nodes are S1, S2 and so on"),
        ("title:", "tilte:", 'election.yaml:1:1: unknown key "tilte"; did you mean "title"?'),
        ("script:\n", "without: [votes]\nscript:\n", 'election.yaml:3:1: there is no rule "votes" to leave out'),
        (
            "script:\n",
            "expect: [Log Matching]\nscript:\n",
            "election.yaml:3:1: Log Matching does not break in this run",
        ),
        ("[S1, S2", "[S1, S2]]", "election.yaml:2:16: not YAML"),
    ],
)
def test_each_mistake_has_its_place_and_a_way_to_mend_it(old: str, new: str, words: str) -> None:
    """Errors teach."""
    found = load_script("election.yaml", ELECTION.replace(old, new, 1))

    assert isinstance(found, Problems)
    assert words in found.show()


def test_a_schedule_plays_at_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``raftstep play`` takes it like any other scenario."""
    file = tmp_path / "election.yaml"
    file.write_text(ELECTION, encoding="utf-8")

    assert main(["play", str(file)]) == 0

    assert "become-leader" in capsys.readouterr().out
