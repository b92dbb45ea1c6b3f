"""What the specification knows nothing of is refused, with what to export instead."""

from dataclasses import dataclass, replace

import pytest

from raftstep.core.model import FIGURE_2, Membership, Settings
from raftstep.simulation import events
from raftstep.simulation.events import ReadRequest, SnapshotRequest, Tick, TransferRequest
from raftstep.simulation.plan import LEADER, Action, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from raftstep.tla.exportable import EVENTS, check_exportable
from raftstep.tla.run_module import write_run_module

SETUP = Setup(nodes=("S1", "S2", "S3"), start_term=1, until_ms=700)
UNKNOWN_SETTINGS = {
    "empty_heartbeats": True,
    "pre_vote": True,
    "check_quorum": True,
    "membership": Membership.SINGLE,
    "snapshot_after": 3,
}


def trace_with(setting: str, value: object) -> Trace:
    changes: dict[str, object] = {setting: value}
    return run(replace(SETUP, settings=replace(FIGURE_2, **changes)), seed=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", UNKNOWN_SETTINGS)
def test_a_setting_that_the_specification_knows_nothing_of_is_refused(setting: str) -> None:
    """ongardie/raft.tla has Figure 2 and nothing beyond it."""
    with pytest.raises(ValueError, match=f"knows nothing of the setting {setting}, .*; set it to "):
        check_exportable(trace_with(setting, UNKNOWN_SETTINGS[setting]))


def test_a_setting_that_nobody_has_mapped_is_refused() -> None:
    """By construction: what is not allowed by name is refused."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class LaterSettings(Settings):
        """Settings with one more."""

        conflict_hints: bool = False

    trace = run(SETUP, seed=1)
    nodes = tuple(replace(node, settings=LaterSettings(conflict_hints=True)) for node in trace.start.nodes)
    later = replace(trace, steps=(replace(trace.steps[0], cluster=replace(trace.start, nodes=nodes)),))

    with pytest.raises(ValueError, match="knows nothing of the setting conflict_hints, which is true here"):
        check_exportable(later)


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        (TransferRequest(node=LEADER, target="S2"), "has no event transfer"),
        (SnapshotRequest(node=LEADER), "has no event snapshot"),
    ],
    ids=["transfer", "snapshot"],
)
def test_an_event_that_the_specification_has_not_is_refused(directive: events.RequestEvent, words: str) -> None:
    """raft.tla, Next: it has no such action."""
    trace = run(replace(SETUP, plan=(Action(at_ms=600, directive=directive),)), seed=1)

    with pytest.raises(ValueError, match=words):
        check_exportable(trace)


def test_learners_are_refused() -> None:
    """raft.tla, Quorum: every server counts."""
    trace = run(replace(SETUP, voters=("S1", "S2"), learners=("S3",)), seed=1)

    with pytest.raises(ValueError, match="every server votes from the start; export a run without learners"):
        check_exportable(trace)


def test_a_start_in_another_term_is_refused() -> None:
    """raft.tla, InitServerVars: all servers start in term 1. A schedule starts in term 0."""
    with pytest.raises(ValueError, match=r"start in term 1, and S1 starts in term 0; set start_term to 1"):
        check_exportable(run(replace(SETUP, start_term=0), seed=1))


def test_a_start_from_a_cluster_under_way_is_refused() -> None:
    """raft.tla, Init: empty logs, no leader, no vote."""
    under_way = run(SETUP, seed=1).steps[-1].cluster
    nodes = tuple(replace(node, current_term=1) for node in under_way.nodes)
    trace = run(replace(SETUP, start=replace(under_way, nodes=nodes, packets=run(SETUP, seed=1).start.packets)), seed=1)

    with pytest.raises(ValueError, match="start as followers with empty logs and no vote"):
        check_exportable(trace)


@pytest.mark.parametrize("setting", ["no_op", "leader_stickiness", "sessions"])
def test_what_leaves_no_mark_in_the_specification_is_exported(setting: str) -> None:
    """SETTINGS says of each why."""
    module = write_run_module(trace_with(setting, True), "Trace")

    assert f"NoOp == {str(setting == 'no_op').upper()}\n" in module


def test_time_and_reads_are_no_business_of_the_specification() -> None:
    """raft.tla has no clock and no reads."""
    assert {Tick, ReadRequest} <= set(EVENTS)
