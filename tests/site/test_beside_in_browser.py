"""Two runs in one stepper, in a browser: stepped together, moved together, beside each other where there is room."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.site.conftest import Site
from tests.site.stepping import open_stepper, visible_steps

ADDRESS = "internals/multi-paxos/"
STEPPER = "#holes"


def test_one_press_steps_both_runs(site: Site, page: Page) -> None:
    """The issue on Multi-Paxos: side by side; two runs that have to be stepped apart are not compared."""
    open_stepper(page, site, ADDRESS)

    page.locator(f"{STEPPER} .raft-button--next").click()

    assert visible_steps(page, STEPPER) == [2]
    step = page.locator(f"{STEPPER} .raft-step:not([hidden])")
    assert step.locator(".raft-run-name").all_inner_texts() == ["Raft", "Multi-Paxos"]
    assert step.locator(".raft-run .raft-picture > svg:not(.raft-stage)").count() == 2


def test_both_pictures_travel_each_with_its_own_messages(site: Site, page: Page) -> None:
    """Four copies move: a cluster and a log of either run; the lanes have one cursor."""
    open_stepper(page, site, ADDRESS + "#holes-step-2")

    page.locator(f"{STEPPER} .raft-button--next").click()
    page.wait_for_timeout(400)

    stages = page.locator(f"{STEPPER} .raft-step:not([hidden]) .raft-stage")
    assert stages.count() == 4
    parts = page.evaluate(
        """stepper => [...document.querySelectorAll(
            `${stepper} .raft-step:not([hidden]) .raft-stage [data-part$="mail"]`)]
            .map(place => [place.dataset.part, place.querySelectorAll("use").length])""",
        STEPPER,
    )
    assert parts == [["mail", 2], ["beside-mail", 2]]
    assert page.locator(f"{STEPPER} .raft-lanes").count() == 1


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (390, False), (320, False)])
def test_the_runs_stand_beside_each_other_where_there_is_room(width: int, beside: bool, site: Site, page: Page) -> None:
    """WCAG 1.4.10: at 320 CSS pixels nothing scrolls sideways, so there they stand one below the other."""
    page.set_viewport_size({"width": width, "height": 800})
    open_stepper(page, site, ADDRESS)

    one, other = (
        page.locator(f"{STEPPER} .raft-step:not([hidden]) .raft-run").nth(place).bounding_box() for place in (0, 1)
    )
    assert one
    assert other
    assert (abs(one["y"] - other["y"]) < 2) is beside
    assert (abs(one["x"] - other["x"]) < 2) is not beside
