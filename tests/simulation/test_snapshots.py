"""The observer and snapshots: each counts as the log it replaces (§7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.model import Entry, Machine, Node, Role, Snapshot
from raftstep.simulation.cluster import Cluster, Heal, Partition, Request, Timeout
from raftstep.simulation.cluster import Snapshot as Take
from raftstep.simulation.invariants import Committed, History, observe
from raftstep.simulation.run import run
from raftstep.simulation.trace import Alarm
from tests.builders import follower, leader
from tests.simulation.schedules import directed

LOG = tuple(Entry(term=term, command=f"x={place}") for place, term in enumerate((1, 1, 2), 1))
HISTORY = History(
    leaders=((1, "S1"),), committed=tuple(Committed(entry=entry, commit_term=2) for entry in LOG), applied=LOG
)
WHOLE = follower("S2", term=2, log=LOG, commit=3)
HONEST = Snapshot(index=2, term=1, machine=Machine(pairs=(("x", "2"),)))


def short(node: Node, snapshot: Snapshot) -> Node:
    """The node with a snapshot in place of its first entries."""
    return replace(node, log=node.log[snapshot.index :], snapshot=snapshot)


def seen(was: Node, now: Node, *others: Node, history: History = HISTORY) -> list[Alarm]:
    """What the observer says to this change of one node."""
    before, after = (Cluster(nodes=(node, *others)) for node in (was, now))
    return observe(history, before, after, now.id)[1]


def test_a_snapshot_of_what_was_applied_is_no_change() -> None:
    """§7: it says in short what the entries said."""
    assert seen(WHOLE, short(WHOLE, HONEST)) == []


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(replace(HONEST, machine=Machine(pairs=(("x", "7"),))), id="another-state"),
        pytest.param(replace(HONEST, term=2), id="another-term"),
        pytest.param(Snapshot(index=4, term=2, machine=Machine(pairs=(("x", "3"),))), id="more-than-was-applied"),
    ],
)
def test_a_snapshot_of_anything_else_is_seen(snapshot: Snapshot) -> None:
    """Figure 3, State Machine Safety: the entries it hides cannot be compared any more, so what they make is."""
    words = f"S2 has a snapshot up to index {snapshot.index} that the entries applied there do not make"

    assert seen(WHOLE, short(WHOLE, snapshot)) == [Alarm(property="State Machine Safety", words=words)]


def test_a_leader_that_takes_a_snapshot_removes_nothing() -> None:
    """Figure 3, Leader Append-Only: its log still begins with what the snapshot says."""
    leads = leader("S1", term=2, log=LOG, commit=3)

    assert seen(leads, short(leads, HONEST)) == []


def test_a_leader_that_loses_an_entry_behind_its_snapshot_is_seen() -> None:
    """Figure 3, Leader Append-Only."""
    leads = leader("S1", term=2, log=LOG, commit=2)
    shortened = replace(short(leads, HONEST), log=())

    assert seen(leads, shortened, history=replace(HISTORY, committed=(), applied=LOG[:2])) == [
        Alarm(property="Leader Append-Only", words="S1 changed its own log while it led term 2")
    ]


def test_a_snapshot_holds_what_was_committed() -> None:
    """Figure 3, Leader Completeness: entries 1 and 2 are in it, entry 3 is behind it or missing."""
    elected = short(replace(leader("S1", term=3, log=LOG), voted_for="S1", commit_index=2, last_applied=2), HONEST)
    stood = replace(elected, role=Role.CANDIDATE)
    gone = replace(elected, log=())

    assert seen(stood, elected) == []
    assert seen(replace(stood, log=()), gone) == [
        Alarm(property="Leader Completeness", words="S1 leads term 3 without entry 3, committed in term 2")
    ]


def test_logs_are_compared_behind_the_later_snapshot_and_at_its_end() -> None:
    """Figure 3, Log Matching: S2 begins behind index 2, where S3 has an entry of another term."""
    was, now = short(WHOLE, HONEST), replace(short(WHOLE, HONEST), log=(*LOG[2:], Entry(term=2, command="x=4")))
    same, other = follower("S3", term=2, log=LOG), follower("S3", term=2, log=(LOG[0], replace(LOG[1], term=2), LOG[2]))

    assert seen(was, now, same) == []
    assert [alarm.property for alarm in seen(was, now, other)] == ["Log Matching"]


def test_a_follower_brought_up_by_a_snapshot_has_the_same_store() -> None:
    """§7: S3 is away for three commands, of which only the snapshot is left when it comes back."""
    requests = ((30 + 30 * number, Request(node="S1", command=f"x={number}")) for number in range(3))
    trace = run(
        directed(
            3,
            (0, Timeout(node="S1")),
            (25, Partition(groups=(("S1", "S2"), ("S3",)))),
            *requests,
            (130, Take(node="S1")),
            (140, Heal()),
            (150, Timeout(node="S1")),  # a heartbeat
            until_ms=200,
        ),
        seed=0,
    )

    first, _, third = trace.steps[-1].cluster.nodes
    assert trace.alarms == ()
    assert first.snapshot == replace(HONEST, index=3, configuration=first.bootstrap)
    assert (third.snapshot, third.machine, third.log) == (first.snapshot, first.machine, ())
