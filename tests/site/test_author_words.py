"""Words of scenarios on a page: values show as they are, and a stranger's HTML is text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown import Markdown

from raftstep.document.markdown_text import escape_markdown, fill_markdown, read_markdown
from raftstep.site.extension import RaftExtension
from tests.site.fences import INLINE, RenderedPage, problem_boxes, raft_fence

EXTENSIONS = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "smarty"]
EXTENSIONS += ["pymdownx.superfences", "pymdownx.highlight", "pymdownx.tilde", "pymdownx.caret", "pymdownx.mark"]


class ReadText(HTMLParser):
    """What a reader sees of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


def show(words: str, **options: bool) -> str:
    """The HTML of a step that says these words."""
    body = INLINE.replace("No one leads.", json.dumps(words))
    page = Markdown(extensions=[*EXTENSIONS[:-5], RaftExtension(**options)]).convert(raft_fence(body=body))
    return page.split('class="raft-place">')[1].split("<figure")[0].split("</h2>")[1]


COMMANDS = st.text(
    st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S"), include_characters=" *_`[]<>&|{}$:#-+~^=\\!\"'"),
    min_size=1,
    max_size=40,
).filter(lambda text: not any(sign.isspace() and sign != " " for sign in text) and text == text.strip())


@given(
    COMMANDS,
    st.sampled_from(["{}", "a {} b", "**{}**", "- {}", "# {}", "[{}](x.md)", "`{}`", "a `b {} c` d", "a{}"]),
)
@example("<img src=x onerror=pwn(1)>", "{}")
@example("x=2*3*4", "a {} b")
@example("set <key> 5", "{}")
@example("`a` ``b`", "`{}`")
@example("1. x", "{}")
@example(":smile: ==a== ~b~ ^c^ --", "{}")
@example("{: #id .class }", "**{}**")
def test_any_value_shows_as_it_is_wherever_it_stands(value: str, words: str) -> None:
    """A command is a client's own text: Markdown and HTML in it must not act, and must not go missing."""
    before, after = words.split("{}")
    markdown = fill_markdown([(before, False), (value, True), (after, False)])

    html = Markdown(extensions=EXTENSIONS).convert(markdown)

    shown = ReadText(html).text
    expected = ReadText(Markdown(extensions=EXTENSIONS).convert(words.replace("{}", "VALUE"))).text
    assert shown.strip().replace("’", "'") == expected.replace("VALUE", value).strip().replace("’", "'")


@given(COMMANDS)
def test_escaped_text_reads_as_it_was(text: str) -> None:
    """Places that show no Markdown, such as a terminal, get the text back."""
    assert read_markdown(escape_markdown(text)) == text


@settings(max_examples=25)
@given(COMMANDS.filter(lambda text: "no-op" not in text))
@example("<img src=x onerror=pwn(1)>")
@example("x=2*3*4")
@example("a `b` | c")
def test_any_command_shows_on_a_page_as_a_client_sent_it(command: str) -> None:
    """In a heading, in running words and in code: the page's HTML, read back, holds the command."""
    body = INLINE.replace("until_ms: 300", "until_ms: 400") + (
        '  - {name: Append, when: append-command, title: "Entry {{ it.log[0] }}", say: "It is {{ it.log[0] }}, '
        'in code `{{ it.log[0] }}`."}\n'
        f"happens: [{{at_ms: 390, client: {{node: leader, command: {json.dumps(command, ensure_ascii=False)}}}}}]\n"
    )
    page = RenderedPage(raft_fence(body=body))

    assert page.reports == []
    words = page.html.split('class="raft-place">')[-1].split("<figure")[0]
    title, say = (part.split("</")[0] for part in re.split(r"<h2[^>]*>|</h2>\s*<p>", words)[1:])
    assert ReadText(title).text == f"Entry {command}"
    assert ReadText(words).text.split("It is ")[1].startswith(f"{command}, in code {command}.")
    assert say


HOSTILE = [
    "<script>pwn(1)</script>",
    "a <img src=x onerror=pwn(1)> b",
    "<div>never closed",
    "[click](javascript:pwn(1))",
    "[click](java&#115;cript&colon;pwn(1))",
    "[click]( \tJavaScript:pwn(1))",
    "[click][x]\n\n[x]: javascript:pwn(1)",
    "![a](javascript:pwn(1))",
    "**a**{: onclick=pwn(1) }",
    "words\n{: onmouseover=pwn(1) style=color:red }",
    '``` {.python onclick="pwn(1)"}\nx\n```',
    "text[^1]\n\n[^1]: <b onclick=pwn(1)>note</b>",
    "<!--raft-figure:99999-->",
    "<javascript:pwn(1)>",
    "`<b onclick=pwn(1)>`",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_strangers_words_run_nothing(words: str) -> None:
    """A maintainer may show scenarios of strangers: without `html` no words of theirs are markup that acts."""
    html = show(words)

    tags = re.findall(r"<[a-z!][^>]*>", html)
    assert not [tag for tag in tags if re.search(r"(?i)script|\son\w+=|style=|<(img|div class=\"x|b\b|!)", tag)], html


def test_html_in_words_is_text_and_markup_only_where_a_site_wants_it() -> None:
    """The setting `html`: the safe way is the default, and a site that writes its own scenarios may choose."""
    words = "Press <kbd>x</kbd>, see [this](https://example.org/), <https://example.org/> and `<b>`."

    assert "&lt;kbd&gt;x&lt;/kbd&gt;" in show(words)
    assert "<kbd>x</kbd>" in show(words, html=True)
    for html in (show(words), show(words, html=True)):
        assert html.count('href="https://example.org/"') == 2
        assert "<code>&lt;b&gt;</code>" in html


def test_the_words_of_the_page_around_stay_as_they_are() -> None:
    """A page's own author writes HTML and attributes as ever, before and after a stepper."""
    text = (
        '<kbd>a</kbd>\n{: onclick="x" }\n\n' + raft_fence(body=INLINE) + '\n**b**{: style="color:red" } <kbd>c</kbd>\n'
    )

    html = RenderedPage(text).html

    assert html.count("<kbd>") == 2
    assert 'onclick="x"' in html
    assert 'style="color:red"' in html


def test_braces_in_a_title_take_no_anchor_away() -> None:
    """`attr_list` would read them as attributes, and links to the step would lead nowhere."""
    body = INLINE.replace("Three followers", '"A {x} and {: #mine .b}"')

    page = RenderedPage(raft_fence(body=body))

    assert ("h2", "step-1") in page.tree.headings
    assert "A {x} and {: #mine .b}" in page.html


def test_an_id_that_the_page_has_already_is_a_problem() -> None:
    """Ids are unique on a page, or links and labels lead to the wrong place."""
    page = RenderedPage(raft_fence(body=INLINE) + "\n" + raft_fence('id="step-1"', INLINE))

    assert len(problem_boxes(page)) == 1
    assert 'id="step-1": "step-1" is the id of something else on this page; choose another id' in page.reports[0]
    assert page.tree.ids.count("step-1") == 1


def test_a_file_named_like_a_step_still_has_its_own_id(tmp_path: Path) -> None:
    """The first stepper's anchors are step-1, step-2 and so on, whatever its file is called."""
    (tmp_path / "step-1.yaml").write_text(INLINE, encoding="utf-8")
    page = RenderedPage(raft_fence('src="step-1.yaml"'), folder=tmp_path)

    assert page.tree.ids.count("step-1") == 1
