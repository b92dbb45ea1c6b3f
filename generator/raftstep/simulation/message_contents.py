"""What a message carries, so that it can be meant by that: an entry, or an index.

Messages of both protocols are asked. Those of Raft carry consecutive entries, those of Multi-Paxos slots, each with its
index.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from raftstep.core.messages import AppendEntries, InstallSnapshot, Message
from raftstep.core.model import Index
from raftstep.core.paxos.model import NO_BALLOT, Slot
from raftstep.simulation.protocols import protocol_of

ENTRY_KINDS = ("AppendEntries", "Accept", "Promise", "Chosen")
"""The kinds of messages that carry entries."""

INDEX_KINDS = (
    *ENTRY_KINDS,
    *("AppendEntriesResponse", "InstallSnapshot", "InstallSnapshotResponse", "Accepted", "AskForChosen"),
)
"""The kinds of messages that carry entries, or that confirm or ask for an index."""


def carries_entry(message: Message, wanted: str) -> bool:
    """Whether a message carries an entry, written with its term, ``x=7@2``, or without, ``x=7``."""
    protocol = protocol_of(message)
    return any(
        wanted in (protocol.entry_content(entry), protocol.entry_words(entry)) for _, entry in _carried_entries(message)
    )


def concerns_index(message: Message, index: Index) -> bool:
    """Whether a message carries the entry at an index, confirms it, or asks for it."""
    if any(carried_index == index for carried_index, _ in _carried_entries(message)):
        return True
    contents: Any = message
    if isinstance(message, InstallSnapshot):
        return message.snapshot.index == index
    if hasattr(contents, "match_index"):
        return bool(contents.match_index == index)
    return index in getattr(contents, "indexes", ())


def _carried_entries(message: Message) -> Iterator[tuple[Index, Any]]:
    """The entries that a message carries, each with its index."""
    contents: Any = message
    if isinstance(message, AppendEntries):
        yield from enumerate(message.entries, message.previous_index + 1)
    else:
        proposals: Any = getattr(contents, "proposals", getattr(contents, "accepted_proposals", ()))
        for proposal in proposals:
            ballot = contents.ballot if proposal.ballot == NO_BALLOT else proposal.ballot
            yield proposal.index, Slot(ballot=ballot, value=proposal.value)
