"""The search against its slow twin, its order, its limits, and the right to merge states that differ in names."""

from dataclasses import replace
from itertools import permutations
from pickle import dumps, loads

import pytest

from raftstep.core.guards import Guard
from raftstep.core.inputs import ClientRequest
from raftstep.core.model import Membership, Reads, Settings
from raftstep.simulation.explore import Limits, Model, Move, Progress, Search, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft
from tests.simulation.explore.naive import matters, naive, renamed, spent, successors, up_to_names, without_spent

COMMAND = Move(place=0, given=ClientRequest(command="x=1"), delivery=False)

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
        nodes=2, terms=2, entries=1, commands=0, start="steady", heartbeats=False, after=(COMMAND,)
    ),
    "empty heartbeats": Bounds(nodes=2, terms=1, entries=1, commands=1, settings=Settings(empty_heartbeats=True)),
    "time passes": Bounds(
        nodes=2,
        terms=1,
        entries=1,
        commands=1,
        reads=1,
        rounds=1,
        ticks=4,
        clocks=(("S1", 0.8),),
        settings=Settings(leader_stickiness=True, reads=Reads.LEASE, drift_bound=1.25),
    ),
    "snapshots": Bounds(nodes=2, terms=1, entries=2, commands=2, snapshots=1, heartbeats=False),
}


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_the_search_reaches_what_its_slow_twin_reaches(bounds: Bounds) -> None:
    """Numbers, tables and packed states are only a faster way to say the same."""
    model = raft(bounds)

    plain = naive(model)
    fast = explore(replace(model, rename=None, spent=None))
    merged = explore(replace(model, spent=None))

    assert (fast.states, fast.depth, fast.complete) == (len(plain.states), plain.depth, True)
    assert (merged.states, merged.depth) == (up_to_names(model, plain.states), plain.depth)


@pytest.mark.parametrize("most", [1, 3, 5])
def test_no_schedule_goes_on_with_more_messages_than_the_bound(most: int) -> None:
    """Each that was sent may still arrive, so all count; only those that can change nothing do not."""
    model = replace(raft(Bounds(terms=1, entries=1, messages=most)), spent=None)

    assert explore(model).states == up_to_names(model, naive(model).states)
    assert explore(model).states < explore(replace(model, most_messages=0)).states


def test_a_bound_on_messages_that_no_state_reaches_bounds_nothing() -> None:
    wide = Bounds(terms=1, entries=1, messages=99)

    assert explore(raft(wide)).states == explore(raft(replace(wide, messages=0))).states
    assert "at most 99 messages that may arrive" in wide.words


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_states_that_differ_in_spent_messages_are_one(bounds: Bounds) -> None:
    """What can no longer matter is left out of a state; what is left are the slow twin's states without it."""
    model = raft(bounds)

    assert explore(model).states == up_to_names(model, without_spent(model, naive(model).states))


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_a_spent_message_never_matters_again(bounds: Bounds) -> None:
    """What lets it be left out: it does nothing now, and is still spent after any other event at its node."""
    model = raft(bounds)
    for state in sorted(naive(model, most=4000).states, key=repr)[::7]:
        assert not [one for one in spent(model, state) if matters(model, state, one)]


@pytest.mark.parametrize("guard", Guard, ids=lambda guard: guard.slug)
def test_a_spent_message_never_matters_again_whatever_rule_is_left_out(guard: Guard) -> None:
    """Rules without which a late answer matters have none left out; that the others need none is seen here."""
    model = raft(Bounds(nodes=2, terms=2, entries=1, commands=1, crashes=1).without(guard))
    unchecked = replace(model, remember=lambda history, *_: (history, ()), pair=None, single=None)

    for state in sorted(naive(unchecked, most=400).states, key=repr)[::11]:
        assert not [one for one in spent(unchecked, state) if matters(unchecked, state, one)]


@pytest.mark.parametrize("guard", [Guard.ONE_VOTE_A_TERM, Guard.ELECTION_MAJORITY])
def test_the_search_finds_a_run_as_short_as_its_slow_twin_does(guard: Guard) -> None:
    """Breadth-first: the first run that breaks a property is a shortest one."""
    model = raft(Bounds(terms=1, entries=0, commands=0).without(guard))

    found = explore(model)

    assert found.schedule is not None
    assert len(found.schedule) == naive(model).broken_after == found.depth + 1


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_a_renamed_run_is_a_run(bounds: Bounds) -> None:
    """What lets states be merged: renaming a state's successors gives the successors of the renamed state."""
    model = raft(bounds)
    states = sorted(naive(model, most=400).states, key=repr)[::40]
    for state in states:
        for order in permutations(range(bounds.nodes)):
            there = {renamed(model, after, order) for after, _ in successors(model, state)}
            assert there == {after for after, _ in successors(model, renamed(model, state, order))}


def test_a_search_that_begins_on_the_way_finds_the_rest_of_it() -> None:
    """Wherever on a shortest run it begins, as many events are left as there are; what was sent may still arrive."""
    bounds = Bounds(terms=2, entries=1, commands=1).without(Guard.UP_TO_DATE_LOG)
    schedule = explore(raft(bounds)).schedule
    assert schedule

    left = [
        len(explore(raft(replace(bounds, commands=1, after=schedule[:place]))).schedule or ()) for place in range(9)
    ]

    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_a_search_does_not_begin_where_a_property_is_broken_already() -> None:
    """It would find what it was given."""
    bounds = Bounds(terms=1, entries=0, commands=0).without(Guard.ONE_VOTE_A_TERM)
    schedule = explore(raft(bounds)).schedule
    assert schedule

    with pytest.raises(ValueError, match="Election Safety is broken before the search begins; begin earlier"):
        raft(replace(bounds, after=schedule))


def test_a_search_gives_the_same_schedule_each_time() -> None:
    """Same model, same order: pages and certificates can be compared."""
    model = raft(Bounds(terms=1).without(Guard.ONE_VOTE_A_TERM))

    assert explore(model) == explore(raft(Bounds(terms=1).without(Guard.ONE_VOTE_A_TERM)))


def test_a_stored_search_goes_on_where_it_stopped() -> None:
    """A long search is stored between two depths, and need not begin again."""
    model = raft(Bounds(terms=1, entries=1, commands=1))
    search = Search(model)
    search.run(Limits(depth=6))

    resumed: Search = loads(dumps(search))
    resumed.tables.attach(model)

    assert replace(resumed.run(), bytes=0) == replace(explore(model), bytes=0)


def test_an_interrupted_search_says_how_far_it_came() -> None:
    """What was found before the interrupt is not lost, and nothing more is claimed."""

    def stop(progress: Progress) -> None:
        if progress.depth == 4:
            raise KeyboardInterrupt

    found = explore(raft(Bounds(terms=1)), report=stop)

    assert found.words == "no violation in schedules of up to 4 events; then it was interrupted"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(depth=3), "the limit of 3 events was met"),
        (Limits(states=10), "the limit of 10 states was met"),
        (Limits(bytes=1), "the limit of 0 MB of memory was met"),
    ],
)
def test_a_search_that_meets_a_limit_names_it(limits: Limits, why: str) -> None:
    """A search that gave up is never taken for one that was exhausted."""
    found = explore(raft(Bounds(terms=1)), limits)

    assert not found.complete
    assert found.words.endswith(f"then {why}")


def test_a_model_needs_a_node() -> None:
    """There is nothing to search without one."""
    with pytest.raises(ValueError, match="1 to 7 nodes, not 0"):
        explore(Model(nodes=(), own=lambda _: (), act=lambda *_: None, receive=lambda *_: None, target=lambda _: 0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nodes": 6}, "nodes can be 1 to 5, not 6"),
        ({"start": "anywhere"}, 'a search starts from "boot" or "steady", not from "anywhere"'),
        ({"learners": 3}, "of 3 nodes at least one must vote, so at most 2 are learners"),
    ],
)
def test_bounds_that_make_no_sense_are_refused_in_words(change: dict[str, object], words: str) -> None:
    """Errors teach."""
    with pytest.raises(ValueError, match=words):
        Bounds(**change)  # type: ignore[arg-type]
