"""Rules beyond Figure 2, left out one at a time: each run shows the harm, and the true core is clean on the same one.

G-17 … G-25 number the broken variants.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.simulation import configuration_invariants, linearizability
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.events import ChangeRequest, Partition, ReadRequest, Request, SnapshotRequest, Timeout
from raftstep.simulation.plan import MessageFault
from raftstep.simulation.run import run
from tests.builders import node_ids
from tests.simulation.setups import scripted_setup

if TYPE_CHECKING:
    from raftstep.core.model import NodeId
    from raftstep.simulation.plan import Setup

SINGLE = Settings(membership=Membership.SINGLE)
READ_INDEX = Settings(reads=ReadMode.READ_INDEX)


def partition_into(*groups: str) -> Partition:
    """``partition_into("1", "23")`` leaves S1 alone."""
    return Partition(groups=tuple(map(node_ids, groups)))


def timeout_of(digit: str) -> Timeout:
    """The timer of one node fires."""
    return Timeout(node=f"S{digit}")


def change_request(node: NodeId, voters: str) -> ChangeRequest:
    """An operator asks for these voters."""
    return ChangeRequest(node=node, voters=node_ids(voters))


def incomplete_leader(leader: NodeId, term: int, index: int, committed: int) -> Alarm:
    """A leader without an entry that was committed in an earlier term."""
    return Alarm(
        property="Leader Completeness",
        words=f"{leader} leads term {term} without entry {index}, committed in term {committed}",
    )


def missing_overlap(words: str) -> Alarm:
    """A configuration that does not overlap the one before it."""
    return Alarm(property=configuration_invariants.NAME, words=words)


def stale_read(words: str) -> Alarm:
    """A read that no order of the clients' operations explains."""
    return Alarm(property=linearizability.NAME, words=f"{words}, which no order of the clients' operations allows")


# S1 leads term 1 from 20 ms and has committed x=1 at index 1 by 50 ms; S2 leads term 2 from 80 ms and has it too.
X1 = ((0, timeout_of("1")), (30, Request(node="S1", command="x=1")))
TWO_LEAD = (*X1, (60, partition_into("1", "23")), (60, timeout_of("2")))

CASES = {
    "G-17-from-three-to-one-in-one-step": (
        {Guard.ONE_CHANGE_OF_ONE},
        scripted_setup(3, *TWO_LEAD, (90, change_request("S1", "1")), until_ms=90, settings=SINGLE),
        (
            incomplete_leader("S2", 2, 2, 1),
            missing_overlap(
                "S1 changes the configuration from S1 S2 S3 to S1, which have majorities without a common node"
            ),
        ),
    ),
    "G-17b-without-waiting-for-the-change-before": (
        {Guard.WAIT_FOR_CHANGE},
        scripted_setup(
            3,
            *TWO_LEAD,
            (90, change_request("S1", "12")),
            (91, change_request("S1", "1")),
            until_ms=91,
            settings=SINGLE,
        ),
        (
            incomplete_leader("S2", 2, 2, 1),
            missing_overlap("S1 changes the configuration to S1 before the one at index 2 is committed"),
        ),
    ),
    "G-17c-from-three-to-five-without-joint-consensus": (
        {Guard.JOINT_CONSENSUS, Guard.CAUGHT_UP_BEFORE_VOTING},
        scripted_setup(
            5,
            (0, timeout_of("3")),
            (30, Request(node="S3", command="x=1")),
            (60, partition_into("12", "345")),
            (65, change_request("S3", "12345")),
            (80, timeout_of("1")),  # S1 leads term 2 with S2, two of three
            (150, timeout_of("4")),  # S4 has the new configuration, and leads term 2 with S3 and S5, three of five
            until_ms=170,
            voters=node_ids("123"),
            settings=Settings(membership=Membership.JOINT),
        ),
        (
            missing_overlap(
                "S3 changes the configuration from S1 S2 S3 to S1 S2 S3 S4 S5, "
                "which have majorities without a common node"
            ),
            incomplete_leader("S1", 2, 2, 1),
            Alarm(property="Election Safety", words="S1 and S4 both lead term 2"),
        ),
    ),
    "G-18-a-change-before-an-entry-of-the-own-term-is-committed": (
        {Guard.OWN_TERM_BEFORE_CHANGE},
        scripted_setup(
            4,
            (0, timeout_of("1")),
            (50, partition_into("1", "234")),
            (50, timeout_of("2")),  # S2 leads term 2 from 70 ms
            (80, change_request("S1", "123")),  # S1 still leads term 1 in its own eyes
            (90, partition_into("12", "3", "4")),
            (90, timeout_of("2")),  # a heartbeat, from which S1 learns term 2
            (105, partition_into("13", "24")),
            (110, timeout_of("1")),  # S1 leads term 3 with S3, two of its three
            (140, change_request("S2", "124")),  # S2 still leads term 2, and commits with S4, two of its three
            until_ms=160,
            settings=SINGLE,
        ),
        (incomplete_leader("S1", 3, 1, 2),),
    ),
    "G-20-a-read-at-a-deposed-leader": (
        {Guard.CONFIRM_LEADERSHIP},
        scripted_setup(
            3,
            *TWO_LEAD,
            (90, Request(node="S2", command="x=2")),
            (120, ReadRequest(node="S1", key="x")),
            until_ms=200,
            settings=READ_INDEX,
        ),
        (stale_read("S1 answers that x is 1"),),
    ),
    "G-21-a-read-before-an-entry-of-the-own-term-is-committed": (
        {Guard.OWN_TERM_BEFORE_READ},
        scripted_setup(3, *TWO_LEAD, (90, ReadRequest(node="S2", key="x")), until_ms=200, settings=READ_INDEX),
        (stale_read("S2 answers that x is not set"),),
    ),
    "G-23-a-learner-that-counts": (
        {Guard.LEARNERS_DO_NOT_COUNT},
        scripted_setup(
            4,
            (0, timeout_of("1")),
            (50, partition_into("14", "23")),
            (50, timeout_of("2")),
            (80, Request(node="S1", command="x=1")),
            until_ms=100,
            voters=node_ids("123"),
            learners=node_ids("4"),
        ),
        (incomplete_leader("S2", 2, 1, 1),),
    ),
    "G-24-an-old-snapshot-taken-literally": (
        {Guard.SNAPSHOT_IS_AN_ENTRY},
        scripted_setup(
            3,
            (0, timeout_of("1")),
            (25, partition_into("13", "2")),
            (30, Request(node="S1", command="x=1")),
            (60, SnapshotRequest(node="S1")),
            (65, partition_into("12", "3")),
            (70, timeout_of("1")),  # a heartbeat: the snapshot, there at 80 ms
            (71, MessageFault(source="S1", target="S2", delay_ms=60)),
            (71, timeout_of("1")),  # and again, there at 141 ms
            (95, Request(node="S1", command="x=2")),  # S2 has it at 105 ms, so it is committed
            (145, partition_into("1", "23")),
            (145, timeout_of("3")),
            until_ms=170,
        ),
        (incomplete_leader("S3", 2, 2, 1),),
    ),
    "G-25-a-snapshot-of-what-is-not-applied": (
        {Guard.SNAPSHOT_OF_APPLIED},
        scripted_setup(
            3,
            (0, timeout_of("1")),
            (25, partition_into("1", "23")),
            (30, Request(node="S1", command="x=1")),
            (40, SnapshotRequest(node="S1")),
            (50, timeout_of("2")),
            (80, Request(node="S2", command="x=2")),
            until_ms=105,
        ),
        (
            Alarm(
                property="State Machine Safety",
                words="S2 applies another entry at index 1 than was applied there before",
            ),
        ),
    ),
}


def lease_setup(speed: float) -> Setup:
    """S1's clock runs at this speed. Its last acknowledged heartbeat leaves at 100 ms, and it is cut off at 105 ms.

    The others heard it at 102 ms, so from 252 ms they may elect another; by 262 ms x=2 is committed.
    """
    return scripted_setup(
        3,
        (0, timeout_of("1")),
        (10, Request(node="S1", command="x=1")),
        (100, timeout_of("1")),
        (105, partition_into("1", "23")),
        (253, timeout_of("2")),
        (258, Request(node="S2", command="x=2")),
        (270, ReadRequest(node="S1", key="x")),
        until_ms=400,
        latency_ms=(2, 2),
        clock_speeds=(("S1", speed),),
        settings=Settings(reads=ReadMode.LEASE, leader_stickiness=True, drift_bound=1.25),
    )


CASES["G-19-a-lease-as-long-as-the-election-timeout"] = (
    {Guard.LEASE_ALLOWS_FOR_DRIFT},
    lease_setup(0.8),  # at 270 ms it shows 216, and the lease from 80 would last until 230; with the bound, until 200
    (stale_read("S1 answers that x is 1"),),
)

each_case = pytest.mark.parametrize(("guards", "setup", "alarms"), CASES.values(), ids=CASES)


@each_case
def test_without_the_rule_there_is_just_this_alarm(guards: set[Guard], setup: Setup, alarms: tuple[Alarm, ...]) -> None:
    """protocol §2.5: the shortest schedules that show what each rule is for."""
    broken_settings = replace(setup.settings, without=frozenset(guards))

    assert run(replace(setup, settings=broken_settings), seed=0).alarms == alarms


@each_case
def test_with_the_rule_the_same_schedule_is_clean(guards: set[Guard], setup: Setup, alarms: tuple[Alarm, ...]) -> None:
    """Figure 3, §6, §7, §8."""
    assert (run(setup, seed=0).alarms, bool(guards and alarms)) == ((), True)


def test_a_clock_that_drifts_more_than_the_bound_breaks_every_lease() -> None:
    """Dissertation §6.4.1: at 0.6 it shows 162 at 270 ms, and the lease from 60 lasts until 180. A lease is a bet."""
    assert run(lease_setup(0.6), seed=0).alarms == (stale_read("S1 answers that x is 1"),)


def test_a_clock_within_the_bound_breaks_none() -> None:
    """Dissertation §6.4.1: from 0.8 to as fast as may be."""
    assert [run(lease_setup(speed), seed=0).alarms for speed in (0.8, 0.9, 1.0, 1.1, 1.25)] == [()] * 5


def test_every_rule_beyond_figure_2_that_keeps_data_safe_has_its_run() -> None:
    """A rule that can be left out, and whose absence nobody shows, might as well not be there."""
    covered_guards = {guard for guards, _, _ in CASES.values() for guard in guards}
    extension_guards = set(list(Guard)[list(Guard).index(Guard.ONE_CHANGE_OF_ONE) :])

    assert extension_guards - covered_guards == set()
