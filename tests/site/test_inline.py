"""Plain words pass Markdown's inline patterns by, and every page is as it would be without that."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from raftstep.site.extension import RaftExtension
from raftstep.site.inline import QuickInline

COMMON = ["abbr", "attr_list", "footnotes", "tables"]
PIECES = st.sampled_from(
    [
        *("word", "S1", " ", "  \n", "\n", "\n\n", "`", "``", "\\", "*", "**", "_", "[", "]", "(", ")", "!", "^", ":"),
        *(
            "<",
            ">",
            "&",
            "&amp;",
            "https://raft.github.io",
            "a@b.org",
            "# ",
            "- ",
            "> ",
            "| ",
            "{: .a }",
            "~",
            "=",
            "$",
        ),
        *("[word](b.md)", "![word](c.svg)", "[word][S1]", "[^1]", "\n[S1]: d.md\n", "\n[^1]: note\n", "\n*[S1]: one\n"),
    ]
)


def ours(text: str, *more: str) -> str:
    return Markdown(extensions=[*COMMON, *more, RaftExtension()]).convert(text)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_becomes_what_markdown_alone_makes_of_it(text: str) -> None:
    assert ours(text) == Markdown(extensions=COMMON).convert(text)


def test_words_without_a_sign_are_still_looked_through_for_abbreviations() -> None:
    assert ours("RPC calls\n\n*[RPC]: remote procedure call") == (
        '<p><abbr title="remote procedure call">RPC</abbr> calls</p>'
    )


def test_a_pattern_of_another_extension_finds_its_own_signs() -> None:
    assert ours("H~2~O", "pymdownx.tilde") == "<p>H<sub>2</sub>O</p>"


def test_it_takes_the_place_of_nothing_but_markdowns_own() -> None:
    markdown = Markdown(extensions=[RaftExtension()])
    first = markdown.treeprocessors["inline"]
    markdown.reset()
    assert isinstance(first, QuickInline)
    assert markdown.treeprocessors["inline"] is first
