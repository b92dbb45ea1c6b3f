"""What all tests share: hypothesis profiles and golden files.

A golden file holds the expected text of something too long to write in a test. `make golden` writes them all again,
and `git diff` is then the review.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

GOLDEN = Path(__file__).parent / "golden"

settings.register_profile("default", deadline=None, print_blob=True)
# Where others wait for the answer, the same tree always gets the same answer.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files again instead of comparing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Writing golden files runs the tests that have some, and no others."""
    if config.getoption("--update-golden"):
        items[:] = [item for item in items if "golden" in getattr(item, "fixturenames", ())]


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
