"""What captions may call committed: entries that no later leader lacks, whether or not anyone knows."""

from __future__ import annotations

import pytest

from raftstep.core.log import entry_at
from raftstep.core.model import Role
from raftstep.scenario import library
from raftstep.scenario.commitment import find_committed_entries
from raftstep.simulation.describe import entry_content
from tests.scenario.test_facts import facts_at, play_shipped

UNBROKEN = [
    name
    for name in library.list_scenario_ids()
    if not play_shipped(name).scenario.broken_properties and play_shipped(name).trace.protocol == "raft"
]


@pytest.mark.parametrize("name", UNBROKEN)
def test_what_a_node_knows_to_be_committed_is(name: str) -> None:
    """Paper §5.3: a leader commits what a majority has stored, so an observer saw it no later than the leader."""
    trace = play_shipped(name).trace
    for step in trace.steps[:: max(1, len(trace.steps) // 40)]:
        known_indexes = {index for index, _ in find_committed_entries(trace, step)}
        for node in step.cluster.nodes:
            assert set(range(1, node.commit_index + 1)) <= known_indexes, (step, node.id)


@pytest.mark.parametrize("name", UNBROKEN)
def test_what_is_committed_is_in_the_log_of_every_later_leader(name: str) -> None:
    """Leader Completeness (paper §5.4.3): such an entry can no longer be lost."""
    trace = play_shipped(name).trace
    moments = play_shipped(name).moments
    for moment in moments:
        committed_entries = find_committed_entries(trace, moment.event_step)
        terms = [node.current_term for node in moment.event_step.cluster.nodes if node.role is Role.LEADER]
        term = max(terms, default=0)
        for later_step in trace.steps[moment.event_step.number :]:
            for leader in later_step.cluster.nodes:
                if leader.role is not Role.LEADER or leader.current_term <= term:
                    continue
                for index, entry in committed_entries:
                    assert index <= leader.snapshot.index or entry_at(leader, index) == entry


def test_an_entry_of_an_old_term_on_a_majority_is_not_committed() -> None:
    """Paper Figure 8 (c): a later leader may still overwrite it."""
    run = play_shipped("old-term-entry")
    moment = next(moment for moment in run.moments if moment.name == "Held back")
    facts = facts_at(run, moment.number)

    assert facts["holders"].call("x=7", None) == ["S1", "S2", "S3"]
    assert facts["known_holders"].call("x=7") == ["S1", "S2", "S3"]
    assert not facts["committed"].call("x=7")
    assert facts["S5"].log[-1].term > facts["S2"].log[-1].term


def test_an_entry_is_committed_before_its_leader_knows() -> None:
    """Paper §5.3: it is, once a majority has stored it; the acknowledgements are lost here."""
    run = play_shipped("half-open-links")
    facts = facts_at(run, 3)

    assert facts["committed"].call("x=7")
    assert facts["known_holders"].call("x=7") == ["S1"]
    assert facts["S1"].commit_index == 0


def test_a_value_is_chosen_once_a_majority_accepted_it_in_one_ballot() -> None:
    """Lamport 2001, §2.1; a hole in the log before it changes nothing."""
    run = play_shipped("holes-paxos")
    moment = next(moment for moment in run.moments if moment.name == "Majority")

    committed = find_committed_entries(run.trace, moment.event_step)

    assert [(index, entry_content(entry)) for index, entry in committed] == [(2, "y=2")]
    assert facts_at(run, moment.number)["holders"].call("x=1", None) == ["S1"]
