"""What the stepper's tests share: opening it, asking what it shows, touching it as a finger does."""

from typing import Any

from playwright.sync_api import Page

from tests.site.conftest import Site

PHONE = {"width": 390, "height": 844}
HEADER = 48  # the theme's header, which stays on top of the page


def open_stepper(page: Page, site: Site, address: str = "") -> None:
    """Go to a page and come near its steppers: they have their buttons, and what moves in them is there."""
    page.goto(site.url + address)
    page.wait_for_function(
        "document.querySelectorAll('.raft-controls').length === document.querySelectorAll('raft-stepper').length"
    )
    activate_steppers(page)


def activate_steppers(page: Page) -> None:
    """What a pointer over a stepper or the focus in it does, for all on the page, until all that moves is there."""
    page.evaluate(
        "document.querySelectorAll('raft-stepper').forEach("
        "stepper => stepper.dispatchEvent(new PointerEvent('pointerenter')))"
    )
    page.wait_for_function("!document.querySelector('raft-stepper:not([motion])')")


def listen_to_console(page: Page) -> list[str]:
    """The errors that the page writes to the console, as they come."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors


def visible_steps(page: Page, stepper: str = "raft-stepper") -> list[int]:
    """The numbers of the steps that can be seen."""
    numbers: list[int] = page.evaluate(
        """stepper => [...document.querySelector(stepper).querySelectorAll(".raft-step")]
            .flatMap((step, i) => step.offsetHeight > 10
                                  && step.firstElementChild.checkVisibility({contentVisibilityAuto: true})
                                  && getComputedStyle(step).visibility === "visible" ? [i + 1] : [])""",
        stepper,
    )
    return numbers


def count_steps(page: Page) -> int:
    """How many steps the stepper has."""
    return page.locator(".raft-step").count()


def press_button(page: Page, name: str) -> None:
    """Press one of the buttons by its name."""
    page.get_by_role("button", name=name, exact=True).first.click()


def press_keys(page: Page, *keys: str) -> None:
    """Press keys while the focus is on the stepper's Next button."""
    page.locator(".raft-button--next").focus()
    for key in keys:
        page.keyboard.press(key)


def url_fragment(page: Page) -> str:
    """The address from its # on, once it is written: that waits until the step is on the screen."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))")
    return str(page.evaluate("location.hash"))


def go_back(page: Page) -> None:
    """The browser's own Back, once the address of the last move is written."""
    url_fragment(page)
    page.go_back()


def is_moving(page: Page) -> bool:
    """Whether a picture is in motion."""
    return page.locator(".raft-step:not([hidden]) .raft-stage").count() > 0


def cursor_x(page: Page) -> float:
    """Where the cursor stands on the space-time picture, in its own units, a frame after the step."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)))")
    x: float = page.evaluate("document.querySelector('[data-part=cursor]').transform.baseVal[0].matrix.e")
    return x


def swipe(page: Page, selector: str, *, across: int = 0, down: int = 0) -> None:
    """Draw a finger over the middle of something, as a touch screen reports it."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - across / 2, box["y"] + box["height"] / 2 - down / 2
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    for part in range(1, 9):
        send("touchMove", {"x": x + across * part / 8, "y": y + down * part / 8})
    send("touchEnd")


def element_boxes(page: Page, selector: str) -> dict[str, dict[str, float]]:
    """Where each of several things is on the screen, by its name."""
    rectangles: dict[str, dict[str, float]] = page.evaluate(
        """selector => Object.fromEntries([...document.querySelectorAll(selector)].map((element, i) => {
            const { x, y, width, height } = element.getBoundingClientRect();
            return [element.classList[0] + " " + i, { x, y, width, height }];
        }))""",
        selector,
    )
    return rectangles


def bottom_edge(box: Any) -> float:
    """The lower edge of a bounding box."""
    return float(box["y"] + box["height"])
