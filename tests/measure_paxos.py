"""Search Multi-Paxos with each rule left out, and record what is found: ``make searches`` (about a minute)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from raftstep.simulation.explore.paxos_cases import CASES

RECORD = Path(__file__).resolve().parents[1] / "docs" / "data" / "paxos-searches.json"


def main() -> int:
    recorded = []
    for case in CASES:
        recorded.append(case.record())
        print(recorded[-1], file=sys.stderr, flush=True)
    RECORD.write_text(as_text(recorded), encoding="utf-8")
    print(f"Written to {RECORD}", file=sys.stderr)
    return 0


def as_text(recorded: list[dict[str, Any]]) -> str:
    """A search a line, so that a diff shows which of them changed."""
    return "[\n" + ",\n".join(json.dumps(line) for line in recorded) + "\n]\n"


if __name__ == "__main__":
    sys.exit(main())
