"""The Markdown extension, given nonsense: a visible box and a report with the page's own line; it never raises."""

from __future__ import annotations

import re

import pytest

from tests.site.fences import INLINE, RenderedPage, problem_boxes, raft_fence


@pytest.mark.parametrize("id", ['id="my steps"', 'id="&quot;&gt;&lt;b&gt;"', "id='\"x'", 'id="ünïcode"', 'id=""'])
def test_no_id_breaks_the_page(id: str) -> None:
    """Anyone may hand over anything: an id with quotes, blanks or markup must not leave its attribute."""
    page = RenderedPage(raft_fence(id, INLINE))

    assert problem_boxes(page) or [heading for heading in page.tree.headings if heading[1].endswith("step-1")]
    assert not [one for one in page.tree.ids if re.search(r"\s", one)]


def test_a_mistake_in_an_inline_scenario_has_the_pages_line() -> None:
    """Style, *Problems*: the place is where the author's editor finds it, which is the page."""
    text = "# Page\n\nWords.\n\n" + raft_fence(body=INLINE.replace("when: start-election", "when: start-electoin"))

    page = RenderedPage(text)

    line = next(number for number, line in enumerate(text.splitlines(), 1) if "electoin" in line)
    assert len(page.reports) == 1
    assert page.reports[0].startswith(f"docs/page.md:{line}:")
    assert f"{line} |   - {{name: Stand" in page.reports[0]
    assert problem_boxes(page) == [page.reports[0]] or page.reports[0] in problem_boxes(page)[0]


@pytest.mark.parametrize("indent", ["  ", "    "])
def test_a_mistake_in_an_indented_fence_has_its_column_and_its_caret(indent: str) -> None:
    """The line is shown as it stands in the page, and the caret is under the word that is wrong."""
    body = INLINE.replace("when: start-election", "when: start-electoin")

    report = RenderedPage("!!! note\n\n" + raft_fence(body=body, indent=indent)).reports[0]

    head, _, line, caret = report.splitlines()[:4]
    shown = line.split("| ", 1)[1]
    assert shown.startswith(f"{indent}  - {{name: Stand")
    assert head.split(":")[2] == str(shown.index("start-electoin") + 1)
    assert caret.split("| ", 1)[1].index("^") == shown.index("start-electoin")


def test_front_matter_counts() -> None:
    """MkDocs cuts the front matter off before Markdown sees the page; the author's editor does not."""
    page = RenderedPage(raft_fence(body=INLINE.replace("seed: 7", "seed: seven")), first_line=5)

    assert page.reports[0].startswith("docs/page.md:8:")


def test_a_mistake_that_only_the_run_shows_has_the_pages_line() -> None:
    """Style, *Problems*: a claim that the run refutes has a place too."""
    text = "Words.\n\n" + raft_fence(body=INLINE + "expect: {leader: S1}\n")

    assert RenderedPage(text).reports[0].startswith("docs/page.md:11:1: at ")


def test_an_unknown_option_is_told_the_nearest_one() -> None:
    """Errors teach: a mistyped option is answered with the likeliest one."""
    page = RenderedPage("Words.\n\n" + raft_fence('scr="leader-election"'))

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
        ("", "title: \x00\n", "page.md:4:8: the character U+0000"),
        ("", "text\n", "expected a scenario"),
        (f'src="{"x" * 900}"', "", "there is no scenario"),
        (f'src="{"x" * 5000}"', "", "characters of options; write at most 1,000"),
        ('src="../../../../etc/hostname"', "", ":"),
        ('src="."', "", "there is no scenario"),
    ],
)
def test_a_mistake_leaves_a_box_and_a_report_and_the_rest_of_the_page(options: str, body: str, words: str) -> None:
    """Style, *Problems*: log it, leave a visible box, and harm nothing around it."""
    page = RenderedPage(
        "Before.\n\n" + raft_fence(options, body if not body or body.endswith("\n") else body + "\n") + "\nAfter.\n"
    )

    assert len(page.reports) == 1
    assert words in page.reports[0]
    assert len(problem_boxes(page)) == 1
    assert "<p>Before.</p>" in page.html
    assert "<p>After.</p>" in page.html


def test_a_broken_scenario_does_not_hide_the_next_one() -> None:
    """Style, *Problems*: report all, not the first."""
    page = RenderedPage(raft_fence(body="broken\n") + "\n" + raft_fence(body=INLINE))

    assert len(page.reports) == len(problem_boxes(page)) == 1
    assert ("h2", "step-1") in page.tree.headings


def test_a_fence_that_is_never_closed_leaves_the_page_whole() -> None:
    """CommonMark: an unclosed fence ends with the document; what stands before it is unharmed."""
    page = RenderedPage("Before.\n\n```raft\n" + INLINE)

    assert page.html.startswith("<p>Before.</p>")
    assert problem_boxes(page) or page.tree.headings


def test_a_fence_in_raw_html_says_how_it_can_be_read() -> None:
    """What an author expects: Markdown leaves raw HTML alone, and a stepper without its steps would be a dead one."""
    page = RenderedPage("<div>\n\n" + raft_fence(body=INLINE) + "\n</div>\n\nAfter.\n")

    assert [report.partition(";")[0] for report in page.reports] == [
        "docs/page.md:3:1: the fence lies inside raw HTML, where Markdown is not read"
    ]
    assert problem_boxes(page)
    assert "<raft-stepper" not in page.html
    assert page.html.endswith("<p>After.</p>")


def test_a_fence_in_a_comment_is_commented_out() -> None:
    """What an author expects of a comment: nothing of it is shown, and nothing in it is a mistake."""
    page = RenderedPage("Before.\n\n<!--\n" + raft_fence(body=INLINE) + "-->\n\nAfter.\n")

    assert page.reports == []
    assert re.sub(r"\s*<!--\s*-->\s*", "|", page.html) == "<p>Before.</p>|<p>After.</p>"


def test_a_line_of_a_hundred_thousand_characters_is_refused_at_once() -> None:
    """A page may come from a stranger: the time for a line does not grow with the square of its length."""
    lines = ["```raft " + "a" * 100_000, "```", "```raft-exhibit " + " " * 100_000 + "x", "```"]

    page = RenderedPage("\n".join(lines))

    assert "the fence's first line holds 100,001 characters of options; write at most 1,000" in page.reports[0]


def test_words_of_a_scenario_cannot_become_markup() -> None:
    """Style, *Templates*: autoescape is on; a scenario may come from a stranger."""
    harm = "<script>alert(1)</script>"
    body = INLINE.replace("Three nodes", f"'{harm}'").replace("name: Start", f"name: '{harm}'")
    body += f"happens: [{{at_ms: 1, client: {{node: S1, command: '{harm}'}}}}]\n"

    page = RenderedPage(raft_fence(body=body))

    assert page.reports == []
    assert harm not in page.html.replace("\\u003c", "<")
