"""The searches of Multi-Paxos as an exhibit, read from the record that ``make searches`` writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from raftstep.core.paxos.guards import Guard
from raftstep.simulation.explore.paxos_cases import CASES
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros
from raftstep.site.search_records import read_record

_macros = partial(load_macros, "paxos_rules.html.jinja")


def exhibits(path: Path) -> dict[str, Exhibit]:
    """The table, as ``paxos-searches``."""

    def render_table(_href: LinkTo) -> str:
        return str(_macros().searches([_table_row(search) for search in read_searches(path)]))

    return {"paxos-searches": render_table}


def read_searches(path: Path) -> list[dict[str, Any]]:
    """The record; raises :class:`ValueError` if it does not match the searches of the code as it is."""
    expected = ((case.slug, case.bounds.words) for case in CASES)
    return read_record(path, id_field="without", expected=expected, noun="searches")


def _table_row(search: dict[str, Any]) -> dict[str, str]:
    sentence = next((guard.sentence for guard in Guard if guard.slug == search["without"]), "")
    if search["broken"]:
        result = f"{search['broken']} breaks after {search['events']} events, and after no fewer"
    elif search["complete"]:
        result = f"Nothing breaks in any schedule; the farthest state is {search['events']} events away"
    else:
        result = f"Nothing breaks in schedules of up to {search['events']} events; the search stopped there"
    return {
        "without": f"Left out: {sentence}" if sentence else "Nothing left out",
        "bounds": search["bounds"],
        "outcome": result,
        "states": f"{search['states']:,}",
    }
