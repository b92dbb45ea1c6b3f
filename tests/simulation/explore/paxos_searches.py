"""The searches of Multi-Paxos as lines of a record, which ``make searches`` writes and a test makes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from raftstep.simulation.explore.paxos_cases import Case


def record_case(case: Case) -> dict[str, Any]:
    """A search and what came of it, as plain data."""
    exploration = case.search()
    return {
        "without": case.slug,
        "bounds": case.bounds.words,
        "states": exploration.states,
        "events": len(exploration.schedule) if exploration.schedule else exploration.depth,
        "complete": exploration.is_complete,
        "broken": exploration.alarms[0].property if exploration.alarms else "",
    }
