"""Work for other processes to do, in tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

from raftstep.scenario.proofs.processes import Tell


def double(words: str, tell: Tell) -> str:
    tell(f"{words} is begun")
    return words * 2


def wait_for(written: str, own: str, _tell: Tell) -> int:
    """Not before another process has written its file."""
    Path(own).touch()
    until = time.monotonic() + 30
    while not Path(written).exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    return os.getpid()


def divide(number: str, _tell: Tell) -> float:
    return 1 / int(number)


def die(_words: str, _tell: Tell) -> None:
    print("not an answer", flush=True)
    os._exit(1)


def work_until_interrupted(own: str, tell: Tell) -> None:
    tell("begun")
    try:
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        Path(own).write_text("in order", encoding="utf-8")
        raise
