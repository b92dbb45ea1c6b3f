"""Count the states of one cluster by what a state holds, and record it: ``make searches`` (some minutes)."""

from __future__ import annotations

import sys
from pathlib import Path

from raftstep.site.state_counts import CHOICES
from tests.simulation.explore.choices import count
from tests.tools.search_records import record_searches

RECORD = Path(__file__).resolve().parents[2] / "docs" / "data" / "state-counts.json"


def main() -> int:
    return record_searches(RECORD, (count(choice.slug) for choice in CHOICES))


if __name__ == "__main__":
    sys.exit(main())
