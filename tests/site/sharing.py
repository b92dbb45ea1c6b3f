"""What the processes of one test run share: a folder, and locks, for what only one of them may do at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LONGEST_WAIT_S = 900


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run know, and no other run does."""
    folder = tmp_path_factory.getbasetemp()
    is_one_of_many = "PYTEST_XDIST_WORKER" in os.environ
    return folder.parent if is_one_of_many else folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock while the block runs; others that want the same wait. To make a folder is one step everywhere."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while True:
        try:
            path.mkdir()
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} was not free within {LONGEST_WAIT_S} s; its holder may have died") from None
            time.sleep(0.05)
    try:
        yield
    finally:
        path.rmdir()
