"""How many states a search of Raft has by what a state holds: an exhibit, from what ``make searches`` records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from raftstep.scenario.proofs.certificate import EXHAUSTED, Found
from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros
from raftstep.site.record import RENEW, read_record

CERTIFICATE = "two-terms-two-entries"
BOUNDS = EXHAUSTED[CERTIFICATE]
"""The cluster that is searched again with each choice."""

MOST_STATES = 3_000_000
"""Where a search with a choice is ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that is otherwise than in the search, as a sentence, and among which others it stands."""

    slug: str
    group: str
    words: str


HELD = "What a state holds"
SAME = "What counts as one state"
HAPPENS = "What may happen"
UNSOUND = "What must not be left out: states are missed"
NEAREST = "Several at once, nearest to the older search"

CHOICES = (
    Choice(slug="as-it-is", group="The search as it is", words="Everything as told below."),
    Choice(slug="no-history", group=HELD, words="Not what was committed, nor in which term."),
    Choice(slug="no-votes", group=HELD, words="Not who elected a leader, once it leads."),
    Choice(slug="leader-known", group=HELD, words="Also whom each node takes for the leader."),
    Choice(slug="no-merging", group=SAME, words="States that differ only in the names of the nodes are counted apart."),
    Choice(
        slug="nothing-left-out",
        group=SAME,
        words="States that differ only in answers that come too late are counted apart.",
    ),
    Choice(slug="no-heartbeats", group=HAPPENS, words="A leader sends no heartbeats."),
    Choice(
        slug="empty-heartbeats", group=HAPPENS, words="Heartbeats carry no entries; an answer to one has them sent."
    ),
    Choice(slug="any-commands", group=HAPPENS, words="Commands are bounded by the length of the log alone."),
    Choice(slug="no-refusals", group=HAPPENS, words="Requests of an earlier term are not answered."),
    Choice(slug="stale-votes-left-out", group=UNSOUND, words="RequestVotes of an earlier term."),
    Choice(slug="all-stale-left-out", group=UNSOUND, words="All messages of an earlier term."),
    Choice(
        slug="useless-left-out",
        group=NEAREST,
        words="No heartbeats; an acknowledgement has what is missing sent; a message goes once it can do nothing.",
    ),
    Choice(
        slug="useless-left-out-of-less",
        group=NEAREST,
        words="The same, with neither history nor leaders’ votes, and commands bounded by the log alone.",
    ),
)


_macros = partial(macros, "safety.html.jinja")


def exhibits(path: Path, certified: Found | None) -> dict[str, Exhibit]:
    """The table, as ``state-counts``. The record must agree with what is certified, where that is known."""

    def made(_href: Href) -> str:
        return str(_macros().counts(dict(_groups(recorded(path, certified)))))

    return {"state-counts": made}


def recorded(path: Path, certified: Found | None = None) -> list[dict[str, Any]]:
    """The record; raises :class:`ValueError` for one of other choices or of another search than there is now."""
    now = ((choice.slug, BOUNDS.words) for choice in CHOICES)
    found = read_record(path, by="choice", now=now, what="choices")
    states, events = found[0]["states"], found[0]["events"]
    if certified and (states, events) != (certified.states, certified.depth):
        raise ValueError(f"{path.name} has {states:,} states where the search has {certified.states:,}; {RENEW}")
    return found


def _groups(known: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for choice, one in zip(CHOICES, known, strict=True):
        states, farthest = f"{one['states']:,}", f"{one['events']} events"
        if not one["complete"]:
            states, farthest = f"more than {states}", f"ended after all schedules of {farthest}"
        groups.setdefault(choice.group, []).append({"words": choice.words, "states": states, "farthest": farthest})
    yield from groups.items()
