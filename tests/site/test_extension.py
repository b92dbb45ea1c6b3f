"""The Markdown extension alone, without MkDocs: what a raft fence becomes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from raftstep.scenario import library
from tests.site.fences import INLINE, RenderedPage, raft_fence

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fence_becomes_eight_headings_with_anchors() -> None:
    """README: without JavaScript the page is a numbered list of figures; `#step-3` has to lead to one."""
    page = RenderedPage("# The page\n\n" + raft_fence('src="leader-election"') + "\n## After\n")

    assert page.reports == []
    assert page.tree.headings == [
        ("h1", "the-page"),
        *[("h2", f"step-{number}") for number in range(1, 9)],
        ("h2", "after"),
    ]
    assert page.html.count("<raft-stepper") == page.html.count('class="raft-film"') == 1


def test_the_headings_are_in_the_table_of_contents() -> None:
    """Readers who use headings to get about find the steps there, like those who use the page's margin."""
    page = RenderedPage("# The page\n\n" + raft_fence('src="leader-election"'))
    tokens = page.markdown.toc_tokens[0]["children"]  # type: ignore[attr-defined]

    assert [token["id"] for token in tokens] == [f"step-{number}" for number in range(1, 9)]
    assert tokens[1]["name"] == "S1 times out first and starts an election"


def test_captions_are_markdown() -> None:
    """scenario.schema.json, `say`: authors emphasise, and name code, as everywhere on a page."""
    assert (
        "<p><strong>S1</strong> stands."
        in RenderedPage(raft_fence(body=INLINE.replace("seed: 7", "seed: 7\ntimers: {S1: [150]}"))).html
    )


@pytest.mark.parametrize(
    ("above", "tag"), [("", "h2"), ("# One\n", "h2"), ("# One\n\n### Three\n", "h4"), ("###### Six\n", "h6")]
)
def test_steps_stand_one_level_below_the_heading_above(above: str, tag: str) -> None:
    """WCAG 1.3.1, technique H42: heading levels tell the structure, and skip none."""
    headings = RenderedPage(above + "\n" + raft_fence(body=INLINE)).tree.headings

    assert [found for found, id in headings if id.startswith("step-")] == [tag, tag]


def test_a_comment_in_an_example_above_is_no_heading() -> None:
    """CommonMark: a `#` in fenced code is text."""
    page = RenderedPage("# One\n\n```sh\n### three\n```\n\n" + raft_fence(body=INLINE))

    assert ("h2", "step-1") in page.tree.headings


def test_the_heading_level_can_be_chosen() -> None:
    """The option `heading`: an author knows the page's structure better than a guess from what stands above."""
    assert ("h5", "step-1") in RenderedPage(raft_fence("heading=5", INLINE)).tree.headings


def test_an_inline_scenario_becomes_its_steps() -> None:
    """A scenario for one page may stand in it; the words around stay where they were."""
    page = RenderedPage("Words.\n\n" + raft_fence(body=INLINE) + "\nMore words.\n")

    assert page.reports == []
    assert page.tree.headings == [("h2", "step-1"), ("h2", "step-2")]
    assert page.html.startswith("<p>Words.</p>")
    assert page.html.endswith("<p>More words.</p>")


@pytest.mark.parametrize("options", ['picture="2"', "picture=2 src=leader-election"])
def test_a_single_picture_brings_no_steps(options: str) -> None:
    """The option `picture`: one figure in running text needs no controls and no film."""
    page = RenderedPage(raft_fence(options, "" if "src" in options else INLINE))

    assert page.reports == []
    assert page.tree.headings == []
    assert page.html.count('class="raft-cluster"') == 1
    assert "raft-film" not in page.html


def test_a_longer_fence_shows_a_raft_fence_as_an_example() -> None:
    """README shows a fence this way; CommonMark: a longer fence holds a shorter one as text."""
    page = RenderedPage(
        "````\n" + raft_fence('src="leader-election"') + "````\n\n~~~~md\n" + raft_fence(body="nonsense\n") + "~~~~\n"
    )

    assert page.reports == []
    assert page.html.count("```raft") == 2
    assert "<raft-stepper" not in page.html


@pytest.mark.parametrize("word", ["rafter", "raft-like", "python raft"])
def test_other_fences_are_left_alone(word: str) -> None:
    """What a host expects: only the word `raft` is taken from its authors."""
    page = RenderedPage(f"```{word}\nx\n```\n")

    assert page.reports == []
    assert "<raft-stepper" not in page.html


def test_a_fence_in_an_admonition_stays_in_it() -> None:
    """What an author expects of indented Markdown; an end tag too many would break the page."""
    page = RenderedPage('!!! note "Look"\n\n    Words.\n\n' + raft_fence(body=INLINE, indent="    ") + "\nAfter.\n")

    assert page.reports == []
    inside = page.html[page.html.index('<div class="admonition') : page.html.index("<p>After.</p>")]
    assert inside.count('id="step-') == 2
    assert inside.count("<div") == inside.count("</div>")


def test_two_steppers_on_a_page_share_no_id() -> None:
    """HTML: an id is unique in its document; only the first run has the short anchors."""
    page = RenderedPage(
        raft_fence('src="leader-election"')
        + "\n"
        + raft_fence('src="leader-election"')
        + "\n"
        + raft_fence(body=INLINE)
    )

    steps = [id for _, id in page.tree.headings]
    assert steps[:8] == [f"step-{number}" for number in range(1, 9)]
    assert steps[8:16] == [f"leader-election-2-step-{number}" for number in range(1, 9)]


def test_a_heading_shares_no_id_with_a_stepper() -> None:
    """HTML: an id is unique in its document, also where a page's heading reads like the scenario's name."""
    page = RenderedPage("# Page\n\n## Leader election\n\n" + raft_fence('src="leader-election"') + "\nWords.\n")

    assert page.tree.ids[:3] == ["page", "leader-election_1", "leader-election"]
    assert page.html.endswith("<p>Words.</p>")


def test_each_glyph_that_a_page_names_is_there_once() -> None:
    """The first stepper that names one brings it; a later one brings only what is new."""
    page = RenderedPage(
        "\n".join(
            raft_fence(f'src="{name}"')
            for name in ("leader-election", "one-link-lost-with-pre-vote", "leader-election")
        )
    )

    brought = re.findall(r'<g id="raft-glyph-([\w-]+)"', page.html)
    assert sorted(brought) == sorted({*re.findall(r'"#raft-glyph-([\w-]+)"', page.html)})
    assert brought.index("vote-request") < brought.index("pre-vote-request")
    assert "snapshot" not in brought


def test_an_id_of_ones_own_begins_the_anchors() -> None:
    """The option `id`: links from elsewhere must survive a second stepper above."""
    assert [id for _, id in RenderedPage(raft_fence("id=mine", INLINE)).tree.headings] == ["mine-step-1", "mine-step-2"]
    twice = RenderedPage(raft_fence("id=mine", INLINE) + "\n" + raft_fence("id=mine", INLINE))
    assert [id for _, id in twice.tree.headings] == ["mine-step-1", "mine-step-2"]
    assert 'id="mine": "mine" is the id of something else on this page' in twice.reports[0]


def test_a_file_beside_the_pages_can_be_the_source(tmp_path: Path) -> None:
    """What an author expects: `src=` takes a file, and a mistake in it is told with that file's name."""
    (tmp_path / "mine.yaml").write_text(INLINE, encoding="utf-8")
    (tmp_path / "bad.yaml").write_bytes(b"title: Mine\nsteps:\n" + bytes(range(256)))

    assert RenderedPage(raft_fence("src=mine.yaml"), folder=tmp_path).tree.headings == [
        ("h2", "step-1"),
        ("h2", "step-2"),
    ]
    assert RenderedPage(raft_fence("src=bad.yaml"), folder=tmp_path).reports[0].startswith("bad.yaml:")


def test_every_shipped_scenario_makes_a_page() -> None:
    """README: each shipped scenario can be shown by its name."""
    page = RenderedPage("\n".join(raft_fence(f'src="{name}"') for name in library.list_scenario_ids()))

    assert page.reports == []
    assert page.html.count("<raft-stepper") == len(library.list_scenario_ids())


def test_the_same_page_gives_the_same_bytes() -> None:
    """A build can be repeated, so that a difference in its output means a difference in its input."""
    text = raft_fence('src="leader-election"') + "\n" + raft_fence(body=INLINE)

    assert RenderedPage(text).html == RenderedPage(text).html
