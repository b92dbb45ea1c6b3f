"""What every page of the built site keeps to when a browser draws it. test_pages.py reads the same pages as files."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.site.conftest import Site
from tests.site.links import Tag

# Shown means: it has a size on the page. What a closed <details> holds is one press away without any script.
HIDDEN_WORDS = """() => [...document.querySelectorAll("article :is(h1, h2, h3, p, li, td, dd, svg[role=img])")]
    .filter(element => element.getClientRects().length === 0)
    .filter(element => element.textContent.trim())
    .filter(element => !element.closest("details:not([open]), [role=status], .raft-logs--empty, article nav"))
    .map(element => element.outerHTML.slice(0, 120))"""

WIDTHS = (320, 390, 768, 1024, 1280)

# What steps and closed parts hold is opened first: a reader comes to it.
SIZES = """() => {
    document.querySelectorAll("details").forEach(part => { part.open = true; });
    document.querySelectorAll("[hidden]").forEach(part => part.removeAttribute("hidden"));
    return [...document.querySelectorAll("svg text, svg tspan")].filter(text => text.getClientRects().length)
        .map(text => [text.closest("svg").classList.value + ": " + text.textContent.trim(),
                      parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a]); }"""

SCHEME = "() => document.body.dataset.mdColorScheme"
# What follows a scroll position never ends; only what follows the clock can be waited for.
SETTLED = """() => document.getAnimations().every(animation =>
    animation.playState !== 'running' || !(animation.timeline instanceof DocumentTimeline))"""


AXE_SHARES = 4  # the slowest tests there are, so all processors should have a share of the pages


@pytest.mark.parametrize("share", range(AXE_SHARES))
@pytest.mark.parametrize(("preference", "scheme"), [("light", "default"), ("dark", "slate")])
def test_axe_finds_nothing(preference: str, scheme: str, share: int, site: Site, new_page: Callable[..., Page]) -> None:
    """Every rule of axe-core, on every page, in the colours the reader's system asks for."""
    page = new_page(color_scheme=preference)
    found = {}
    for name in site.samples[share::AXE_SHARES]:
        page.goto(site.url + name)
        assert page.evaluate(SCHEME) == (None if name.startswith("embed/") else scheme)  # bare pages have no theme
        found |= {name: violations} if (violations := run_axe(page)) else {}

    assert found == {}


def test_the_reader_can_choose_the_colours(site: Site, page: Page) -> None:
    """The switch in the header goes from the system's colours to light, to dark and back, and axe agrees with each."""
    page.goto(site.url)
    seen = []
    for _ in range(3):
        page.locator("[data-md-component=palette] label:not([hidden])").click()
        page.wait_for_function(SETTLED)
        seen.append(page.evaluate(SCHEME))
        assert run_axe(page) == []

    assert seen == ["default", "slate", "default"]


@pytest.mark.parametrize("preference", ["light", "dark"])
def test_the_open_menu_can_be_read(preference: str, site: Site, new_page: Callable[..., Page]) -> None:
    """On a phone the navigation is a drawer, which axe passes over while it is closed (WCAG 1.4.3)."""
    page = new_page(color_scheme=preference, viewport={"width": 320, "height": 800})
    for name in ("", "internals/safety/"):
        page.goto(site.url + name)
        page.locator("label.md-header__button[for=__drawer]").click()
        assert run_axe(page, rules=["color-contrast"]) == []  # its landmarks are the theme's


def run_axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe objects to, by all of its rules or by some."""
    page.wait_for_function(SETTLED)
    options = {"runOnly": rules} if rules else None
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


def test_no_page_scrolls_sideways(site: Site, new_page: Callable[..., Page]) -> None:
    """320 px is a laptop at 400 % zoom (WCAG 1.4.10); what is wide scrolls inside itself."""
    page = new_page()
    too_wide = {}
    for name in site.samples:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if width == WIDTHS[0]:
                page.goto(site.url + name)
            page.wait_for_function(SETTLED)  # the theme slides its parts into their new places
            content = page.evaluate("() => document.documentElement.scrollWidth")
            too_wide |= {(name, width): content} if content > width else {}

    assert too_wide == {}


def test_no_letter_in_a_picture_is_too_small_to_read(site: Site, new_page: Callable[..., Page]) -> None:
    """At least 11 px high on the narrowest screen, and where a phone's layout ends, in every step of every run.

    What does not fit at that size scrolls inside itself. Pictures outside steppers are looked at on every page.
    """
    page = new_page(reduced_motion="reduce")
    alone = {name for name, html in site.pages.items() if any(is_figure(tag) for tag in html.tags)}
    small, read = {}, 0
    for name in sorted({*site.samples, *alone}):
        page.goto(site.url + name)
        for width in (320, 400):
            page.set_viewport_size({"width": width, "height": 800})
            sizes = page.evaluate(SIZES)
            read += len(sizes)
            small |= {(name, width, words): round(size, 2) for words, size in sizes if size < 11}

    assert read > 10_000
    assert small == {}


def is_figure(tag: Tag) -> bool:
    return bool({"raft-shown", "raft-card", "raft-chart"} & set(tag.attributes.get("class", "").split()))


def test_no_page_sets_a_cookie_or_asks_another_origin(site: Site, page: Page) -> None:
    """Every page is opened and read to its end; the watch on `page` fails at a request elsewhere or a console error."""
    for name in site.samples:
        page.goto(site.url + name)
        page.mouse.wheel(0, 100_000)
        page.wait_for_load_state("networkidle")

    assert page.context.cookies() == []


def test_every_page_is_whole_without_script(site: Site, new_page: Callable[..., Page]) -> None:
    """With JavaScript off, nothing in an article is hidden."""
    page = new_page(java_script_enabled=False)
    hidden = {}
    for name in site.samples:
        page.goto(site.url + name)
        hidden |= {name: words} if (words := page.evaluate(HIDDEN_WORDS)) else {}

    assert hidden == {}


def test_every_page_is_whole_on_paper(site: Site, page: Page) -> None:
    """Printed after the scripts ran, nothing in an article but its links is hidden, and the colours are light."""
    hidden = {}
    for name in site.samples:
        page.goto(site.url + name)
        page.emulate_media(media="print", color_scheme="dark")
        hidden |= {name: words} if (words := page.evaluate(HIDDEN_WORDS)) else {}
        assert page.evaluate("() => getComputedStyle(document.body).color") == read_dark_ink(page)
        page.emulate_media(media="screen")

    assert hidden == {}


def read_dark_ink(page: Page) -> str:
    """The text colour if it is dark, else a sentence: paper is white."""
    colour = page.evaluate("() => getComputedStyle(document.body).color")
    channels = [float(part) for part in colour.strip("rgba()").split(",")][:3]
    return colour if max(channels) < 110 else f"something darker than {colour}"


def test_search_finds_a_page(site: Site, page: Page) -> None:
    """The search runs in a worker of the site's own and leads to a page of it."""
    page.goto(site.url)
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("leader", delay=20)
    first = page.locator(".md-search-result__link").first
    first.wait_for()

    assert first.get_attribute("href").startswith(site.url)


def test_a_missing_page_is_shown_in_the_sites_own_look(site: Site, new_page: Callable[..., Page]) -> None:
    """Its styles and scripts are found from any depth below a project path."""
    page = new_page(allow=("status of 404",))
    answer = page.goto(f"{site.url}no/such/page/")

    assert answer.status == 404
    assert page.locator("h1").is_visible()
    assert page.evaluate("() => getComputedStyle(document.querySelector('.md-header')).position") == "sticky"
    assert page.evaluate("() => document.documentElement.className.includes('js')")
