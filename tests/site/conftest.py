"""The built site, a server for it, and browser pages that watch what goes on.

    def test_something(site, page):          # a page of 1280 by 800
        page.goto(site.url + "about/")

    def test_on_a_phone(site, new_page):     # any options of Playwright's new_context
        page = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")

When the test ends, a page that logged an error, threw one, or asked another origin for anything fails the test.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.site import browser, html_checker
from tests.site.links import ParsedPage, parse_page
from tests.site.server import serve
from tests.site.sharing import locked, shared_folder
from tests.site.small_site import write_small_site

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Site:
    """A built site: where its files are, where it is served, what the build said."""

    directory: Path
    url: str
    log: str

    @cached_property
    def pages(self) -> dict[str, ParsedPage]:
        """Every page by its address below the site's own: "" is the main page, "about/" another."""
        files = sorted(self.directory.rglob("*.html"))
        return {
            page_address(file.relative_to(self.directory)): parse_page(file.read_text(encoding="utf-8"))
            for file in files
        }

    @cached_property
    def samples(self) -> list[str]:
        """The pages that a browser draws in a test: all, but of a folder of many that are made alike only three.

        They are the shortest, the longest and the one between. What files show is read from every page.
        """
        pages_by_folder: dict[str, list[str]] = {}
        for name in sorted(self.pages, key=lambda page_name: (len(self.pages[page_name].tags), page_name)):
            pages_by_folder.setdefault(name.rstrip("/").rpartition("/")[0], []).append(name)
        sampled = (
            names if len(names) <= SAMPLE_THRESHOLD else [names[0], names[len(names) // 2], names[-1]]
            for names in pages_by_folder.values()
        )
        return sorted(name for names in sampled for name in names)


SAMPLE_THRESHOLD = 12


def page_address(file: Path) -> str:
    return file.as_posix().removesuffix("index.html")


def build(directory: Path, *, hash_seed: str) -> str:
    """Build the site strictly, as `mkdocs build --strict` does, and return what it said."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": hash_seed}
    environment |= {"NO_MKDOCS_2_WARNING": "1"}
    for setting in ("SITE_URL", "EDIT_URL", "SOURCE_URL"):
        environment.pop(setting, None)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(directory)]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode != 0:
        pytest.fail(f"mkdocs build --strict failed:\n{result.stdout}", pytrace=False)
    return result.stdout


@pytest.fixture
def build_lock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For a test that builds this repository's own site: all builds of it keep what they make in the same .cache/."""
    with locked(shared_folder(tmp_path_factory) / "build.lock"):
        yield


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, built once, by whichever process needs it first, and served by each under a project path."""
    folder = shared_folder(tmp_path_factory)
    directory, log = folder / "built-site", folder / "built-site.log"
    with locked(folder / "build.lock"):
        if not log.exists():
            log.write_text(build(directory, hash_seed="1"), encoding="utf-8")
    with serve(directory) as url:
        yield Site(directory, url, log.read_text(encoding="utf-8"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of one page that knows nothing of this repository but the plugin; see `small_site`."""
    write_small_site(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def checker() -> tuple[str, str]:
    """The HTML checker, for `html_checker.check_html`."""
    checker_paths = html_checker.find_checker()
    if checker_paths is None:
        skip_or_fail(f"{html_checker.NONE_FOUND} `make test` installs what it can.")
    return checker_paths


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests; contexts keep them apart."""
    path = browser.find_browser()
    if path is None:
        skip_or_fail(f"{browser.explain_missing()} `make test` installs what it can.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(browser.FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a watched page, with the options of Playwright's new_context; `allow` names expected console errors."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page(*, allow: tuple[str, ...] = (), **options: Any) -> Page:
        page = chromium.new_context(**{"viewport": LAPTOP} | options).new_page()
        opened.append((page, watch_page(page, site.url, allow)))
        page.set_default_timeout(30_000)
        return page

    yield open_page
    for page, _ in opened:
        page.context.close()
    assert [trouble for _, troubles in opened for trouble in troubles] == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A watched page of 1280 by 800."""
    return new_page()


def watch_page(page: Page, url: str, allow: tuple[str, ...]) -> list[str]:
    """A list that grows with every console error, uncaught exception and request to another origin."""
    troubles: list[str] = []
    origin = "/".join(url.split("/")[:3]) + "/"

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(re.search(pattern, message.text) for pattern in allow):
            troubles.append(f"console {message.type} on {page.url}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "blob:")):
            troubles.append(f"request to another origin on {page.url}: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: troubles.append(f"uncaught on {page.url}: {error}"))
    page.context.on("request", on_request)
    return troubles


def skip_or_fail(sentence: str) -> NoReturn:
    """A tool is not to be had: said aloud and skipped here, a failure where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
