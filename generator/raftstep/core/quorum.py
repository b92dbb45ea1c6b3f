"""What counts as a majority. Votes and commits are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from raftstep.core.model import Index


def majority(size: int) -> int:
    """How many of ``size`` nodes are more than half, reachable or not.

    >>> [majority(size) for size in (1, 2, 3, 4, 5)]
    [1, 2, 2, 3, 3]
    """
    return size // 2 + 1


def committed_index(match_indexes: Sequence[Index]) -> Index:
    """The highest index that a majority of the cluster is known to hold.

    Sorted downward, the node at position ``n // 2`` and those before it are a majority, and all hold at least its
    index. Whether the leader may *commit* it is another question (§5.4.2), asked in :mod:`raftstep.core.replication`.

    >>> committed_index([5, 3, 3, 2, 1])
    3
    """
    return sorted(match_indexes, reverse=True)[len(match_indexes) // 2]
