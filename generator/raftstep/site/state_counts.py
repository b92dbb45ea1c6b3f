"""How many states a search of Raft has by what a state holds: an exhibit, from what ``make searches`` records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from raftstep.scenario.proofs.certificate import EXHAUSTIVE_BOUNDS, SearchResult
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros
from raftstep.site.search_records import RENEW_ADVICE, read_record

CERTIFICATE = "two-terms-two-entries"
BOUNDS = EXHAUSTIVE_BOUNDS[CERTIFICATE]
"""The cluster that is searched again with each choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to vary the search, as a sentence, and the group that it is listed in."""

    slug: str
    group: str
    words: str


STATE_CONTENTS = "What a state holds"
STATE_IDENTITY = "What counts as one state"
POSSIBLE_EVENTS = "What may happen"
UNSOUND = "What must not be left out: states are missed"
SEVERAL_AT_ONCE = "Several at once"

CHOICES = (
    Choice(slug="as-it-is", group="The search as it is", words="Everything as described above."),
    Choice(slug="no-history", group=STATE_CONTENTS, words="Not what was committed, nor in which term."),
    Choice(slug="no-votes", group=STATE_CONTENTS, words="Not who elected a leader, once it leads."),
    Choice(slug="leader-known", group=STATE_CONTENTS, words="Also which node each node believes to be the leader."),
    Choice(
        slug="no-merging",
        group=STATE_IDENTITY,
        words="States that differ only in the names of the nodes are counted apart.",
    ),
    Choice(
        slug="nothing-left-out",
        group=STATE_IDENTITY,
        words="States that differ only in late replies without effect are counted apart.",
    ),
    Choice(slug="no-heartbeats", group=POSSIBLE_EVENTS, words="A leader sends no heartbeats."),
    Choice(
        slug="empty-heartbeats",
        group=POSSIBLE_EVENTS,
        words="Heartbeats carry no entries; the leader sends them after a reply to one.",
    ),
    Choice(slug="any-commands", group=POSSIBLE_EVENTS, words="Commands are bounded by the length of the log alone."),
    Choice(slug="no-refusals", group=POSSIBLE_EVENTS, words="Requests of an earlier term get no reply."),
    Choice(slug="stale-votes-left-out", group=UNSOUND, words="RequestVotes of an earlier term."),
    Choice(slug="all-stale-left-out", group=UNSOUND, words="All messages of an earlier term."),
    Choice(
        slug="useless-left-out",
        group=SEVERAL_AT_ONCE,
        words=(
            "No heartbeats; after an acknowledgement the leader sends what is missing; a message that can have no "
            "effect any more is dropped."
        ),
    ),
    Choice(
        slug="useless-left-out-of-less",
        group=SEVERAL_AT_ONCE,
        words="The same, with neither history nor leaders’ votes, and commands bounded by the log alone.",
    ),
)


_macros = partial(load_macros, "safety.html.jinja")


def exhibits(path: Path, certified_search: SearchResult | None) -> dict[str, Exhibit]:
    """The table, as ``state-counts``. The record must agree with what is certified, where that is known."""

    def render_table(_href: LinkTo) -> str:
        return str(_macros().counts(dict(_rows_by_group(read_state_counts(path, certified_search)))))

    return {"state-counts": render_table}


def read_state_counts(path: Path, certified_search: SearchResult | None = None) -> list[dict[str, Any]]:
    """The record; raises :class:`ValueError` for one of other choices or of another search than there is now."""
    expected = ((choice.slug, BOUNDS.words) for choice in CHOICES)
    searches = read_record(path, id_field="choice", expected=expected, noun="choices")
    states, events = searches[0]["states"], searches[0]["events"]
    if certified_search and (states, events) != (certified_search.states, certified_search.depth):
        raise ValueError(
            f"{path.name} has {states:,} states where the search has {certified_search.states:,}; {RENEW_ADVICE}"
        )
    return searches


def _rows_by_group(searches: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for choice, search in zip(CHOICES, searches, strict=True):
        states, farthest = f"{search['states']:,}", f"{search['events']} events"
        if not search["complete"]:
            states, farthest = f"more than {states}", f"ended after all schedules of {farthest}"
        groups.setdefault(choice.group, []).append({"words": choice.words, "states": states, "farthest": farthest})
    yield from groups.items()
