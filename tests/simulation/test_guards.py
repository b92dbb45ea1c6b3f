"""Rules beyond Figure 2, left out one at a time: each run shows the harm, and the true core is clean on the same one.

G-17 … G-25 number the broken variants.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, Reads, Settings
from raftstep.simulation import configurations, linearizability
from raftstep.simulation.cluster import Change, Partition, Read, Request, Snapshot, Timeout
from raftstep.simulation.plan import Meddle
from raftstep.simulation.run import run
from raftstep.simulation.trace import Alarm
from tests.builders_beyond import names
from tests.simulation.schedules import directed

if TYPE_CHECKING:
    from raftstep.core.model import NodeId
    from raftstep.simulation.plan import Setup

SINGLE = Settings(membership=Membership.SINGLE)
READ_INDEX = Settings(reads=Reads.READ_INDEX)


def apart(*groups: str) -> Partition:
    """``apart("1", "23")`` leaves S1 alone."""
    return Partition(groups=tuple(map(names, groups)))


def times_out(digit: str) -> Timeout:
    """The timer of one node fires."""
    return Timeout(node=f"S{digit}")


def asks(node: NodeId, voters: str) -> Change:
    """An operator asks for these voters."""
    return Change(node=node, voters=names(voters))


def lacks(leader: NodeId, term: int, index: int, committed: int) -> Alarm:
    """A leader without an entry that was committed in an earlier term."""
    return Alarm(
        property="Leader Completeness",
        words=f"{leader} leads term {term} without entry {index}, committed in term {committed}",
    )


def overlap(words: str) -> Alarm:
    """A configuration that does not overlap the one before it."""
    return Alarm(property=configurations.NAME, words=words)


def stale(words: str) -> Alarm:
    """A read that no order of the clients' operations explains."""
    return Alarm(property=linearizability.NAME, words=f"{words}, which no order of the clients' operations allows")


# S1 leads term 1 from 20 ms and has committed x=1 at index 1 by 50 ms; S2 leads term 2 from 80 ms and has it too.
X1 = ((0, times_out("1")), (30, Request(node="S1", command="x=1")))
TWO_LEAD = (*X1, (60, apart("1", "23")), (60, times_out("2")))

CASES = {
    "G-17-from-three-to-one-in-one-step": (
        {Guard.ONE_CHANGE_OF_ONE},
        directed(3, *TWO_LEAD, (90, asks("S1", "1")), until_ms=90, settings=SINGLE),
        (
            lacks("S2", 2, 2, 1),
            overlap("S1 changes the configuration from S1 S2 S3 to S1, which have majorities without a common node"),
        ),
    ),
    "G-17b-without-waiting-for-the-change-before": (
        {Guard.WAIT_FOR_CHANGE},
        directed(3, *TWO_LEAD, (90, asks("S1", "12")), (91, asks("S1", "1")), until_ms=91, settings=SINGLE),
        (
            lacks("S2", 2, 2, 1),
            overlap("S1 changes the configuration to S1 before the one at index 2 is committed"),
        ),
    ),
    "G-17c-from-three-to-five-without-joint-consensus": (
        {Guard.JOINT_CONSENSUS, Guard.CAUGHT_UP_BEFORE_VOTING},
        directed(
            5,
            (0, times_out("3")),
            (30, Request(node="S3", command="x=1")),
            (60, apart("12", "345")),
            (65, asks("S3", "12345")),
            (80, times_out("1")),  # S1 leads term 2 with S2, two of three
            (150, times_out("4")),  # S4 has the new configuration, and leads term 2 with S3 and S5, three of five
            until_ms=170,
            voters=names("123"),
            settings=Settings(membership=Membership.JOINT),
        ),
        (
            overlap(
                "S3 changes the configuration from S1 S2 S3 to S1 S2 S3 S4 S5, "
                "which have majorities without a common node"
            ),
            lacks("S1", 2, 2, 1),
            Alarm(property="Election Safety", words="S1 and S4 both lead term 2"),
        ),
    ),
    "G-18-a-change-before-an-entry-of-the-own-term-is-committed": (
        {Guard.OWN_TERM_BEFORE_CHANGE},
        directed(
            4,
            (0, times_out("1")),
            (50, apart("1", "234")),
            (50, times_out("2")),  # S2 leads term 2 from 70 ms
            (80, asks("S1", "123")),  # S1 still leads term 1 in its own eyes
            (90, apart("12", "3", "4")),
            (90, times_out("2")),  # a heartbeat, from which S1 learns term 2
            (105, apart("13", "24")),
            (110, times_out("1")),  # S1 leads term 3 with S3, two of its three
            (140, asks("S2", "124")),  # S2 still leads term 2, and commits with S4, two of its three
            until_ms=160,
            settings=SINGLE,
        ),
        (lacks("S1", 3, 1, 2),),
    ),
    "G-20-a-read-at-a-deposed-leader": (
        {Guard.CONFIRM_LEADERSHIP},
        directed(
            3,
            *TWO_LEAD,
            (90, Request(node="S2", command="x=2")),
            (120, Read(node="S1", key="x")),
            until_ms=200,
            settings=READ_INDEX,
        ),
        (stale("S1 answers that x is 1"),),
    ),
    "G-21-a-read-before-an-entry-of-the-own-term-is-committed": (
        {Guard.OWN_TERM_BEFORE_READ},
        directed(3, *TWO_LEAD, (90, Read(node="S2", key="x")), until_ms=200, settings=READ_INDEX),
        (stale("S2 answers that x is not set"),),
    ),
    "G-23-a-learner-that-counts": (
        {Guard.LEARNERS_DO_NOT_COUNT},
        directed(
            4,
            (0, times_out("1")),
            (50, apart("14", "23")),
            (50, times_out("2")),
            (80, Request(node="S1", command="x=1")),
            until_ms=100,
            voters=names("123"),
            learners=names("4"),
        ),
        (lacks("S2", 2, 1, 1),),
    ),
    "G-24-an-old-snapshot-taken-literally": (
        {Guard.SNAPSHOT_IS_AN_ENTRY},
        directed(
            3,
            (0, times_out("1")),
            (25, apart("13", "2")),
            (30, Request(node="S1", command="x=1")),
            (60, Snapshot(node="S1")),
            (65, apart("12", "3")),
            (70, times_out("1")),  # a heartbeat: the snapshot, there at 80 ms
            (71, Meddle(source="S1", target="S2", delay_ms=60)),
            (71, times_out("1")),  # and again, there at 141 ms
            (95, Request(node="S1", command="x=2")),  # S2 has it at 105 ms, so it is committed
            (145, apart("1", "23")),
            (145, times_out("3")),
            until_ms=170,
        ),
        (lacks("S3", 2, 2, 1),),
    ),
    "G-25-a-snapshot-of-what-is-not-applied": (
        {Guard.SNAPSHOT_OF_APPLIED},
        directed(
            3,
            (0, times_out("1")),
            (25, apart("1", "23")),
            (30, Request(node="S1", command="x=1")),
            (40, Snapshot(node="S1")),
            (50, times_out("2")),
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


def lease(speed: float) -> Setup:
    """S1's clock runs at this speed. Its last acknowledged heartbeat leaves at 100 ms, and it is cut off at 105 ms.

    The others heard it at 102 ms, so from 252 ms they may elect another; by 262 ms x=2 is committed.
    """
    return directed(
        3,
        (0, times_out("1")),
        (10, Request(node="S1", command="x=1")),
        (100, times_out("1")),
        (105, apart("1", "23")),
        (253, times_out("2")),
        (258, Request(node="S2", command="x=2")),
        (270, Read(node="S1", key="x")),
        until_ms=400,
        latency_ms=(2, 2),
        clocks=(("S1", speed),),
        settings=Settings(reads=Reads.LEASE, leader_stickiness=True, drift_bound=1.25),
    )


CASES["G-19-a-lease-as-long-as-the-election-timeout"] = (
    {Guard.LEASE_ALLOWS_FOR_DRIFT},
    lease(0.8),  # at 270 ms it shows 216, and the lease from 80 would last until 230; with the bound, until 200
    (stale("S1 answers that x is 1"),),
)

each_case = pytest.mark.parametrize(("guards", "setup", "alarms"), CASES.values(), ids=CASES)


@each_case
def test_without_the_rule_there_is_just_this_alarm(guards: set[Guard], setup: Setup, alarms: tuple[Alarm, ...]) -> None:
    """protocol §2.5: the shortest schedules that show what each rule is for."""
    left_out = replace(setup.settings, without=frozenset(guards))

    assert run(replace(setup, settings=left_out), seed=0).alarms == alarms


@each_case
def test_with_the_rule_the_same_schedule_is_clean(guards: set[Guard], setup: Setup, alarms: tuple[Alarm, ...]) -> None:
    """Figure 3, §6, §7, §8."""
    assert (run(setup, seed=0).alarms, bool(guards and alarms)) == ((), True)


def test_a_clock_that_drifts_more_than_the_bound_breaks_every_lease() -> None:
    """Dissertation §6.4.1: at 0.6 it shows 162 at 270 ms, and the lease from 60 lasts until 180. A lease is a bet."""
    assert run(lease(0.6), seed=0).alarms == (stale("S1 answers that x is 1"),)


def test_a_clock_within_the_bound_breaks_none() -> None:
    """Dissertation §6.4.1: from 0.8 to as fast as may be."""
    assert [run(lease(speed), seed=0).alarms for speed in (0.8, 0.9, 1.0, 1.1, 1.25)] == [()] * 5


def test_every_rule_beyond_figure_2_that_keeps_data_safe_has_its_run() -> None:
    """A rule that can be left out, and whose absence nobody shows, might as well not be there."""
    shown = {guard for guards, _, _ in CASES.values() for guard in guards}
    beyond = set(list(Guard)[list(Guard).index(Guard.ONE_CHANGE_OF_ONE) :])

    assert beyond - shown == set()
