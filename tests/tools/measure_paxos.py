"""Search Multi-Paxos with each rule left out, and record what is found: ``make searches`` (about a minute)."""

from __future__ import annotations

import sys
from pathlib import Path

from raftstep.simulation.explore.paxos_cases import CASES
from tests.simulation.explore.paxos_searches import record_case
from tests.tools.search_records import record_searches

RECORD = Path(__file__).resolve().parents[2] / "docs" / "data" / "paxos-searches.json"


def main() -> int:
    return record_searches(RECORD, map(record_case, CASES))


if __name__ == "__main__":
    sys.exit(main())
