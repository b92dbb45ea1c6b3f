"""Inputs at their targets: each within a time, and with its failure as a text."""

from __future__ import annotations

import signal
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from types import FrameType

from tests.fuzz.targets import TARGETS

REGRESSIONS = Path(__file__).parent / "regressions"

MOST_SECONDS = 10.0
"""How much processor time one input may take; on a busy machine it takes longer by the clock."""

MEMORY_BYTES = 3_000_000_000
"""How much one process may take; what wants more gets a MemoryError, which is a failure unless it is told."""


class TooLongError(BaseException):
    """An input takes too long. It is no ``Exception``, so that nothing on the way takes it for a mistake of its own."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`TooLongError` in what is done within, once it has taken so much processor time."""
    if not hasattr(signal, "setitimer"):  # on Windows nothing can be stopped from outside
        yield
        return

    def give_up(*_: int | FrameType | None) -> None:
        raise TooLongError(f"it took more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run_target(name: str, content: bytes, seconds: float = MOST_SECONDS) -> None:
    """Give a target an input; raises where a promise is not kept."""
    with tempfile.TemporaryDirectory() as folder, time_limit(seconds):
        TARGETS[name].check(content, Path(folder))


def find_failure(name: str, content: bytes, seconds: float = MOST_SECONDS) -> str | None:
    """What goes wrong with an input, as a text, or nothing."""
    try:
        run_target(name, content, seconds)
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever it is, it is what is looked for
        return traceback.format_exc()
    return None


def regression_path(name: str, content: bytes) -> Path:
    """Where an input that failed is kept, for the suite to try again."""
    return REGRESSIONS / f"{name}-{sha256(content).hexdigest()[:10]}.input"


def run_batch(seed: int, targets: list[str], numbers: range) -> list[tuple[str, bytes, str]]:
    """Try some inputs, which depend on the seed and their numbers alone; those that fail, and how."""
    limit_memory()
    found = []
    for number in numbers:
        name = targets[number % len(targets)]
        content = TARGETS[name].make(Random(f"{seed}/{name}/{number}"))
        failure = find_failure(name, content, MOST_SECONDS)
        if failure:
            found.append((name, content, failure))
    return found


def limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not everywhere can it be limited
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
