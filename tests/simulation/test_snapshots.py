"""The observer and snapshots: each counts as the log it replaces (§7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.model import Entry, Node, Role, Snapshot, StateMachine
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Heal, Partition, Request, Timeout
from raftstep.simulation.events import SnapshotRequest as Take
from raftstep.simulation.invariants import CommittedEntry, History, observe
from raftstep.simulation.run import run
from tests.builders import follower, leader
from tests.simulation.setups import scripted_setup

LOG = tuple(Entry(term=term, command=f"x={index}") for index, term in enumerate((1, 1, 2), 1))
HISTORY = History(
    leaders=((1, "S1"),),
    committed_entries=tuple(CommittedEntry(entry=entry, commit_term=2) for entry in LOG),
    applied_entries=LOG,
)
FULL_NODE = follower("S2", term=2, log=LOG, commit=3)
TRUE_SNAPSHOT = Snapshot(index=2, term=1, machine=StateMachine(pairs=(("x", "2"),)))


def with_snapshot(node: Node, snapshot: Snapshot) -> Node:
    """The node with a snapshot in place of its first entries."""
    return replace(node, log=node.log[snapshot.index :], snapshot=snapshot)


def observe_change(was: Node, now: Node, *others: Node, history: History = HISTORY) -> list[Alarm]:
    """What the observer says to this change of one node."""
    before, after = (Cluster(nodes=(node, *others)) for node in (was, now))
    return observe(history, before, after, now.id)[1]


def test_a_snapshot_of_what_was_applied_is_no_change() -> None:
    """§7: it says in short what the entries said."""
    assert observe_change(FULL_NODE, with_snapshot(FULL_NODE, TRUE_SNAPSHOT)) == []


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(replace(TRUE_SNAPSHOT, machine=StateMachine(pairs=(("x", "7"),))), id="another-state"),
        pytest.param(replace(TRUE_SNAPSHOT, term=2), id="another-term"),
        pytest.param(Snapshot(index=4, term=2, machine=StateMachine(pairs=(("x", "3"),))), id="more-than-was-applied"),
    ],
)
def test_a_snapshot_of_anything_else_is_seen(snapshot: Snapshot) -> None:
    """Figure 3, State Machine Safety: the entries it hides cannot be compared any more, so what they make is."""
    words = f"S2 has a snapshot up to index {snapshot.index} that the entries applied there do not make"

    assert observe_change(FULL_NODE, with_snapshot(FULL_NODE, snapshot)) == [
        Alarm(property="State Machine Safety", words=words)
    ]


def test_a_leader_that_takes_a_snapshot_removes_nothing() -> None:
    """Figure 3, Leader Append-Only: its log still begins with what the snapshot says."""
    leads = leader("S1", term=2, log=LOG, commit=3)

    assert observe_change(leads, with_snapshot(leads, TRUE_SNAPSHOT)) == []


def test_a_leader_that_loses_an_entry_behind_its_snapshot_is_seen() -> None:
    """Figure 3, Leader Append-Only."""
    leads = leader("S1", term=2, log=LOG, commit=2)
    shortened = replace(with_snapshot(leads, TRUE_SNAPSHOT), log=())

    assert observe_change(
        leads, shortened, history=replace(HISTORY, committed_entries=(), applied_entries=LOG[:2])
    ) == [Alarm(property="Leader Append-Only", words="S1 changed its own log while it led term 2")]


def test_a_snapshot_holds_what_was_committed() -> None:
    """Figure 3, Leader Completeness: entries 1 and 2 are in it, entry 3 is behind it or missing."""
    new_leader = with_snapshot(
        replace(leader("S1", term=3, log=LOG), voted_for="S1", commit_index=2, last_applied=2), TRUE_SNAPSHOT
    )
    candidate = replace(new_leader, role=Role.CANDIDATE)
    leader_without_entry = replace(new_leader, log=())

    assert observe_change(candidate, new_leader) == []
    assert observe_change(replace(candidate, log=()), leader_without_entry) == [
        Alarm(property="Leader Completeness", words="S1 leads term 3 without entry 3, committed in term 2")
    ]


def test_logs_are_compared_behind_the_later_snapshot_and_at_its_end() -> None:
    """Figure 3, Log Matching: S2 begins behind index 2, where S3 has an entry of another term."""
    was, now = (
        with_snapshot(FULL_NODE, TRUE_SNAPSHOT),
        replace(with_snapshot(FULL_NODE, TRUE_SNAPSHOT), log=(*LOG[2:], Entry(term=2, command="x=4"))),
    )
    same, other = follower("S3", term=2, log=LOG), follower("S3", term=2, log=(LOG[0], replace(LOG[1], term=2), LOG[2]))

    assert observe_change(was, now, same) == []
    assert [alarm.property for alarm in observe_change(was, now, other)] == ["Log Matching"]


def test_a_follower_brought_up_by_a_snapshot_has_the_same_store() -> None:
    """§7: S3 is away for three commands, of which only the snapshot is left when it comes back."""
    requests = ((30 + 30 * number, Request(node="S1", command=f"x={number}")) for number in range(3))
    trace = run(
        scripted_setup(
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
    assert first.snapshot == replace(TRUE_SNAPSHOT, index=3, configuration=first.bootstrap)
    assert (third.snapshot, third.machine, third.log) == (first.snapshot, first.machine, ())
