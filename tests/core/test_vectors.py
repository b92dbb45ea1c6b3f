"""Every numbered case of a node's behaviour is claimed by a test, in its docstring or in the id of a parameter."""

from __future__ import annotations

import re
from pathlib import Path

CASES = {
    "A": 15,  # elections
    "B": 13,  # replication
    "C": 10,  # committing and applying
    "D": 7,  # crashes
    "E": 10,  # snapshots
    "F": 8,  # membership
    "G": 9,  # pre-vote, check-quorum, transfer, reads
}
CLAIM = re.compile(r'"([A-G]\d{1,2})[.-]')


def test_every_case_is_claimed_by_a_test() -> None:
    """A case that no test names is a case that nobody watches."""
    wanted = {f"{letter}{number}" for letter, count in CASES.items() for number in range(1, count + 1)}
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    claimed = {case for file in files for case in CLAIM.findall(file.read_text(encoding="utf-8"))}

    assert wanted - claimed == set()
    assert claimed - wanted == set()
