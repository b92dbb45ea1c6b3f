"""Count the states of one cluster by what a state holds, and record it: ``make searches`` (some minutes)."""

from __future__ import annotations

import sys
from pathlib import Path

from raftstep.site.state_counts import CHOICES
from tests.measure_paxos import as_text
from tests.simulation.explore.choices import count

RECORD = Path(__file__).resolve().parents[1] / "docs" / "data" / "state-counts.json"


def main() -> int:
    recorded = []
    for choice in CHOICES:
        recorded.append(count(choice.slug))
        print(recorded[-1], file=sys.stderr, flush=True)
    RECORD.write_text(as_text(recorded), encoding="utf-8")
    print(f"Written to {RECORD}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
