"""Measure elections by the thousand and record them for the page on timing: ``make timing`` (about two minutes)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from raftstep.simulation.measured import record

RECORD = Path(__file__).resolve().parents[1] / "docs" / "data" / "timing.json"


def main() -> int:
    recorded = record(lambda done, of: print(f"\r{done} of {of} lines", end="", file=sys.stderr, flush=True))
    RECORD.write_text(as_text(recorded), encoding="utf-8")
    print(f"\nWritten to {RECORD}", file=sys.stderr)
    return 0


def as_text(recorded: dict[str, Any]) -> str:
    """An experiment a line, so that a diff shows which of them changed."""
    lines = ",\n".join(json.dumps(line, separators=(", ", ": ")) for line in recorded["lines"])
    return f'{{"lines": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    sys.exit(main())
