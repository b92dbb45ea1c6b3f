"""A fence that names a second run: both in one stepper, complete without script; mistakes told with their place."""

from __future__ import annotations

import pytest

from tests.site.fences import RenderedPage, problem_boxes, raft_fence


def test_two_runs_make_one_stepper() -> None:
    """One list of steps, one film; a picture, a caption and a log for each run in each step."""
    page = RenderedPage("# Page\n\n" + raft_fence('src="steady-raft" beside="steady-paxos"'))

    assert page.reports == []
    assert page.tree.misnested == []
    assert page.html.count("<raft-stepper") == page.html.count('class="raft-film"') == 1
    assert page.html.count('class="raft-run"') == 10
    assert [heading for heading in page.tree.headings if heading[0] == "h2"] == [
        ("h2", f"step-{n}") for n in range(1, 6)
    ]
    assert len(page.tree.ids) == len(set(page.tree.ids))
    assert set(page.tree.labels) <= set(page.tree.ids)


def test_a_step_says_in_words_where_the_runs_differ() -> None:
    """WCAG 1.1.1: what two pictures show by their difference needs words as well."""
    page = RenderedPage(raft_fence('src="who-may-lead-raft" beside="who-may-lead-paxos"'))

    assert "S5 is a candidate in Raft and a leader in Multi-Paxos" in page.html
    assert page.html.count("raft-step--differs") == 3


@pytest.mark.parametrize(
    ("beside", "words"),
    [
        ("steady-paxo", 'beside="steady-paxo": there is no such scenario; did you mean "steady-paxos"'),
        ("holes-paxos", 'beside="holes-paxos": one has 5 steps and the other 7; give both as many'),
        ("old-entry-paxos", 'beside="old-entry-paxos": their nodes are not the same'),
    ],
)
def test_runs_that_cannot_stand_together_are_told_so(beside: str, words: str) -> None:
    """Errors teach: what does not fit, with the fence's own line, and a box where the run would be."""
    page = RenderedPage("# Page\n\n" + raft_fence(f'src="steady-raft" beside="{beside}"'))

    assert len(page.reports) == 1
    assert page.reports[0].startswith("docs/page.md:3:1: " + words)
    assert len(problem_boxes(page)) == 1
