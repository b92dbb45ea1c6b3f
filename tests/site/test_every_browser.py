"""The stepper in the browsers that people have: a walk through it, taken in each."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.site import browser, script_checker
from tests.site.conftest import Site, skip_or_fail
from tests.site.webkit import start_webkit

PROGRAM = Path(__file__).with_name("walk.mjs")
WALK = "async " + re.findall(r"^export async (function walk\(\) \{.*?^\})", PROGRAM.read_text("utf-8"), re.M | re.S)[0]
MANY = 40  # looks, at least, of a walk that went all the way


def nothing_is_wrong(found: dict[str, Any]) -> bool:
    assert found["troubles"] == []
    return bool(found["looks"] > MANY)


def test_chromium_shows_every_picture(site: Site, page: Page) -> None:
    """After every Next, key, dot and Play the picture is there, and nothing lies on the controls."""
    page.goto(site.url)
    page.locator(".raft-controls").wait_for()

    assert nothing_is_wrong(page.evaluate(WALK))


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=str)
def test_firefox_shows_every_picture(site: Site, size: tuple[int, int]) -> None:
    """Firefox lays hidden parts out in its own way, and once showed pictures of no size."""
    firefox, node = browser.find_firefox(), script_checker.find_node()
    if firefox is None:
        skip_or_fail(f"{browser.NO_FIREFOX} `make test` installs what it can.")
    if node is None or not script_checker.is_installed():
        skip_or_fail(f"{script_checker.NONE_FOUND} `make check` installs what it can.")

    command = [node, str(PROGRAM), firefox, site.url, *map(str, size)]
    walked = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    assert walked.returncode == 0, walked.stderr
    assert nothing_is_wrong(json.loads(walked.stdout))


def test_webkit_shows_every_picture(site: Site) -> None:
    """The engine of Safari, where Debian's build of it is to be had."""
    driver = browser.find_webkit()
    if driver is None:
        pytest.skip(browser.NO_WEBKIT)

    with start_webkit(driver) as webkit:
        webkit.open(site.url, width=1280, height=900)

        assert nothing_is_wrong(webkit.evaluate(WALK))


def test_a_walk_sees_a_picture_that_is_gone(site: Site, page: Page) -> None:
    """A check that cannot fail checks nothing."""
    page.goto(site.url)
    page.locator(".raft-controls").wait_for()
    page.add_style_tag(content=".raft-picture > svg.raft-stage { width: 0 !important; }")

    assert "Next to step 2, under way: the picture is 0 px wide" in page.evaluate(WALK)["troubles"]
