"""Changing who belongs to the cluster, checked by the observer: each configuration must overlap the one before it.

The five properties follow from it; a change that breaks it is seen here at once, before it has done any harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from raftstep.core.model import Configuration, Index, Membership, Node, NodeId, Role
from raftstep.core.quorum import halves, majority
from raftstep.simulation.trace import Alarm

NAME = "Overlapping Configurations"
SENTENCE = (
    "A leader appends a configuration only behind one that is committed, and every majority of the one shares a node "
    "with every majority of the other."
)


def alarms(was: Node, now: Node, *, before: Index, after: Index) -> Iterator[Alarm]:
    """What a leader's new configuration breaks; leaders had committed so far ``before`` this step, and ``after`` it.

    A joint configuration is left in the step that commits it; any other must be committed when the change is asked for.
    """
    if (
        now.settings.membership is Membership.FIXED
        or now.role is not Role.LEADER
        or now.configuration is was.configuration
    ):
        return
    known = _configurations(now)
    for (index, older), (_, newer) in pairwise(known):
        if not overlap(older, newer):
            yield _alarm(now, f"from {_words(older)} to {_words(newer)}, which have majorities without a common node")
        elif newer is now.configuration and index > (after if older.joint else before):
            yield _alarm(now, f"to {_words(newer)} before the one at index {index} is committed")


def _configurations(node: Node) -> list[tuple[Index, Configuration]]:
    """All configurations a node knows of, oldest first, with their indexes; 0 for what it was started with."""
    start = node.snapshot.index
    first = node.snapshot.configuration or node.bootstrap
    behind = [
        (start + place, entry.configuration)
        for place, entry in enumerate(node.log, 1)
        if entry.configuration is not None
    ]
    return [(start, first), *behind] if first.voters else behind


def overlap(one: Configuration, other: Configuration) -> bool:
    """Whether every quorum of the one shares a node with every quorum of the other.

    A joint quorum holds a majority of either half, so it is enough that one half does.

    >>> three, five = (Configuration(voters=tuple(f"S{number}" for number in range(1, size + 1))) for size in (3, 5))
    >>> overlap(three, five), overlap(three, Configuration(outgoing=three.voters, voters=five.voters))
    (False, True)
    """
    return any(_groups_overlap(set(half), set(rest)) for half in halves(one) for rest in halves(other))


def _groups_overlap(one: set[NodeId], other: set[NodeId]) -> bool:
    """Two majorities can avoid each other if what each must take of the common nodes fits side by side."""
    common = len(one & other)
    needed = sum(max(0, majority(len(group)) - (len(group) - common)) for group in (one, other))
    return needed > common


def _words(configuration: Configuration) -> str:
    voters = " ".join(configuration.voters)
    return f"{' '.join(configuration.outgoing)} with {voters}" if configuration.joint else voters


def _alarm(node: Node, what: str) -> Alarm:
    return Alarm(property=NAME, words=f"{node.id} changes the configuration {what}")
