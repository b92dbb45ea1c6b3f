"""Hostile scenarios, pages and addresses in a real browser: nothing of them runs.

Each page is visited twice: under a strict content security policy, which nothing on it may break, and without one,
where a tripwire tells what would have run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.site.conftest import LAPTOP
from tests.site.hostile_site import SCENARIO_PARTS, VALUES, write_hostile_site
from tests.site.server import serve
from tests.site.small_site import run_mkdocs

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
HEADERS = {"Content-Security-Policy": POLICY}

TRIPWIRE = """
window.pwned = [];
window.pwn = number => window.pwned.push(`pwn(${number})`);
document.addEventListener("securitypolicyviolation",
  event => window.pwned.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

EXECUTABLE = """
const isScript = value => /^[\\s\\u0000-\\u001f]*(javascript|vbscript|data:text)/i.test(value);
[...document.querySelectorAll("*")].flatMap(element => [
  ...element.getAttributeNames()
    .filter(name => /^on/i.test(name) || isScript(element.getAttribute(name)))
    .map(name => `<${element.localName} ${name}="${element.getAttribute(name)}">`),
  ...(element.matches("iframe, object, embed, form, base[href]") ? [`<${element.localName}>`] : []),
  ...(/^script$/i.test(element.localName) && !element.src && !/json$/.test(element.type) ? [element.textContent] : []),
])
"""
"""What on a page could run, though it has not: handlers, links to script, frames, scripts without a file."""


class HostileSite:
    """The site, built once: its addresses, and where they are served with the policy and without."""

    def __init__(self, names: list[str], strict_url: str, lenient_url: str) -> None:
        self.names = names
        self.strict_url = strict_url
        self.lenient_url = lenient_url


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileSite]:
    folder = tmp_path_factory.mktemp("hostile")
    names = write_hostile_site(folder)
    built = run_mkdocs(folder, "build")
    assert built.returncode == 0, built.stderr[-3000:]
    assert "Traceback" not in built.stderr
    with serve(folder / "site", HEADERS) as strict_url, serve(folder / "site") as lenient_url:
        yield HostileSite(names, strict_url, lenient_url)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[[str], tuple[Page, list[str]]]]:
    """Open a page behind a tripwire, step through it, and list what ran, was refused or could run."""
    pages: list[Page] = []

    def open_page(url: str) -> tuple[Page, list[str]]:
        page = chromium.new_context(viewport=LAPTOP).new_page()
        pages.append(page)
        troubles: list[str] = []
        origin = "/".join(url.split("/")[:3]) + "/"
        page.add_init_script(TRIPWIRE)
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}") or dialog.dismiss())
        page.on("pageerror", lambda error: troubles.append(f"uncaught: {error}"))
        page.on("console", lambda message: troubles.append(message.text) if is_trouble(message) else None)
        page.on(
            "request",
            lambda request: troubles.append(request.url) if not request.url.startswith((origin, "data:")) else None,
        )
        page.goto(url)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(150)
        return page, [*troubles, *page.evaluate("window.pwned"), *page.evaluate(EXECUTABLE)]

    yield open_page
    for page in pages:
        page.context.close()


def is_trouble(message: ConsoleMessage) -> bool:
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.mark.parametrize("place", [*SCENARIO_PARTS, "fences"])
def test_nothing_of_a_hostile_page_runs(
    place: str, hostile: HostileSite, visit: Callable[[str], tuple[Page, list[str]]]
) -> None:
    """Issue 16: scripts, handlers and links to script, in each place of a scenario and of a fence."""
    page, troubles = visit(f"{hostile.strict_url}{place}/")
    assert troubles == []
    steppers, problems = (page.locator(shown).count() for shown in ("raft-stepper", ".raft-problem"))
    assert steppers + problems >= len(VALUES) * 0.7, "values are shown in steppers, or in the boxes of problems"
    if place in ("words", "command", "client"):
        assert steppers >= len(VALUES) * 0.6, "and these are allowed for the most part"

    assert visit(f"{hostile.lenient_url}{place}/")[1] == []


ATTACKS = (
    "?theme=<script>pwn(1)</script>",
    '?theme="><img src=x onerror=pwn(2)>#step-2',
    "?theme=javascript:pwn(3)#javascript:pwn(3)",
    "#step-1<img src=x onerror=pwn(4)>",
    '#"><script>pwn(5)</script>',
    "#step-2');pwn(6);//",
    "?step=__proto__&constructor[prototype][x]=pwn(7)#step-99999999999999999999",
    "#%3Cscript%3Epwn(8)%3C/script%3E",
    "#step-%00%ff",
    "#" + "x" * 20_000,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack[:24])
def test_an_embedded_stepper_minds_nothing_in_its_address(
    attack: str, hostile: HostileSite, visit: Callable[[str], tuple[Page, list[str]]]
) -> None:
    """Issue 16: anyone writes the address of a frame; under the strict policy there is not one violation."""
    page, troubles = visit(f"{hostile.strict_url}embed/leader-election/{attack}")

    assert troubles == []
    assert page.locator(".raft-step:not([hidden])").count() == 1


def test_the_tripwire_sees_what_runs(tmp_path: Path, visit: Callable[[str], tuple[Page, list[str]]]) -> None:
    """A check that cannot fail checks nothing."""
    (tmp_path / "index.html").write_text(
        "<!doctype html><script>pwn(1)</script><a href='javascript:pwn(2)'>x</a><b onclick='pwn(3)'>y</b>",
        encoding="utf-8",
    )
    with serve(tmp_path) as url:
        assert visit(url)[1] == ["pwn(1)", "pwn(1)", '<a href="javascript:pwn(2)">', '<b onclick="pwn(3)">']
    with serve(tmp_path, HEADERS) as url:
        assert any("script-src" in trouble for trouble in visit(url)[1])
