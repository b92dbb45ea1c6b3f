"""Reading and mending a log: a tuple of entries whose first index is 1."""

from __future__ import annotations

from typing import NamedTuple

from raftstep.core.model import Entry, Index, Term

Log = tuple[Entry, ...]


def last_index(log: Log) -> Index:
    """The index of the last entry; 0 for an empty log."""
    return len(log)


def term_at(log: Log, index: Index) -> Term:
    """The term of the entry at an index; 0 at 0, before the first."""
    return log[index - 1].term if index > 0 else 0


def last_term(log: Log) -> Term:
    """The term of the last entry; 0 for an empty log."""
    return log[-1].term if log else 0


def at_least_as_up_to_date(log: Log, *, last_log_index: Index, last_log_term: Term) -> bool:
    """Whether a log that ends like this may win the vote of a node that holds ``log`` (§5.4.1).

    The later last term wins; in the same term the longer log does; equal is enough.

    >>> mine = (Entry(term=1, command="x=1"), Entry(term=1, command="x=2"))
    >>> at_least_as_up_to_date(mine, last_log_index=1, last_log_term=2)
    True
    >>> at_least_as_up_to_date(mine, last_log_index=1, last_log_term=1)
    False
    """
    return (last_log_term, last_log_index) >= (last_term(log), last_index(log))


def agrees_at(log: Log, *, index: Index, term: Term) -> bool:
    """The consistency check of AppendEntries: is there an entry of this term at this index (§5.3)?"""
    return index <= len(log) and term_at(log, index) == term


class Merged(NamedTuple):
    """A log after the entries of one AppendEntries, and whether a conflict cost it its end."""

    log: Log
    truncated: bool


def merge(log: Log, *, previous_index: Index, entries: Log) -> Merged:
    """Store the entries that follow ``previous_index`` (Figure 2, AppendEntries, steps 3 and 4).

    Entries already there are left alone, and so is all behind them: a late or repeated message must not
    shorten the log. Only a real conflict, another term at the same index, removes what stands there.

    >>> mine = tuple(Entry(term=term, command="c") for term in (1, 1, 1))
    >>> len(merge(mine, previous_index=0, entries=mine[:1]).log)
    3
    """
    for offset, entry in enumerate(entries):
        index = previous_index + 1 + offset
        if index > len(log):
            return Merged(log + entries[offset:], truncated=False)
        if term_at(log, index) != entry.term:
            return Merged(log[: index - 1] + entries[offset:], truncated=True)
    return Merged(log, truncated=False)
