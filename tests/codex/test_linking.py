"""Terms in running text: the first use in a section leads to the entry, and shows its one sentence."""

from __future__ import annotations

import re

import pytest

from raftstep.site.codex.linking import Linker
from tests.codex.reading import Converted, read


def linked(text: str, **options: object) -> list[tuple[str, str]]:
    """The words that became links to terms, and where they lead."""
    html = Converted(text, **options).html  # type: ignore[arg-type]
    found = re.findall(r'<a class="raft-codex-term" href="([^"]+)"[^>]*>([^<]+)</a>', html)
    return [(words, href) for href, words in found]


CANDIDATE = "../codex/terms/candidate.md"
VOTE = "../codex/terms/vote.md"


def test_a_link_is_no_more_than_a_link() -> None:
    """Its sentence is fetched when it is asked for."""
    assert Converted("A candidate.", uri="index.md").html == (
        '<p>A <a class="raft-codex-term" href="codex/terms/candidate.md">candidate</a>.</p>'
    )


def test_only_the_first_use_in_a_section_is_linked() -> None:
    """Not every word is underlined; a heading begins anew."""
    text = "A candidate asks candidates.\n\nThe candidate.\n\n## More\n\nAnother candidate."

    assert linked(text) == [("candidate", CANDIDATE), ("candidate", CANDIDATE)]


def test_other_forms_and_capitals_lead_to_the_same_entry() -> None:
    """The key `forms` of a term: authors write plurals, and sentences begin with capitals."""
    assert linked("Votes are counted. Candidates count them.") == [("Votes", VOTE), ("Candidates", CANDIDATE)]


@pytest.mark.parametrize(
    "text",
    [
        "## A vote",
        "Voters and pre-vote and vote-splitting and devote.",
        "In `vote` and <kbd>vote</kbd> and <abbr>vote</abbr>.",
        "```\nvote\n```",
        "[a vote](https://example.org/)",
        "![vote](vote.png)",
        "| vote |\n| --- |\n| 3 |",
        "A paragraph without.\n{: .raft-plain }",
        "A vote.\n{: .raft-plain }",
        "See below.[^1]\n\n[^1]: A vote, in a footnote.",
    ],
    ids=["heading", "other words", "code", "block", "link", "picture", "header", "nothing", "plain", "footnote"],
)
def test_words_are_left_alone_where_a_link_would_be_out_of_place(text: str) -> None:
    """CONTRIBUTING: headings, code and links stay as written, and `.raft-plain` turns linking off."""
    assert [words for words, href in linked(text) if href == VOTE] == []


def test_words_are_found_in_lists_tables_quotes_and_emphasis() -> None:
    """A term is a term wherever prose stands, and much of it stands in lists and tables."""
    text = "- a *vote*\n\n## Next\n\n> a vote\n\n## Next\n\n| a |\n| --- |\n| vote |\n"

    assert linked(text) == [("vote", VOTE)] * 3


def test_the_text_around_links_stays_as_it_is() -> None:
    """Two links in one text, one after an element, and a line break in a term."""
    html = Converted("One candidate, *one* vote, and a candidate.").html

    assert re.sub(r"</?a\b[^>]*>", "", html) == "<p>One candidate, <em>one</em> vote, and a candidate.</p>"


def test_an_authors_own_link_is_the_first_use() -> None:
    """What they wrote around it stays; the next use is no link."""
    assert linked("Their [votes](../codex/terms/vote.md) count; a vote is a promise.") == []


def test_a_terms_own_page_does_not_link_to_itself() -> None:
    """A link to the page one is on leads nowhere."""
    assert linked("A candidate wants a vote.", uri="codex/terms/candidate.md", without="candidate") == [
        ("vote", "vote.md")
    ]


def test_a_page_may_ask_for_no_links() -> None:
    """CONTRIBUTING, *Adding to the Codex*: `terms: false` in a page's front matter."""
    assert linked("A candidate wants a vote.", linked=False) == []


def test_words_are_found_as_by_trying_every_form_at_every_place() -> None:
    """The quick pattern begins with first letters; its twin has all forms in a row, the longest first."""
    linker = Linker(read().terms)
    plain = "|".join(map(re.escape, sorted(linker.ids, key=lambda form: (-len(form), form))))
    text = "; ".join(form + tail for form in linker.ids for tail in ("", "s", " of", f" {form[:3]}", f"-{form}"))

    found = [(start, end) for start, end, _ in linker.find_terms(text)]

    assert found == [match.span() for match in re.finditer(rf"(?<![\w-])(?:{plain})(?![\w-])", text)]
    assert len(found) > len(linker.ids)
