"""The generated pages as Markdown, the bibliography as BibTeX, an entry as search engines read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from raftstep.codex.exports import bibtex, defined_term, defined_term_set
from raftstep.codex.model import SearchFor
from raftstep.codex.occurrences import SITUATIONS, OccurrenceIndex
from raftstep.site.codex.pages import IndexEntry, codex_index_page, sources_page, term_index_entries
from raftstep.site.codex.term_page import term_page
from tests.codex.reading import everyone, read

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_terms_page_tells_all_that_the_data_does(golden: Callable[[str, str], None]) -> None:
    """But for where it is seen, which grows with the scenarios."""
    book = read()
    text = term_page(
        book.terms["candidate"], book, everyone(), system_uris={"MongoDB": "codex/systems/mongodb.md"}, edit_url=""
    )
    seen = text[text.index("## See it happen") : text.index("## Related terms")]

    assert "- Raft leader election: [step 2, Candidate](../../scenarios/leader-election.md#step-2), " in seen
    golden("codex/candidate.md", text.replace(seen, ""))


def test_an_entry_can_be_edited_where_the_repository_is_known() -> None:
    """A reader who finds a mistake should be one click from the line that holds it."""
    book = read()
    address = "https://example.org/edit/main/docs/data/codex/terms.yaml"

    page = term_page(book.terms["vote"], book, everyone(), system_uris={}, edit_url=address)

    assert f"[Edit this entry]({address})" in page


def test_the_index_goes_from_a_to_z(golden: Callable[[str, str], None]) -> None:
    """Terms and systems together, whatever has an entry."""
    etcd = IndexEntry(
        name="etcd", uri="codex/systems/etcd.md", description="A store of keys and values.", kind="system"
    )

    golden("codex/index.md", codex_index_page([etcd, *term_index_entries(read())], sources=3))


def test_the_bibliography_tells_where_each_source_is_and_who_cites_it(golden: Callable[[str, str], None]) -> None:
    """A source that no entry cites, or that cannot be found, supports nothing."""
    golden("codex/sources.md", sources_page(read()))


def test_the_bibliography_is_exported_as_bibtex(golden: Callable[[str, str], None]) -> None:
    """Keys are ids; braces keep the capitals of titles; signs of TeX are escaped."""
    golden("codex/sources.bib", bibtex(read().sources.values()))


# structured data


def loaded(script: str) -> dict[str, object]:
    opening, closing = '<script type="application/ld+json">', "</script>"
    assert script.startswith(opening)
    assert script.endswith(closing)
    data: dict[str, object] = json.loads(script.removeprefix(opening).removesuffix(closing))
    return data


def test_an_entry_is_a_defined_term() -> None:
    """https://schema.org/DefinedTerm: its own two properties, and those of any Thing."""
    term = read().terms["vote"]

    assert loaded(defined_term(term, "https://example.org/raft/")) == {
        "@context": "https://schema.org",
        "@type": "DefinedTerm",
        "@id": "https://example.org/raft/codex/terms/vote/",
        "url": "https://example.org/raft/codex/terms/vote/",
        "name": "Vote",
        "alternateName": ["promise", "ballot cast"],
        "description": term.definition,
        "termCode": "vote",
        "inDefinedTermSet": {
            "@type": "DefinedTermSet",
            "@id": "https://example.org/raft/codex/",
            "url": "https://example.org/raft/codex/",
            "name": "The Codex of Raft, step by step",
        },
    }


def test_the_index_is_the_set_of_all_terms() -> None:
    """schema.org, DefinedTermSet: a glossary lists its terms, each by the address of its page."""
    data = loaded(defined_term_set(read().terms.values(), "https://example.org/raft"))

    assert data["@type"] == "DefinedTermSet"
    assert data["hasDefinedTerm"] == [
        {
            "@type": "DefinedTerm",
            "name": name,
            "@id": f"https://example.org/raft/codex/terms/{name.lower()}/",
            "url": f"https://example.org/raft/codex/terms/{name.lower()}/",
        }
        for name in ("Candidate", "Vote")
    ]


def test_a_site_without_an_address_gives_none() -> None:
    """JSON-LD asks for absolute addresses, and a build without `site_url` knows none."""
    assert "url" not in loaded(defined_term(read().terms["vote"], ""))


# see it happen


def test_a_term_is_seen_in_the_steps_in_which_it_happens() -> None:
    """The generator looks for rules, events, messages, roles and situations in the runs themselves."""
    finder = OccurrenceIndex(everyone())

    def steps(see: SearchFor, scenario: str) -> tuple[int, ...]:
        return next((one.steps for one in finder.find(see) if one.scenario == scenario), ())

    assert steps(SearchFor(rules=("start-election",)), "leader-election") == (2, 8)
    assert steps(SearchFor(roles=("candidate",)), "leader-election") == (2, 8)
    assert steps(SearchFor(events=("crash",)), "leader-election") == (7,)
    assert steps(SearchFor(messages=("RequestVote",)), "leader-election")[0] == 2
    assert steps(SearchFor(), "leader-election") == ()


def test_each_situation_is_seen_in_some_run() -> None:
    """A thing looked for and never found would teach nothing."""
    finder = OccurrenceIndex(everyone())

    assert [name for name in SITUATIONS if not finder.find(SearchFor(situations=(name,)))] == []


def test_the_main_explanation_comes_first_and_then_the_plainest_run() -> None:
    """A reader who looks a term up wants the shortest way to see it, not all of them."""
    found = OccurrenceIndex(everyone()).find(SearchFor(rules=("become-leader",)))

    assert found[0].scenario == "leader-election"
    assert [len(one.steps) for one in found[1:]] == sorted(len(one.steps) for one in found[1:])
