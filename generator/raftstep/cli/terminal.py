"""What surrounds a command: streams that may be closed, full or gone, and an interrupt at any moment."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from errno import EBADF
from io import TextIOBase, TextIOWrapper

from raftstep.cli.exit_codes import ExitCode
from raftstep.document.problem import hide_controls


class _ClosedStream(TextIOBase):
    """An output stream that the caller closed: nothing can be written to it."""

    def write(self, _: str) -> int:
        """Raise what the system says of a closed descriptor."""
        raise OSError(EBADF, os.strerror(EBADF))


def prepare_streams() -> None:
    """Have output replace the signs that the terminal lacks, and an error stream that is closed go nowhere.

    With no error stream, ``print`` would put what is said there among the results; with no output stream, it would drop
    the results without a word.
    """
    if sys.stdout is None:
        sys.stdout = _ClosedStream()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (it lasts as long as the program)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def take_closed_descriptors() -> None:
    """Open what the caller closed of the three standard descriptors, or the next file opened would become one."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is the one that was just found to be free.
            os.open(os.devnull, os.O_RDWR)


def ignore_interrupts() -> None:
    """Have nothing interrupt the last moments of the program: all is said by then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def guard(run_command: Callable[[], int]) -> int:
    """What a command returns. Whatever ends it early is reported in a sentence, or in silence as is usual."""
    try:
        try:
            return run_command()
        finally:
            flush_output()
    except KeyboardInterrupt:
        say_error("Interrupted.")
        exit_code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        exit_code = ExitCode.NO_READER
    except BrokenExecutor:
        say_error("a worker process ended before its work, killed or out of memory; try again with fewer --jobs")
        exit_code = ExitCode.PROBLEM
    except MemoryError:
        say_error("there is not enough memory for this; ask for a smaller run or search")
        exit_code = ExitCode.PROBLEM
    except OSError as error:
        say_error(f"{error.filename or 'the output cannot be written'}: {explain_os_error(error)}")
        exit_code = ExitCode.PROBLEM
    drop_unwritten_output()
    return exit_code


def flush_output() -> None:
    """Write out what was printed, while a failure can still be reported."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def say_error(words: str) -> None:
    """Say on the error stream what is wrong; where that is gone too, nothing can be reported."""
    with suppress(OSError, ValueError):
        print(hide_controls(words), file=sys.stderr, flush=True)


def explain_os_error(error: OSError | ValueError) -> str:
    """The system's own words for what is wrong, in small letters; a path with a NUL in it has none."""
    return (getattr(error, "strerror", None) or str(error) or "cannot be had").lower()


def drop_unwritten_output() -> None:
    """Let what cannot be written go nowhere: Python would complain of it at the end of the program."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
