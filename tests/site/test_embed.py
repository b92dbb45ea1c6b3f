"""A stepper in a frame of another page, and what each step gives to take along."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Site
from tests.site.stepping import activate_steppers, open_stepper, press_button, url_fragment, visible_steps

EMBED = "embed/leader-election/"
MENU = "Table, share, files"


def test_every_scenario_has_a_bare_page_that_search_engines_leave_out(site: Site) -> None:
    """noindex, and the full page is named as the one to find."""
    scenarios = {name.split("/")[1] for name in site.pages if re.fullmatch(r"scenarios/[^/]+/", name)}
    bare = {name.split("/")[1]: page for name, page in site.pages.items() if name.startswith("embed/")}

    assert set(bare) == scenarios
    for id, page in bare.items():
        canonical = [tag.attributes.get("href", "") for tag in page.tags if tag.attributes.get("rel") == "canonical"]
        assert page.meta("robots") == "noindex"
        assert canonical == [f"https://example.org/raftstep/scenarios/{id}/"]


def test_an_embedded_stepper_steps_and_opens_at_its_step(site: Site, page: Page) -> None:
    """The same stepper, the same addresses, and nothing of the theme."""
    open_stepper(page, site, f"{EMBED}#step-3")
    assert visible_steps(page) == [3]

    press_button(page, "Next")

    assert visible_steps(page) == [4]
    assert url_fragment(page) == "#step-4"
    assert page.locator("[class^=md-]").count() == 0


def test_an_embedded_stepper_is_small(site: Site, page: Page) -> None:
    """Six requests: the page, its three styles and its two scripts."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))

    page.goto(site.url + EMBED)
    page.locator(".raft-button--next").wait_for()

    assert sorted(asked) == ["", "controls.js", "embed.css", "embed.js", "pictures.css", "raft.css", "stepper.js"]
    activate_steppers(page)
    assert asked[7:] == ["motion.js"]


@pytest.mark.parametrize("name", ["leader-election", "split-vote", "joint-consensus"])
def test_the_buttons_fit_in_a_narrow_frame_in_wide_letters_too(
    site: Site, new_page: Callable[..., Page], name: str
) -> None:
    """An embedded stepper is written in the reader's own font, and in some of those every letter is as wide as m."""
    page = new_page(viewport={"width": 320, "height": 700})
    page.goto(f"{site.url}embed/{name}/")
    page.add_style_tag(content="* { font-family: 'Liberation Mono', 'DejaVu Sans Mono', monospace !important }")

    press_button(page, "Play")

    boxes = [button.bounding_box() for button in page.locator(".raft-button").all()]
    assert [box for box in boxes if box is None or box["x"] < 0 or box["x"] + box["width"] > 320] == []


@pytest.mark.parametrize(
    ("address", "system", "paper"),
    [("", "light", 255), ("", "dark", 20), ("?theme=dark", "light", 20), ("?theme=light", "dark", 255)],
)
@pytest.mark.parametrize("script", [True, False])
def test_colours_are_the_systems_or_those_asked_for(
    site: Site, new_page: Callable[..., Page], address: str, system: str, paper: int, script: bool
) -> None:
    """?theme=dark and ?theme=light overrule the system; without script the system decides."""
    page = new_page(color_scheme=system, java_script_enabled=script)
    page.goto(site.url + EMBED + address)

    colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")

    expected = paper if script or not address else {"light": 255, "dark": 20}[system]
    assert int(re.findall(r"\d+", colour)[0]) == expected


def test_the_host_is_told_the_height_and_nothing_scrolls(site: Site, page: Page) -> None:
    """The frame is as high as what is in it, at any width, before and after a menu is opened."""
    page.route(
        "**/host.html",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<!doctype html><html lang=en><title>Host</title>
              <iframe id=raft title="A run" src="{EMBED}#step-4" width=760 height=100></iframe>
              <script>addEventListener("message", ({{ source, data }}) => {{
                const frame = document.getElementById("raft");
                if (source === frame.contentWindow && data.type === "raft-embed:height") frame.height = data.height;
              }});</script>""",
        ),
    )
    page.goto(site.url + "host.html")

    for width in (760, 360, 1100):
        page.locator("#raft").evaluate("(frame, width) => { frame.width = width }", width)
        page.wait_for_function(
            """() => { const { contentDocument: { documentElement: root }, height } = document.getElementById("raft");
                       return height > 300 && root.scrollHeight === +height; }"""
        )


def test_a_step_gives_its_link_and_its_embed_code_to_copy(site: Site, new_page: Callable[..., Page]) -> None:
    """The very addresses that open at this step; the button says that it is done, and so does the live region."""
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    open_stepper(page, site, "#step-5")
    step = page.locator(".raft-step").nth(4)
    step.get_by_text(MENU).click()
    copied = "navigator.clipboard.readText()"

    step.get_by_role("button", name="Copy link").click()
    expect(step.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate(copied) == f"{site.url}#step-5"

    step.get_by_role("button", name="Copy embed code").click()
    expect(step.get_by_role("button", name="Copy embed code")).to_have_count(0)
    code = page.evaluate(copied)
    assert re.fullmatch(r'<iframe src="[^"]+" title="Raft leader election" .*></iframe>', code)
    assert f'src="{site.url}{EMBED}#step-5"' in code


def test_without_script_a_step_gives_all_that_as_links_and_a_table(site: Site, new_page: Callable[..., Page]) -> None:
    """Copying is the browser's own; the state is there to be read."""
    page = new_page(java_script_enabled=False)
    page.goto(site.url)
    menu = page.locator(".raft-step").nth(5).locator(".raft-more")

    menu.locator("summary").click()

    assert [link.get_attribute("href") for link in menu.locator("a").all()] == [
        "#step-6",
        f"{EMBED}#step-6",
        "scenarios/leader-election/step-6.svg",
        "scenarios/leader-election/#the-scenario-as-yaml",
        "scenarios/leader-election/#the-transcript",
    ]
    expect(menu.get_by_role("row")).to_have_count(6)
    expect(menu.locator("table")).to_be_visible()


def test_a_step_of_an_embedded_stepper_links_to_the_full_page(site: Site, page: Page) -> None:
    """Who copies a link in a frame wants the page, not the frame."""
    open_stepper(page, site, EMBED)

    links = page.locator(".raft-step").nth(1).locator(".raft-links a")

    assert links.first.evaluate("link => link.href") == f"{site.url}scenarios/leader-election/#step-2"
