"""What counts as a majority. Votes, commits and confirmed reads are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from raftstep.core.model import Configuration, Index, NodeId


def majority(size: int) -> int:
    """How many of ``size`` nodes are more than half, reachable or not.

    >>> [majority(size) for size in (1, 2, 3, 4, 5)]
    [1, 2, 2, 3, 3]
    """
    return size // 2 + 1


def voter_groups(configuration: Configuration) -> tuple[tuple[NodeId, ...], ...]:
    """The groups that each need a majority of their own: one, or two while the configuration is joint (§6)."""
    return (configuration.outgoing, configuration.voters) if configuration.outgoing else (configuration.voters,)


def has_quorum(configuration: Configuration, nodes: Iterable[NodeId], *, short_by: int = 0) -> bool:
    """Whether these nodes are a majority of every half. Learners and strangers among them do not count.

    ``short_by`` asks for fewer than a majority; only a core with that rule left out does.

    >>> joint = Configuration(outgoing=("S1", "S2", "S3"), voters=("S3", "S4", "S5"))
    >>> has_quorum(joint, ["S1", "S2", "S4"]), has_quorum(joint, ["S1", "S3", "S4"])
    (False, True)
    """
    distinct_nodes = set(nodes)
    return all(
        group and len(distinct_nodes.intersection(group)) >= majority(len(group)) - short_by
        for group in voter_groups(configuration)
    )


def highest_majority_mark(configuration: Configuration, marks: Mapping[NodeId, int], *, short_by: int = 0) -> int:
    """The highest mark that a majority of every half has reached; a node without a mark counts as 0.

    >>> highest_majority_mark(Configuration(voters=("S1", "S2", "S3")), {"S1": 5, "S2": 3})
    3
    """
    new_mark = committed_index([marks.get(node, 0) for node in configuration.voters], short_by=short_by)
    if not configuration.outgoing:
        return new_mark
    return min(new_mark, committed_index([marks.get(node, 0) for node in configuration.outgoing], short_by=short_by))


def committed_index(match_indexes: Sequence[Index], *, short_by: int = 0) -> Index:
    """The highest index that a majority of these nodes is known to hold; 0 where there are none.

    Sorted downward, the node at position ``n // 2`` and those before it are a majority, and all hold at least its
    index. Whether the leader may *commit* it is another question (§5.4.2), asked in :mod:`raftstep.core.replication`.

    >>> committed_index([5, 3, 3, 2, 1])
    3
    """
    if not match_indexes:
        return 0
    return sorted(match_indexes, reverse=True)[max(0, len(match_indexes) // 2 - short_by)]
