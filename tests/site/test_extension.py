"""The Markdown extension alone, without MkDocs: what a raft fence becomes, and that a mistake never breaks the page."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from markdown import Markdown

from raftstep.scenario import library
from raftstep.site.extension import PageContext, RaftExtension

VOID = {"br", "hr", "img", "input", "meta", "link"}
INLINE = """\
title: Three nodes
nodes: [S1, S2, S3]
seed: 7
until_ms: 300
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
  - {name: Stand, title: "{{ it }} stands", when: start-election, say: "**{{ it }}** stands.", after_ms: 4}
"""


class Tree(HTMLParser):
    """Ids, text by tag, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.labels: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("id"):
            self.ids.append(named["id"] or "")
        for key in ("aria-labelledby", "aria-describedby"):
            self.labels += (named.get(key) or "").split()
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, named.get("id") or ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


class Page:
    """A page converted, and what was reported on the way."""

    def __init__(self, text: str, **context: object) -> None:
        self.reports: list[str] = []
        known = PageContext()
        known.path = "docs/page.md"
        known.report = self.reports.append
        for key, value in context.items():
            setattr(known, key, value)
        self.markdown = Markdown(extensions=["toc", "tables", "admonition", "fenced_code", RaftExtension(context=known)])
        self.html = self.markdown.convert(text)
        self.tree = Tree(self.html)
        assert self.tree.wrong == []
        assert self.tree.open == []
        assert len(self.tree.ids) == len(set(self.tree.ids)), "an id twice"
        assert set(self.tree.labels) <= set(self.tree.ids), "a label that is not there"


def fence(options: str = "", body: str = "", *, indent: str = "") -> str:
    lines = f"```raft{' ' + options if options else ''}\n{body}```\n".splitlines()
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)


def boxes(page: Page) -> list[str]:
    """The words of the visible boxes."""
    found = re.findall(r'<(\w+)[^>]*class="[^"]*raft-problem[^"]*"[^>]*>(.*?)</\1>', page.html, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", words)) for _, words in found]


def test_a_fence_becomes_eight_headings_with_anchors() -> None:
    page = Page("# The page\n\n" + fence('src="leader-election"') + "\n## After\n")

    assert page.reports == []
    assert page.tree.headings == [
        ("h1", "the-page"),
        *[("h2", f"step-{number}") for number in range(1, 9)],
        ("h2", "after"),
    ]
    assert page.html.count("<raft-stepper") == page.html.count('class="raft-film"') == 1


def test_the_headings_are_in_the_table_of_contents() -> None:
    page = Page("# The page\n\n" + fence('src="leader-election"'))
    tokens = page.markdown.toc_tokens[0]["children"]  # type: ignore[attr-defined]

    assert [token["id"] for token in tokens] == [f"step-{number}" for number in range(1, 9)]
    assert tokens[1]["name"] == "S1 times out first and stands for election"


def test_captions_are_markdown() -> None:
    assert "<p><strong>S1</strong> stands." in Page(fence(body=INLINE.replace("seed: 7", "seed: 7\ntimers: {S1: [150]}"))).html


@pytest.mark.parametrize(("above", "tag"), [("", "h2"), ("# One\n", "h2"), ("# One\n\n### Three\n", "h4"), ("###### Six\n", "h6")])
def test_steps_stand_one_level_below_the_heading_above(above: str, tag: str) -> None:
    headings = Page(above + "\n" + fence(body=INLINE)).tree.headings

    assert [found for found, id in headings if id.startswith("step-")] == [tag, tag]


def test_a_comment_in_an_example_above_is_no_heading() -> None:
    page = Page("# One\n\n```sh\n### three\n```\n\n" + fence(body=INLINE))

    assert ("h2", "step-1") in page.tree.headings


def test_the_heading_level_can_be_chosen() -> None:
    assert ("h5", "step-1") in Page(fence("heading=5", INLINE)).tree.headings


def test_an_inline_scenario_becomes_its_steps() -> None:
    page = Page("Words.\n\n" + fence(body=INLINE) + "\nMore words.\n")

    assert page.reports == []
    assert page.tree.headings == [("h2", "step-1"), ("h2", "step-2")]
    assert page.html.startswith("<p>Words.</p>")
    assert page.html.endswith("<p>More words.</p>")


@pytest.mark.parametrize("options", ['picture="2"', "picture=2 src=leader-election"])
def test_a_single_picture_brings_no_steps(options: str) -> None:
    page = Page(fence(options, "" if "src" in options else INLINE))

    assert page.reports == []
    assert page.tree.headings == []
    assert page.html.count('class="raft-cluster"') == 1
    assert "raft-film" not in page.html


def test_a_longer_fence_shows_a_raft_fence_as_an_example() -> None:
    page = Page("````\n" + fence('src="leader-election"') + "````\n\n~~~~md\n" + fence(body="nonsense\n") + "~~~~\n")

    assert page.reports == []
    assert page.html.count("```raft") == 2
    assert "<raft-stepper" not in page.html


@pytest.mark.parametrize("word", ["rafter", "raft-like", "python raft"])
def test_other_fences_are_left_alone(word: str) -> None:
    page = Page(f"```{word}\nx\n```\n")

    assert page.reports == []
    assert "<raft-stepper" not in page.html


def test_a_fence_in_an_admonition_stays_in_it() -> None:
    page = Page('!!! note "Look"\n\n    Words.\n\n' + fence(body=INLINE, indent="    ") + "\nAfter.\n")

    assert page.reports == []
    inside = page.html[page.html.index('<div class="admonition') : page.html.index("<p>After.</p>")]
    assert inside.count('id="step-') == 2
    assert inside.count("<div") == inside.count("</div>")


def test_two_steppers_on_a_page_share_no_id() -> None:
    page = Page(fence('src="leader-election"') + "\n" + fence('src="leader-election"') + "\n" + fence(body=INLINE))

    steps = [id for _, id in page.tree.headings]
    assert steps[:8] == [f"step-{number}" for number in range(1, 9)]
    assert steps[8:16] == [f"leader-election-2-step-{number}" for number in range(1, 9)]
    assert page.html.count('class="raft-glyphs"') == 1


def test_an_id_of_ones_own_begins_the_anchors() -> None:
    assert [id for _, id in Page(fence("id=mine", INLINE)).tree.headings] == ["mine-step-1", "mine-step-2"]
    twice = Page(fence("id=mine", INLINE) + "\n" + fence("id=mine", INLINE)).tree.headings
    assert [id for _, id in twice] == ["mine-step-1", "mine-step-2", "mine-2-step-1", "mine-2-step-2"]


@pytest.mark.parametrize("id", ['id="my steps"', 'id="&quot;&gt;&lt;b&gt;"', "id='\"x'", 'id="ünïcode"', 'id=""'])
def test_no_id_breaks_the_page(id: str) -> None:
    page = Page(fence(id, INLINE))

    assert boxes(page) or [heading for heading in page.tree.headings if heading[1].endswith("step-1")]
    assert not [one for one in page.tree.ids if re.search(r"\s", one)]


# what is wrong


def test_a_mistake_in_an_inline_scenario_has_the_pages_line() -> None:
    text = "# Page\n\nWords.\n\n" + fence(body=INLINE.replace("when: start-election", "when: start-electoin"))

    page = Page(text)

    line = next(number for number, line in enumerate(text.splitlines(), 1) if "electoin" in line)
    assert len(page.reports) == 1
    assert page.reports[0].startswith(f"docs/page.md:{line}:")
    assert f"{line} |   - {{name: Stand" in page.reports[0]
    assert boxes(page) == [page.reports[0]] or page.reports[0] in boxes(page)[0]


def test_front_matter_counts() -> None:
    page = Page(fence(body=INLINE.replace("seed: 7", "seed: seven")), first_line=5)

    assert page.reports[0].startswith("docs/page.md:8:")


def test_a_mistake_that_only_the_run_shows_has_the_pages_line() -> None:
    text = "Words.\n\n" + fence(body=INLINE + "expect: {leader: S1}\n")

    assert Page(text).reports[0].startswith("docs/page.md:11:1: at ")


def test_an_unknown_option_is_told_the_nearest_one() -> None:
    page = Page("Words.\n\n" + fence('scr="leader-election"'))

    assert 'unknown option "scr"; did you mean "src"?' in page.reports[0]
    assert page.reports[0].startswith("docs/page.md:3:1: ")


@pytest.mark.parametrize(
    ("options", "body", "words"),
    [
        ('src="leader-electoin"', "", 'did you mean "leader-election"?'),
        ("", "", 'needs either a scenario inside it or src="…"'),
        ('src="leader-election"', INLINE, "not both"),
        ("picture=9", INLINE, "the scenario has 2 steps; name one of them"),
        ("picture=0", INLINE, "is not a number"),
        ("heading=two", INLINE, "is not a number"),
        ("heading=7", INLINE, "heading"),
        ("loud", INLINE, '"loud" is not an option'),
        ("", "[" * 5000, "nested more than 20 levels deep"),
        ("", "title: \x00\n", "page.md:2:"),
        ("", "text\n", "expected a scenario"),
        (f'src="{"x" * 5000}"', "", "there is no scenario"),
        ('src="../../../../etc/hostname"', "", ":"),
        ('src="."', "", "there is no scenario"),
    ],
)
def test_a_mistake_leaves_a_box_and_a_report_and_the_rest_of_the_page(options: str, body: str, words: str) -> None:
    page = Page("Before.\n\n" + fence(options, body if not body or body.endswith("\n") else body + "\n") + "\nAfter.\n")

    assert len(page.reports) == 1
    assert words in page.reports[0]
    assert len(boxes(page)) == 1
    assert "<p>Before.</p>" in page.html
    assert "<p>After.</p>" in page.html


def test_a_broken_scenario_does_not_hide_the_next_one() -> None:
    page = Page(fence(body="broken\n") + "\n" + fence(body=INLINE))

    assert len(page.reports) == len(boxes(page)) == 1
    assert ("h2", "step-1") in page.tree.headings


def test_a_fence_that_is_never_closed_leaves_the_page_whole() -> None:
    page = Page("Before.\n\n```raft\n" + INLINE)

    assert page.html.startswith("<p>Before.</p>")
    assert boxes(page) or page.tree.headings


def test_words_of_a_scenario_cannot_become_markup() -> None:
    harm = "<script>alert(1)</script>"
    body = INLINE.replace("Three nodes", f"'{harm}'").replace("name: Start", f"name: '{harm}'")
    body += f"happens: [{{at_ms: 1, client: {{node: S1, command: '{harm}'}}}}]\n"

    page = Page(fence(body=body))

    assert page.reports == []
    assert harm not in page.html.replace("\\u003c", "<")


def test_a_file_beside_the_pages_can_be_the_source(tmp_path: object) -> None:
    (tmp_path / "mine.yaml").write_text(INLINE, encoding="utf-8")  # type: ignore[operator]
    (tmp_path / "bad.yaml").write_bytes(bytes(range(256)))  # type: ignore[operator]

    assert Page(fence("src=mine.yaml"), folder=tmp_path).tree.headings == [("h2", "step-1"), ("h2", "step-2")]
    assert Page(fence("src=bad.yaml"), folder=tmp_path).reports[0].startswith("bad.yaml:")


def test_every_shipped_scenario_makes_a_page() -> None:
    page = Page("\n".join(fence(f'src="{name}"') for name in library.names()))

    assert page.reports == []
    assert page.html.count("<raft-stepper") == len(library.names())


def test_the_same_page_gives_the_same_bytes() -> None:
    text = fence('src="leader-election"') + "\n" + fence(body=INLINE)

    assert Page(text).html == Page(text).html
