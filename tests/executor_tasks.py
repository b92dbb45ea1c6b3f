"""Tasks for other processes to do, in tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

from raftstep.executors import raise_if_interrupted, report_progress


def double(words: str) -> str:
    report_progress(f"{words} is begun")
    return words * 2


def wait_for(other_file: Path, own_file: Path) -> int:
    """Wait until another task has written its file; the number of the process is the result."""
    own_file.touch()
    end_s = time.monotonic() + 30
    while not other_file.exists():
        assert time.monotonic() < end_s
        time.sleep(0.01)
    return os.getpid()


def divide(number: int) -> float:
    return 1 / number


def die() -> None:
    os._exit(1)


def work_until_interrupted(file: Path) -> None:
    """Write a word when begun and one when interrupted, as a long search stores what it has."""
    file.write_text("begun", encoding="utf-8")
    report_progress("begun")
    try:
        while True:
            raise_if_interrupted()
            time.sleep(0.01)
    except KeyboardInterrupt:
        time.sleep(0.2)  # to store takes time, in which a second interrupt would do harm
        with file.open("a", encoding="utf-8") as more:
            more.write(" stored")
        raise
