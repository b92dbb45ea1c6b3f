"""Searches in which time passes: leases, timers that wait, clocks that run apart, and what a state may leave out."""

from dataclasses import replace

import pytest

from raftstep.core.guards import Guard
from raftstep.core.inputs import TimerFires
from raftstep.core.model import Role
from raftstep.scenario.proofs.certificate import TIMED_EXHAUSTIVE_BOUNDS
from raftstep.scenario.proofs.prefixes import read_prefix
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.simulation.events import Tick
from raftstep.simulation.explore import Model, ScheduledEvent, explore
from raftstep.simulation.explore.bounds import Bounds, start_nodes
from raftstep.simulation.explore.clocks import TimedNode
from raftstep.simulation.explore.event_timings import event_timings
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.explore.result import ALL_NODES
from tests.simulation.explore.naive import search_naively

VARIANT = VARIANTS_BY_SLUG[Guard.LEASE_ALLOWS_FOR_DRIFT.slug]
LEASE = """
- timeout: S1
- deliver: {AppendEntries: {source: S1, target: S2}}
- deliver: {AppendEntriesResponse: {source: S2, target: S1}}
"""
TICKS = "- tick: 50\n"
FORGET = "raftstep.simulation.explore.clocks.forget_past_times"


def bounds_with_lease(ticks_over: int = 0, **changes: object) -> Bounds:
    """S1 has its lease, and of the three ticks so many are over; no more heartbeats are sent."""
    bounds = replace(VARIANT.bounds, rounds=0, heartbeats=False)
    prefix = read_prefix(replace(bounds, heartbeats=True), LEASE + ticks_over * TICKS)
    return replace(bounds, prefix=prefix, ticks=3 - ticks_over, **changes)  # type: ignore[arg-type]


def unreduced_model(bounds: Bounds, monkeypatch: pytest.MonkeyPatch) -> Model:
    """All times kept, all messages kept, no names merged."""
    monkeypatch.setattr(FORGET, lambda timed: timed)
    return replace(raft_model(bounds), is_spent=None, rename=None)


def test_a_lease_that_allows_for_drift_is_searched_to_the_end_and_never_stale() -> None:
    """Dissertation §6.4.1: with the rule in, every schedule there is; without it, the run of the variant's page."""
    with_rule, without_rule = (
        explore(raft_model(bounds_with_lease())),
        explore(raft_model(bounds_with_lease().without_rules(VARIANT.guard))),
    )

    assert (with_rule.is_complete, with_rule.schedule, with_rule.states) == (True, None, 65519)
    assert without_rule.schedule is not None
    assert [alarm.property for alarm in without_rule.alarms] == ["Linearizability"]
    assert len(bounds_with_lease().full_schedule(without_rule.schedule)) == 13


def test_the_whole_bounds_are_certified_with_the_rule_in() -> None:
    """The same bounds in which the broken run is found; they take a minute and more."""
    assert VARIANT.bounds in TIMED_EXHAUSTIVE_BOUNDS.values()


def test_a_search_that_forgets_and_merges_nothing_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over, what comes too late and what is only named otherwise can be left out."""
    with_rule, without_rule = (
        bounds_with_lease(ticks_over=2),
        bounds_with_lease(ticks_over=2).without_rules(VARIANT.guard),
    )
    found = [explore(raft_model(bounds)) for bounds in (with_rule, without_rule)]

    whole = [explore(unreduced_model(bounds, monkeypatch)) for bounds in (with_rule, without_rule)]

    assert (
        [exploration.is_complete for exploration in whole]
        == [exploration.is_complete for exploration in found]
        == [True, False]
    )
    assert (
        [len(exploration.schedule or ()) for exploration in whole]
        == [len(exploration.schedule or ()) for exploration in found]
        == [0, 8]
    )
    assert whole[0].states > found[0].states


def test_the_slow_twin_finds_a_stale_read_as_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole values in a set, nothing forgotten: the same length."""
    bounds = bounds_with_lease(ticks_over=3).without_rules(VARIANT.guard)

    twin = search_naively(unreduced_model(bounds, monkeypatch))

    assert twin.broken_after == len(explore(raft_model(bounds)).schedule or ()) == 7


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
    found = explore(raft_model(bounds_with_lease(ticks_over=1, clocks=clocks)))

    assert (found.is_complete, found.schedule) == (True, None)


def test_a_clock_slower_than_the_bound_makes_a_lease_stale_with_every_rule_in() -> None:
    """The rule promises no more than it says: at 0.79 the clock shows 118 ms of a lease of 120 after an election."""
    assert len(explore(raft_model(bounds_with_lease(clocks=(("S1", 0.79),)))).schedule or ()) == 10


def test_an_election_timer_waits_for_the_least_timeout_by_its_own_clock() -> None:
    """Three ticks of a true clock are 150 ms; a slow one needs a fourth. A leader's timer is its heartbeat."""
    true_clock, slow_clock = (TimedNode(node=start_nodes(Bounds())[0], speed=speed) for speed in (1.0, 0.8))
    for _ in range(3):
        assert not true_clock.may_time_out
        true_clock, slow_clock = true_clock.advance(50), slow_clock.advance(50)

    assert (true_clock.may_time_out, slow_clock.may_time_out, slow_clock.clock_ms) == (True, False, 120)
    assert slow_clock.advance(50).may_time_out
    assert replace(slow_clock, node=replace(slow_clock.node, role=Role.LEADER)).may_time_out


def test_a_timer_that_starts_anew_waits_anew() -> None:
    """A candidate waits a whole timeout before it stands again (§5.2)."""
    waited = TimedNode(node=start_nodes(Bounds())[0]).advance(150)

    candidate, _ = waited.apply_input(TimerFires())

    assert (waited.may_time_out, candidate.may_time_out) == (True, False)
    assert (candidate.clock_ms, candidate.waited_ms) == (150, 0)


def test_without_ticks_a_model_has_no_time() -> None:
    """Then nothing waits, and nodes are nothing but nodes."""
    model = raft_model(Bounds(clocks=(("S1", 0.8),)))

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


EVENT = ScheduledEvent(node_index=0, given=TimerFires(), is_delivery=False)
TICK = ScheduledEvent(node_index=ALL_NODES, given=Tick(ms=50), is_delivery=False)


def test_what_happens_between_two_ticks_is_shown_between_them() -> None:
    """The times of ticks are real; the others are spread over what is left until the next."""
    assert [slot.at_ms for slot in event_timings([EVENT, TICK, TICK, EVENT, EVENT, EVENT, EVENT])] == [
        0,
        25,
        50,
        100,
        110,
        120,
        130,
        140,
    ]
    assert [slot.last_tick_ms for slot in event_timings([EVENT, TICK, EVENT])] == [0, 0, 50, 50]


def test_no_crowd_of_events_moves_a_tick() -> None:
    """Then several stand at the same millisecond."""
    times_ms = [slot.at_ms for slot in event_timings([TICK, *[EVENT] * 99, TICK])]

    assert (times_ms[1], times_ms[-1]) == (50, 100)
    assert times_ms == sorted(times_ms)
