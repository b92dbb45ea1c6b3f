"""What a command returns, so that a script knows how it ended without reading what it printed."""

from __future__ import annotations

import textwrap
from enum import IntEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is imported first should be little: an interrupt before `main` cannot be met
    from raftstep.simulation.explore.result import Exploration


@unique
class ExitCode(IntEnum):
    """What ``raftstep`` returns. 2 is argparse's own; 130 and 141 are what a shell says of SIGINT and SIGPIPE."""

    FINE = 0
    PROBLEM = 1
    USAGE = 2
    BROKEN = 3
    STOPPED = 4
    INTERRUPTED = 130
    NO_READER = 141


EXIT_CODE_WORDS = {
    ExitCode.FINE: "nothing is wrong",
    ExitCode.PROBLEM: "a problem, such as a mistake in a scenario or a file that cannot be read or written",
    ExitCode.USAGE: "a command line that cannot be understood",
    ExitCode.BROKEN: "a property of the protocol broke in a run or a search, or a cluster made no progress",
    ExitCode.STOPPED: "a search stopped at a limit before its end; so far nothing broke",
    ExitCode.INTERRUPTED: "interrupted from the keyboard",
    ExitCode.NO_READER: "the output was closed before its end, as `head` does",
}


def describe_exit_codes(width: int) -> str:
    """The list of exit codes for ``--help``, in lines of at most this width."""
    lines = ["exit codes:"]
    for code, words in EXIT_CODE_WORDS.items():
        lines += textwrap.wrap(words, max(width, 24), initial_indent=f"  {code.value:>3}  ", subsequent_indent=" " * 7)
    return "\n".join(lines)


def exit_code_of(exploration: Exploration) -> ExitCode:
    """What a command returns after a search: whether something broke, and if not, whether it came to its end."""
    if exploration.schedule is not None:
        return ExitCode.BROKEN
    if exploration.is_interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.FINE if exploration.is_complete else ExitCode.STOPPED
