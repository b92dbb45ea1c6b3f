"""Records of long searches, which a command writes into the site's data and exhibits read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from raftstep.document.damage import describe_damage
from raftstep.document.files import read_file
from raftstep.document.reading import FileKind, UnreadableError

RENEW_ADVICE = "renew it with: make searches"

RECORD_FILE = FileKind(name="a record", first_lines="a bracket", shorten_advice="make it again")


def read_record(path: Path, *, id_field: str, expected: Iterable[tuple[str, str]], noun: str) -> list[dict[str, Any]]:
    """A record, a search a line. Raises :class:`ValueError` if it does not match the ``expected`` searches.

    Each search is known by what is under ``id_field`` and by its bounds, and says how many states and events it
    has; ``noun`` is what they are called in the complaint.
    """
    try:
        searches: list[dict[str, Any]] = json.loads(read_file(path, RECORD_FILE))
        summaries = [(search[id_field], search["bounds"], search["states"], search["events"]) for search in searches]
    except (UnreadableError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"{path.name} cannot be read ({describe_damage(error)}); {RENEW_ADVICE}") from error
    if [summary[:2] for summary in summaries] != list(expected):
        raise ValueError(f"{path.name} holds other {noun} than the search has; {RENEW_ADVICE}")
    return searches
