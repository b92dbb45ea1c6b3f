"""Five safety properties (Figure 3): a core that breaks a rule is caught, and the true one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from raftstep.core.step import step
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.events import Crash, Heal, Partition, Request, Restart, Timeout
from raftstep.simulation.invariants import PROPERTIES
from raftstep.simulation.plan import MessageFault
from raftstep.simulation.run import StepFunction, run
from tests.builders import vote_granted
from tests.simulation import broken
from tests.simulation.setups import scripted_setup

if TYPE_CHECKING:
    from raftstep.simulation.plan import Setup


class Case(NamedTuple):
    """A core that breaks one rule, what is done to the cluster, and the one alarm that must follow."""

    core: StepFunction
    setup: Setup
    alarm: Alarm


def partition_into(*groups: str) -> Partition:
    """``partition_into("1", "23")`` leaves S1 alone."""
    return Partition(groups=tuple(tuple(f"S{digit}" for digit in group) for group in groups))


T1, T2 = Timeout(node="S1"), Timeout(node="S2")
TWO_LEADERS = Alarm(property="Election Safety", words="S1 and S2 both lead term 1")
S2_LACKS_IT = Alarm(property="Leader Completeness", words="S2 leads term 2 without entry 1, committed in term 1")
S1_THEN_S2_LEAD = (
    (0, T1),
    (50, partition_into("1", "23")),
    (50, T2),
)  # S1 leads term 1 from 20 ms, S2 term 2 from 70 ms

CASES = (
    Case(broken.votes_twice, scripted_setup(3, (0, T1), (0, T2), until_ms=20), TWO_LEADERS),
    Case(
        broken.forgets_its_vote_in_a_crash,
        scripted_setup(
            3,
            (0, MessageFault(source="S2", target="S3", delay_ms=20)),
            (0, MessageFault(source="S1", kind="AppendEntries", count=2, lose=True)),
            (0, T1),
            (0, T2),
            (22, Crash(node="S3")),
            (25, Restart(node="S3")),
            until_ms=40,
        ),
        TWO_LEADERS,
    ),
    Case(
        broken.forgets_its_vote_at_a_heartbeat,
        scripted_setup(
            3,
            (0, MessageFault(source="S2", target="S3", delay_ms=30)),
            (0, MessageFault(source="S1", target="S2", kind="AppendEntries", lose=True)),
            (0, T1),
            (0, T2),
            until_ms=50,
        ),
        TWO_LEADERS,
    ),
    Case(
        broken.obeys_a_deposed_leader,
        scripted_setup(
            3,
            (0, T1),
            (40, MessageFault(source="S1", target="S2", kind="AppendEntries", delay_ms=60)),
            (40, MessageFault(source="S1", target="S3", kind="AppendEntries", lose=True)),
            (40, Request(node="S1", command="x=1")),
            (50, T2),
            (100, MessageFault(source="S2", count=2, lose=True)),
            (100, Request(node="S2", command="x=2")),
            until_ms=110,
        ),
        Alarm(property="Leader Append-Only", words="S2 changed its own log while it led term 2"),
    ),
    Case(
        broken.never_truncates,
        scripted_setup(
            3,
            *S1_THEN_S2_LEAD,
            (80, Request(node="S1", command="x=1")),
            (90, partition_into("1", "2", "3")),
            (100, Request(node="S2", command="x=2")),
            (100, Request(node="S2", command="x=3")),
            (130, partition_into("12", "3")),
            (130, T2),
            until_ms=140,
        ),
        Alarm(property="Log Matching", words="S1 and S2 hold term 2 at index 2, but differ at or before it"),
    ),
    Case(
        broken.ignores_the_log_when_voting,
        scripted_setup(
            3,
            (0, T1),
            (50, partition_into("13", "2")),
            (50, Request(node="S1", command="x=1")),
            (80, partition_into("1", "23")),
            (80, T2),
            until_ms=100,
        ),
        S2_LACKS_IT,
    ),
    Case(
        broken.truncates_always,
        scripted_setup(
            3,
            (0, MessageFault(source="S1", target="S2", kind="AppendEntries", count=2, lose=True)),
            (0, MessageFault(source="S1", target="S3", kind="AppendEntries", delay_ms=40)),
            (0, T1),
            (30, Request(node="S1", command="x=1")),
            (75, partition_into("1", "23")),
            (75, T2),
            until_ms=95,
        ),
        S2_LACKS_IT,
    ),
    Case(
        broken.commits_alone,
        scripted_setup(3, *S1_THEN_S2_LEAD, (80, Request(node="S1", command="x=1")), until_ms=80),
        S2_LACKS_IT,
    ),
    Case(
        broken.commits_old_terms_by_counting,
        scripted_setup(
            3,
            *S1_THEN_S2_LEAD,
            (80, Request(node="S1", command="x=1")),  # held by S1 alone
            (100, partition_into("12", "3")),
            (100, T2),  # a heartbeat, from which S1 learns term 2
            (115, partition_into("13", "2")),
            (115, T1),  # S1 leads term 3 from 135 ms, and S3 has its old entry at 165 ms
            (180, Request(node="S2", command="x=2")),  # S2 still leads term 2 in its own eyes
            (190, partition_into("12", "3")),
            (190, T1),  # a heartbeat, from which S2 learns term 3
            (205, partition_into("1", "23")),
            (220, T2),
            until_ms=240,
        ),
        Alarm(property="Leader Completeness", words="S2 leads term 4 without entry 1, committed in term 3"),
    ),
    Case(
        broken.commits_what_was_not_checked,
        scripted_setup(
            3,
            *S1_THEN_S2_LEAD,
            (80, Request(node="S1", command="x=1")),
            (100, Request(node="S2", command="x=2")),
            (130, Heal()),
            (130, T2),
            until_ms=140,
        ),
        Alarm(
            property="State Machine Safety",
            words="S1 applies another entry at index 1 than was applied there before",
        ),
    ),
)
each_case = pytest.mark.parametrize("case", CASES, ids=[case.core.__name__ for case in CASES])


@each_case
def test_a_broken_core_raises_the_alarm_of_just_the_property_it_breaks(case: Case) -> None:
    """protocol §2.5: the shortest schedules that show what each rule is for."""
    assert run(case.setup, seed=0, step_function=case.core).alarms == (case.alarm,)


@each_case
def test_the_true_core_is_clean_on_the_schedule_that_undoes_a_broken_one(case: Case) -> None:
    """Figure 3."""
    assert run(case.setup, seed=0, step_function=step).alarms == ()


def test_bare_heartbeats_are_safe_as_long_as_the_commit_index_is_clamped() -> None:
    """Figure 2, AppendEntries, step 5: it is the clamp that is missed in the last case, not the entries."""
    bare = CASES[-1]

    assert run(bare.setup, seed=0, step_function=broken.sends_bare_heartbeats).alarms == ()


def test_every_property_has_a_core_that_breaks_it() -> None:
    """A check that cannot fail checks nothing."""
    assert {case.alarm.property for case in CASES} == set(PROPERTIES)


def test_an_alarm_belongs_to_the_step_that_broke_the_property() -> None:
    """S1 leads already when the vote arrives that makes S2 a leader too."""
    trace = run(CASES[0].setup, seed=0, step_function=CASES[0].core)
    vote = vote_granted("S1", "S2", term=1)

    assert [(step.time_ms, step.event.packet.message) for step in trace.steps if step.alarms] == [(20, vote)]
