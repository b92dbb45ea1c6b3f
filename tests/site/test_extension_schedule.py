"""Schedules in raft fences: what a search prints can be put in a page as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from raftstep.cli import main
from raftstep.scenario.proofs.certificate import SearchResult
from raftstep.scenario.proofs.comparison import compare_runs
from raftstep.scenario.proofs.shortest_runs import search_variant
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from tests.scenario.schedules import ELECTION, TWO_LEADERS
from tests.site.fences import RenderedPage, problem_boxes, raft_fence


def test_a_fence_shows_the_run_that_a_search_has_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """From ``raftstep explore`` to a page: the pictures are those of the rule's own page, to the byte."""
    variant = VARIANTS_BY_SLUG["one-vote-a-term"]
    found = search_variant(variant)
    known = SearchResult(bounds=variant.broken_bounds, states=0, depth=0, schedule=found.schedule, is_certified=False)
    main(["explore", "one-vote-a-term"])
    printed = capsys.readouterr().out
    text = printed[printed.index("\ntitle:") + 1 :]
    assert text == TWO_LEADERS

    page = RenderedPage("# The page\n\n" + raft_fence("id=run", text))
    of_the_rule = RenderedPage(
        "# The page\n\n" + raft_fence("id=run src=rule"), runs={"rule": compare_runs(variant, known).run_without_rule}
    )

    assert page.reports == of_the_rule.reports == []
    assert page.tree.headings == [("h1", "the-page"), *[("h2", f"run-step-{number}") for number in range(1, 8)]]
    assert find_drawings(page) == find_drawings(of_the_rule)
    assert len(find_drawings(page)) == 14


def find_drawings(page: RenderedPage) -> list[str]:
    """The clusters and logs of all steps."""
    return re.findall(r'<svg class="raft-(?:cluster|log)[^"]*".*?</svg>', page.html, re.S)


def test_the_about_page_shows_what_the_search_prints() -> None:
    """The example is a real one, and its caption is borne out."""
    about = (Path(__file__).parents[2] / "docs" / "about.md").read_text(encoding="utf-8")
    said = '    say: "{{ it }} starts an election in term {{ it.term }} too."\n'

    assert f"```raft\n{TWO_LEADERS}```\n" in about
    page = RenderedPage(raft_fence(body=TWO_LEADERS.replace("- timeout: S2\n", f"- timeout: S2\n{said}")))
    assert page.reports == []
    assert "S2 starts an election in term 1 too." in page.html


def test_a_file_beside_the_pages_can_be_a_schedule(tmp_path: Path) -> None:
    """README: `raftstep explore -o found.yaml` writes a run for your pages."""
    (tmp_path / "mine.yaml").write_text(ELECTION, encoding="utf-8")

    page = RenderedPage(raft_fence("src=mine.yaml"), folder=tmp_path)

    assert page.reports == []
    assert [id for _, id in page.tree.headings] == ["step-1", "step-2", "step-3", "step-4"]
    assert "<p>S1 stands in term 1.</p>" in page.html


def test_one_picture_of_a_schedule_says_what_it_breaks() -> None:
    """A picture by itself has no other steps to say that the run is wrong on purpose."""
    page = RenderedPage(raft_fence("picture=7", TWO_LEADERS))

    assert page.reports == []
    assert "Breaks Election Safety, on purpose" in page.html


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("- timeout: S2", "- timout: S2", "9:5", 'unknown directive "timout"; did you mean "timeout"?'),
        ("source: S2, target: S1", "source: S2, target: S2", "11:5", "no such message has been sent by then"),
        ("- timeout: S2", "- deliver: all", "11:5", "no such message has been sent by then; did you mean"),
    ],
)
def test_a_mistake_in_a_schedule_has_the_pages_line(old: str, new: str, place: str, words: str) -> None:
    """Style, *Problems*: the place is where the author's editor finds it, which is the page."""
    page = RenderedPage("Words.\n\n" + raft_fence(body=TWO_LEADERS.replace(old, new)))

    assert len(page.reports) == len(problem_boxes(page)) == 1
    assert page.reports[0].startswith(f"docs/page.md:{place}: {words}")
    assert "^" in page.reports[0].splitlines()[3]
