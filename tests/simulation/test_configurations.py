"""Configurations that follow one another must overlap, and the observer sees when they do not."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.model import Configuration
from raftstep.core.quorum import has_quorum
from raftstep.simulation.configuration_invariants import quorums_overlap
from tests.builders import members, node_ids

NODES = node_ids("12345")
VOTER_SETS = st.frozensets(st.sampled_from(NODES), min_size=1).map(lambda voters: tuple(sorted(voters)))
SIMPLE_CONFIGURATIONS = st.builds(Configuration, voters=VOTER_SETS)
JOINT_CONFIGURATIONS = st.builds(Configuration, voters=VOTER_SETS, outgoing=VOTER_SETS)


def list_quorums(configuration: Configuration) -> list[frozenset[str]]:
    """Every set of nodes that may decide, found by trying them all."""
    sets = (frozenset(nodes) for size in range(1, 6) for nodes in combinations(NODES, size))
    return [quorum for quorum in sets if has_quorum(configuration, quorum)]


def quorums_meet(first: Configuration, second: Configuration) -> bool:
    """The slow way: each quorum of the one with each of the other."""
    return all(
        first_quorum & second_quorum for first_quorum in list_quorums(first) for second_quorum in list_quorums(second)
    )


@given(SIMPLE_CONFIGURATIONS, SIMPLE_CONFIGURATIONS)
def test_two_configurations_overlap_exactly_when_all_their_quorums_meet(
    one: Configuration, other: Configuration
) -> None:
    """Dissertation §4.1: counted, rather than tried."""
    assert quorums_overlap(one, other) is quorums_meet(one, other)


@given(JOINT_CONFIGURATIONS, SIMPLE_CONFIGURATIONS | JOINT_CONFIGURATIONS)
def test_what_is_said_to_overlap_a_joint_configuration_does(one: Configuration, other: Configuration) -> None:
    """§6: one half that meets the other is enough."""
    assert quorums_meet(one, other) or not quorums_overlap(one, other)


@given(VOTER_SETS, VOTER_SETS)
def test_both_steps_of_joint_consensus_overlap_whatever_the_two_are(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """§6: from the old to the joint one, and from that to the new."""
    joint = Configuration(outgoing=old, voters=new)

    assert quorums_overlap(Configuration(voters=old), joint)
    assert quorums_overlap(joint, Configuration(voters=new))


@given(VOTER_SETS, st.sampled_from(NODES))
def test_one_voter_more_or_less_overlaps(voters: tuple[str, ...], changed: str) -> None:
    """Dissertation §4.1: which is why one at a time needs no joint configuration."""
    neighbour = tuple(sorted(set(voters) ^ {changed})) or voters

    assert quorums_overlap(Configuration(voters=voters), Configuration(voters=neighbour))


def test_two_children_of_one_configuration_need_not_overlap() -> None:
    """Ongaro 2015: each overlaps the four nodes they come from, but not the other."""
    parent, one, other = members("1234"), members("123"), members("124")

    assert (quorums_overlap(parent, one), quorums_overlap(parent, other), quorums_overlap(one, other)) == (
        True,
        True,
        False,
    )
