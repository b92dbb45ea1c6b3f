"""The MkDocs plugin on a small foreign site: problems have their file and line, and `mkdocs serve` recovers."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GOOD = """\
---
title: A page
description: Of a small site.
---

# A page

```raft
title: Three nodes
nodes: [S1, S2, S3]
seed: 7
until_ms: 300
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
```

Words after it.
"""
BROKEN = GOOD.replace("when: start,", "when: strat,")
BROKEN_LINE = next(number for number, line in enumerate(BROKEN.splitlines(), 1) if "strat" in line)
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of one page that knows nothing of this repository but the plugin."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\ntheme: {name: material, font: false}\nplugins: [raft]\n"
        "nav: [{Page: index.md}, {Scenarios: scenarios/index.md}]\n",
        encoding="utf-8",
    )
    return tmp_path


def mkdocs(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def page_of(folder: Path) -> str:
    return (folder / "site" / "index.html").read_text(encoding="utf-8")


def test_a_foreign_site_builds_strictly(small: Path) -> None:
    built = mkdocs(small, "build", "--strict")

    assert built.returncode == 0, built.stderr
    assert 'id="step-1"' in page_of(small)


def test_a_foreign_site_gets_the_styles_and_the_script(small: Path) -> None:
    """All that the page links to comes with the plugin."""
    mkdocs(small, "build")

    linked = set(re.findall(r'(?:href|src)="(?:\./)?(assets/raft-[^"]+)"', page_of(small)))
    assert {Path(file).name for file in linked} == {"raft.css", "stepper.js"}
    assert [file for file in sorted(linked) if not (small / "site" / file).is_file()] == []


def test_the_script_is_one_file_that_needs_no_other(small: Path) -> None:
    """Its parts are joined: a browser that has it asks for nothing more."""
    mkdocs(small, "build")

    scripts = sorted((small / "site" / "assets").glob("raft-*/*.js"))
    assert [script.name for script in scripts] == ["stepper.js"]
    assert re.findall(r"^\s*import\b|\bfrom\s*[\"']", scripts[0].read_text(encoding="utf-8"), re.MULTILINE) == []


def test_the_generated_pages_and_files_are_there(small: Path) -> None:
    assert mkdocs(small, "build", "--strict").returncode == 0

    scenarios = small / "site" / "scenarios"
    assert (scenarios / "index.html").is_file()
    assert (scenarios / "leader-election" / "index.html").is_file()
    assert (scenarios / "leader-election" / "step-8.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (scenarios / "leader-election.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")
    assert "none broken" in (scenarios / "leader-election.txt").read_text(encoding="utf-8")
    assert (small / "site" / "schema" / "scenario.schema.json").is_file()


def test_a_strict_build_fails_with_the_file_and_the_line(small: Path) -> None:
    (small / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")

    built = mkdocs(small, "build", "--strict")

    assert built.returncode == 1
    assert f"docs/index.md:{BROKEN_LINE}:" in built.stderr
    assert 'did you mean "start"?' in built.stderr
    assert "Traceback" not in built.stderr


def test_a_build_that_is_not_strict_shows_the_box_and_the_rest(small: Path) -> None:
    (small / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")

    built = mkdocs(small, "build")

    assert built.returncode == 0
    html = page_of(small)
    assert "raft-problem" in html
    assert f"docs/index.md:{BROKEN_LINE}:" in html
    assert "Words after it." in html
    assert "<raft-stepper" not in html


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

        def page() -> str:
            with contextlib.suppress(OSError), direct.open(f"http://127.0.0.1:{port}/", timeout=15) as answer:
                return str(answer.read().decode())
            return ""

        try:
            yield small, page
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_for(page: Callable[[], str], is_there: Callable[[str], bool], log: Path) -> None:
    deadline = time.monotonic() + 20
    while not is_there(page()):
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.2)


def test_serve_shows_a_broken_scenario_and_recovers_with_the_next_save(
    served: tuple[Path, Callable[[], str]],
) -> None:
    folder, page = served
    log = folder / "log.txt"
    wait_for(page, lambda html: 'id="step-1"' in html and "raft-problem" not in html, log)

    (folder / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")
    wait_for(page, lambda html: "raft-problem" in html and f"docs/index.md:{BROKEN_LINE}:" in html, log)
    assert f"docs/index.md:{BROKEN_LINE}:" in log.read_text(encoding="utf-8")

    (folder / "docs" / "index.md").write_text(GOOD.replace("No one leads.", "Mended now."), encoding="utf-8")
    wait_for(page, lambda html: "Mended now." in html and "raft-problem" not in html, log)
    assert "Traceback" not in log.read_text(encoding="utf-8")
