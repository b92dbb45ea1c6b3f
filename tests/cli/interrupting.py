"""Run a command again and again, each time with an interrupt a little later, and say what came of each.

    python -m tests.cli.interrupting MOMENTS VERB ARGUMENT...

A moment is a number of calls of Python functions, so it does not depend on how fast the machine is. Each run is one
line of JSON: the exit code, or the exception that got out, and what was said on the error stream.
"""

from __future__ import annotations

import gc
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import FrameType

from raftstep.cli import main

MOST_CALLS = 40_000
"""How late the last interrupt comes."""


def run_until(calls: int, arguments: list[str]) -> tuple[object, str]:
    """Run a command, and interrupt it at its so-and-so-manieth call."""
    errors = io.StringIO()
    calls_left = calls

    def count_call(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls_left
        # Where Python itself would swallow an exception, as in a destructor, no test can tell what comes of it.
        if event == "call" and frame.f_code.co_name not in ("__del__", "remove", "__exit__", "close", "<lambda>"):
            calls_left -= 1
            if calls_left == 0:
                sys.setprofile(None)
                raise KeyboardInterrupt

    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(errors):
            sys.setprofile(count_call)
            try:
                outcome: object = main(arguments)
            finally:
                sys.setprofile(None)
    except BaseException as error:  # whatever gets out is what the test asks for
        outcome = repr(error)
    return outcome, errors.getvalue()


def interrupt_often(moments: int, arguments: list[str]) -> None:
    """Interrupt early and late, with steps that grow."""
    gc.disable()
    for moment in range(moments):
        calls = max(10 + moment, round(MOST_CALLS ** (moment / max(1, moments - 1))))
        outcome, errors = run_until(calls, arguments)
        print(json.dumps([calls, outcome, errors]), flush=True)


if __name__ == "__main__":
    interrupt_often(int(sys.argv[1]), sys.argv[2:])
