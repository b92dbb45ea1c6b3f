"""`mkdocs serve` on a small foreign site: it follows every change, shows what is broken, and recovers with a save.

Strictness is on, as it is for this repository's own site.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.site.conftest import ROOT
from tests.site.small_site import BROKEN, BROKEN_LINE, ENVIRONMENT, GOOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def served(small: Path) -> Iterator[tuple[Path, Callable[[], str]]]:
    """`mkdocs serve` on a free port, and how to get its page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (small / "log.txt").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
            cwd=small,
            env=ENVIRONMENT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        direct = build_opener(ProxyHandler({}))

        def fetch_page() -> str:
            with contextlib.suppress(OSError), direct.open(f"http://127.0.0.1:{port}/", timeout=15) as answer:
                return str(answer.read().decode())
            return ""

        try:
            yield small, fetch_page
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_for(fetch_page: Callable[[], str], is_there: Callable[[str], bool], log: Path) -> None:
    deadline = time.monotonic() + 120
    while not is_there(fetch_page()):
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.2)


def test_serve_shows_a_broken_scenario_and_recovers_with_the_next_save(
    small: Path, request: pytest.FixtureRequest
) -> None:
    """CONTRIBUTING: `make serve` shows each save, and whoever begins with yesterday's mistake sees that."""
    (small / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")
    folder, page = request.getfixturevalue("served")
    log = folder / "log.txt"
    wait_for(page, lambda html: "raft-problem" in html and f"docs/index.md:{BROKEN_LINE}:" in html, log)
    assert f"docs/index.md:{BROKEN_LINE}:" in log.read_text(encoding="utf-8")

    (folder / "docs" / "index.md").write_text(GOOD.replace("No one leads.", "Mended now."), encoding="utf-8")
    wait_for(page, lambda html: "Mended now." in html and "raft-problem" not in html, log)

    (folder / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")
    wait_for(page, lambda html: "raft-problem" in html, log)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_serve_shows_what_is_wrong_with_data_and_configuration_and_recovers(
    served: tuple[Path, Callable[[], str]],
) -> None:
    """CONTRIBUTING: `make serve` shows each save; MkDocs alone answers no request until a build succeeds."""
    folder, page = served
    log = folder / "log.txt"
    settings = folder / "mkdocs.yml"
    good = settings.read_text(encoding="utf-8")
    data = folder / "docs" / "data" / "codex" / "sources.yaml"
    wait_for(page, lambda html: 'id="step-1"' in html, log)

    data.parent.mkdir(parents=True)
    data.write_text("one: {titel: A paper}\n", encoding="utf-8")
    wait_for(page, lambda html: "data/codex/sources.yaml:1:" in html and 'id="step-1"' in html, log)
    data.unlink()
    wait_for(page, lambda html: 'id="step-1"' in html and "raft-problem" not in html, log)

    settings.write_text(good.replace("theme:", "theem:"), encoding="utf-8")
    wait_for(page, lambda html: "theem" in html and "livereload" in html, log)
    settings.write_text(good + "broken: [\n", encoding="utf-8")
    wait_for(page, lambda html: "mkdocs.yml" in html, log)
    settings.write_text(good, encoding="utf-8")
    wait_for(page, lambda html: 'id="step-1"' in html and "raft-problem" not in html, log)
    assert "theem" in log.read_text(encoding="utf-8")


@pytest.fixture
def own(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the generator, to be changed and broken; the site is built with it."""
    copy = small / "copy"
    shutil.copytree(ROOT / "generator", copy / "generator", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(copy / "generator"))
    return copy


def test_serve_follows_scenarios_templates_styles_and_its_own_code(
    own: Path, served: tuple[Path, Callable[[], str]]
) -> None:
    """And broken code is told with its place on every page; the next save is shown."""
    folder, page = served
    log = folder / "log.txt"
    package = own / "generator" / "raftstep"

    def change_file(file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    wait_for(page, lambda html: 'id="step-1"' in html, log)
    assert "T1" in page()
    first_style = style_address(page())

    change_file(package / "site" / "templates" / "stepper.html.jinja", "<summary>Legend<", "<summary>Key<")
    wait_for(page, lambda html: "<summary>Key<" in html, log)

    change_file(package / "assets" / "raft.css", "position: relative", "position: static")
    wait_for(page, lambda html: html and style_address(html) != first_style, log)

    code = package / "picture" / "cluster_view.py"
    change_file(code, "def build_node_shape(", "def build_node_shape((")
    wait_for(page, lambda html: "raft-problem" in html and "cluster_view.py:" in html, log)

    change_file(code, "def build_node_shape((", "def build_node_shape(")
    change_file(code, "no message is in flight", "nothing is on its way")
    wait_for(page, lambda html: "nothing is on its way" in html and "raft-problem" not in html, log)

    change_file(code, "    is_down = node.id in cluster.down_nodes\n", "    is_down = node.id in cluster.dwon_nodes\n")
    wait_for(page, lambda html: "raft-problem" in html and "cluster.dwon" in html, log)

    change_file(code, "cluster.dwon", "cluster.down")
    wait_for(page, lambda html: 'id="step-1"' in html and "raft-problem" not in html, log)


def style_address(html: str) -> str:
    match = re.search(r"assets/raft-[0-9a-f]+", html)
    return match[0] if match else ""
