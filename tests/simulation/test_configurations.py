"""Configurations that follow one another must overlap, and the observer sees when they do not."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.model import Configuration
from raftstep.core.quorum import has_quorum
from raftstep.simulation.configurations import overlap
from tests.builders_beyond import members, names

NODES = names("12345")
SOME = st.frozensets(st.sampled_from(NODES), min_size=1).map(lambda some: tuple(sorted(some)))
ALONE = st.builds(Configuration, voters=SOME)
JOINT = st.builds(Configuration, voters=SOME, outgoing=SOME)


def quorums(configuration: Configuration) -> list[frozenset[str]]:
    """Every set of nodes that may decide, found by trying them all."""
    sets = (frozenset(some) for size in range(1, 6) for some in combinations(NODES, size))
    return [some for some in sets if has_quorum(configuration, some)]


def meet(one: Configuration, other: Configuration) -> bool:
    """The slow way: each quorum of the one with each of the other."""
    return all(a & b for a in quorums(one) for b in quorums(other))


@given(ALONE, ALONE)
def test_two_configurations_overlap_exactly_when_all_their_quorums_meet(
    one: Configuration, other: Configuration
) -> None:
    """Dissertation §4.1: counted, rather than tried."""
    assert overlap(one, other) is meet(one, other)


@given(JOINT, ALONE | JOINT)
def test_what_is_said_to_overlap_a_joint_configuration_does(one: Configuration, other: Configuration) -> None:
    """§6: one half that meets the other is enough."""
    assert meet(one, other) or not overlap(one, other)


@given(SOME, SOME)
def test_both_steps_of_joint_consensus_overlap_whatever_the_two_are(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """§6: from the old to the joint one, and from that to the new."""
    joint = Configuration(outgoing=old, voters=new)

    assert overlap(Configuration(voters=old), joint)
    assert overlap(joint, Configuration(voters=new))


@given(SOME, st.sampled_from(NODES))
def test_one_voter_more_or_less_overlaps(voters: tuple[str, ...], changed: str) -> None:
    """Dissertation §4.1: which is why one at a time needs no joint configuration."""
    neighbour = tuple(sorted(set(voters) ^ {changed})) or voters

    assert overlap(Configuration(voters=voters), Configuration(voters=neighbour))


def test_two_children_of_one_configuration_need_not_overlap() -> None:
    """Ongaro 2015: each overlaps the four nodes they come from, but not the other."""
    parent, one, other = members("1234"), members("123"), members("124")

    assert (overlap(parent, one), overlap(parent, other), overlap(one, other)) == (True, True, False)
