"""Find a Chromium for the browser tests, or install one.

`make test` runs this as a program before the tests; the tests themselves only look.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import sync_playwright

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome", "microsoft-edge")
APP_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FIREFOX_APPS = ("/Applications/Firefox.app/Contents/MacOS/firefox",)
NONE_FOUND = (
    "No Chrome or Chromium was found, and none could be installed, so the browser tests cannot run. "
    "Install one (Debian: apt install chromium; elsewhere: python -m playwright install chromium), "
    "or set RAFTSTEP_BROWSER to the path of one."
)

NO_FIREFOX = (
    "No Firefox was found, and none could be installed, so the walk through the steps cannot be taken in it. "
    "Install one (Debian: apt install firefox-esr), or set RAFTSTEP_FIREFOX to the path of one."
)
NO_WEBKIT = "There is no WebKit that can be driven; Debian has one: apt install webkit2gtk-driver xvfb."

NO_DRIVER = (
    "Playwright, which drives the browser, does not start here, so neither the browser tests nor the script's run. "
    "It says: {}. Most often a library is missing (Debian: apt install libatomic1)."
)

# Nothing but this machine can be reached, so a request to anywhere else cannot succeed unnoticed.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def find_browser() -> str | None:
    """The path of the first browser that starts, or None."""
    return None if driver_trouble() else next((path for path in candidate_paths() if can_start(path)), None)


def explain_missing() -> str:
    """The sentence to say where `find_browser` finds nothing."""
    trouble = driver_trouble()
    return NO_DRIVER.format(trouble) if trouble else NONE_FOUND


def node_path() -> str:
    """The Node that Playwright brings along and runs in."""
    return compute_driver_executable()[0]


def driver_trouble() -> str | None:
    """What stops Playwright's own program from starting, or None."""
    try:
        result = subprocess.run([node_path(), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return result.stderr.strip() or "nothing" if result.returncode else None


def candidate_paths() -> Iterator[str]:
    """Where a browser may be: where the environment says, on PATH, in its usual place, in Playwright's own."""
    chosen = os.environ.get("RAFTSTEP_BROWSER")
    if chosen:
        yield chosen
        return
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in APP_PATHS if Path(path).exists())
    with sync_playwright() as playwright:
        bundled_path = playwright.chromium.executable_path
    if Path(bundled_path).exists():
        yield bundled_path


def find_firefox() -> str | None:
    """The path of a Firefox that starts, or None."""
    names = (os.environ.get("RAFTSTEP_FIREFOX"), "firefox-esr", "firefox", *FIREFOX_APPS)
    return next((path for name in names if name and (path := shutil.which(name)) and can_start(path)), None)


def find_webkit() -> str | None:
    """The path of the driver of a WebKit, where there is a screen for its window to be on; or None."""
    return shutil.which("WebKitWebDriver") if shutil.which("Xvfb") else None


def can_start(path: str) -> bool:
    """Whether the browser can say its version: a snap stub or one with missing libraries cannot."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> None:
    """Debian's packages when they are to be had; of Chromium also Playwright's build.

    Failures are left for `find_browser` and `find_firefox` to see.
    """
    apt = is_root() and shutil.which("apt-get")
    if apt:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["libatomic1", *(["chromium", "firefox-esr", "fonts-liberation"] if is_debian() else [])]
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", *command], env=quiet, stdin=subprocess.DEVNULL, check=False)
    if driver_trouble() or find_browser():
        return
    playwright_install = [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if apt else []), "chromium"]
    subprocess.run(playwright_install, stdin=subprocess.DEVNULL, check=False)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_debian() -> bool:
    """Debian itself: Ubuntu's package of the same name is an empty shell around a snap."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


def main() -> int:
    path, firefox = find_browser(), find_firefox()
    if path is None or firefox is None:
        print("Not every browser of the tests is here yet; installing what is missing.", flush=True)
        install()
        path, firefox = find_browser(), find_firefox()
    print(f"Browser tests use {path}." if path else explain_missing(), flush=True)
    print(f"The walk through the steps is taken in {firefox} too." if firefox else NO_FIREFOX, flush=True)
    return 1 if (path is None or firefox is None) and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
