"""The table of systems in a browser: complete without script, sorted and filtered with it, by mouse and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.site.conftest import Site

TABLE = "table.raft-sortable"


def read_names(page: Page) -> list[str]:
    """The systems shown, in order."""
    shown: list[str] = page.locator(f"{TABLE} tbody tr:not([hidden]) th").all_inner_texts()
    return shown


def open_overview(page: Page, site: Site) -> Page:
    page.goto(site.url + "codex/systems/")
    return page


def test_without_script_the_table_stands_in_the_order_of_names(site: Site, new_page: Callable[..., Page]) -> None:
    """README: without JavaScript the page is complete; buttons that do nothing are not there."""
    page = open_overview(new_page(java_script_enabled=False), site)

    assert len(read_names(page)) == 42
    assert read_names(page) == sorted(read_names(page), key=str.lower)
    assert page.locator(f"{TABLE} button").count() == 0


def test_a_header_sorts_and_says_so(site: Site, page: Page) -> None:
    """Buttons in the headers, and aria-sort on the one that is in force."""
    open_overview(page, site)
    head = page.locator(f"{TABLE} thead th", has_text="Election timeout")

    head.get_by_role("button").click()

    assert head.get_attribute("aria-sort") == "ascending"
    assert page.locator(f"{TABLE} [aria-sort]").count() == 1
    assert read_names(page)[0] == "RabbitMQ quorum queues"

    head.get_by_role("button").click()

    assert head.get_attribute("aria-sort") == "descending"
    assert read_names(page)[0] == "Neo4j"
    in_words = {"Aeron Cluster", "Camunda Zeebe", "Dragonboat", "Hazelcast CP Subsystem", "YugabyteDB"}
    assert set(read_names(page)[-5:]) == in_words, "words come below the numbers, either way"


def test_what_is_not_verified_stays_below(site: Site, page: Page) -> None:
    """Which way one sorts, an unknown is neither the least nor the most."""
    open_overview(page, site)
    button = page.locator(f"{TABLE} thead th", has_text="Heartbeat").get_by_role("button")
    for _ in range(2):
        button.click()
        assert set(read_names(page)[-2:]) == {"ArangoDB", "Neo4j"}


def test_the_keyboard_sorts_too(site: Site, page: Page) -> None:
    """WAI-ARIA practices, sortable table: a button in the header, and `aria-sort` on its cell."""
    open_overview(page, site)
    page.locator(f"{TABLE} thead th", has_text="Language").get_by_role("button").focus()

    page.keyboard.press("Enter")

    assert page.locator(f"{TABLE} [aria-sort=ascending]").inner_text().startswith("Language")


def test_a_filter_leaves_what_has_all_words_and_counts_it(site: Site, page: Page) -> None:
    """What users of search fields expect: every word narrows; WCAG 4.1.3: the count is announced."""
    open_overview(page, site)

    page.get_by_label("Filter").fill("joint RUST")

    assert read_names(page) == ["openraft", "TiKV"]
    expect(page.locator(".raft-find output")).to_have_text("2 of 42 systems")


def test_on_a_phone_each_system_is_a_card_and_a_list_sorts(site: Site, new_page: Callable[..., Page]) -> None:
    """Headers have no room there."""
    page = open_overview(new_page(viewport={"width": 320, "height": 700}), site)

    page.get_by_label("Sort by").select_option(label="Snapshots")

    assert read_names(page)[0] == "TiKV"
    first = page.locator(f"{TABLE} tbody tr").first.bounding_box()
    assert first is not None
    assert first["x"] >= 0
    assert first["x"] + first["width"] <= 320
