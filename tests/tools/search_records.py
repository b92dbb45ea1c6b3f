"""Writing down what a long search finds: a search a line, so that a diff shows which of them changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def record_searches(path: Path, searches: Iterable[dict[str, Any]]) -> int:
    """Make the searches one after the other, say what each has found, and write all down."""
    results = []
    for result in searches:
        results.append(result)
        print(result, file=sys.stderr, flush=True)
    path.write_text(format_record(results), encoding="utf-8")
    print(f"Written to {path}", file=sys.stderr)
    return 0


def format_record(results: list[dict[str, Any]]) -> str:
    """A record as it is kept."""
    return "[\n" + ",\n".join(json.dumps(line) for line in results) + "\n]\n"
