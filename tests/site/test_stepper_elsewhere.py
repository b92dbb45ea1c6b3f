"""The stepper where things are not as usual: no script, paper, other looks, other hosts, several on one page."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

from tests.site.conftest import Site
from tests.site.stepping import (
    count_steps,
    cursor_x,
    go_back,
    is_moving,
    listen_to_console,
    open_stepper,
    press_button,
    press_keys,
    url_fragment,
    visible_steps,
)


def test_without_script_all_steps_follow_each_other(site: Site, new_page: Callable[..., Page]) -> None:
    """Every step with its number, heading, picture, caption and logs; no button that does nothing."""
    page = new_page(java_script_enabled=False)
    page.goto(site.url)

    all_steps = page.locator(".raft-step")
    assert all_steps.count() == 8
    for number, step in enumerate(all_steps.all(), 1):
        for part in ("h2", ".raft-picture svg", ".raft-words > p:not(.raft-place)"):
            expect(step.locator(part).first).to_be_visible()
        assert step.locator(".raft-logs svg").first.is_visible() == (number > 4)  # there is no entry before
        expect(step.locator(".raft-place")).to_contain_text(f"Step {number} of 8")
    expect(page.locator(".raft-lanes")).to_be_visible()
    assert page.locator("raft-stepper :is(button, input)").count() == 0
    places = [step.bounding_box() for step in all_steps.all()]
    assert all(a and b and a["y"] + a["height"] <= b["y"] for a, b in pairwise(places))


def test_should_the_script_get_lost_the_steps_show(site: Site, new_page: Callable[..., Page]) -> None:
    """A network that drops the script costs the buttons, not the content."""
    page = new_page(allow=("Failed to load resource",))
    page.route("**/stepper.js", lambda route: route.abort())
    page.goto(site.url + "#step-3")
    assert visible_steps(page) == [3]

    page.wait_for_function("[...document.querySelectorAll('.raft-step')].every(step => step.offsetHeight > 100)")

    assert visible_steps(page) == [*range(1, 9)]


@pytest.mark.parametrize("level", [1, 5, 6])
def test_a_stepper_works_under_headings_of_any_level(site: Site, new_page: Callable[..., Page], level: int) -> None:
    """The option `heading` takes 1 to 6, and a fence under `####` has its steps one level below."""
    page = new_page()

    def change_level(route: Route) -> None:
        response = route.fetch()
        html = re.sub(r'<h2( id="step-.*?)</h2>', rf"<h{level}\1</h{level}>", response.text(), flags=re.DOTALL)
        route.fulfill(response=response, body=html)

    page.route(site.url, change_level)
    page.goto(site.url + "#step-3")
    page.wait_for_selector(".raft-controls")

    assert page.locator(f".raft-step h{level}").count() == 8
    assert visible_steps(page) == [3]


def test_one_step_is_there_before_the_script(site: Site, new_page: Callable[..., Page]) -> None:
    """Styles alone choose what to paint first and keep room for the buttons: nothing flashes, nothing moves."""
    page = new_page()
    waiting: list[Route] = []
    page.route("**/stepper.js", lambda route: waiting.append(route))
    page.goto(site.url, wait_until="commit")
    page.wait_for_selector(".raft-film", state="attached")
    page.wait_for_function("document.querySelector('.raft-timeline').getBoundingClientRect().height > 0")
    assert visible_steps(page) == [1]
    before = page.locator(".raft-timeline").bounding_box()

    waiting[0].continue_()
    page.wait_for_selector(".raft-controls")

    assert visible_steps(page) == [1]
    assert page.locator(".raft-timeline").bounding_box() == before


def test_on_paper_all_steps_follow_each_other(site: Site, page: Page) -> None:
    """Printed from any step, even mid-motion: all of them, numbered, in light colours, without buttons."""
    open_stepper(page, site)
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    press_keys(page, "ArrowRight")
    page.emulate_media(media="print")

    assert visible_steps(page) == [*range(1, 9)]
    for hidden in (".raft-controls", ".raft-stage", ".raft-legend", ".raft-more"):
        assert page.locator(hidden).first.is_hidden()
    colour = page.evaluate("getComputedStyle(document.querySelector('raft-stepper')).color")
    assert colour == "rgb(28, 35, 48)"
    assert page.locator(".raft-step").nth(3).evaluate("step => getComputedStyle(step).breakInside") == "avoid"


def test_dark_and_light_are_the_themes_choice(site: Site, new_page: Callable[..., Page]) -> None:
    """The pictures follow the theme's own switch, whichever way it is thrown."""
    found = {}
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        open_stepper(page, site, "#step-4")
        found[scheme] = page.evaluate(
            """["raft-stepper", ".raft-step:not([hidden]) .raft-node--leader .raft-disc", ".raft-button--next"].map(
                selector => { const style = getComputedStyle(document.querySelector(selector));
                              return selector.includes("disc") ? style.fill : style.backgroundColor; })"""
        )

    assert found == {
        "light": ["rgb(255, 255, 255)", "rgb(11, 122, 91)", "rgb(57, 73, 171)"],
        "dark": ["rgb(20, 23, 31)", "rgb(79, 214, 168)", "rgb(159, 168, 255)"],
    }


def test_forced_colours_keep_roles_apart(site: Site, new_page: Callable[..., Page]) -> None:
    """Where the system decides the colours, a leader is still filled and an uncommitted entry still dashed."""
    page = new_page(forced_colors="active")
    open_stepper(page, site, "#step-6")
    look = """selector => {
        const style = getComputedStyle(document.querySelector(".raft-step:not([hidden]) " + selector));
        return [style.fill, style.stroke, style.strokeDasharray];
    }"""

    leader, follower = (page.evaluate(look, f".raft-node--{role} .raft-disc") for role in ("leader", "follower"))
    committed, other = (page.evaluate(look, f".raft-cell--{state}") for state in ("committed", "uncommitted"))

    assert leader[0] != follower[0] != follower[1]
    assert committed[2] == "none" != other[2]


def test_a_screen_reader_hears_each_step_once(site: Site, page: Page) -> None:
    """Where, what and the caption, politely, and only when the reader moved."""
    open_stepper(page, site)
    live = page.get_by_role("status")
    expect(live).to_have_text("")

    press_button(page, "Next")

    step = page.locator(".raft-step").nth(1)
    heading = step.locator("h2").inner_text().removesuffix("¶")
    expect(live).to_have_text(re.compile(f"^Step 2 of 8: {re.escape(heading)}[.] "))
    expect(live).to_contain_text(step.locator(".raft-words > p:not(.raft-place, .raft-watch)").first.inner_text())
    assert page.locator("raft-stepper [aria-live], raft-stepper [role=status]").count() == 1


def test_names_say_what_is_written(site: Site, page: Page) -> None:
    """WCAG 2.5.3: who speaks to the computer says the words on the button."""
    open_stepper(page, site)
    for name in ("Previous", "Next", "Play"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_text(name)
    for number, dot in enumerate(page.locator(".raft-dot").all(), 1):
        name = page.locator(".raft-step").nth(number - 1).get_attribute("data-name")
        expect(dot).to_have_accessible_name(f"Step {number}: {name}")
    expect(page.get_by_role("group", name="Raft leader election", exact=True)).to_be_visible()


def test_a_table_opened_on_one_step_is_open_on_the_next(site: Site, page: Page) -> None:
    """Who reads the state as a table reads it step by step; the focus goes along."""
    open_stepper(page, site)
    page.locator(".raft-step").first.get_by_text("Table, share, files").click()

    page.keyboard.press("ArrowRight")

    assert visible_steps(page) == [2]
    expect(page.locator(".raft-step").nth(1).locator(".raft-more table")).to_be_visible()
    expect(page.locator("#step-2")).to_be_focused()


def test_arrows_scroll_a_region_that_scrolls(site: Site, new_page: Callable[..., Page]) -> None:
    """On a narrow screen the lanes take the arrows while they have the focus."""
    page = new_page(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    open_stepper(page, site)
    region = page.locator(".raft-timeline .raft-scroll")

    region.focus()
    page.keyboard.press("ArrowRight")

    assert visible_steps(page) == [1]
    page.wait_for_function("document.querySelector('.raft-timeline .raft-scroll').scrollLeft > 0")


def test_two_steppers_on_a_page_keep_apart(site: Site, page: Page) -> None:
    """Each has its own buttons, keys and addresses; Back undoes the last move of whichever made it."""
    open_two(page, site, "#b-step-3")
    assert (visible_steps(page, "#a"), visible_steps(page, "#b")) == ([1], [3])

    page.locator("#a .raft-button--next").click()
    assert (visible_steps(page, "#a"), visible_steps(page, "#b")) == ([2], [3])
    assert url_fragment(page) == "#step-2"
    page.locator("#b .raft-button--next").focus()
    page.keyboard.press("End")
    assert (visible_steps(page, "#a"), visible_steps(page, "#b")) == ([2], [8])

    go_back(page)
    assert (visible_steps(page, "#a"), visible_steps(page, "#b")) == ([2], [3])
    go_back(page)
    assert (visible_steps(page, "#a"), visible_steps(page, "#b")) == ([1], [3])


@pytest.mark.parametrize("film", ["", "{", '{"stops":[0,1],"axis":[[0,0],[1,1]]}', "[1,2]"])
def test_without_a_good_film_the_steps_still_turn(site: Site, new_page: Callable[..., Page], film: str) -> None:
    """A film that is missing, broken or another's costs the motion, not the steps; the console says so, once."""
    page = new_page(allow=('raft-stepper "b": its pictures do not move',))
    told = listen_to_console(page)
    open_two(page, site, "", film)

    page.locator("#b .raft-button--next").click()
    page.locator("#b .raft-button--next").click()

    assert visible_steps(page, "#b") == [3]
    assert not is_moving(page)
    assert page.locator("#b").get_attribute("motion") == "none"
    assert len(told) == 1


def test_a_film_that_breaks_while_it_plays_is_dropped(site: Site, new_page: Callable[..., Page]) -> None:
    """Data that cannot be drawn end the motion; the step shows, and the console says what happened, once."""
    page = new_page(allow=('raft-stepper "b": its pictures do not move',))
    told = listen_to_console(page)
    stops = list(range(0, 8000, 1000))
    open_two(page, site, "", f'{{"stops":{stops},"axis":[[0,0],[8000,900]],"moves":[[0,900,"x"]]}}')

    page.locator("#b .raft-button--next").click()
    page.locator("#b .raft-button--next").click()

    assert visible_steps(page, "#b") == [3]
    page.wait_for_function("() => !document.querySelector('.raft-step:not([hidden]) .raft-stage')")
    page.wait_for_timeout(100)
    assert not is_moving(page)
    assert page.locator("#b").get_attribute("motion") == "none"
    assert len(told) == 1


def test_play_that_waits_for_its_script_is_ended_by_any_other_move(site: Site, page: Page) -> None:
    """On a slow network the script may come after the reader has gone on by hand."""
    waiting: list[Route] = []
    page.route("**/motion.js", lambda route: waiting.append(route))
    page.goto(site.url)
    press_button(page, "Play")
    press_button(page, "Next")
    assert visible_steps(page) == [2]

    waiting[0].continue_()
    page.wait_for_function("document.querySelector('raft-stepper[motion=ready]')")
    page.wait_for_timeout(100)

    assert visible_steps(page) == [2]
    assert page.locator(".raft-playing").count() == 0
    press_button(page, "Play")
    assert page.locator(".raft-playing").count() == 1


def test_a_stepper_that_is_moved_or_removed_leaves_nothing_behind(site: Site, page: Page) -> None:
    """Connected twice, it has one set of buttons and one answer to a key; removed, it answers no address."""
    open_stepper(page, site)
    press_keys(page, "ArrowRight")

    page.evaluate("document.querySelector('article').append(document.querySelector('raft-stepper'))")
    assert page.locator(".raft-controls").count() == 1
    assert not is_moving(page)
    press_keys(page, "ArrowRight")
    assert visible_steps(page) == [3]

    page.evaluate("window.gone = document.querySelector('raft-stepper'); gone.remove(); location.hash = '#step-6'")
    page.wait_for_timeout(100)
    assert page.evaluate("gone.getAttribute('step')") == "3"


def test_an_address_pushed_by_the_host_is_followed(site: Site, page: Page) -> None:
    """Hosts with instant navigation push addresses by script: no event but one tells of it."""
    open_stepper(page, site)

    page.evaluate("history.pushState({}, '', '#step-4')")

    assert visible_steps(page) == [4]


def test_the_cursor_rests_at_the_step_that_shows(site: Site, new_page: Callable[..., Page]) -> None:
    """On the space-time picture now is where the step is, also after Back."""
    page = new_page(reduced_motion="reduce")
    open_stepper(page, site)
    places = [cursor_x(page)]
    for _ in range(count_steps(page) - 1):
        press_keys(page, "ArrowRight")
        places.append(cursor_x(page))

    assert places == sorted(set(places))
    go_back(page)
    assert cursor_x(page) == places[-2]


def open_two(page: Page, site: Site, address: str, film: str | None = None) -> None:
    """A page with the main page's stepper twice, the second with its own ids and, if given, another film."""
    text = (site.directory / "index.html").read_text(encoding="utf-8")
    found = re.search(r"<raft-stepper.*?</raft-stepper>", text, re.DOTALL)
    assert found
    first = found[0].replace('id="leader-election"', 'id="a"', 1)
    second = re.sub(r'( id="|#|aria-labelledby=")step-', r"\1b-step-", found[0])
    second = second.replace("leader-election", "b").replace('id="b"', 'id="b"', 1)
    if film is not None:
        second = re.sub(r'(class="raft-film")[^>]*>', lambda m: f"{m[1]}>{film}", second)
    body = text.replace(found[0], first + second)
    page.route("**/two.html", lambda route: route.fulfill(body=body, content_type="text/html"))
    open_stepper(page, site, "two.html" + address)
