"""Measure elections by the thousand and record them for the page on timing: ``make timing`` (about two minutes)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from raftstep.simulation.timing_trials import measure_all

RECORD = Path(__file__).resolve().parents[1] / "docs" / "data" / "timing.json"


def main() -> int:
    results = measure_all(lambda done, total: print(f"\r{done} of {total} lines", end="", file=sys.stderr, flush=True))
    RECORD.write_text(format_record(results), encoding="utf-8")
    print(f"\nWritten to {RECORD}", file=sys.stderr)
    return 0


def format_record(results: dict[str, Any]) -> str:
    """An experiment a line, so that a diff shows which of them changed."""
    lines = ",\n".join(json.dumps(line, separators=(", ", ": ")) for line in results["lines"])
    return f'{{"lines": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    sys.exit(main())
