"""Numbers on the command line: a silly one is refused with its range, before anything is made of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from raftstep.limits import Limit

LARGEST_SEED = 2**32 - 1
LONGEST_NUMBER = 12


def whole_number(least: int, limit: Limit | int) -> Callable[[str], int]:
    """Reads whole numbers from ``least`` to a limit, for an option's ``type``; a message says how to have more."""
    most, remedy = (limit.most, f"; {limit.remedy}") if isinstance(limit, Limit) else (limit, "")

    def read(words: str) -> int:
        digits = words.removeprefix("-")
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER
        if not is_number or not least <= int(words) <= most:
            advice = remedy if digits.isdigit() and not words.startswith("-") else ""
            raise argparse.ArgumentTypeError(f'"{words[:20]}" is not a whole number from {least} to {most:,}{advice}')
        return int(words)

    return read


def loss_share(words: str) -> float:
    """A share of messages lost: not all of them, for then nothing happens."""
    try:
        share = float(words)
    except ValueError:
        share = -1
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f'"{words[:20]}" is not a share from 0 to below 1, such as 0.1')
    return share
