"""Count again with the second search what is certified of unbroken clusters, and record it (a quarter of an hour).

``python -m tests.measure_second``
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from raftstep.scenario.proofs.certificate import EXHAUSTED
from raftstep.simulation.explore.bounds import Bounds
from tests.measure_paxos import as_text
from tests.simulation.explore.second import Scope, Search

RECORD = Path(__file__).resolve().parent / "simulation" / "explore" / "second.json"


def main() -> int:
    recorded = []
    for name, bounds in EXHAUSTED.items():
        found = Search(scope_of(bounds)).count()
        recorded.append({"name": name, "bounds": bounds.words, "states": found.states, "events": found.depth})
        print(recorded[-1], file=sys.stderr, flush=True)
        assert not found.broken
    RECORD.write_text(as_text(recorded), encoding="utf-8")
    print(f"Written to {RECORD}", file=sys.stderr)
    return 0


def scope_of(bounds: Bounds) -> Scope:
    """The same bounds for the second search, which knows no others."""
    scope = Scope(**{field.name: getattr(bounds, field.name) for field in fields(Scope)})
    if Bounds(**{field.name: getattr(scope, field.name) for field in fields(Scope)}) != bounds:
        raise ValueError(f"the second search cannot search {bounds.words} with these settings")
    return scope


if __name__ == "__main__":
    sys.exit(main())
