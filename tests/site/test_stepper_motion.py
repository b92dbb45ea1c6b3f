"""The run's own motion between two steps: it starts from one picture, ends in the next, and nothing waits for it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Site
from tests.site.stepping import (
    count_steps,
    cursor_x,
    is_moving,
    listen_to_console,
    open_stepper,
    press_button,
    press_keys,
    visible_steps,
)

PLAYED = 2.6  # seconds, at most, from one step to the next


def test_next_shows_the_step_at_once_and_plays_the_way_there(site: Site, page: Page) -> None:
    """Heading and buttons change with the press; the picture travels from the old step to the new one."""
    open_stepper(page, site)
    start = cursor_x(page)

    following = page.evaluate(
        """() => {
            const stepper = document.querySelector("raft-stepper");
            stepper.querySelector(".raft-button--next").click();
            const step = stepper.querySelectorAll(".raft-step")[1];
            return [!step.hidden, step.querySelectorAll(".raft-stage").length];
        }"""
    )

    assert following == [True, 2]
    places = []
    while is_moving(page):
        places.append(cursor_x(page))
        page.wait_for_timeout(100)
    assert len(places) > 2
    assert places == sorted(places)
    assert start <= places[0] < places[-1] <= cursor_x(page) + 0.5


@pytest.mark.parametrize("come", ["hover", "focus", "tap"])
def test_what_moves_is_fetched_when_somebody_comes_near(site: Site, new_page: Callable[..., Page], come: str) -> None:
    """Who only reads the page loads no film; whoever points at the stepper or moves into it has it for the next."""
    page = new_page(has_touch=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    page.goto(site.url)
    button = page.locator(".raft-button--next")
    button.wait_for()
    film = page.evaluate("document.querySelector('.raft-film').dataset.src.split('/').at(-1)")
    page.wait_for_timeout(200)
    assert not {"motion.js", film} & {*asked}

    getattr(button, come)()
    page.wait_for_function("document.querySelector('raft-stepper[motion=ready]')")
    button.click()

    assert is_moving(page)
    assert [name for name in asked if name in {"motion.js", film}] == ["motion.js", film]


def test_without_what_moves_the_steps_turn(site: Site, new_page: Callable[..., Page]) -> None:
    """A script that does not come costs the motion, not the steps; it is told once, on the console."""
    page = new_page(allow=("Failed to load resource", "its pictures do not move"))
    told = listen_to_console(page)
    page.route("**/motion.js", lambda route: route.abort())
    open_stepper(page, site)
    start = cursor_x(page)

    press_keys(page, "ArrowRight")

    assert visible_steps(page) == [2]
    assert not is_moving(page)
    assert cursor_x(page) > start
    assert [words for words in told if words.startswith('raft-stepper "leader-election"')] == told[1:]
    assert len(told) == 2


def test_the_way_between_two_steps_takes_about_two_seconds(site: Site, page: Page) -> None:
    """Long enough to follow, short enough not to wait for."""
    open_stepper(page, site)

    taken = page.evaluate(
        """() => new Promise(done => {
            const stepper = document.querySelector("raft-stepper");
            stepper.querySelector(".raft-button--next").click();
            const began = performance.now();
            const moves = () => stepper.querySelector(".raft-step:not([hidden]) .raft-stage");
            const look = () => moves() ? requestAnimationFrame(look) : done(performance.now() - began);
            look();
        })"""
    )

    assert 1500 < taken < PLAYED * 1000 + 400


@pytest.mark.parametrize("key", ["ArrowRight", "ArrowLeft", "Home", "End"])
def test_any_command_interrupts_the_motion(site: Site, page: Page, key: str) -> None:
    """A reader who is faster than the picture is obeyed at once."""
    open_stepper(page, site)
    press_button(page, "Next")
    press_keys(page, "ArrowRight")
    assert is_moving(page)

    press_keys(page, key)

    assert visible_steps(page) == [{"ArrowRight": 4, "ArrowLeft": 2, "Home": 1, "End": count_steps(page)}[key]]
    if key != "ArrowLeft":  # the way back is so short that it may be over
        assert is_moving(page) == (key == "ArrowRight")


def test_the_caption_comes_with_the_step(site: Site, page: Page) -> None:
    """While the picture shows the past, words about its end would contradict it: a line says where to look instead."""
    open_stepper(page, site, "#step-6")
    caption = page.locator(".raft-step:not([hidden]) .raft-words > p").nth(1)
    watch = page.locator(".raft-watch")

    press_keys(page, "ArrowRight")
    expect(watch).to_have_text("Watch S1.")
    expect(page.locator(".raft-step:not([hidden]) .raft-words > p:not(.raft-place)").nth(1)).to_have_css("opacity", "0")
    page.wait_for_function("!document.querySelector('.raft-stage')")

    expect(watch).to_have_count(0)
    expect(caption).to_have_css("opacity", "1")


def test_what_changes_while_one_watches_is_marked(site: Site, page: Page) -> None:
    """A vote that makes the majority, a commit and a crash are moments that one sees."""
    open_stepper(page, site, "#step-3")

    press_keys(page, "ArrowRight")

    page.wait_for_function(
        "document.querySelector('.raft-fresh[data-part=node-S1] .raft-node--leader, "
        ".raft-fresh.raft-node--leader[data-part=node-S1]')"
    )


def test_going_back_rewinds_and_going_afar_does_not_travel(site: Site, page: Page) -> None:
    """On the way back the run is seen in reverse, quickly; a jump shows its step at once."""
    open_stepper(page, site)

    press_keys(page, "End")
    assert not is_moving(page)
    end = cursor_x(page)
    press_keys(page, "ArrowLeft")
    assert is_moving(page)
    places = []
    while is_moving(page):
        places.append(cursor_x(page))
    assert places == sorted(places, reverse=True)
    assert cursor_x(page) <= places[-1] <= end


def test_with_reduced_motion_nothing_travels(site: Site, new_page: Callable[..., Page]) -> None:
    """prefers-reduced-motion: the states change, and that is all."""
    page = new_page(reduced_motion="reduce")
    open_stepper(page, site)

    for number in range(2, count_steps(page) + 1):
        press_keys(page, "ArrowRight")
        assert visible_steps(page) == [number]
        assert not is_moving(page)


def test_the_film_ends_in_the_next_picture(site: Site, page: Page) -> None:
    """Played to the end, each step's picture has become the next one's: nothing jumps when the film gives way to it."""
    open_stepper(page, site)

    assert page.evaluate(FILM_AGAINST_PICTURES) == []


FILM_AGAINST_PICTURES = """async () => {
  const film = await import(new URL("motion.js", document.querySelector("script[src$='/stepper.js']").src));
  const stepper = document.querySelector("raft-stepper");
  const steps = [...stepper.querySelectorAll(".raft-step")];
  const { src } = stepper.querySelector(".raft-film").dataset;
  const data = film.readFilm(await (await fetch(src)).text(), steps.length);
  const serial = new XMLSerializer();
  const drawn = part => serial.serializeToString(part)
    .replace(/ xmlns="[^"]*"/g, "").replace(/ stroke-dasharray="[^"]* 1"/g, "");
  const number = /-?\\d+(?:[.]\\d+)?/g;
  const same = (a, b) => a.replace(number, "") === b.replace(number, "")
    && a.match(number)?.every((n, i) => Math.abs(n - b.match(number)[i]) < .15) !== false;
  const wrong = [];
  for (let i = 1; i < steps.length; i++) {
    const start = steps[i - 1].cloneNode(true);
    for (const spare of start.querySelectorAll(".raft-stage")) spare.remove();
    for (const [part, look] of film.changesBetween(data.changes, data.stops[i - 1], data.stops[i])) {
      const named = `[data-part="${part}"]`;
      const place = start.querySelector(named);
      if (!place) wrong.push(`step ${i + 1}: nothing is called ${part}`);
      else place.outerHTML = typeof look === "string" ? look : steps[look].querySelector(named).outerHTML;
    }
    for (const mail of start.querySelectorAll('[data-part="mail"]')) {
      mail.innerHTML = [...film.movesAt(data, data.stops[i])].map(film.moveMarkup).join("");
    }
    for (const part of steps[i].querySelectorAll("svg:not(.raft-stage) [data-part]")) {
      const played = start.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!played || !same(drawn(played), drawn(part))) {
        wrong.push(`step ${i + 1}, ${part.dataset.part}: ${played && drawn(played)} is not ${drawn(part)}`);
      }
    }
    for (const [name, left] of film.dialsAt(data.dials, data.dial_span, data.stops[i])) {
      const dial = steps[i].querySelector(`[data-dial="${name}"]`);
      const still = dial && parseFloat(dial.getAttribute("stroke-dasharray"));
      if (dial && Math.abs(still - left) > .01) wrong.push(`step ${i + 1}, dial ${name}: ${left} is not ${still}`);
    }
  }
  return wrong;
}"""


def test_play_goes_on_by_itself_and_stops_for_the_reader(site: Site, new_page: Callable[..., Page]) -> None:
    """Off until asked for; the next step comes at once, the one after when its caption can have been read."""
    page = new_page()
    page.clock.install()
    open_stepper(page, site)
    page.clock.run_for(60_000)
    assert visible_steps(page) == [1]

    press_button(page, "Play")
    assert visible_steps(page) == [2]
    page.clock.run_for(3_900)
    assert visible_steps(page) == [2]
    page.clock.run_for(60_000)
    assert visible_steps(page)[0] > 3

    press_button(page, "Previous")
    stopped = visible_steps(page)
    expect(page.locator(".raft-button--play")).to_have_text("Play")
    page.clock.run_for(60_000)
    assert visible_steps(page) == stopped


def test_space_plays_and_pauses(site: Site, page: Page) -> None:
    """While the focus is on the stepper and on nothing that space already means something to."""
    open_stepper(page, site)
    page.locator("raft-stepper").focus()
    before = page.evaluate("scrollY")

    page.keyboard.press(" ")
    assert visible_steps(page) == [2]
    expect(page.locator(".raft-button--play")).to_have_text("Pause")

    page.keyboard.press(" ")
    expect(page.locator(".raft-button--play")).to_have_text("Play")
    assert page.evaluate("scrollY") == before


def test_the_sign_on_the_button_is_of_what_it_does(site: Site, page: Page) -> None:
    """A triangle plays, two bars pause; the words beside it change as well."""
    sign = "getComputedStyle(document.querySelector('.raft-button--play'), '::before').clipPath"
    open_stepper(page, site)
    triangle = page.evaluate(sign)

    press_button(page, "Play")
    bars = page.evaluate(sign)
    press_button(page, "Pause")

    assert bars != triangle
    assert page.evaluate(sign) == triangle


def test_play_ends_with_the_run_and_can_begin_again(site: Site, new_page: Callable[..., Page]) -> None:
    """At the last step it stops; asked again there, it starts over."""
    page = new_page(reduced_motion="reduce")
    page.clock.install()
    open_stepper(page, site)

    press_button(page, "Play")
    expect(page.locator(".raft-button--play")).to_have_text("Pause")
    page.clock.run_for(400_000)
    assert visible_steps(page) == [count_steps(page)]
    expect(page.locator(".raft-button--play")).to_have_text("Replay")

    press_button(page, "Replay")
    assert visible_steps(page) == [1]


def test_play_moves_half_of_the_time_and_counts_down_the_rest(site: Site, new_page: Callable[..., Page]) -> None:
    """A still that will move looks frozen: the next dot fills while the caption is read."""
    page = new_page()
    page.clock.install()
    open_stepper(page, site)
    awaited = page.locator(".raft-dot--awaited")

    press_button(page, "Play")
    moving = 0
    while is_moving(page):
        page.clock.run_for(250)
        moving += 250
    expect(awaited).to_have_count(1)
    waiting = 0
    while visible_steps(page) == [2]:
        page.clock.run_for(250)
        waiting += 250

    assert abs(moving - waiting) <= 1000
    expect(awaited).to_have_count(0)


def test_the_speed_is_the_readers(site: Site, page: Page) -> None:
    """Normal, double and half in turn, said to those who listen as well."""
    open_stepper(page, site)
    speed = page.locator(".raft-button--speed")

    names = []
    for _ in range(4):
        names.append((speed.inner_text(), speed.get_attribute("aria-label")))
        speed.click()

    assert names == [(f"{pace}×", f"Speed: {pace}×") for pace in ("1", "2", "0.5", "1")]


@pytest.mark.parametrize("act", ["pause", "space", "picture", "caption", "lanes"])
def test_whatever_the_reader_does_pauses(site: Site, new_page: Callable[..., Page], act: str) -> None:
    """The button, the space bar, a click on the picture or the words: the reader has the helm."""
    page = new_page()
    page.clock.install()
    open_stepper(page, site)
    press_button(page, "Play")

    step = page.locator(".raft-step:not([hidden])")
    if act == "space":
        page.locator("raft-stepper").focus()
        page.keyboard.press(" ")
    elif act == "pause":
        press_button(page, "Pause")
    else:
        {
            "picture": step.locator(".raft-picture svg").first,
            "caption": step.locator(".raft-place"),
            "lanes": page.locator(".raft-lanes"),
        }[act].click(position={"x": 60, "y": 12} if act != "picture" else None)
    expect(page.locator(".raft-button--play")).to_have_text("Play")
    before = visible_steps(page)
    page.clock.run_for(60_000)

    assert visible_steps(page) == before
