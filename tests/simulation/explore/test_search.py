"""The search against its slow twin, its order, its limits, and the right to merge states that differ in names."""

from dataclasses import replace
from itertools import permutations

import pytest

from raftstep.core.guards import Guard
from raftstep.core.inputs import ClientRequest
from raftstep.core.model import Membership, ReadMode, Role, Settings
from raftstep.simulation.explore import Limits, Model, ScheduledEvent, SearchProgress, explore
from raftstep.simulation.explore.bounds import Bounds, start_nodes
from raftstep.simulation.explore.raft import raft_model
from tests.simulation.explore.naive import (
    can_still_matter,
    count_up_to_renaming,
    drop_spent,
    rename_state,
    search_naively,
    spent_messages,
    successors,
)

COMMAND = ScheduledEvent(node_index=0, given=ClientRequest(command="x=1"), is_delivery=False)

SMALL = {
    "one term": Bounds(terms=1, entries=0, commands=0, heartbeats=False),
    "two candidates": Bounds(nodes=2, terms=2, entries=0, commands=0, crashes=1),
    "no-ops": Bounds(nodes=2, terms=1, entries=2, commands=1, settings=Settings(no_op=True)),
    "changes": Bounds(nodes=2, terms=1, entries=2, commands=1, changes=2),
    "one leaves": Bounds(
        terms=1, entries=1, commands=0, changes=1, heartbeats=False, settings=Settings(membership=Membership.SINGLE)
    ),
    "a learner votes": Bounds(
        nodes=2, learners=1, terms=1, entries=2, commands=1, changes=1, settings=Settings(membership=Membership.SINGLE)
    ),
    "after a command": Bounds(
        nodes=2, terms=2, entries=1, commands=0, start="steady", heartbeats=False, prefix=(COMMAND,)
    ),
    "pre-vote from a steady leader": Bounds(
        nodes=3, terms=2, entries=0, commands=0, start="steady", heartbeats=False, settings=Settings(pre_vote=True)
    ),
    "empty heartbeats": Bounds(nodes=2, terms=1, entries=1, commands=1, settings=Settings(empty_heartbeats=True)),
    "hints and one entry a message": Bounds(
        nodes=2,
        terms=2,
        entries=2,
        commands=2,
        start="steady",
        heartbeats=False,
        settings=Settings(conflict_hints=True, entries_per_message=1),
    ),
    "time passes": Bounds(
        nodes=2,
        terms=1,
        entries=1,
        commands=1,
        reads=1,
        rounds=1,
        ticks=4,
        clocks=(("S1", 0.8),),
        settings=Settings(leader_stickiness=True, reads=ReadMode.LEASE, drift_bound=1.25),
    ),
    "snapshots": Bounds(nodes=2, terms=1, entries=2, commands=2, snapshots=1, heartbeats=False),
}


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_the_search_reaches_what_its_slow_twin_reaches(bounds: Bounds) -> None:
    """Numbers, tables and packed states are only a faster way to say the same."""
    model = raft_model(bounds)

    plain = search_naively(model)
    fast = explore(replace(model, rename=None, is_spent=None))
    merged = explore(replace(model, is_spent=None))

    assert (fast.states, fast.depth, fast.is_complete) == (len(plain.states), plain.depth, True)
    assert (merged.states, merged.depth) == (count_up_to_renaming(model, plain.states), plain.depth)


@pytest.mark.parametrize("most", [1, 3, 5])
def test_no_schedule_goes_on_with_more_messages_than_the_bound(most: int) -> None:
    """Each that was sent may still arrive, so all count; only those that can change nothing do not."""
    model = replace(raft_model(Bounds(terms=1, entries=1, messages=most)), is_spent=None)

    assert explore(model).states == count_up_to_renaming(model, search_naively(model).states)
    assert explore(model).states < explore(replace(model, most_messages=0)).states


def test_a_bound_on_messages_that_no_state_reaches_bounds_nothing() -> None:
    """A bound may cut the search but not change it: 99 messages never arise with one term."""
    wide = Bounds(terms=1, entries=1, messages=99)

    assert explore(raft_model(wide)).states == explore(raft_model(replace(wide, messages=0))).states
    assert "at most 99 messages that may arrive" in wide.words


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_states_that_differ_in_spent_messages_are_one(bounds: Bounds) -> None:
    """What can no longer matter is left out of a state; what is left are the slow twin's states without it."""
    model = raft_model(bounds)

    assert explore(model).states == count_up_to_renaming(model, drop_spent(model, search_naively(model).states))


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_a_spent_message_never_matters_again(bounds: Bounds) -> None:
    """What lets it be left out: it does nothing now, and is still spent after any other event at its node."""
    model = raft_model(bounds)
    for state in sorted(search_naively(model, most_states=4000).states, key=repr)[::7]:
        assert not [message for message in spent_messages(model, state) if can_still_matter(model, state, message)]


@pytest.mark.parametrize("guard", Guard, ids=lambda guard: guard.slug)
def test_a_spent_message_never_matters_again_whatever_rule_is_left_out(guard: Guard) -> None:
    """Rules without which a late answer matters have none left out; that the others need none is seen here."""
    model = raft_model(Bounds(nodes=2, terms=2, entries=1, commands=1, crashes=1).without_rules(guard))
    unchecked = replace(model, update_history=lambda history, *_: (history, ()), check_pair=None, check_node=None)

    for state in sorted(search_naively(unchecked, most_states=400).states, key=repr)[::11]:
        assert not [
            message for message in spent_messages(unchecked, state) if can_still_matter(unchecked, state, message)
        ]


@pytest.mark.parametrize("pre_vote", [False, True], ids=["", "pre-vote"])
@pytest.mark.parametrize("guard", [None, *Guard], ids=lambda guard: guard.slug if guard else "all-rules")
def test_a_steady_start_has_a_leader_that_all_have_heard_from(guard: Guard | None, pre_vote: bool) -> None:
    """Whatever is switched on or left out: S1 leads, and every other node knows it."""
    settings = Settings(pre_vote=pre_vote, without=frozenset({guard} if guard else ()))

    first, *others = start_nodes(Bounds(nodes=4, learners=1, start="steady", settings=settings))

    assert (first.role, {node.leader for node in others}) == (Role.LEADER, {"S1"})


@pytest.mark.parametrize("guard", [Guard.ONE_VOTE_A_TERM, Guard.ELECTION_MAJORITY])
def test_the_search_finds_a_run_as_short_as_its_slow_twin_does(guard: Guard) -> None:
    """Breadth-first: the first run that breaks a property is a shortest one."""
    model = raft_model(Bounds(terms=1, entries=0, commands=0).without_rules(guard))

    found = explore(model)

    assert found.schedule is not None
    assert len(found.schedule) == search_naively(model).broken_after == found.depth + 1


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_a_renamed_run_is_a_run(bounds: Bounds) -> None:
    """What lets states be merged: renaming a state's successors gives the successors of the renamed state."""
    model = raft_model(bounds)
    states = sorted(search_naively(model, most_states=400).states, key=repr)[::40]
    for state in states:
        for order in permutations(range(bounds.nodes)):
            there = {rename_state(model, after, order) for after, _ in successors(model, state)}
            assert there == {after for after, _ in successors(model, rename_state(model, state, order))}


def test_a_search_that_begins_on_the_way_finds_the_rest_of_it() -> None:
    """Wherever on a shortest run it begins, as many events are left as there are; what was sent may still arrive."""
    bounds = Bounds(terms=2, entries=1, commands=1).without_rules(Guard.UP_TO_DATE_LOG)
    schedule = explore(raft_model(bounds)).schedule
    assert schedule

    left = [
        len(explore(raft_model(replace(bounds, commands=1, prefix=schedule[:length]))).schedule or ())
        for length in range(9)
    ]

    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_a_search_does_not_begin_where_a_property_is_broken_already() -> None:
    """It would find what it was given."""
    bounds = Bounds(terms=1, entries=0, commands=0).without_rules(Guard.ONE_VOTE_A_TERM)
    schedule = explore(raft_model(bounds)).schedule
    assert schedule

    with pytest.raises(ValueError, match="Election Safety is broken before the search begins; begin earlier"):
        raft_model(replace(bounds, prefix=schedule))


def test_a_search_gives_the_same_schedule_each_time() -> None:
    """Same model, same order: pages and certificates can be compared."""
    model = raft_model(Bounds(terms=1).without_rules(Guard.ONE_VOTE_A_TERM))

    assert explore(model) == explore(raft_model(Bounds(terms=1).without_rules(Guard.ONE_VOTE_A_TERM)))


def test_an_interrupted_search_says_how_far_it_came() -> None:
    """What was found before the interrupt is not lost, and nothing more is claimed."""

    def stop(progress: SearchProgress) -> None:
        if progress.depth == 4:
            raise KeyboardInterrupt

    found = explore(raft_model(Bounds(terms=1)), report=stop)

    assert found.words == "no violation in schedules of up to 4 events; then it was interrupted"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(depth=3), "the limit of 3 events was met"),
        (Limits(states=10), "the limit of 10 states was met"),
        (Limits(memory_bytes=1), "the limit of 0 MB of memory was met"),
    ],
)
def test_a_search_that_meets_a_limit_names_it(limits: Limits, why: str) -> None:
    """A search that gave up is never taken for one that was exhausted."""
    found = explore(raft_model(Bounds(terms=1)), limits)

    assert not found.is_complete
    assert found.words.endswith(f"then {why}")


def test_a_model_needs_a_node() -> None:
    """There is nothing to search without one."""
    with pytest.raises(ValueError, match="1 to 7 nodes, not 0"):
        explore(
            Model(
                nodes=(),
                possible_acts=lambda _: (),
                perform=lambda *_: None,
                receive=lambda *_: None,
                target_index=lambda _: 0,
            )
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nodes": 10}, "nodes can be 1 to 9, not 10"),
        ({"names": ("a", "b")}, "the nodes are a, b, so leave nodes out"),
        ({"start": "anywhere"}, 'a search starts from "boot" or "steady", not from "anywhere"'),
        ({"learners": 3}, "of 3 nodes at least one must vote, so at most 2 are learners"),
    ],
)
def test_bounds_that_make_no_sense_are_refused_in_words(change: dict[str, object], words: str) -> None:
    """Errors teach."""
    with pytest.raises(ValueError, match=words):
        Bounds(**change)  # type: ignore[arg-type]
