"""What a page's own scripts may rely on: the attributes, methods and events that the About page lists."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.site.conftest import ROOT, Site
from tests.site.stepping import count_steps, is_moving, open_stepper, url_fragment, visible_steps

STEPPER = "document.querySelector('raft-stepper')"

PUBLIC_NAMES = """async () => {
  const { RaftStepper } = await import(document.querySelector("script[src$='/stepper.js']").src);
  const called_by_the_browser = /^(constructor|handleEvent|.*Callback)$/;
  const stepper = document.querySelector("raft-stepper");
  return {
    method: Object.getOwnPropertyNames(RaftStepper.prototype).filter(name => !called_by_the_browser.test(name)),
    "static method": Object.getOwnPropertyNames(RaftStepper)
      .filter(name => typeof RaftStepper[name] === "function" && name !== "prototype")
      .map(name => `RaftStepper.${name}`),
    attribute: stepper.getAttributeNames().filter(name => !/^(id|class|role|style|tabindex|aria-.*)$/.test(name)),
    field: Object.getOwnPropertyNames(stepper),
  };
}"""


def read_table() -> dict[str, set[str]]:
    """The names that the About page lists, by their kind."""
    about = (ROOT / "docs" / "about.md").read_text(encoding="utf-8")
    names: dict[str, set[str]] = {}
    for name, kind in re.findall(
        r"^\| `([\w.-]+)(?:\(\w*\))?` \| (attribute|event|method|static method)\b", about, re.MULTILINE
    ):
        names.setdefault(kind, set()).add(name)
    return names


def test_the_about_page_lists_all_that_the_element_offers_and_nothing_else(site: Site, page: Page) -> None:
    """A method that is added, renamed or taken away changes the table too; no field is anybody's to change."""
    open_stepper(page, site)

    names = page.evaluate(PUBLIC_NAMES)

    assert names.pop("field") == []
    assert {kind: set(found) for kind, found in names.items()} | {"event": {"raft-step"}} == read_table()


def test_the_methods_do_what_a_reader_would(site: Site, page: Page) -> None:
    """show at once, next and previous with the way there; play goes on and pause ends it."""
    open_stepper(page, site)

    page.evaluate(f"{STEPPER}.show(4)")
    assert (visible_steps(page), is_moving(page)) == ([4], False)
    page.evaluate(f"{STEPPER}.next()")
    assert (visible_steps(page), is_moving(page)) == ([5], True)
    page.evaluate(f"{STEPPER}.previous()")
    assert (visible_steps(page), is_moving(page)) == ([4], True)
    page.evaluate(f"{STEPPER}.play()")
    expect(page.locator(".raft-button--play")).to_have_text("Pause")
    assert visible_steps(page) == [5]
    page.evaluate(f"{STEPPER}.pause()")
    expect(page.locator(".raft-button--play")).to_have_text("Play")


def test_a_method_keeps_the_address_true_and_makes_no_entry(site: Site, page: Page) -> None:
    """Back is the reader's: it undoes what the reader did, and nothing that a script did."""
    open_stepper(page, site)
    length = page.evaluate("history.length")

    page.evaluate(f"{STEPPER}.show(3); {STEPPER}.next()")

    assert url_fragment(page) == "#step-4"
    assert page.evaluate("history.length") == length


def test_the_step_attribute_says_and_sets_which_step_shows(site: Site, page: Page) -> None:
    """It counts from 1, as the page does, and says the truth again where it was set to no step."""
    open_stepper(page, site)
    stepper = page.locator("raft-stepper")
    expect(stepper).to_have_attribute("step", "1")

    page.locator(".raft-button--next").click()
    expect(stepper).to_have_attribute("step", "2")
    page.evaluate(f"{STEPPER}.setAttribute('step', 6)")
    assert visible_steps(page) == [6]

    for wrong in (
        f"setAttribute('step', {count_steps(page) + 1})",
        "setAttribute('step', 'x')",
        "removeAttribute('step')",
    ):
        page.evaluate(f"{STEPPER}.{wrong}")
        assert visible_steps(page) == [6]
        expect(stepper).to_have_attribute("step", "6")


def test_a_page_can_say_at_which_step_it_opens(site: Site, page: Page) -> None:
    """The attribute in the markup does; an address that names a step comes first."""
    markup = (site.directory / "index.html").read_text("utf-8").replace("<raft-stepper ", '<raft-stepper step="5" ', 1)
    page.route("**/fifth.html*", lambda route: route.fulfill(body=markup, content_type="text/html"))

    open_stepper(page, site, "fifth.html")
    assert visible_steps(page) == [5]
    open_stepper(page, site, "fifth.html?again#step-2")
    assert visible_steps(page) == [2]


def test_a_class_of_ones_own_can_be_defined_beside_it(site: Site, page: Page) -> None:
    """define() takes a name, and leaves one that is taken alone."""
    open_stepper(page, site)

    names = page.evaluate(
        """async () => {
            const { RaftStepper } = await import(document.querySelector("script[src$='/stepper.js']").src);
            class OwnStepper extends RaftStepper {}
            OwnStepper.define("own-stepper").define("raft-stepper");
            return ["own-stepper", "raft-stepper"].map(name => customElements.get(name).name);
        }"""
    )

    assert names == ["OwnStepper", "RaftStepper"]


def test_a_menu_that_cannot_be_filled_keeps_its_links(site: Site, new_page: Callable[..., Page]) -> None:
    """What fails is told on the console, and what the page had stays."""
    page = new_page(allow=("Failed to load resource", "nothing to copy"))
    page.route("**/share.js", lambda route: route.abort())
    open_stepper(page, site)
    menu = page.locator(".raft-step").first.locator(".raft-more")

    with page.expect_console_message(lambda message: "nothing to copy" in message.text):
        menu.locator("summary").click()

    expect(menu.get_by_role("link", name="Link to this step")).to_be_visible()


def test_a_page_whose_scripts_change_the_steps_keeps_its_controls(site: Site, page: Page) -> None:
    """What a host expects: translators, readers and extensions take parts away, and Next still shows the next step."""
    open_stepper(page, site)

    page.evaluate(
        """() => {
          for (const part of document.querySelectorAll(".raft-stop, .raft-words > p, .headerlink")) part.remove();
          for (const details of document.querySelectorAll(".raft-step details")) details.className = 'a"]b';
        }"""
    )
    page.get_by_role("button", name="Next").click()
    page.locator(".raft-step:not([hidden]) summary").first.click()
    page.set_viewport_size({"width": 700, "height": 800})

    assert visible_steps(page) == [2]
    expect(page.get_by_role("status").first).to_contain_text("Step 2 of 8")
