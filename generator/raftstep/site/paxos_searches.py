"""The searches of Multi-Paxos as an exhibit, read from the record that ``make searches`` writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from raftstep.core.paxos.guards import Guard
from raftstep.simulation.explore.paxos_cases import CASES
from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros
from raftstep.site.record import read_record

_macros = partial(macros, "paxos_rules.html.jinja")


def exhibits(path: Path) -> dict[str, Exhibit]:
    """The table, as ``paxos-searches``."""

    def made(_href: Href) -> str:
        return str(_macros().searches([_row(one) for one in recorded(path)]))

    return {"paxos-searches": made}


def recorded(path: Path) -> list[dict[str, Any]]:
    """The record; raises :class:`ValueError` for one of other searches than the code has now."""
    now = ((case.slug, case.bounds.words) for case in CASES)
    return read_record(path, by="without", now=now, what="searches")


def _row(one: dict[str, Any]) -> dict[str, str]:
    sentence = next((guard.sentence for guard in Guard if guard.slug == one["without"]), "")
    if one["broken"]:
        outcome = f"{one['broken']} breaks after {one['events']} events, and after no fewer"
    elif one["complete"]:
        outcome = f"Nothing breaks in any schedule; the longest way to a state has {one['events']} events"
    else:
        outcome = f"Nothing breaks in schedules of up to {one['events']} events; there the search was ended"
    return {
        "without": f"Left out: {sentence}" if sentence else "Nothing left out",
        "bounds": one["bounds"],
        "outcome": outcome,
        "states": f"{one['states']:,}",
    }
