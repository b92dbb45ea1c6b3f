"""Searches in which time passes: leases, timers that wait, clocks that run apart, and what a state may leave out."""

from dataclasses import replace

import pytest

from raftstep.core.guards import Guard
from raftstep.core.inputs import TimerFires
from raftstep.core.model import Role
from raftstep.scenario.proofs.begun import begun
from raftstep.scenario.proofs.certificate import EXHAUSTED_IN_TIME
from raftstep.scenario.proofs.variants import BY_SLUG
from raftstep.simulation.cluster import Tick
from raftstep.simulation.explore import Model, Move, explore
from raftstep.simulation.explore.bounds import Bounds, start_nodes
from raftstep.simulation.explore.clocks import Timed
from raftstep.simulation.explore.pace import slots
from raftstep.simulation.explore.raft import raft
from raftstep.simulation.explore.result import EVERYWHERE
from tests.simulation.explore.naive import naive

VARIANT = BY_SLUG[Guard.LEASE_ALLOWS_FOR_DRIFT.slug]
LEASE = """
- timeout: S1
- deliver: {AppendEntries: {source: S1, target: S2}}
- deliver: {AppendEntriesResponse: {source: S2, target: S1}}
"""
TICKS = "- tick: 50\n"
REDUCTIONS = "raftstep.simulation.explore.clocks.forget"


def held(ticked: int = 0, **more: object) -> Bounds:
    """S1 has its lease, and of the three ticks so many are over; no more heartbeats are sent."""
    bounds = replace(VARIANT.bounds, rounds=0, heartbeats=False)
    after = begun(replace(bounds, heartbeats=True), LEASE + ticked * TICKS)
    return replace(bounds, after=after, ticks=3 - ticked, **more)  # type: ignore[arg-type]


def with_nothing_left_out(bounds: Bounds, monkeypatch: pytest.MonkeyPatch) -> Model:
    """All times kept, all messages kept, no names merged."""
    monkeypatch.setattr(REDUCTIONS, lambda timed: timed)
    return replace(raft(bounds), spent=None, rename=None)


def test_a_lease_that_allows_for_drift_is_searched_to_the_end_and_never_stale() -> None:
    """Dissertation §6.4.1: with the rule in, every schedule there is; without it, the run of the variant's page."""
    kept, broken = explore(raft(held())), explore(raft(held().without(VARIANT.guard)))

    assert (kept.complete, kept.schedule, kept.states) == (True, None, 65519)
    assert broken.schedule is not None
    assert [alarm.property for alarm in broken.alarms] == ["Linearizability"]
    assert len(held().whole(broken.schedule)) == 13


def test_the_whole_bounds_are_certified_with_the_rule_in() -> None:
    """The same bounds in which the broken run is found; they take a minute and more."""
    assert VARIANT.bounds in EXHAUSTED_IN_TIME.values()


def test_a_search_that_forgets_and_merges_nothing_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over, what comes too late and what is only named otherwise can be left out."""
    kept, broken = held(ticked=2), held(ticked=2).without(VARIANT.guard)
    found = [explore(raft(bounds)) for bounds in (kept, broken)]

    whole = [explore(with_nothing_left_out(bounds, monkeypatch)) for bounds in (kept, broken)]

    assert [one.complete for one in whole] == [one.complete for one in found] == [True, False]
    assert [len(one.schedule or ()) for one in whole] == [len(one.schedule or ()) for one in found] == [0, 8]
    assert whole[0].states > found[0].states


def test_the_slow_twin_finds_a_stale_read_as_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole values in a set, nothing forgotten: the same length."""
    bounds = held(ticked=3).without(VARIANT.guard)

    twin = naive(with_nothing_left_out(bounds, monkeypatch))

    assert twin.broken_after == len(explore(raft(bounds)).schedule or ()) == 7


@pytest.mark.parametrize(
    "clocks",
    [
        (),
        (("S2", 0.8),),
        (("S2", 0.8), ("S3", 0.8)),
        (("S2", 1.25), ("S3", 1.25)),
    ],
)
def test_whichever_clocks_are_slow_within_the_bound_no_read_is_stale(clocks: tuple[tuple[str, float], ...]) -> None:
    """The bound is on how far apart two clocks may run, whosever they are."""
    found = explore(raft(held(ticked=1, clocks=clocks)))

    assert (found.complete, found.schedule) == (True, None)


def test_a_clock_slower_than_the_bound_makes_a_lease_stale_with_every_rule_in() -> None:
    """The rule promises no more than it says: at 0.79 the clock shows 118 ms of a lease of 120 after an election."""
    assert len(explore(raft(held(clocks=(("S1", 0.79),)))).schedule or ()) == 10


def test_an_election_timer_waits_for_the_least_timeout_by_its_own_clock() -> None:
    """Three ticks of a true clock are 150 ms; a slow one needs a fourth. A leader's timer is its heartbeat."""
    true, slow = (Timed(node=start_nodes(Bounds())[0], speed=speed) for speed in (1.0, 0.8))
    for _ in range(3):
        assert not true.may_time_out
        true, slow = true.later(50), slow.later(50)

    assert (true.may_time_out, slow.may_time_out, slow.clock_ms) == (True, False, 120)
    assert slow.later(50).may_time_out
    assert replace(slow, node=replace(slow.node, role=Role.LEADER)).may_time_out


def test_a_timer_that_starts_anew_waits_anew() -> None:
    """A candidate waits a whole timeout before it stands again (§5.2)."""
    waited = Timed(node=start_nodes(Bounds())[0]).later(150)

    candidate, _ = waited.told(TimerFires())

    assert (waited.may_time_out, candidate.may_time_out) == (True, False)
    assert (candidate.clock_ms, candidate.waited_ms) == (150, 0)


def test_without_ticks_a_model_has_no_time() -> None:
    """Then nothing waits, and nodes are nothing but nodes."""
    model = raft(Bounds(clocks=(("S1", 0.8),)))

    assert model.time is None
    assert model.nodes == start_nodes(Bounds())


def test_bounds_tell_of_time_in_words() -> None:
    """How long a tick is, and whose clock does not run true."""
    assert VARIANT.bounds.words == (
        "3 nodes, 2 terms, 3 entries, 1 command, 1 read, 1 round of heartbeats, 3 ticks of 50 ms, "
        "S1's clock running at 0.8; from a steady leader"
    )


def test_leases_are_not_searched_where_no_time_passes() -> None:
    """A lease would never run out, and every run with a second leader would break it."""
    with pytest.raises(ValueError, match=r"a lease lasts for a time, and without ticks none passes; give it some"):
        replace(VARIANT.bounds, ticks=0)


EVENT = Move(place=0, given=TimerFires(), delivery=False)
TICK = Move(place=EVERYWHERE, given=Tick(ms=50), delivery=False)


def test_what_happens_between_two_ticks_is_shown_between_them() -> None:
    """The times of ticks are real; the others are spread over what is left until the next."""
    assert [slot.at_ms for slot in slots([EVENT, TICK, TICK, EVENT, EVENT, EVENT, EVENT])] == [
        0,
        25,
        50,
        100,
        110,
        120,
        130,
        140,
    ]
    assert [slot.ticked_ms for slot in slots([EVENT, TICK, EVENT])] == [0, 0, 50, 50]


def test_no_crowd_of_events_moves_a_tick() -> None:
    """Then several stand at the same millisecond."""
    times_ms = [slot.at_ms for slot in slots([TICK, *[EVENT] * 99, TICK])]

    assert (times_ms[1], times_ms[-1]) == (50, 100)
    assert times_ms == sorted(times_ms)
