"""Records of long searches, which a command writes into the site's data and exhibits read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RENEW = "renew it with: make searches"


def read_record(path: Path, *, by: str, now: Iterable[tuple[str, str]], what: str) -> list[dict[str, Any]]:
    """A record, a search a line. Raises :class:`ValueError` for one of other searches than there are ``now``.

    Each search is known by what stands under ``by`` and by its bounds, and says how many states and events it has;
    ``what`` they are called in the complaint.
    """
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        known = [(one[by], one["bounds"], one["states"], one["events"]) for one in found]
    except (OSError, ValueError, KeyError, TypeError) as mistake:
        raise ValueError(f"{path.name} cannot be read ({mistake}); {RENEW}") from mistake
    if [search[:2] for search in known] != list(now):
        raise ValueError(f"{path.name} tells of other {what} than there are; {RENEW}")
    return found
