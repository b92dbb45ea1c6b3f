"""Stepping through the main page: every way to go to a step, and what happens on the way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Site
from tests.site.stepping import (
    PHONE,
    count_steps,
    cursor_x,
    go_back,
    is_moving,
    open_stepper,
    press_button,
    press_keys,
    swipe,
    url_fragment,
    visible_steps,
)


def test_the_first_step_shows_alone(site: Site, page: Page) -> None:
    """An address without a step opens at the beginning, and nothing is announced or written to the address."""
    open_stepper(page, site)

    assert visible_steps(page) == [1]
    assert url_fragment(page) == ""
    assert page.locator(".raft-live").inner_text() == ""
    expect(page.locator(".raft-step:not([hidden]) .raft-place")).to_have_text(re.compile("^Step 1 of 8 "))


def test_next_and_previous_go_one_step(site: Site, page: Page) -> None:
    """Button by button there and back; the address, the place, the dot and the scrubber agree with the picture."""
    open_stepper(page, site)
    last = count_steps(page)
    there_and_back = [*range(2, last + 1), *range(last - 1, 0, -1)]

    for before, number in zip([1, *there_and_back], there_and_back, strict=False):
        press_button(page, "Next" if number > before else "Previous")

        assert visible_steps(page) == [number]
        assert url_fragment(page) == f"#step-{number}"
        place = page.locator(".raft-step:not([hidden]) .raft-place")
        expect(place).to_have_text(re.compile(f"^Step {number} of {last} "))
        expect(page.locator(".raft-dot[aria-current=step]")).to_have_text(re.compile(rf"^{number}"))
        expect(page.get_by_role("slider", name="Step", exact=True)).to_have_value(str(number))
        expect(page.locator(".raft-stop--current")).to_have_attribute("data-stop", str(number))


def test_buttons_at_the_ends_say_so_and_keep_the_focus(site: Site, page: Page) -> None:
    """aria-disabled, not disabled: a press there does nothing, and the focus stays where the reader left it."""
    open_stepper(page, site)
    previous, following = page.locator(".raft-button--previous"), page.locator(".raft-button--next")
    expect(previous).to_have_attribute("aria-disabled", "true")
    expect(following).to_have_attribute("aria-disabled", "false")

    previous.press("Enter")
    assert visible_steps(page) == [1]
    expect(previous).to_be_focused()

    open_stepper(page, site, "scenarios/two-leaders/")
    press_keys(page, "End")
    following.press("Enter")
    assert visible_steps(page) == [count_steps(page)]
    expect(following).to_have_attribute("aria-disabled", "true")
    expect(following).to_be_focused()


def test_the_last_step_leads_on(site: Site, page: Page) -> None:
    """Where runs leave this one at its end, Next asks "What if…?" and goes to them."""
    open_stepper(page, site)
    following = page.locator(".raft-button--next")

    press_keys(page, "End")
    expect(following).to_have_text("What if…?")
    expect(following).to_have_attribute("aria-disabled", "false")
    following.press("Enter")

    expect(page.locator(".raft-ends a").first).to_be_focused()
    assert page.locator(".raft-ends a").count() == 3
    press_button(page, "Previous")
    expect(following).to_have_text("Next")


def test_a_dot_goes_to_its_step(site: Site, page: Page) -> None:
    """Dots are buttons with a number and a name."""
    open_stepper(page, site)
    name = page.locator(".raft-step").nth(4).get_attribute("data-name")

    press_button(page, f"Step 5: {name}")

    assert visible_steps(page) == [5]
    assert not is_moving(page)


def test_keys_step_only_from_inside(site: Site, page: Page) -> None:
    """Arrows, Home and End work while the focus is in the stepper, and nowhere else."""
    open_stepper(page, site)

    page.keyboard.press("ArrowRight")
    assert visible_steps(page) == [1]

    for key, number in [
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("End", count_steps(page)),
        ("Home", 1),
    ]:
        press_keys(page, key)
        assert visible_steps(page) == [number]


def test_keys_work_after_a_click_on_the_picture(site: Site, page: Page) -> None:
    """Readers click what they look at; the arrows follow."""
    open_stepper(page, site)

    page.locator(".raft-picture").first.click()
    page.keyboard.press("ArrowRight")
    page.locator(".raft-step:not([hidden]) .raft-picture").click()
    page.keyboard.press("ArrowRight")

    assert visible_steps(page) == [3]


@pytest.mark.parametrize("key", ["Control+ArrowRight", "Alt+ArrowRight", "Shift+End", "Meta+ArrowRight", "j"])
def test_other_keys_are_left_to_the_browser_and_the_theme(site: Site, page: Page, key: str) -> None:
    """With a modifier they mean something else, and letters are the theme's shortcuts."""
    open_stepper(page, site)

    press_keys(page, key)

    assert visible_steps(page) == [1]


def test_keys_typed_into_a_field_stay_there(site: Site, page: Page) -> None:
    """A field inside the stepper, such as a host may add, keeps its arrows and its space."""
    open_stepper(page, site)
    page.evaluate("document.querySelector('.raft-words').append(document.createElement('textarea'))")
    field = page.locator(".raft-words textarea")

    field.focus()
    field.type("a b")
    for key in ("ArrowLeft", "Home", "End", "ArrowRight"):
        field.press(key)

    assert visible_steps(page) == [1]
    expect(field).to_have_value("a b")


def test_space_on_a_button_presses_that_button(site: Site, page: Page) -> None:
    """Space plays and pauses, except where it already means something."""
    open_stepper(page, site)

    press_keys(page, " ")

    assert visible_steps(page) == [2]
    expect(page.locator(".raft-button--play")).to_have_text("Play")


def test_the_scrubber_goes_to_any_step(site: Site, page: Page) -> None:
    """A native range: its arrows, Home and End come with it, and it says where it is."""
    open_stepper(page, site)
    slider = page.get_by_role("slider", name="Step", exact=True)
    name = page.locator(".raft-step").nth(2).get_attribute("data-name")

    slider.press("ArrowRight")
    slider.press("ArrowRight")

    assert visible_steps(page) == [3]
    expect(slider).to_have_attribute("aria-valuetext", f"Step 3 of {count_steps(page)}: {name}")
    slider.press("End")
    assert visible_steps(page) == [count_steps(page)]


def test_a_link_in_the_text_shows_its_step(site: Site, page: Page) -> None:
    """Essays point at steps; following such a link shows the step, and its heading takes the focus."""
    open_stepper(page, site)
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', '<a id=go href=\"#step-4\">there</a>')"
    )

    page.locator("#go").click()

    assert visible_steps(page) == [4]
    expect(page.locator("#step-4")).to_be_focused()
    expect(page.locator("#step-4")).to_be_in_viewport()


def test_a_link_from_elsewhere_opens_at_its_step(site: Site, page: Page) -> None:
    """#step-6 shows step 6 at once, on the screen, with its picture."""
    open_stepper(page, site, "#step-6")

    assert visible_steps(page) == [6]
    assert not is_moving(page)
    for part in (".raft-picture svg", "#step-6", ".raft-button--next"):
        expect(page.locator(f".raft-step:not([hidden]) {part}, .raft-controls {part}").first).to_be_in_viewport(ratio=1)


def test_an_address_that_is_no_step_opens_at_the_beginning(site: Site, page: Page) -> None:
    """Other anchors of the page, and nonsense, are not steps."""
    open_stepper(page, site, "#%zz-step-99")

    assert visible_steps(page) == [1]


def test_back_undoes_the_last_move(site: Site, page: Page) -> None:
    """A button, a key, a dot and a link make an entry each; Back and Forward walk along them."""
    open_stepper(page, site)
    press_button(page, "Next")
    press_keys(page, "ArrowRight")
    page.locator(".raft-dot").nth(6).click()
    assert url_fragment(page) == "#step-7"
    page.evaluate("location.hash = '#step-5'")
    assert visible_steps(page) == [5]

    seen = []
    for _ in range(4):
        go_back(page)
        seen += visible_steps(page)
    assert seen == [7, 3, 2, 1]
    assert url_fragment(page) == ""

    page.go_forward()
    assert visible_steps(page) == [2]


def test_an_address_that_changes_before_ours_is_written_wins(site: Site, page: Page) -> None:
    """A step's address is written when the step is on the screen; who went elsewhere by then stays there."""
    open_stepper(page, site)

    page.evaluate(
        "document.querySelector('.raft-button--next').click(); location.hash = '#step-5';"
        "new Promise(done => addEventListener('hashchange', done))"
    )

    assert url_fragment(page) == "#step-5"
    assert visible_steps(page) == [5]


def test_holding_a_key_or_scrubbing_does_not_fill_the_history(site: Site, page: Page) -> None:
    """What runs on keeps the address true and makes no entries."""
    open_stepper(page, site)
    length = page.evaluate("history.length")

    page.get_by_role("slider", name="Step", exact=True).press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator(".raft-button--previous").focus()
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")

    assert url_fragment(page) == "#step-6"
    assert page.evaluate("history.length") == length + 1


def test_a_swipe_turns_the_page(site: Site, new_page: Callable[..., Page]) -> None:
    """Left for the next step, right for the one before; up and down stay the page's own."""
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    open_stepper(page, site)
    picture = ".raft-step:not([hidden]) .raft-picture"

    swipe(page, picture, across=-160)
    assert visible_steps(page) == [2]
    page.wait_for_timeout(200)  # the first move brings the stepper up under the header
    swipe(page, picture, across=-160, down=20)
    assert visible_steps(page) == [3]
    swipe(page, picture, across=160)
    assert visible_steps(page) == [2]
    before = page.evaluate("scrollY")
    swipe(page, picture, down=-160, across=30)
    page.wait_for_function("before => scrollY > before", arg=before)
    assert visible_steps(page) == [2]


def test_stepping_does_not_scroll_the_page(site: Site, page: Page) -> None:
    """Next and Previous change the step, never the place on the page."""
    open_stepper(page, site)
    page.evaluate("scrollTo(0, 120)")

    for name in ("Next", "Next", "Previous"):
        page.locator(f".raft-button--{name.lower()}").dispatch_event("click")

    assert page.evaluate("scrollY") == 120


def test_the_browsers_own_search_reveals_a_step(site: Site, page: Page) -> None:
    """Hidden steps are hidden until found."""
    open_stepper(page, site)
    hidden = page.locator(".raft-step[hidden]")
    assert {step.get_attribute("hidden") for step in hidden.all()} == {"until-found"}

    page.locator(".raft-step").nth(3).dispatch_event("beforematch")

    assert visible_steps(page) == [4]


def test_each_step_is_told_to_whoever_listens(site: Site, page: Page) -> None:
    """Hosts hear a bubbling raft-step event for every step shown, numbered as the page numbers them."""
    open_stepper(page, site)
    page.evaluate("window.told = []; addEventListener('raft-step', event => told.push(event.detail))")
    last = count_steps(page)

    press_keys(page, "ArrowRight", "End", "Home", "Home")

    assert page.evaluate("told") == [
        {"index": 2, "previous": 1},
        {"index": last, "previous": 2},
        {"index": 1, "previous": last},
    ]


def test_the_cursor_follows_the_mouse_along_the_lanes(site: Site, page: Page) -> None:
    """Dragging over the space-time picture scrubs the run; the step that holds at that time shows."""
    open_stepper(page, site)
    lanes = page.locator(".raft-lanes")
    lanes.scroll_into_view_if_needed()
    box = lanes.bounding_box()
    assert box is not None
    y, scale = box["y"] + box["height"] / 2, box["width"] / 1180
    stops = [float(x) for x in page.evaluate(STOPS)]
    between = (stops[1] + stops[2]) / 2

    page.mouse.move(box["x"] + scale * (stops[0] + 1), y)
    page.mouse.down()
    page.mouse.move(box["x"] + scale * between, y, steps=5)
    assert visible_steps(page) == [2]
    assert cursor_x(page) == pytest.approx(between, abs=1.5)
    assert is_moving(page)
    page.mouse.move(box["x"] + scale * (stops[4] + 2), y, steps=5)
    page.mouse.up()

    assert visible_steps(page) == [5]
    press_button(page, "Previous")
    assert visible_steps(page) == [4]
    page.wait_for_function("!document.querySelector('.raft-stage')")
    assert cursor_x(page) == pytest.approx(stops[3], abs=0.5)


STOPS = """(async () => {
  const { src } = document.querySelector("raft-stepper .raft-film").dataset;
  const { axis, stops } = await (await fetch(src)).json();
  return stops.map(ms => {
    const i = Math.max(1, axis.findIndex(([t]) => t >= ms));
    const [[t0, x0], [t1, x1]] = [axis[i - 1], axis[i]];
    return x0 + (x1 - x0) * (ms - t0) / (t1 - t0);
  });
})()"""


def test_a_marker_on_the_lanes_goes_to_its_step(site: Site, page: Page) -> None:
    """The numbers above the lanes are the steps."""
    open_stepper(page, site)

    page.locator('.raft-stop[data-stop="7"] text').click()

    assert visible_steps(page) == [7]
    assert url_fragment(page) == "#step-7"
    assert not is_moving(page)
