"""Changing who belongs to the cluster, checked by the observer: each configuration must overlap the one before it.

The five properties follow from it; a change that breaks it is seen here at once, before it has done any harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from raftstep.core.model import Configuration, Index, Membership, Node, NodeId, Role
from raftstep.core.quorum import majority, voter_groups
from raftstep.simulation.alarm import Alarm

NAME = "Overlapping Configurations"


def check_configurations(
    node_before: Node, node_after: Node, *, committed_before: Index, committed_after: Index
) -> Iterator[Alarm]:
    """What a leader's new configuration breaks.

    Leaders had committed up to ``committed_before``, now ``committed_after``.

    A joint configuration is left in the step that commits it; any other must be committed when the change is asked for.
    """
    if (
        node_after.settings.membership is Membership.FIXED
        or node_after.role is not Role.LEADER
        or node_after.configuration is node_before.configuration
    ):
        return
    configurations = _list_configurations(node_after)
    for (index, older), (_, newer) in pairwise(configurations):
        if not quorums_overlap(older, newer):
            yield _make_alarm(
                node_after,
                f"from {_configuration_words(older)} to {_configuration_words(newer)}, which have "
                "majorities without a common node",
            )
        elif newer is node_after.configuration and index > (committed_after if older.is_joint else committed_before):
            yield _make_alarm(
                node_after, f"to {_configuration_words(newer)} before the one at index {index} is committed"
            )


def _list_configurations(node: Node) -> list[tuple[Index, Configuration]]:
    """All configurations a node knows of, oldest first, with their indexes; 0 for what it was started with."""
    start = node.snapshot.index
    first_configuration = node.snapshot.configuration or node.bootstrap
    later_configurations = [
        (start + offset, entry.configuration)
        for offset, entry in enumerate(node.log, 1)
        if entry.configuration is not None
    ]
    return [(start, first_configuration), *later_configurations] if first_configuration.voters else later_configurations


def quorums_overlap(first: Configuration, second: Configuration) -> bool:
    """Whether every quorum of the one shares a node with every quorum of the other.

    A joint quorum holds a majority of either half, so it is enough that one half does.

    >>> three, five = (Configuration(voters=tuple(f"S{number}" for number in range(1, size + 1))) for size in (3, 5))
    >>> quorums_overlap(three, five), quorums_overlap(three, Configuration(outgoing=three.voters, voters=five.voters))
    (False, True)
    """
    return any(
        _majorities_overlap(set(first_half), set(second_half))
        for first_half in voter_groups(first)
        for second_half in voter_groups(second)
    )


def _majorities_overlap(first: set[NodeId], second: set[NodeId]) -> bool:
    """Two majorities can avoid each other if what each must take of the common nodes fits side by side."""
    common = len(first & second)
    needed = sum(max(0, majority(len(group)) - (len(group) - common)) for group in (first, second))
    return needed > common


def _configuration_words(configuration: Configuration) -> str:
    voters = " ".join(configuration.voters)
    return f"{' '.join(configuration.outgoing)} with {voters}" if configuration.is_joint else voters


def _make_alarm(node: Node, change_words: str) -> Alarm:
    return Alarm(property=NAME, words=f"{node.id} changes the configuration {change_words}")
