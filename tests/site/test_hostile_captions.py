"""Captions that reach past their own words: the rest of the page stays what it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from markdown import Markdown

from raftstep.document.problem import Problems
from raftstep.scenario.load import load_and_play
from raftstep.simulation.describe import transcript
from raftstep.site.extension import RaftExtension
from raftstep.site.scenario_pages import scenario_page
from tests.site.fences import INLINE, RenderedPage, TestHost, Tree, raft_fence

PLAIN = ("toc", "tables", "admonition", "fenced_code")
SITE = (
    *("abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "pymdownx.details"),
    *("pymdownx.highlight", "pymdownx.superfences", "tables", "toc"),
)
"""The extensions that mkdocs.yml lists and that change what a caption can do."""

MARKUP = "<img src=x onerror=pwn(1)>"
AFTER = f"\n\n```html\n{MARKUP}\n```\n\n~~~\n{MARKUP}\n~~~\n\n[End] Doc [^1]\n"

CAPTIONS = (
    *("a\n\n```", "a\n\n````", "a\n\n~~~", "a\n\n~~~~ x", "```", "~~~", "a\n```\nb", "```python hl_lines=1\na"),
    *("- ```\n  a", "- a\n\n    ```\n    b", "1. ~~~\n   a", "> ```\n> a", "> > ~~~\n> a", ">```", ": ```", "* > ```"),
    *("    ```\n    a", "  ~~~\n  a", " ```\na\n ```", "   ~~~\na\n~~~", "\t```\n\ta"),
    *(
        "!!! note\n    ```\n    a",
        "??? note\n    ~~~",
        "```\na\n````",
        "````\na\n```",
        "```\na\n~~~",
        "~~~\n```\n~~~\n```",
    ),
    *(
        "```\na\n```\n\n```",
        "- ```\n  a\n  ```",
        "> ```\n> a\n```",
        "```\na\n ```",
        "~~~ `\na\n~~~",
        "``` raft\na",
        "\u00a0```",
    ),
)


def render(
    say: str, *, extensions: tuple[str, ...], html: bool = False, command: str = "x=7", after: str = AFTER
) -> str:
    """A page whose stepper has this caption three times, and code and words after it."""
    scenario = {
        "title": "Doc",
        "nodes": ["S1", "S2", "S3"],
        "seed": 7,
        "until_ms": 700,
        "happens": [{"when": "become-leader", "after_ms": 20, "client": {"node": "leader", "command": command}}],
        "steps": [
            {"name": "Sent", "title": "A", "when": "append-command", "after_ms": 8, "say": say, "why": say},
            {"name": "Committed", "title": "B", "when": "commit", "say": say},
        ],
    }
    host = TestHost(1, Path(), {}, {}, {})
    markdown = Markdown(extensions=[*extensions, RaftExtension(host=host, html=html)])
    page: str = markdown.convert(f"# Page\n\n~~~~~raft\n{json.dumps(scenario)}\n~~~~~{after}")
    assert host.reports == []
    return page


def words_of(page: str) -> str:
    """What stands between the first step's heading and its pictures."""
    match = re.search(r"<h2[^>]*>.*?</h2>\s*(.*?)\s*(?=<blockquote class=\"raft-why)", page, re.DOTALL)
    assert match
    return match[1]


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("extensions", [PLAIN, SITE])
@pytest.mark.parametrize("caption", CAPTIONS)
def test_no_fence_reaches_past_its_caption(caption: str, extensions: tuple[str, ...], html: bool) -> None:
    """An open fence must swallow no part of the stepper, and free no code further down the page."""
    page = render(caption, extensions=extensions, html=html)
    tree = Tree(page)
    assert (tree.misnested, tree.open) == ([], [])
    parts = re.findall(r'<raft-stepper|<section role|<h2 id="[\w-]+"|<figure class="raft-logs"|</raft-stepper', page)
    step = ["<section role", '<h2 id="step-{}"', '<figure class="raft-logs"']
    expected = [part.format(number) for number in (1, 2) for part in step]
    assert parts == ["<raft-stepper", *expected, "</raft-stepper"]
    assert MARKUP not in page
    assert not re.search("[\x02\x03\ufdd0-\ufdef]|wzxhzdk", page)


@pytest.mark.parametrize("extensions", [PLAIN, SITE])
@pytest.mark.parametrize("ticks", ["```", "~~~", "`````"])
def test_a_closed_fence_is_code(ticks: str, extensions: tuple[str, ...]) -> None:
    """A caption may show code, and a value in it is shown letter by letter."""
    page = render(f"{ticks}\n*a*\n\n{{{{ leader.log[-1] }}}}\n{ticks}", extensions=extensions, command="x=2*3_")
    assert re.search(r"<code>\*a\*\n\nx=2\*3_\n</code>", words_of(page))


@pytest.mark.parametrize("extensions", [PLAIN, SITE])
@pytest.mark.parametrize("ticks", ["~~~", "```", "````", "``````"])
def test_the_source_on_a_scenarios_page_stays_code(ticks: str, extensions: tuple[str, ...], tmp_path: Path) -> None:
    """Fences in a scenario and in its captions must not end the code that shows the scenario."""
    source = (
        "title: Fences\nsummary: Open ones.\nnodes: [S1, S2, S3]\nseed: 7\nuntil_ms: 300\nsteps:\n  - name: A\n"
        f"    title: T\n    when: start\n    say: |\n      a\n\n      {ticks}\n# {MARKUP}\n# {ticks}\n"
    )
    (tmp_path / "fences.yaml").write_text(source, encoding="utf-8")
    played = load_and_play("fences.yaml", source.encode())
    assert not isinstance(played, Problems)
    page = scenario_page(played, {}, transcript(played.trace)).replace('src="fences"', 'src="fences.yaml"')
    host = TestHost(1, tmp_path, {}, {}, {})
    html = Markdown(extensions=[*extensions, RaftExtension(host=host)]).convert(page.split("---\n", 2)[2])
    assert host.reports == []
    assert MARKUP not in html
    assert "The transcript</h2>" in re.sub(r"<a [^>]*>.*?</a>", "", html)


@pytest.mark.parametrize(
    "caption",
    [
        "a ` b\n\n{{ leader.log[-1] }}\n\nc ` d",
        "- a ` b\n- {{ leader.log[-1] }} ` c",
        "<a title={{ leader.log[-1] }}>q</a>",
        '<a title="> {{ leader.log[-1] }}">q</a>',
        "<div>`{{ leader.log[-1] }}`</div>",
        "<div>\n\n    {{ leader.log[-1] }}\n\n</div>",
        "- a\n\n    {{ leader.log[-1] }}",
        "~~~\n\n{{ leader.log[-1] }}\n~~~",
        "~~~\n\n{{ leader.log[-1] }}",
    ],
)
@pytest.mark.parametrize("command", [MARKUP, "x onmouseover=pwn(1)", '"onmouseover=pwn(1) a="', "`<i onclick=pwn(1)>`"])
@pytest.mark.parametrize("extensions", [(), PLAIN, SITE])
def test_a_value_is_never_markup(caption: str, command: str, extensions: tuple[str, ...]) -> None:
    """Where authors may write HTML, what a client sends still is text."""
    page = render(caption, extensions=extensions, html=True, command=command, after="")
    assert not re.search(r"<\w[^<>]*\son\w+\s*=", re.sub(r'="[^"]*"', "=", page))
    assert MARKUP not in page


@pytest.mark.parametrize("extensions", [PLAIN, SITE])
@pytest.mark.parametrize(
    ("caption", "shown"),
    [
        ("{{ leader.term }}. That is it", "<p>2. That is it</p>"),
        ("1{{ leader.term }}) That is it", "<p>12) That is it</p>"),
        ("a\n\n    {{ leader.log[-1] }}", "<code>x=2*3_\n</code>"),
        ("S1 <b and {{ leader.log[-1] }} > 3", "<p>S1 <b and x=2*3_ > 3</p>"),
        ("a \\\\`{{ leader.log[-1] }}`", "<p>a \\<code>x=2*3_</code></p>"),
    ],
)
def test_values_keep_their_look(caption: str, shown: str, extensions: tuple[str, ...]) -> None:
    """A value that Markdown has signs for is shown as the run has it, wherever it lands."""
    page = words_of(render(caption, extensions=extensions, command="x=2*3_"))
    for entity, sign in (("&#61;", "="), ("&#42;", "*"), ("&#95;", "_"), ("&lt;", "<"), ("&gt;", ">")):
        page = page.replace(entity, sign)
    assert shown in page.replace("<span></span>", "")


@pytest.mark.parametrize(
    "caption",
    [
        *(
            "- [End]: http://e",
            "- *[Doc]: e",
            "- [^1]: e",
            ": [End]: http://e",
            "1. [End]: http://e",
            "> [End]: http://e",
        ),
        *("a\n\n!!! note\n    [End]: http://e", "[En\nd]: http://e", "- > *[Doc] : e", "a\n: *[Doc]: e"),
    ],
)
def test_no_definition_reaches_past_its_caption(caption: str) -> None:
    """Definitions hold for a whole page, and a caption must not change the page's own links and words."""
    page = render(caption, extensions=SITE, after="\n\n[End] Doc [^1]\n")
    assert page.endswith("<p>[End] Doc [^1]</p>")


def test_a_caption_has_no_part_in_the_steppers_ids_and_classes() -> None:
    """Anchors and the script find steps by them, so attribute lists of words lose them."""
    page = render(
        "words\n{: #step-2 .raft-step .mine }\n\n## x {: id=step-2 class=raft-step }", extensions=SITE, after=""
    )
    assert words_of(page).startswith('<p class="mine">words</p>\n<h2 id="x">x')
    assert page.count('id="step-2"') == 1


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085"], ids=ascii)
def test_a_line_end_that_only_python_knows_is_refused(sign: str) -> None:
    """Markdown sees one line where Python sees two, so a rule for the beginnings of lines would pass the second by."""
    escaped = f"\\u{ord(sign):04x}"
    body = INLINE.replace("say: No one leads.", f'say: "w{escaped}{escaped}[docs]: javascript:pwn(2)"')
    page = RenderedPage("[docs]\n\n" + raft_fence(body=body))

    assert "javascript:" not in re.sub(r"<pre>.*?</pre>", "", page.html, flags=re.S)
    assert len(page.reports) == 1


def test_a_fence_of_tildes_keeps_no_attributes() -> None:
    """The words behind `~~~` may hold a backtick; an event handler there must go like any other."""
    body = INLINE.replace("say: No one leads.", 'say: "w\\n\\n~~~ { .python onclick=\\"pwn(8)//`\\" }\\ncode\\n~~~"')
    page = RenderedPage(raft_fence(body=body))

    assert re.search(r"<[^>]*onclick", page.html) is None
