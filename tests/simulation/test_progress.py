"""Progress: once faults end, a cluster whose configuration was changing elects a leader that commits.

What is needed for it (§5.6, dissertation §4.2.3), and so what these runs have from the last fault on:

- Links work and no message is lost; a round trip (80 ms) is shorter than the shortest election timeout (150 ms), and
  timeouts differ by more than a message takes.
- Nodes are up that hold a quorum of every configuration that may come into force. Others may be down for good.
- Nobody deposes the leader. A node that was removed is sent no heartbeats, so it starts one election after another.
  With pre-vote or leader stickiness it deposes nobody, and a client must be answered. With neither it may depose each
  leader in turn, so there only an election must be won, and how long the winner leads is open.

Which node's timer runs out first is drawn, so no bound holds with certainty; each round of elections fails with a
probability below one, and the bound is far above what 3,000 runs have needed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from raftstep.cli import main
from raftstep.cli.exit_codes import ExitCode
from raftstep.core import membership
from raftstep.core.model import Configuration, Membership, Role, Settings
from raftstep.simulation.cluster import Cluster, boot
from raftstep.simulation.events import ChangeRequest, Crash, Cut, Heal, Restart
from raftstep.simulation.features import Feature
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.random_run import RandomRun, draw_recovery_run
from raftstep.simulation.recovery import (
    RECOVERY_MS,
    can_make_progress,
    choose_live_nodes,
    find_possible_configurations,
    find_stall,
)
from raftstep.simulation.run import run
from raftstep.simulation.soak import run_batch
from tests.builders import configuration_entry, members, node_ids

if TYPE_CHECKING:
    from raftstep.core.model import Node

RUNS = 3000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 200
BATCH = 50


@pytest.mark.parametrize("first", range(0, RUNS, BATCH))
def test_a_cluster_makes_progress_once_its_faults_have_ended(first: int) -> None:
    """§5.6. Printed with each failure is the ``raftstep chaos`` line that repeats it."""
    result = run_batch(draw_recovery_run(number) for number in range(first, first + BATCH))

    assert result.failures == (), "\n".join(result.failures)


NEVER_AS_LEARNER = 269
"""The number of a run in which a leader makes itself a learner, and is needed."""


def test_the_search_finds_a_core_in_which_a_learner_never_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that cannot find anything has searched nothing: this core had the fault that the search is for."""
    may_start_election = membership.may_start_election

    def refuse_learners(node: Node) -> bool:
        return node.id not in node.configuration.learners and may_start_election(node)

    monkeypatch.setattr(membership, "may_start_election", refuse_learners)
    random_run = draw_recovery_run(NEVER_AS_LEARNER)

    [failure] = run_batch([random_run]).failures

    assert (
        failure == f"no progress: no leader was elected in {RECOVERY_MS} ms after the last fault\n{random_run.command}"
    )


@pytest.mark.parametrize(
    ("size", "change", "kept_down"),
    [
        (2, {"voters": ("S2",), "learners": ("S1",)}, ()),
        (3, {"voters": ("S2",), "learners": ("S1",)}, ("S3",)),
        (3, {"voters": ("S2",), "learners": ()}, ("S3",)),
    ],
    ids=["one-of-two-made-a-learner", "joint-with-a-node-down", "joint-removal-with-a-node-down"],
)
def test_a_leader_that_gave_its_vote_up_leads_again_where_only_its_log_can_win(
    size: int, change: dict[str, tuple[str, ...]], kept_down: tuple[str, ...]
) -> None:
    """Dissertation §4.2.2: it appends the change, which reaches nobody, and crashes; later all links work."""
    nodes = node_ids("123"[:size])
    links = tuple(("S1", node) for node in nodes if node != "S1")
    plan = (
        Action(at_ms=400, directive=Cut(links=links)),
        *(Action(at_ms=405, directive=Crash(node=node)) for node in kept_down),
        Action(at_ms=410, directive=ChangeRequest(node="S1", **change)),
        Action(at_ms=450, directive=Crash(node="S1")),
        Action(at_ms=500, directive=Restart(node="S1")),
        Action(at_ms=500, directive=Heal()),
    )
    settings = Settings(membership=Membership.JOINT if size == 3 else Membership.SINGLE, no_op=True)
    waits = tuple((node, (290,)) for node in nodes[1:])
    trace = run(
        Setup(nodes=nodes, settings=settings, timers=(("S1", (160,)), *waits), plan=plan, until_ms=3000), seed=1
    )

    end = trace.steps[-1].cluster
    assert (end.node("S2").role, end.node("S2").configuration.voters) == (Role.LEADER, ("S2",))
    assert trace.alarms == ()


def test_the_printed_command_repeats_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """style.md: a failing random test prints the line that repeats it."""
    random_run = replace(draw_recovery_run(3, recovery_ms=1000), until_ms=500)

    assert "--recover 1000" in random_run.command
    assert main(random_run.command.split()[1:]) == 0
    assert "recovered=1 is applied" in capsys.readouterr().out


def test_a_stall_is_told_and_has_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """In 30 ms no election can be won."""
    line = "chaos --nodes 3 --seed 1 --until 10 --faults 0 --recover 30"

    assert main(line.split()) == ExitCode.BROKEN
    assert capsys.readouterr().out.endswith("no progress: no leader was elected in 30 ms after the last fault\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--protocol multi-paxos", "--recover is for Raft"),
        ("--slowest 75", "give --slowest below 75, and --spread at least as much"),
        ("--spread 20", "give --slowest below 75, and --spread at least as much"),
    ],
)
def test_where_no_leader_is_owed_none_is_demanded(options: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """§5.6: broadcast time must be far below the election timeout."""
    assert main(["chaos", "--recover", "1000", *options.split()]) == ExitCode.PROBLEM
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("feature", [Feature.PRE_VOTE, Feature.STICKINESS, None])
def test_a_leader_that_commits_nothing_is_enough_only_where_removed_nodes_may_disturb(feature: Feature | None) -> None:
    """Dissertation §4.2.3. S1 is elected at 160 ms, and the run ends before its no-op is acknowledged."""
    features = frozenset({feature} if feature else ())
    setup = Setup(
        nodes=node_ids("123"),
        timers=(("S1", (100,)), ("S2", (290,)), ("S3", (290,))),
        latency_ms=(10, 10),
        until_ms=125,
    )

    stall = find_stall(run(setup, seed=1), features, since_ms=0)

    assert stall == (None if feature is None else "no command was committed in 125 ms after the last fault")


def test_the_nodes_that_stay_up_hold_a_quorum_of_every_configuration_that_may_come_into_force() -> None:
    """§6. S1's log alone holds the joint configuration, so a majority of each of its halves is needed."""
    joint = members("45", old="123")
    cluster = boot(
        node_ids("12345"), settings=Settings(membership=Membership.JOINT), start_term=1, voters=node_ids("123")
    )
    changed = cluster.with_node(replace(cluster.node("S1"), log=(configuration_entry(1, joint),)))

    assert find_possible_configurations(changed) == {joint, Configuration(voters=node_ids("123"))}
    assert can_make_progress(cluster, frozenset(node_ids("12")))
    assert not can_make_progress(changed, frozenset(node_ids("12")))
    for number in range(20):
        live_nodes = choose_live_nodes(changed, Random(number))
        assert len(live_nodes & set(node_ids("123"))) >= 2
        assert live_nodes >= set(node_ids("45"))


def test_some_runs_keep_nodes_down_and_some_do_not() -> None:
    """What is never tried is never found."""
    sizes = {len(_live_at_end(draw_recovery_run(number)).down_nodes) for number in range(20)}

    assert {0, 1, 2} <= sizes


def _live_at_end(random_run: RandomRun) -> Cluster:
    trace = run(random_run.make_setup(), seed=random_run.seed, is_end=lambda step: step.time_ms > random_run.until_ms)
    return trace.cluster_before(trace.steps[-1])
