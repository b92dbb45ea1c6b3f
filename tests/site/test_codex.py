"""The Codex on the site: quiet links that explain themselves, an index that can be filtered, terms found by search."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.site.links import find_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Route

    from tests.site.conftest import Site

TERM = "article > p a.raft-codex-term, .raft-words a.raft-codex-term"
TIP = "#raft-tip"
TERMS = "codex/terms/"


def first_term(page: Page, site: Site) -> tuple[Locator, str]:
    """The first term on the main page, and the one sentence with which its entry begins."""
    page.goto(site.url)
    link = page.locator(TERM).first
    entry = (site.directory / str(link.get_attribute("href")) / "index.html").read_text(encoding="utf-8")
    sentence = re.search(r'<p class="raft-definition">(.*?)</p>', entry)
    assert sentence
    return link, re.sub(r"<[^>]*>", "", unescape(sentence[1]))


def wait_until_shown(page: Page, sentence: str) -> None:
    page.locator(TIP).get_by_text(sentence, exact=True).wait_for(state="visible")


def wait_until_gone(page: Page) -> None:
    page.locator(TIP).wait_for(state="hidden")


# a term in running text


def test_a_term_shows_its_sentence_to_a_pointer(site: Site, page: Page) -> None:
    """WCAG 1.4.13: it stays while the pointer is on it, and goes when the pointer does."""
    link, sentence = first_term(page, site)

    link.hover()
    wait_until_shown(page, sentence)
    page.locator(TIP).hover()
    page.wait_for_timeout(500)
    assert page.locator(TIP).is_visible()
    page.mouse.move(2, 700)
    wait_until_gone(page)


def test_a_term_shows_its_sentence_to_the_keyboard(site: Site, page: Page) -> None:
    """It describes the link while it is shown, and Escape sends it away without moving the focus."""
    link, sentence = first_term(page, site)

    link.focus()
    wait_until_shown(page, sentence)
    assert link.get_attribute("aria-describedby") == "raft-tip"
    page.keyboard.press("Escape")
    wait_until_gone(page)

    assert link.evaluate("link => link === document.activeElement")
    assert link.get_attribute("aria-describedby") is None


def test_a_finger_follows_the_link(site: Site, new_page: Callable[..., Page]) -> None:
    """Where nothing can hover, nothing stands in the way."""
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    link, sentence = first_term(page, site)

    link.tap()
    page.wait_for_url(f"{site.url}{TERMS}*/")

    assert sentence in page.locator(".raft-definition").inner_text()
    assert page.locator(TIP).is_hidden()


def test_a_sentence_is_never_cut_off(site: Site, new_page: Callable[..., Page]) -> None:
    """On the narrowest phone, wherever in a line the term stands."""
    page = new_page(viewport={"width": 320, "height": 600})
    page.goto(site.url)
    outside = []
    for link in page.locator("article > p a.raft-codex-term").all()[:12]:
        link.focus()
        page.locator(TIP).wait_for(state="visible")
        box = page.locator(TIP).bounding_box()
        assert box
        inside = box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 320 and box["y"] + box["height"] <= 600
        outside += [] if inside else [(link.inner_text(), box)]

    assert outside == []


def test_without_script_a_term_leads_to_its_sentence(site: Site, new_page: Callable[..., Page]) -> None:
    """README: without JavaScript the page is complete; a term is then a plain link."""
    page = new_page(java_script_enabled=False)
    link, sentence = first_term(page, site)

    link.click()

    assert sentence in page.locator(".raft-definition").inner_text()


ELSEWHERE = '<meta name="description" content="Another page says this.">'


@pytest.mark.parametrize(
    "answer",
    [lambda route: route.abort(), lambda route: route.fulfill(status=404, content_type="text/html", body=ELSEWHERE)],
    ids=["no network", "no page"],
)
def test_a_sentence_that_cannot_be_had_is_no_box(
    site: Site, new_page: Callable[..., Page], answer: Callable[[Route], None]
) -> None:
    """The link still leads to its entry, and the next try asks again."""
    page = new_page(allow=("Failed to load resource",))
    link, sentence = first_term(page, site)
    page.route(f"**/{TERMS}**", answer)
    link.focus()
    page.wait_for_timeout(200)
    assert page.locator(TIP).is_hidden()

    page.unroute(f"**/{TERMS}**")
    link.blur()
    link.focus()
    wait_until_shown(page, sentence)


def test_terms_are_linked_quietly_and_once_a_section(site: Site, page: Page) -> None:
    """The colour of the text around it, a hairline under it; and never the same term twice under one heading."""
    page.goto(site.url)

    colours = page.locator("article > p a.raft-codex-term").evaluate_all(
        "links => links.map(link => [link, link.parentElement].map(one => getComputedStyle(one).color))"
    )
    twice = page.evaluate(
        """() => {
            const seen = [], twice = [];
            for (const one of document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6, a.raft-codex-term)")) {
                if (!one.matches("a")) seen.length = 0;
                else if (seen.includes(one.href)) twice.push(one.outerHTML);
                else seen.push(one.href);
            }
            return twice;
        }"""
    )

    assert colours
    assert [pair for pair in colours if pair[0] != pair[1]] == []
    assert twice == []


def test_the_captions_of_steps_link_terms(site: Site) -> None:
    """The first step of the main explanation speaks of followers and of candidates."""
    hrefs = {link for tag, link in find_links(site.pages[""]) if tag.attributes.get("class") == "raft-codex-term"}

    assert {f"{TERMS}follower/", f"{TERMS}candidate/"} <= hrefs


def test_no_citation_is_left_unread(site: Site) -> None:
    """What an author wrote as a citation is a link on the page."""
    left = {
        name: found
        for name in site.pages
        if (found := re.findall(r"\[@[\w-]+", remove_code((site.directory / page_file(name)).read_text("utf-8"))))
    }

    assert left == {}


def page_file(address: str) -> str:
    return address if address.endswith(".html") else f"{address}index.html"


def remove_code(html: str) -> str:
    return re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)


# the index


def read_visible_entries(page: Page) -> list[str]:
    return page.locator(".raft-entry").filter(visible=True).all_inner_texts()


def test_the_index_is_filtered_by_name_synonym_and_sentence(site: Site, page: Page) -> None:
    """MongoDB's primary is a leader; letters without an entry left go too, and Escape brings all back."""
    page.goto(f"{site.url}codex/")
    everything = read_visible_entries(page)

    page.get_by_label("Filter").fill("mongo prim")
    assert "leader" in read_visible_entries(page)
    assert len(read_visible_entries(page)) < len(everything)
    assert page.locator(".raft-codex h2").filter(visible=True).count() <= len(read_visible_entries(page))
    assert (
        page.locator(".raft-filter output").inner_text()
        == f"{len(read_visible_entries(page))} of {len(everything)} entries"
    )

    page.keyboard.press("Escape")
    assert read_visible_entries(page) == everything


def test_the_index_without_script_has_no_dead_control(site: Site, new_page: Callable[..., Page]) -> None:
    """A field that does nothing is worse than none, so script adds it."""
    page = new_page(java_script_enabled=False)
    page.goto(f"{site.url}codex/")

    assert page.locator(".raft-codex input").count() == 0
    assert len(read_visible_entries(page)) >= 60


def test_the_index_leads_to_every_entry(site: Site) -> None:
    """An entry that no list holds is found by nobody."""
    entries = {link for tag, link in find_links(site.pages["codex/"]) if tag.attributes.get("class") == "raft-entry"}
    terms = {name.removeprefix("codex/") for name in site.pages if name.startswith(TERMS)}

    assert terms <= entries


# search


def test_search_knows_terms_by_their_synonyms(site: Site) -> None:
    """What search looks in holds, on the leader's page, what MongoDB calls it."""
    index = json.loads((site.directory / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"] if "primary" in entry["text"].lower()}

    assert f"{TERMS}leader/" in found


def test_search_finds_a_term_by_its_synonym(site: Site, page: Page) -> None:
    """Systems use words of their own: who types "primary" means the leader."""
    page.goto(site.url)
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("primary", delay=20)
    results = page.locator(".md-search-result__link")
    results.first.wait_for()

    assert any(f"/{TERMS}leader/" in (link.get_attribute("href") or "") for link in results.all())


# structured data


def test_every_entry_is_a_defined_term_with_its_own_address(site: Site) -> None:
    """https://schema.org/DefinedTerm, as a search engine reads it from the page."""
    wrong = {}
    for name in site.pages:
        if name.startswith(TERMS):
            data = structured_data(site, name)
            address = f"https://example.org/raftstep/{name}"
            told = (data["@context"], data["@type"], data["url"], data["termCode"], data["inDefinedTermSet"]["@type"])
            right = ("https://schema.org", "DefinedTerm", address, name.split("/")[-2], "DefinedTermSet")
            known = {"@context", "@type", "@id", "url", "name", "alternateName", "description", "termCode"}
            fits = data["description"] == site.pages[name].meta("description") and set(data) <= known | {
                "inDefinedTermSet"
            }
            wrong |= {} if told == right and fits else {name: data}

    assert wrong == {}


def structured_data(site: Site, name: str) -> dict[str, object]:
    html = (site.directory / page_file(name)).read_text(encoding="utf-8")
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert len(scripts) == 1, name
    data: dict[str, object] = json.loads(scripts[0])
    return data


def test_the_bibliography_can_be_downloaded(site: Site) -> None:
    """One entry of BibTeX for each source on the page."""
    bibtex = (site.directory / "codex" / "sources.bib").read_text(encoding="utf-8")
    ids = [
        tag.attributes["id"]
        for tag in site.pages["codex/sources/"].tags
        if "raft-source" in tag.attributes.get("class", "")
    ]

    assert sorted(re.findall(r"^@\w+\{([\w-]+),$", bibtex, re.MULTILINE)) == sorted(ids)
    assert bibtex.count("{") == bibtex.count("}")
