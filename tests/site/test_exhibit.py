"""Tables and charts that a page shows by name: what a raft-exhibit fence becomes, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from raftstep.site.exhibit import LinkTo, merge_exhibits
from tests.site.fences import RenderedPage, problem_boxes


def small_table(link_to: LinkTo) -> str:
    return f'<table id="small"><tr><td><a href="{link_to("codex/sources/#one")}">one</a></td></tr></table>'


def render_page(text: str, first_line: int = 1) -> RenderedPage:
    return RenderedPage(text, exhibits={"small": small_table, "large": small_table}, first_line=first_line)


def test_a_fence_becomes_the_exhibit_it_names() -> None:
    """CONTRIBUTING, *Adding an exhibit*: a fence names it, and its links start from the page it stands on."""
    shown = render_page("# Page\n\nWords.\n\n```raft-exhibit small\n```\n\nMore.\n")

    assert shown.reports == []
    assert '<table id="small"><tr><td><a href="../codex/sources/#one">one</a></td></tr></table>' in shown.html
    assert shown.html.endswith("<p>More.</p>")


def test_an_example_in_a_longer_fence_stays_code() -> None:
    """CONTRIBUTING itself shows such a fence; CommonMark: a longer fence holds a shorter one as text."""
    shown = render_page("````markdown\n```raft-exhibit small\n```\n````\n")

    assert shown.reports == []
    assert "<table" not in shown.html


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("```raft-exhibit smal\n```", 'docs/page.md:12:17: unknown exhibit "smal"; did you mean "small"?'),
        ("```raft-exhibit\n```", "docs/page.md:12:16: no exhibit is named; write a name after raft-exhibit (known: "),
        (
            "```raft-exhibit small\nx\n```",
            "docs/page.md:12:17: an exhibit is made from data, so its fence must be empty",
        ),
        ("```raft-exhibit small", "docs/page.md:12:17: the fence is never closed; end it with a line of ```"),
        ("    ```raft-exhibit x\n    ```", 'docs/page.md:12:21: unknown exhibit "x"; use one of these'),
    ],
)
def test_a_wrong_fence_is_reported_with_its_place_and_shown(lines: str, words: str) -> None:
    """CONTRIBUTING: a name that no exhibit has is reported with its file and line."""
    shown = render_page(f"# Page\n\n{lines}\n", first_line=10)

    assert [report[: len(words)] for report in shown.reports] == [words]
    assert words in problem_boxes(shown)[0]


def test_an_exhibit_stands_on_a_page_once() -> None:
    """Its ids would be there twice."""
    shown = render_page("```raft-exhibit small\n```\n\n```raft-exhibit small\n```\n")

    assert len(shown.reports) == 1
    assert 'docs/page.md:4:17: "small" is on this page already' in shown.reports[0]


def test_without_a_host_there_are_no_exhibits() -> None:
    """The Markdown extension works alone; exhibits belong to the site around it, and the message says so."""
    assert 'unknown exhibit "small"; this site has none' in RenderedPage("```raft-exhibit small\n```\n").reports[0]


def test_two_exhibits_of_one_name_are_a_mistake_of_the_generators() -> None:
    """CONTRIBUTING: every id in an exhibit begins with its name, so names have to differ."""
    with pytest.raises(ValueError, match='two exhibits are called "small"; rename one of them'):
        merge_exhibits({"small": small_table}, {"small": small_table})
