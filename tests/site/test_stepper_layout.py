"""Where things are: on one screen together, and in the same place at every step."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import LAPTOP, Site
from tests.site.stepping import (
    HEADER,
    PHONE,
    bottom_edge,
    count_steps,
    element_boxes,
    open_stepper,
    press_keys,
    visible_steps,
)

SCREENS = pytest.mark.parametrize("viewport", [LAPTOP, PHONE, {"width": 820, "height": 1100}], ids=str)
NOW = ".raft-step:not([hidden])"


@SCREENS
def test_buttons_stay_where_they_are(site: Site, new_page: Callable[..., Page], viewport: dict[str, int]) -> None:
    """Readers never chase a button: each one has one place, at every step, wherever the page is scrolled to."""
    page = new_page(viewport=viewport, reduced_motion="reduce")
    open_stepper(page, site)
    last_line = page.locator(".raft-timeline")
    for scroll in ("start", "end"):
        last_line.evaluate("(element, block) => element.scrollIntoView({block})", scroll)
        press_keys(page, "Home")
        first = element_boxes(page, ".raft-controls button, .raft-controls input, .raft-timeline, .raft-legend")
        assert len(first) == count_steps(page) + 7
        for _ in range(count_steps(page) - 1):
            press_keys(page, "ArrowRight")
            assert (
                element_boxes(page, ".raft-controls button, .raft-controls input, .raft-timeline, .raft-legend")
                == first
            )


def test_a_laptop_shows_the_whole_stepper_without_scrolling(site: Site, new_page: Callable[..., Page]) -> None:
    """At 1280 by 800: title, picture, caption, logs, buttons and lanes are all on the first screen, at every step."""
    page = new_page(reduced_motion="reduce")
    open_stepper(page, site)

    for number in range(1, count_steps(page) + 1):
        assert visible_steps(page) == [number]
        assert page.evaluate("scrollY") == 0
        assert bottom_edge(page.locator(".raft-timeline").bounding_box()) <= LAPTOP["height"]
        assert page.locator(f"{NOW} .raft-words").evaluate("panel => panel.scrollHeight - panel.clientHeight") <= 0
        press_keys(page, "ArrowRight")


@pytest.mark.parametrize("act", ["Escape", "elsewhere", "Next"])
def test_an_open_legend_closes(site: Site, page: Page, act: str) -> None:
    """It lies over the picture, so Escape, a click elsewhere and the next step take it away."""
    open_stepper(page, site)
    legend = page.locator(".raft-legend")
    legend.locator("summary").click()
    expect(legend).to_have_attribute("open", "")

    if act == "Escape":
        page.keyboard.press("Escape")
    else:
        page.locator(".raft-button--next" if act == "Next" else ".raft-step:not([hidden]) .raft-place").click()

    expect(legend).not_to_have_attribute("open", "")


def test_an_open_panel_keeps_the_caption_in_sight(site: Site, page: Page) -> None:
    """It takes the room of the logs, for the caption is what it belongs to; Escape closes it and keeps the focus."""
    open_stepper(page, site, "#step-6")
    step = page.locator(".raft-step:not([hidden])")
    step.locator(".raft-more summary").click()

    expect(step.get_by_role("row")).to_have_count(6)
    words = element_boxes(page, ".raft-step:not([hidden]) .raft-words > *, .raft-step:not([hidden]) .raft-words")
    panel, *parts = words.values()
    assert parts[0]["y"] >= panel["y"]
    expect(step.locator(".raft-logs")).to_be_hidden()

    page.keyboard.press("Escape")
    expect(step.locator(".raft-logs")).to_be_visible()
    expect(step.locator(".raft-more summary")).to_be_focused()


@pytest.mark.parametrize("size", [(390, 844), (320, 640)])
def test_on_a_phone_the_first_step_brings_its_words_on_the_screen(
    site: Site, new_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    """A picture without its words says little: below 42em the stepper goes up under the header with the first move."""
    page = new_page(viewport=dict(zip(("width", "height"), size, strict=True)), has_touch=True)
    open_stepper(page, site)

    page.locator(".raft-button--next").tap()
    page.wait_for_timeout(200)

    top = page.locator("raft-stepper").bounding_box()
    why, bar = (page.locator(part).bounding_box() for part in (f"{NOW} .raft-words > p >> nth=1", ".raft-controls"))
    assert top is not None
    assert bar is not None
    assert abs(top["y"] - HEADER) <= 12
    assert bottom_edge(why) <= bar["y"]


@SCREENS
def test_an_open_legend_leaves_the_controls_free(
    site: Site, new_page: Callable[..., Page], viewport: dict[str, int]
) -> None:
    """It lies over the picture; whoever reads it must still be able to step on."""
    page = new_page(viewport=viewport, reduced_motion="reduce")
    open_stepper(page, site)
    page.locator(".raft-legend summary").click()

    legend, controls = (page.locator(part).bounding_box() for part in (".raft-legend", ".raft-controls"))
    assert bottom_edge(legend) <= controls["y"]


def test_a_phone_shows_picture_caption_logs_and_buttons_together(site: Site, new_page: Callable[..., Page]) -> None:
    """At 390 by 844, the theme's header included, at every step; before the first entry there are no logs to show."""
    page = new_page(viewport=PHONE, reduced_motion="reduce", has_touch=True, is_mobile=True)
    open_stepper(page, site)

    for number in range(1, count_steps(page) + 1):
        page.evaluate(
            "top => scrollBy(0, document.querySelector('raft-stepper').getBoundingClientRect().top - top)", HEADER
        )
        buttons = page.locator(".raft-controls").bounding_box()
        picture = page.locator(f"{NOW} .raft-picture").bounding_box()
        last = page.locator(f"{NOW} .raft-logs" if number > 4 else f"{NOW} .raft-why").bounding_box()
        assert buttons is not None
        assert picture is not None
        assert bottom_edge(buttons) <= PHONE["height"]
        assert picture["y"] >= HEADER
        assert bottom_edge(last) <= buttons["y"], f"step {number}"
        press_keys(page, "ArrowRight")


@pytest.mark.parametrize("width", [320, 360, 390, 600, 768, 1024, 1280, 1920])
def test_the_page_never_scrolls_sideways(site: Site, new_page: Callable[..., Page], width: int) -> None:
    """At any width, 400 % zoom included; the lanes scroll inside their own region, which the keyboard can reach."""
    page = new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    open_stepper(page, site)

    for _ in range(count_steps(page)):
        press_keys(page, "ArrowRight")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    region = page.locator(".raft-timeline .raft-scroll")
    assert region.get_attribute("tabindex") == "0"
    if width < 1000:
        assert region.evaluate("element => element.scrollWidth > element.clientWidth")


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_text_in_pictures_can_be_read(site: Site, new_page: Callable[..., Page], width: int) -> None:
    """At least 11 pixels high on every screen."""
    page = new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    open_stepper(page, site)

    sizes = {}
    for number in range(1, count_steps(page) + 1):
        sizes |= page.evaluate(
            """number => Object.fromEntries([...document.querySelectorAll(
                `.raft-step:nth-child(${number}) svg text, .raft-lanes text`)].map(text => [
                    `step ${number}, ${text.closest("svg").classList[0]}: ${text.textContent}`,
                    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a]))""",
            number,
        )
        press_keys(page, "ArrowRight")

    assert {words: size for words, size in sizes.items() if size < 11} == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_enough_to_hit(site: Site, new_page: Callable[..., Page], width: int) -> None:
    """WCAG 2.5.8: 24 by 24 pixels or more, for a thumb as for a shaky hand."""
    page = new_page(viewport={"width": width, "height": 800})
    open_stepper(page, site)

    found = element_boxes(page, f".raft-controls button, {NOW} summary, .raft-legend summary")
    small = {name: box for name, box in found.items() if min(box["width"], box["height"]) < 24}
    assert small == {}


@pytest.mark.parametrize("address", ["", "#step-6"])
@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=str)
def test_nothing_jumps(site: Site, new_page: Callable[..., Page], viewport: dict[str, int], address: str) -> None:
    """Neither while the page loads, nor when its steps change; 0.1 counts as good, this is a thirtieth of it.

    Not quite nothing: a hidden step has no height yet counts as a hair, and a page may be painted half read.
    """
    page = new_page(viewport=viewport, reduced_motion="reduce")
    page.add_init_script(
        """window.shifts = [];
        new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry =>
            [entry.value, ...entry.sources.map(({ node }) => node?.className ?? String(node))])))
            .observe({ type: "layout-shift", buffered: true });"""
    )
    open_stepper(page, site, address)
    page.wait_for_timeout(300)

    press_keys(page, "ArrowRight", "ArrowRight", "Home", "End")
    page.wait_for_timeout(300)

    shifts = page.evaluate("shifts")
    assert sum(shift[0] for shift in shifts) < 0.0033, shifts


def test_a_step_answers_at_once(site: Site, page: Page) -> None:
    """A tenth of a second feels like none; `make bench` measures what it really takes, which is far less."""
    open_stepper(page, site)

    taken = page.evaluate(
        """async () => {
            const stepper = document.querySelector("raft-stepper");
            const times = [];
            for (let i = 0; i < 21; i++) {
                await new Promise(done => setTimeout(done, 40));
                await new Promise(requestAnimationFrame);
                const began = performance.now();
                const key = i % 7 < 6 ? "ArrowRight" : "Home";
                stepper.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                await new Promise(requestAnimationFrame);
                await new Promise(done => { const { port1, port2 } = new MessageChannel();
                                            port1.onmessage = done; port2.postMessage(0); });
                times.push(performance.now() - began);
            }
            return times.sort((a, b) => a - b);
        }"""
    )

    assert taken[10] < 100, taken
