"""What all tests share: hypothesis profiles and golden files.

A golden file holds the expected text of something too long to write in a test. `make golden` writes them all again,
and `git diff` is then the review. Of texts that nobody reads whole, `tests/golden/digests.txt` holds a digest each;
`make golden` prints what has changed in them.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.golden_digests import DIGESTS

GOLDEN = Path(__file__).parent / "golden"
CHANGES = pytest.StashKey[list[str]]()

settings.register_profile("default", deadline=None, print_blob=True)
# Where others wait for the answer, the same tree always gets the same answer.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files again instead of comparing")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHANGES] = []
    if config.getoption("--update-golden") and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("golden files are written by one process, or digests get lost; leave -n out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Writing golden files runs the tests that have some, and no others."""
    if config.getoption("--update-golden"):
        items[:] = [item for item in items if {"golden", "golden_digest"} & set(getattr(item, "fixturenames", ()))]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With --update-golden: what has changed in the texts that are known by a digest."""
    for change in config.stash[CHANGES]:
        terminalreporter.write_line(change + "\n")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("name.txt", text)` holds the text against tests/golden/name.txt, or writes it with --update-golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"tests/golden/{name} does not exist yet; `make golden` writes it"
        with path.open(encoding="utf-8", newline="") as file:
            expected = file.read()
        assert text == expected, f"tests/golden/{name} says otherwise; if the new text is right, `make golden`"

    return compare


@pytest.fixture
def golden_digest(request: pytest.FixtureRequest) -> Callable[[str, str, str], None]:
    """`golden_digest("name.txt", text, command)` holds the text against its digest, or writes it with --update-golden.

    The command shows the text as it is now.
    """

    def compare(name: str, text: str, command: str) -> None:
        if DIGESTS.agrees(name, text):
            return
        change = DIGESTS.describe_change(name, text)
        if request.config.getoption("--update-golden"):
            request.config.stash[CHANGES].append(change)
            DIGESTS.record(name, text)
            return
        message = (
            f"{name} is not the text that tests/golden/digests.txt knows; `{command}` shows what it is now, "
            f"and if that is right, `make golden` writes its digest\n{change}"
        )
        pytest.fail(message, pytrace=False)

    return compare
