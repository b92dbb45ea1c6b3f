"""Random faults find nothing wrong with the true core, and soon something with a broken one.

``pytest tests/simulation --hypothesis-profile=long`` searches for longer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raftstep.cli import main
from raftstep.core.guards import Guard
from raftstep.core.rules import Rule
from raftstep.simulation import configuration_invariants, linearizability
from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.describe import transcript
from raftstep.simulation.features import NO_FEATURES, Feature, resolve_conflicts
from raftstep.simulation.invariants import PROPERTIES
from raftstep.simulation.random_run import RandomRun, draw_run
from raftstep.simulation.run import run
from tests.simulation import broken
from tests.simulation.setups import add_recovery, fingerprint

if TYPE_CHECKING:
    from raftstep.simulation.alarm import Alarm
    from raftstep.simulation.protocol import StepFunction

FIGURE_2_RUNS = st.builds(
    RandomRun,
    nodes=st.integers(min_value=1, max_value=7),
    seed=st.integers(min_value=0, max_value=2**32),
    until_ms=st.integers(min_value=200, max_value=4000),
    faults=st.integers(min_value=0, max_value=80),
    loss=st.integers(min_value=0, max_value=50).map(lambda percent: percent / 100),
    slowest_ms=st.sampled_from((20, 40, 100)),
    spread_ms=st.sampled_from((150, 20)),
    features=st.just(NO_FEATURES),
)
EXTENDED_RUNS = st.builds(
    replace, FIGURE_2_RUNS, features=st.frozensets(st.sampled_from(Feature)).map(resolve_conflicts)
)


def find_alarms(random_run: RandomRun, core: StepFunction | None = None) -> tuple[Alarm, ...]:
    """What goes wrong in one random schedule."""
    return run(random_run.make_setup(), seed=random_run.seed, step_function=core).alarms


@given(FIGURE_2_RUNS)
@settings(max_examples=150, deadline=None)
def test_random_faults_break_none_of_the_five_properties(schedule: RandomRun) -> None:
    """Figure 3, under crashes, restarts, partitions, loss, delay, reordering and duplicates."""
    alarms = find_alarms(schedule)

    assert not alarms, f"{alarms[0].property} broken: {alarms[0].words}; {schedule.command}"


@given(EXTENDED_RUNS | st.integers(min_value=0, max_value=2**32).map(draw_run))
@settings(max_examples=400, deadline=None)
def test_random_faults_break_nothing_whatever_is_switched_on(schedule: RandomRun) -> None:
    """§6, §7, §8 and the dissertation, all their parts mixed: the five properties, configurations, and the reads."""
    alarms = find_alarms(schedule)

    assert not alarms, f"{alarms[0].property} broken: {alarms[0].words}; {schedule.command}"


@pytest.mark.parametrize(
    "core",
    [
        broken.votes_twice,
        broken.ignores_the_log_when_voting,
        broken.never_truncates,
        broken.commits_alone,
        broken.obeys_a_deposed_leader,
    ],
    ids=lambda core: core.__name__,
)
def test_random_faults_soon_break_a_broken_core(core: StepFunction) -> None:
    """A search that cannot find anything has searched nothing."""
    alarms = next(filter(None, (find_alarms(RandomRun(nodes=5, seed=seed), core) for seed in range(100))), ())

    assert {alarm.property for alarm in alarms} & set(PROPERTIES)


@pytest.mark.parametrize(
    ("guard", "features", "broken_property"),
    [
        (Guard.ELECTION_MAJORITY, {Feature.PRE_VOTE}, "Election Safety"),
        (Guard.UP_TO_DATE_LOG, {Feature.SNAPSHOTS}, "Leader Completeness"),
        (Guard.DELETE_CONFLICTS, {Feature.TRANSFERS}, "Log Matching"),
        (Guard.LEARNERS_DO_NOT_COUNT, {Feature.LEARNERS}, "Leader Completeness"),
        (Guard.SNAPSHOT_OF_APPLIED, {Feature.SNAPSHOTS}, "State Machine Safety"),
        (Guard.ONE_CHANGE_OF_ONE, {Feature.SINGLE}, configuration_invariants.NAME),
        (Guard.CONFIRM_LEADERSHIP, {Feature.READ_INDEX}, linearizability.NAME),
        (Guard.OWN_TERM_BEFORE_READ, {Feature.READ_INDEX}, linearizability.NAME),
    ],
    ids=lambda part: part.slug if isinstance(part, Guard) else "",
)
def test_random_faults_find_a_rule_that_was_left_out(
    guard: Guard, features: set[Feature], broken_property: str
) -> None:
    """Each kind of check finds something within a few hundred schedules, beyond Figure 2 too."""
    random_runs = (replace(draw_run(number), features=frozenset(features)) for number in range(400))

    assert any(broken_property in _find_alarms_without(guard, schedule) for schedule in random_runs)


def _find_alarms_without(guard: Guard, random_run: RandomRun) -> tuple[str, ...]:
    setup = random_run.make_setup()
    broken_setup = replace(setup, settings=replace(setup.settings, without=frozenset({guard})))
    return tuple(alarm.property for alarm in run(broken_setup, seed=random_run.seed).alarms)


def test_the_printed_command_repeats_the_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    """style.md: a failing random test prints the line that repeats it."""
    features = frozenset({Feature.JOINT, Feature.LEASE, Feature.STICKINESS, Feature.DRIFT, Feature.SNAPSHOTS})
    schedule = RandomRun(
        nodes=3, seed=41, until_ms=700, faults=9, loss=0.07, slowest_ms=90, spread_ms=30, features=features
    )

    assert main(schedule.command.split()[1:]) == 0
    assert capsys.readouterr().out == transcript(run(schedule.make_setup(), seed=schedule.seed))


def test_the_same_seed_gives_the_same_schedule() -> None:
    """So that the printed command repeats the failure."""
    assert (draw_run(7), draw_run(7).make_setup()) == (draw_run(7), draw_run(7).make_setup())


def test_another_seed_gives_another_run() -> None:
    """Or a few hundred seeds would be one."""
    fingerprints = {fingerprint(run(draw_setup(5, seed=seed, until_ms=500), seed=seed)) for seed in range(5)}

    assert len(fingerprints) == 5


def test_features_that_exclude_each_other_are_not_switched_on_together() -> None:
    """A configuration changes one way or the other, and a lease needs voters that stick to their leader."""
    assert resolve_conflicts(Feature) == frozenset(Feature) - {Feature.SINGLE, Feature.READ_INDEX}
    assert resolve_conflicts({Feature.LEASE}) == {Feature.LEASE, Feature.STICKINESS}
    assert resolve_conflicts({Feature.SESSION_LIMIT}) == {Feature.SESSION_LIMIT, Feature.SESSIONS}


def test_no_node_is_paused_where_leases_are_used() -> None:
    """A paused node's clock stands still, and a lease trusts every clock to go on."""
    setup = draw_setup(5, seed=0, faults=200, features=frozenset({Feature.LEASE, Feature.PAUSES}))

    assert {"Pause", "Resume"} & {type(action.directive).__name__ for action in setup.plan} == set()


def test_a_long_search_draws_every_size_and_every_feature_on_and_off() -> None:
    """What is never tried is never found."""
    schedules = [draw_run(number) for number in range(200)]

    assert {schedule.nodes for schedule in schedules} == {1, 2, 3, 4, 5, 6, 7}
    for feature in Feature:
        assert {feature in schedule.features for schedule in schedules} == {True, False}, feature


def test_schedules_hold_every_kind_of_fault() -> None:
    """What is never tried is never found."""
    plain = {type(action.directive).__name__ for seed in range(20) for action in draw_setup(5, seed=seed).plan}
    full = {type(action.directive).__name__ for number in range(60) for action in draw_run(number).make_setup().plan}

    assert plain == {"Crash", "Restart", "Partition", "Cut", "Heal", "MessageFault", "Request", "Timeout"}
    assert full == plain | {"ReadRequest", "ChangeRequest", "TransferRequest", "SnapshotRequest", "Pause", "Resume"}


def test_every_rule_fires_somewhere_in_a_long_search() -> None:
    """A rule that no schedule reaches has not been searched."""
    missing_rules = set(Rule)
    for number in range(1000):
        schedule = draw_run(number)
        for step in run(schedule.make_setup(), seed=schedule.seed).steps:
            missing_rules -= set(step.outcome.rules if step.outcome else ())
        if not missing_rules:
            break

    assert missing_rules == set()


def test_after_the_faults_every_cluster_goes_back_to_work() -> None:
    """§5.6: safety never depends on timing, and progress needs it only to be normal again, whatever is switched on."""
    for number in range(60):
        schedule = replace(draw_run(number), loss=0.05, slowest_ms=40, spread_ms=150)
        trace = run(add_recovery(schedule.make_setup()), seed=schedule.seed)

        assert any(command.startswith("healed=") for command in trace.answered_commands(trace.steps[-1])), (
            schedule.command
        )
        assert trace.alarms == (), schedule.command


@pytest.mark.parametrize("size", [3, 5, 7])
def test_much_is_committed_in_spite_of_the_faults(size: int) -> None:
    """A cluster that does nothing is safe too."""
    runs = (run(draw_setup(size, seed=seed), seed=seed) for seed in range(12))
    answer_counts = [len(trace.answered_commands(trace.steps[-1])) for trace in runs]

    assert sum(count > 0 for count in answer_counts) >= 4
