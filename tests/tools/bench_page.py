"""Measures of the main page: bytes, requests, elements, and the time from a key press to the next step."""

from __future__ import annotations

import functools
import gzip
import http.server
import posixpath
import re
import statistics
import threading
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tests.tools.bench_site import Figure, NotMeasuredError, build_sites

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LOADED_RELATIONS = {"stylesheet", "icon", "modulepreload", "preload", "manifest"}
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[^"']+)["']""")
DYNAMIC_IMPORT = re.compile(r"""\bimport\(\s*["'](\.{1,2}/[^"']+)["']""")
FILM = re.compile(r'class="raft-film" data-src="([^"]+)"')
SEARCH_INDEX = "search/search_index.json"
ROUNDS = 5
BEST_LABEL = "best median of five"
PRESSES = 40
SLOWDOWN = 4

# From the time stamp of the key press to the first task after the frame that shows its effect.
# The work alone (handlers, style, layout) is told apart, for the wait for the next frame is the screen's.
WATCH_SCRIPT = """() => {
  window.pressed = [];
  window.addEventListener("keydown", (event) => {
    const begun = performance.now();
    const after = new MessageChannel();
    window.addEventListener("keydown", () => {
      document.body.offsetHeight;
      const worked = performance.now() - begun;
      after.port1.onmessage = () => window.pressed.push([performance.now() - event.timeStamp, worked]);
      requestAnimationFrame(() => after.port2.postMessage(0));
    }, { once: true });
  }, { capture: true });
}"""


# The least that can be: a page of one letter that a key press changes, with the same watch.
BARE_PAGE = """<!doctype html><html lang=en><title>Bare</title><raft-stepper><button>A</button></raft-stepper><script>
customElements.define("raft-stepper", class extends HTMLElement {});
const { firstChild } = document.querySelector("button");
addEventListener("keydown", () => { firstChild.data = firstChild.data === "A" ? "B" : "A"; });
</script>"""


def measure_page(scratch: Path) -> list[Figure]:
    """What a first visit to the main page loads, each file packed with gzip -6; the theme's share is the twin's."""
    our_site, twin_site = build_sites(scratch)
    our_files, twin_files = (list_loaded_files(site) for site in (our_site, twin_site))
    our_bytes, twin_bytes = (
        sum(gzip_size(site / name) for name in names)
        for site, names in ((our_site, our_files), (twin_site, twin_files))
    )
    element_counts = count_elements_by_step(our_site / "index.html")
    return [
        Figure("page, all bytes", round(our_bytes / 1000, 1), "kB gzip", most=100),
        Figure("page, the plain twin's bytes", round(twin_bytes / 1000, 1), "kB gzip"),
        Figure("page, our bytes on top of those", round((our_bytes - twin_bytes) / 1000, 1), "kB gzip"),
        Figure(
            "page, more when a reader asks",
            round(sum(map(gzip_size, list_deferred_files(our_site, our_files))) / 1000, 1),
            "kB gzip",
        ),
        Figure("page, index of the search, behind it", round(gzip_size(our_site / SEARCH_INDEX) / 1000), "kB gzip"),
        Figure("page, the same of the plain twin", round(gzip_size(twin_site / SEARCH_INDEX) / 1000), "kB gzip"),
        Figure("page, all requests", len(our_files), "requests"),
        Figure("page, the plain twin's requests", len(twin_files), "requests"),
        Figure("page, elements a step", max(element_counts), "elements at most", most=150),
        Figure("page, elements a step", round(statistics.mean(element_counts)), "elements on average"),
    ]


def gzip_size(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6, mtime=0))


def list_loaded_files(site: Path) -> list[str]:
    """The files of a site that its main page loads, itself first; modules are followed through their imports."""
    loaded_files = ["index.html"]
    reader = _LinkParser()
    reader.feed((site / "index.html").read_text(encoding="utf-8"))
    queue = [posixpath.normpath(unquote(urlsplit(link).path)) for link in reader.links]
    while queue:
        name = queue.pop(0)
        if name in loaded_files or not (site / name).is_file():
            continue
        loaded_files.append(name)
        if name in reader.modules or any(name.endswith(ending) for ending in (".mjs",)):
            text = (site / name).read_text(encoding="utf-8")
            imports = [posixpath.normpath(f"{posixpath.dirname(name)}/{path}") for path in STATIC_IMPORT.findall(text)]
            reader.modules |= set(imports)
            queue += imports
    return loaded_files


def list_deferred_files(site: Path, names: list[str]) -> set[Path]:
    """The parts of these scripts that are fetched when a reader first does what needs them, and the page's films."""
    scripts = [site / name for name in names if name.endswith("js")]
    films = {site / film for film in FILM.findall((site / "index.html").read_text(encoding="utf-8"))}
    return films | {
        file.parent / part for file in scripts for part in DYNAMIC_IMPORT.findall(file.read_text(encoding="utf-8"))
    }


class _LinkParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.modules: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        link = attributes.get("src", "") if tag in {"script", "img"} else ""
        if tag == "link" and LOADED_RELATIONS & set(attributes.get("rel", "").split()):
            link = attributes.get("href", "")
        if not link or urlsplit(link).netloc or link.startswith("data:"):
            return
        self.links.append(link)
        if attributes.get("type") == "module" or attributes.get("rel") == "modulepreload":
            self.modules.add(posixpath.normpath(unquote(urlsplit(link).path)))


def count_elements_by_step(file: Path) -> list[int]:
    """How many elements each step of the page has in a browser with script, to which what is in <noscript> is text."""
    reader = _StepParser()
    reader.feed(file.read_text(encoding="utf-8"))
    if not reader.counts:
        raise NotMeasuredError("The main page has no stepper: there is no li.raft-step in it.")
    return reader.counts


class _StepParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []
        self.depth = 0  # of list items, from that of the step
        self.noscript_depth = 0  # in <noscript>

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.noscript_depth += tag == "noscript"
        if self.noscript_depth > (tag == "noscript"):
            return
        if self.depth:
            self.counts[-1] += 1
            self.depth += tag == "li"
        elif tag == "li" and "raft-step" in (dict(attrs).get("class") or "").split():
            self.counts.append(1)
            self.depth = 1

    def handle_endtag(self, tag: str) -> None:
        self.noscript_depth -= tag == "noscript"
        self.depth -= tag == "li" and self.depth > 0 and not self.noscript_depth


def measure_key_press(scratch: Path) -> list[Figure]:
    """From a press of the arrow key to the next step on the screen, the processor slowed down four times.

    The best of some rounds, in turns with a page of one letter, so that what else the machine does counts little.
    """
    try:
        from playwright.sync_api import sync_playwright

        from tests.site import browser
    except ImportError as error:
        raise NotMeasuredError(f"Playwright or the browser helper of the site tests is missing: {error}.") from None
    browser_path = browser.find_browser()
    if browser_path is None:
        raise NotMeasuredError("No Chrome or Chromium was found; run make test once, or set RAFTSTEP_BROWSER.")
    our_site, _ = build_sites(scratch)
    (scratch / "bare").mkdir(exist_ok=True)
    (scratch / "bare" / "index.html").write_text(BARE_PAGE, encoding="utf-8")
    with _Server(our_site) as address, _Server(scratch / "bare") as bare_address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path, args=list(browser.FLAGS))
        rounds = [
            [
                _time_key_press(chromium, *target)
                for target in ((address, ".raft-step:not([hidden])"), (bare_address, "button"))
            ]
            for _ in range(ROUNDS)
        ]
        chromium.close()
    (paint_ms, work_ms), (bare_paint_ms, _) = (
        map(min, zip(*column, strict=True)) for column in zip(*rounds, strict=True)
    )
    return [
        Figure(f"key press to paint, CPU ÷ {SLOWDOWN}", round(paint_ms, 1), f"ms, {BEST_LABEL}", most=50),
        Figure("the same on a page with one letter", round(bare_paint_ms, 1), f"ms, {BEST_LABEL}"),
        Figure(f"key press, its work alone, CPU ÷ {SLOWDOWN}", round(work_ms, 1), f"ms, {BEST_LABEL}"),
    ]


def _time_key_press(chromium: Browser, address: str, selector: str) -> tuple[float, float]:
    """How long a press takes until its effect is painted, and how long its work takes; what changes is named."""
    view = chromium.new_page(viewport={"width": 1280, "height": 800})
    text_script = f"() => document.querySelector('{selector}').textContent"
    view.goto(address)
    if not view.locator("raft-stepper").count():
        raise NotMeasuredError("The main page has no stepper: there is no raft-stepper in it.")
    view.wait_for_function("() => customElements.get('raft-stepper')")
    view.locator("raft-stepper button:visible").first.focus()
    view.evaluate(WATCH_SCRIPT)
    view.context.new_cdp_session(view).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    for number in range(PRESSES):
        text_before = view.evaluate(text_script)
        view.keyboard.press("ArrowRight" if number // 5 % 2 == 0 else "ArrowLeft")
        view.wait_for_function("(count) => window.pressed.length > count", arg=number)
        if view.evaluate(text_script) == text_before:
            raise NotMeasuredError("The arrow key did not lead to another step.")
        view.wait_for_timeout(150)
    times = view.evaluate("() => window.pressed")
    view.close()
    paint_times_ms, work_times_ms = zip(*times, strict=True)
    return statistics.median(paint_times_ms), statistics.median(work_times_ms)


class _Server:
    """The site on a port of this machine, for as long as the block runs."""

    def __init__(self, site: Path) -> None:
        handler = functools.partial(_QuietHandler, directory=str(site))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
