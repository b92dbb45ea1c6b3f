"""Count again with the second search what is certified of unbroken clusters, and record it (a quarter of an hour).

``python -m tests.tools.measure_second``
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from raftstep.scenario.proofs.certificate import EXHAUSTIVE_BOUNDS
from raftstep.simulation.explore.bounds import Bounds
from tests.tools.search_records import record_searches
from tests.tools.second_search import Scope, Search

RECORD = Path(__file__).resolve().with_name("second_search.json")


def main() -> int:
    return record_searches(RECORD, (count_states(name, bounds) for name, bounds in EXHAUSTIVE_BOUNDS.items()))


def count_states(name: str, bounds: Bounds) -> dict[str, object]:
    """What the second search finds; the clusters are unbroken, so nothing may break."""
    result = Search(scope_of(bounds)).count()
    assert not result.broken_properties
    return {"name": name, "bounds": bounds.words, "states": result.states, "events": result.depth}


def scope_of(bounds: Bounds) -> Scope:
    """The same bounds for the second search, which knows no others."""
    scope = Scope(**{field.name: getattr(bounds, field.name) for field in fields(Scope)})
    if Bounds(**{field.name: getattr(scope, field.name) for field in fields(Scope)}) != bounds:
        raise ValueError(f"the second search cannot search {bounds.words} with these settings")
    return scope


if __name__ == "__main__":
    sys.exit(main())
