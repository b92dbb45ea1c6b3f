"""A schedule is a scenario like any other: in a page, on the command line, and in what is said of its mistakes."""

from pathlib import Path

import pytest
from markdown import Markdown

from raftstep.command import main
from raftstep.scenario.play import Played
from raftstep.scenario.problem import Problems
from raftstep.scenario.proofs.played import played
from raftstep.scenario.proofs.script import load_script, source
from raftstep.scenario.proofs.shortest import shortest
from raftstep.scenario.proofs.show import compare
from raftstep.scenario.proofs.variants import BY_SLUG
from raftstep.site.extension import RaftExtension
from tests.scenario.proofs.test_script import ELECTION


def test_each_event_is_a_step_and_what_its_author_says_is_its_caption() -> None:
    run = played("election.yaml", ELECTION)

    assert isinstance(run, Played)
    assert [moment.name for moment in run.moments] == ["Start", "Event 1", "Event 2", "Event 3"]
    assert run.moments[1].say == "S1 has waited long enough."
    assert "vote" in run.moments[2].say


@pytest.mark.parametrize("slug", sorted(BY_SLUG))
def test_what_a_search_found_is_shown_in_a_page_as_its_own_page_shows_it(slug: str) -> None:
    """The schedule that a rule's page offers, put into a fence, gives the same steps."""
    variant = BY_SLUG[slug]
    found = shortest(variant)
    assert found.schedule is not None

    run = played(f"{slug}.yaml", source(variant, found.schedule))

    assert isinstance(run, Played), run.show()
    page = compare(variant, found).without
    assert [moment.title for moment in run.moments] == [moment.title for moment in page.moments]
    assert [moment.shown.cluster for moment in run.moments] == [moment.shown.cluster for moment in page.moments]


def test_a_fence_shows_a_schedule() -> None:
    html = Markdown(extensions=[RaftExtension()]).convert(f"# Page\n\n```raft\n{ELECTION}```\n")

    assert html.count('class="raft-step"') == 4
    assert "S1 has waited long enough." in html


def test_a_mistake_in_a_fence_is_told_at_its_line_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    broken = ELECTION.replace("timeout: S1", "timeout: S7")
    html = Markdown(extensions=[RaftExtension()]).convert(f"# Page\n\n```raft\n{broken}```\n")

    assert "page.md:7:5: step 1: there is no node &quot;S7&quot;" in html or "page.md:7:5: step 1" in html
    assert capsys.readouterr().out == ""


def test_check_and_render_know_schedules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "election.yaml"
    file.write_text(ELECTION, encoding="utf-8")

    assert main(["check", str(file)]) == 0
    assert "4 steps" in capsys.readouterr().out
    assert main(["render", str(file), "--step", "2"]) == 0
    assert capsys.readouterr().out.startswith("<svg")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "timeout: S1",
            "client: S1",
            "election.yaml:4:5: step 1: it does not say what it must; write client: {",
        ),
        ("script:\n", "learners: many\nscript:\n", "election.yaml:3:1: learners says how many of the nodes"),
        ("script:\n", "learners: 3\nscript:\n", "election.yaml:3:1: learners says how many of the nodes"),
        ("script:\n", "without: persist-log\nscript:\n", "election.yaml:3:1: without is a list; write without: ["),
        ("script:\n", "no_op: perhaps\nscript:\n", "election.yaml:3:1: no_op is true or false"),
        ("script:\n", "expect: Log Matching\nscript:\n", "election.yaml:3:1: expect is a list"),
        ("title: One", "title: 2020-13-45\nold: One", "election.yaml:1:1: not YAML"),
        ("title: One", "title: \x07", "election.yaml:1:1: not YAML"),
    ],
)
def test_no_mistake_ends_in_a_traceback(old: str, new: str, words: str) -> None:
    found = load_script("election.yaml", ELECTION.replace(old, new, 1))

    assert isinstance(found, Problems)
    assert words in found.show()
