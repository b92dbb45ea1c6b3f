"""Writing down what a long search finds: a search a line, so that a diff shows which of them changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def record(path: Path, searches: Iterable[dict[str, Any]]) -> int:
    """Make the searches one after the other, say what each has found, and write all down."""
    found = []
    for one in searches:
        found.append(one)
        print(one, file=sys.stderr, flush=True)
    path.write_text(as_text(found), encoding="utf-8")
    print(f"Written to {path}", file=sys.stderr)
    return 0


def as_text(found: list[dict[str, Any]]) -> str:
    """A record as it is kept."""
    return "[\n" + ",\n".join(json.dumps(line) for line in found) + "\n]\n"
