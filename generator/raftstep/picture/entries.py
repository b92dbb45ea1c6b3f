"""What stands in a log's cells: commands, changes of configuration, and the snapshot before them, in few letters."""

from __future__ import annotations

from raftstep.core.log import configuration_at
from raftstep.core.model import NO_SNAPSHOT, NOBODY, Configuration, Entry, Index, Node, Snapshot

LONGEST_COMMAND = 9
LONGEST_SNAPSHOT = 16


def snapshot_of(node: Node) -> Snapshot:
    """A node's snapshot; Multi-Paxos takes none."""
    return getattr(node, "snapshot", NO_SNAPSHOT)


def last_held(node: Node) -> Index:
    """The last index of a node's log, whether a snapshot holds it or an entry."""
    return snapshot_of(node).index + len(node.log)


def label(node: Node, index: Index, entry: Entry, first: Configuration = NOBODY) -> str:
    """An entry in at most nine letters or so: its command and the client's number for it, or what it changes.

    ``first`` is the configuration the cluster began with: a node that joins later has never been told.
    """
    configuration = getattr(entry, "configuration", None)
    if configuration is not None:
        before = configuration_at(node, index - 1)
        return _change(before if before.voters else first, configuration)
    command = entry.command or "no-op"
    numbered = f" #{entry.serial}" if getattr(entry, "client", None) else ""
    return shortened(command, LONGEST_COMMAND - len(numbered)) + numbered


def is_change(entry: Entry) -> bool:
    """Whether an entry holds a configuration; those of Multi-Paxos never do."""
    return getattr(entry, "configuration", None) is not None


def _change(before: Configuration, after: Configuration) -> str:
    """A configuration as the paper names it while two are joint, else what it changes: ``C +S4``.

    A learner that joins stands in brackets: it is sent the log and does not vote.
    """
    if after.joint:
        return "C-old,new"
    if before.joint:
        return "C-new"
    changes = [
        *(f"+{id}" for id in after.voters if id not in before.voters),
        *(f"(+{id})" for id in after.learners if id not in before.members),
        *(f"−{id}" for id in before.members if id not in after.members),
    ]
    return " ".join(["C", *changes])


def snapshot_label(snapshot: Snapshot) -> str:
    """What a snapshot holds, as long as its block is wide."""
    pairs = " ".join(f"{key}={value}" for key, value in snapshot.machine.pairs) or "empty"
    return shortened(pairs, LONGEST_COMMAND if snapshot.index == 1 else LONGEST_SNAPSHOT)


def shortened(text: str, longest: int) -> str:
    """As much of a text as there is room for."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
