"""How far a search is, on the last line of a terminal; nothing where the error stream is no terminal."""

from __future__ import annotations

import os
import shutil
import sys
import time

from raftstep.simulation.explore import SearchProgress

LONGEST_BAR = 30
SHORTEST_BAR = 10


def is_terminal() -> bool:
    """Whether somebody watches the error stream, and not a file or another program."""
    return sys.stderr is not None and sys.stderr.isatty()


def terminal_columns() -> int:
    """How wide the terminal is: what ``COLUMNS`` says, or the terminal of the error stream."""
    if not os.environ.get("COLUMNS", "").isdecimal() and is_terminal():
        return os.get_terminal_size(sys.stderr.fileno()).columns or shutil.get_terminal_size().columns
    return shutil.get_terminal_size().columns


class ProgressLine:
    """One line that is written over and over. It uses no colours and no control sequence but the carriage return."""

    def __init__(self) -> None:
        self.is_shown = is_terminal()
        self.length = 0

    def show(self, words: str) -> None:
        """Put these words in place of the last ones, cut to one line of the terminal."""
        if self.is_shown:
            words = words[: max(1, terminal_columns() - 1)]
            print("\r" + words.ljust(self.length), end="", file=sys.stderr, flush=True)
            self.length = len(words)

    def close(self) -> None:
        """Leave the last words as they are, and go on below them."""
        if self.length:
            self.length = 0
            print(file=sys.stderr, flush=True)


class ProgressBar:
    """A line for each depth: how much of it is done, how many states there are, how fast they come."""

    def __init__(self) -> None:
        self.line = ProgressLine()
        self.depth = -1
        self.depth_size = 1
        self.start_s = time.monotonic()

    def report(self, progress: SearchProgress) -> None:
        """Show how far the search is."""
        if progress.depth != self.depth:
            self.close()
            self.depth, self.depth_size = progress.depth, max(1, progress.states_left)
        rate = round(progress.states / max(0.001, time.monotonic() - self.start_s))
        share_done = min(1.0, 1 - progress.states_left / self.depth_size) if progress.states_left else 1.0
        self.line.show(write_progress(progress, rate, max(0.0, share_done), terminal_columns() - 1))

    def close(self) -> None:
        """Leave the last bar as it is."""
        self.line.close()


def write_progress(progress: SearchProgress, rate: int, share_done: float, width: int) -> str:
    """A bar with its numbers where they fit, and otherwise the numbers that matter most.

    >>> progress = SearchProgress(depth=7, states=12345, states_left=50, states_ahead=60)
    >>> write_progress(progress, 900, 0.5, 80)
    '  7 events,      12,345 states, 60 ahead, 900/s  [############------------]  50%'
    >>> write_progress(progress, 900, 0.5, 39)
    '7 events, 12,345 states, 50%'
    """
    numbers = f"{progress.depth:>3} events, {progress.states:>11,} states, {progress.states_ahead:,} ahead, {rate:,}/s"
    bar_length = min(LONGEST_BAR, width - len(numbers) - len("  [] 100%"))
    if bar_length < SHORTEST_BAR:
        return f"{progress.depth} events, {progress.states:,} states, {share_done:.0%}"
    done = round(bar_length * share_done)
    return f"{numbers}  [{'#' * done}{'-' * (bar_length - done)}] {share_done:>4.0%}"
