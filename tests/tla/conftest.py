"""What the tests of the specification share: TLC, where it is here."""

import os

import pytest

from tests.tla.tlc import NONE_FOUND, Tlc, find_tlc


@pytest.fixture(scope="session")
def tlc() -> Tlc:
    """TLC, for `run_tlc`."""
    found = find_tlc()
    if found is None:
        words = f"{NONE_FOUND} `make test` installs what it can."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return found
