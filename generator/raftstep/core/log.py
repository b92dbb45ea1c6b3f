"""Reading and changing a node's log: the entries behind its snapshot, of which the first index is 1 without one."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from raftstep.core.model import Configuration, Entry, Index, Membership, Node, Term

Log = tuple[Entry, ...]


def last_index(node: Node) -> Index:
    """The index of the last entry; of the snapshot, where no entry follows it; 0 for an empty log."""
    return node.snapshot.index + len(node.log)


def last_term(node: Node) -> Term:
    """The term of the last entry, or of the snapshot's; 0 for an empty log."""
    return node.log[-1].term if node.log else node.snapshot.term


def term_at(node: Node, index: Index) -> Term:
    """The term at an index; 0 at 0, before the first. Behind a snapshot's end the terms are forgotten, and 0 too.

    It is 0 beyond the last entry as well, where only a leader asks that has learned of more than it holds.
    """
    position = index - node.snapshot.index
    if position > 0:
        return node.log[position - 1].term if position <= len(node.log) else 0
    return node.snapshot.term if position == 0 else 0


def first_index_of_term(node: Node, term: Term, index: Index) -> Index:
    """The first index of the entries of this term that end at ``index``; a snapshot counts as its last entry."""
    while index > max(1, node.snapshot.index) and term_at(node, index - 1) == term:
        index -= 1
    return index


def entries_from(node: Node, index: Index) -> Log:
    """All entries from an index on; it must lie behind the snapshot."""
    return node.log[index - node.snapshot.index - 1 :]


def entry_at(node: Node, index: Index) -> Entry | None:
    """The entry at an index; ``None`` where the log has none, or no longer."""
    position = index - node.snapshot.index
    return node.log[position - 1] if 0 < position <= len(node.log) else None


def with_log(node: Node, log: Log) -> Node:
    """The node with another log. Its configuration is the latest in it, committed or not (§6)."""
    if node.settings.membership is Membership.FIXED:
        return replace(node, log=log)
    updated_node = replace(node, log=log)
    return replace(updated_node, configuration=configuration_at(updated_node, last_index(updated_node)))


def configuration_at(node: Node, index: Index) -> Configuration:
    """The latest configuration at or before an index."""
    entries = node.log[: max(0, index - node.snapshot.index)]
    for entry in reversed(entries):
        if entry.configuration is not None:
            return entry.configuration
    return node.snapshot.configuration or node.bootstrap


def is_at_least_as_up_to_date(node: Node, *, last_log_index: Index, last_log_term: Term) -> bool:
    """Whether a log that ends like this may win the vote of ``node`` (§5.4.1).

    The later last term wins; in the same term the longer log does; equal is enough.
    """
    return (last_log_term, last_log_index) >= (last_term(node), last_index(node))


def agrees_at(node: Node, *, index: Index, term: Term) -> bool:
    """The consistency check of AppendEntries: is there an entry of this term at this index (§5.3)?

    Whatever a snapshot covers was committed, so it agrees with every later leader (§7).
    """
    if index < node.snapshot.index:
        return True
    return index <= last_index(node) and term_at(node, index) == term


class MergeResult(NamedTuple):
    """A log after the entries of one AppendEntries, and whether a conflict cost it its end."""

    log: Log
    is_truncated: bool


def merge_entries(log: Log, *, previous_index: Index, entries: Log) -> MergeResult:
    """Store the entries that follow ``previous_index`` (Figure 2, AppendEntries, steps 3 and 4).

    Indexes count from the first entry of ``log``, from 1. Entries already there are left alone, and so is all behind
    them: a late or repeated message must not shorten the log. Only a real conflict, another term at the same index,
    removes what is there.

    >>> mine = tuple(Entry(term=term, command="c") for term in (1, 1, 1))
    >>> len(merge_entries(mine, previous_index=0, entries=mine[:1]).log)
    3
    """
    for offset, entry in enumerate(entries):
        index = previous_index + 1 + offset
        if index > len(log):
            return MergeResult(log + entries[offset:], is_truncated=False)
        if log[index - 1].term != entry.term:
            return MergeResult(log[: index - 1] + entries[offset:], is_truncated=True)
    return MergeResult(log, is_truncated=False)
