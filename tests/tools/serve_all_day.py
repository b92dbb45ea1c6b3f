"""Whether `mkdocs serve` lives all day: changes and mistakes of every kind, one after another, in a copy of this site.

    python -m tests.tools.serve_all_day --rounds 5

Each change is waited for on its page, taken back, and waited for again. It says how long each took to be shown, how
much of the processor the server used for it, and how much memory it holds after it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "generator/raftstep"
TIMEOUT_S = 240
WARM_UP_BUILDS = 10
MOST_GROWTH_MB = 50


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of a file, the page on which it shows, and what is there then and was not before."""

    name: str
    file: str
    old: str
    new: str
    page: str
    shown: str
    is_mistake: bool = False


CHANGES = (  # those that take most memory first
    Change(
        name="template",
        file=f"{PACKAGE}/site/templates/stepper.html.jinja",
        old="<summary>Legend<",
        new="<summary>Key<",
        page="",
        shown="<summary>Key<",
    ),
    Change(
        name="code",
        file=f"{PACKAGE}/picture/cluster_view.py",
        old="no message is in flight",
        new="nothing is on its way",
        page="",
        shown="nothing is on its way",
    ),
    Change(
        name="mistake in a fence",
        file="docs/index.md",
        old='src="leader-election"',
        new='src="leader-elektion"',
        page="",
        shown="there is no scenario",
        is_mistake=True,
    ),
    Change(
        name="Codex data",
        file="docs/data/codex/terms/basics.yaml",
        old="A consensus algorithm in which",
        new="A CONSENSUS algorithm in which",
        page="codex/terms/raft/",
        shown="CONSENSUS",
    ),
    Change(
        name="mistake in a caption",
        file=f"{PACKAGE}/scenario/library/leader-election.yaml",
        old="The cluster has just booted",
        new="Cluster just {{ booted }}",
        page="",
        shown="leader-election.yaml:26:",
        is_mistake=True,
    ),
    Change(
        name="page",
        file="docs/about.md",
        old="# How this is made",
        new="# How this is MADE",
        page="about/",
        shown="MADE",
    ),
    Change(name="main page", file="docs/index.md", old="one job", new="one JOB", page="", shown="one JOB"),
    Change(
        name="scenario",
        file=f"{PACKAGE}/scenario/library/split-vote.yaml",
        old="title: ",
        new="title: ZZ ",
        page="scenarios/split-vote/",
        shown="ZZ ",
    ),
    Change(
        name="mistake in Codex data",
        file="docs/data/codex/terms/basics.yaml",
        old="term: Raft",
        new="trem: Raft",
        page="codex/",
        shown="basics.yaml:",
        is_mistake=True,
    ),
    Change(
        name="mistake in a template",
        file=f"{PACKAGE}/site/templates/stepper.html.jinja",
        old="<summary>Legend<",
        new="<summary>{{ <",
        page="about/",
        shown="stepper.html.jinja",
        is_mistake=True,
    ),
    Change(
        name="mistake in code",
        file=f"{PACKAGE}/picture/cluster_view.py",
        old="def build_node_shape(",
        new="def build_node_shape((",
        page="about/",
        shown="cluster_view.py:",
        is_mistake=True,
    ),
    Change(
        name="mistake in the configuration",
        file="mkdocs.yml",
        old="site_name: ",
        new="theme_name: ",
        page="about/",
        shown="site_name",
        is_mistake=True,
    ),
)


class ServedCopy:
    """`mkdocs serve` on a copy of this repository's site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_path = folder / "serve.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {
            **os.environ,
            "PYTHONPATH": str(folder / "generator"),
            "NO_MKDOCS_2_WARNING": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "SITE_URL": "https://example.org/raftstep/",
        }
        with self.log_path.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{self.port}"],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.open_address = build_opener(ProxyHandler({})).open

    def fetch(self, page: str) -> str:
        """A page's HTML; nothing while there is no answer."""
        with contextlib.suppress(OSError):
            try:
                with self.open_address(f"http://127.0.0.1:{self.port}/raftstep/{page}", timeout=TIMEOUT_S) as answer:
                    return str(answer.read().decode())
            except HTTPError as error:
                return str(error.read().decode())
        return ""

    def wait_until(self, page: str, is_there: Callable[[str], bool]) -> float:
        """How many seconds it takes until a page is so."""
        start_s = time.monotonic()
        while not is_there(self.fetch(page)):
            if time.monotonic() - start_s > TIMEOUT_S:
                raise TimeoutError(f"{page}: not shown; the log ends:\n{self.read_log()[-3000:]}")
            time.sleep(0.1)
        return time.monotonic() - start_s

    def read_log(self) -> str:
        """What the server has said."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def memory_mb(self) -> int:
        """How much memory the server holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000

    @property
    def cpu_seconds(self) -> float:
        """How much of the processor the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def replace_text(self, file: str, old: str, new: str) -> None:
        """Save a file with a change."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{file} does not say {old!r} any more; mend the list of changes")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@contextlib.contextmanager
def serve_copy() -> Iterator[ServedCopy]:
    """A server of a copy of what stands under version control here."""
    folder = Path(tempfile.mkdtemp(prefix="raftstep-serve-"))
    files = subprocess.run(
        ["git", "ls-files", "-z", "--", "generator", "docs", "site_overrides", "mkdocs.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for file in filter(None, files):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, folder / file)
    served = ServedCopy(folder)
    try:
        yield served
    finally:
        served.process.terminate()
        served.process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def make_change(served: ServedCopy, change: Change) -> int:
    """Make a change and take it back; the most memory that the server held after either."""
    memory_mb = 0
    for old, new, is_there in (
        (change.old, change.new, lambda html: change.shown in html),
        (change.new, change.old, lambda html: "</html>" in html and change.shown not in html),
    ):
        log_size, cpu_start_s = len(served.read_log()), served.cpu_seconds
        served.replace_text(change.file, old, new)
        shown_s = served.wait_until(change.page, is_there)
        if (
            change.is_mistake
            and new == change.new
            and change.shown not in served.read_log()[log_size:].replace("raft: ", "raft-problem")
        ):
            raise AssertionError(f"{change.name}: not told in the terminal:\n{served.read_log()[log_size:]}")
        cpu_s = served.cpu_seconds - cpu_start_s
        memory_mb = max(memory_mb, served.memory_mb)
        print(f"{change.name:<30} {shown_s:6.1f} s {cpu_s:6.1f} s of CPU {served.memory_mb:6} MB", flush=True)
        time.sleep(1.2)
    return memory_mb


def main() -> int:
    """Make all changes some times over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often to make each change; two builds each")
    parser.add_argument("--only", default="", help="only changes with this in their name")
    options = parser.parse_args()
    changes = [change for change in CHANGES if options.only in change.name]
    memories_mb: list[int] = []
    with serve_copy() as served:
        served.wait_until("", lambda html: "<raft-stepper" in html)
        print(f"first build: {served.memory_mb} MB", flush=True)
        for _ in range(options.rounds):
            memories_mb += [make_change(served, change) for change in changes]
    warm_mb = max(memories_mb[: WARM_UP_BUILDS // 2])
    growth_mb = max(memories_mb[WARM_UP_BUILDS // 2 :], default=warm_mb) - warm_mb
    print(f"{2 * len(memories_mb)} builds; after the first {WARM_UP_BUILDS} at most {growth_mb} MB more than before")
    return 0 if growth_mb <= MOST_GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main())
