"""Five nodes, eight steps: the timeline that was worked out by hand before there was a simulator, and some forks.

Between Si and Sj a message takes 10 + 2·|i − j| ms; heartbeats every 50 ms; a no-op begins each term.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from raftstep.core.model import Settings
from raftstep.core.rules import Rule
from raftstep.simulation.events import Crash, Request, event_node
from raftstep.simulation.plan import Action, MessageFault, Setup
from raftstep.simulation.run import run
from tests.simulation.setups import first_node_ids

if TYPE_CHECKING:
    from raftstep.simulation.trace import Trace

NODES = first_node_ids(5)
LINKS = tuple(
    Action(at_ms=0, directive=MessageFault(source=f"S{i}", target=f"S{j}", count=10_000, delay_ms=2 * abs(i - j) - 2))
    for i in range(1, 6)
    for j in range(1, 6)
    if i != j
)
TIMERS = {
    "S1": (165, 243),
    "S2": (238, 210, 190, 260, 175, 222, 245, 262),
    "S3": (271, 281, 199, 233, 264, 188, 215, 171),
    "S4": (204, 173, 225, 290, 207, 251, 182, 229),
    "S5": (292, 246, 218, 171, 233, 203, 277, 290),
}
X3 = Action(at_ms=300, directive=Request(node="S1", command="x=3"))
CANONICAL = Setup(
    nodes=NODES,
    settings=Settings(no_op=True),
    start_term=1,
    latency_ms=(12, 12),
    timers=tuple(TIMERS.items()),
    plan=(*LINKS, X3, Action(at_ms=400, directive=Crash(node="S1"))),
    until_ms=670,
)


def describe_nodes(trace: Trace, time_ms: int) -> list[str]:
    """Each node at a moment: role, term, vote, log, commit index and last applied, such as ``L t2 vS1 [2,2] c1``."""
    cluster = trace.step_at(time_ms).cluster
    return [
        f"{'down' if node.id in cluster.down_nodes else node.role[0].upper()} t{node.current_term} "
        f"v{node.voted_for or '–'} "
        f"[{','.join(str(entry.term) for entry in node.log)}] c{node.commit_index}"
        for node in cluster.nodes
        if node.last_applied == node.commit_index
    ]


def list_firings(trace: Trace, *rules: Rule) -> list[tuple[int, str, str]]:
    """When and where these rules fired."""
    return [
        (step.time_ms, event_node(step.event), rule.slug)
        for step in trace.steps
        if step.outcome
        for rule in step.outcome.rules
        if rule in rules
    ]


def test_the_state_at_the_end_of_each_of_the_eight_steps() -> None:
    """protocol §8.3, the table of states."""
    trace = run(CANONICAL, seed=0)

    assert {time_ms: describe_nodes(trace, time_ms) for time_ms in (0, 183, 193, 261, 318, 361, 411, 666)} == {
        0: ["F t1 v– [] c0"] * 5,
        183: ["C t2 vS1 [] c0"] + ["F t2 vS1 [] c0"] * 4,
        193: ["L t2 vS1 [2] c0"] + ["F t2 vS1 [] c0"] * 4,
        261: ["L t2 vS1 [2] c1"] + ["F t2 vS1 [2] c1"] * 4,
        318: ["L t2 vS1 [2,2] c1"] + ["F t2 vS1 [2,2] c1"] * 4,
        361: ["L t2 vS1 [2,2] c2"] + ["F t2 vS1 [2,2] c2"] * 4,
        411: ["down t2 vS1 [2,2] c0"] + ["F t2 vS1 [2,2] c2"] * 4,
        666: ["down t2 vS1 [2,2] c0", *_after_the_second_election()],
    }


def _after_the_second_election() -> list[str]:
    voted, leads = "F t3 vS3 [2,2,3] c3", "L t3 vS3 [2,2,3] c3"
    return [voted, leads, voted, voted]


def test_the_moments_at_which_leaders_rise_and_commit() -> None:
    """protocol §8.3, the table of events."""
    trace = run(CANONICAL, seed=0)

    assert list_firings(
        trace, Rule.START_ELECTION, Rule.GRANT_VOTE, Rule.BECOME_LEADER, Rule.COMMIT, Rule.FOLLOW_COMMIT
    ) == [
        (165, "S1", "start-election"),
        *[(177, "S2", "grant-vote"), (179, "S3", "grant-vote"), (181, "S4", "grant-vote"), (183, "S5", "grant-vote")],
        (193, "S1", "become-leader"),
        (221, "S1", "commit"),
        *[(time_ms, node, "follow-commit") for time_ms, node in zip((255, 257, 259, 261), NODES[1:], strict=True)],
        (328, "S1", "commit"),
        *[(time_ms, node, "follow-commit") for time_ms, node in zip((355, 357, 359, 361), NODES[1:], strict=True)],
        (578, "S3", "start-election"),
        *[(590, "S2", "grant-vote"), (590, "S4", "grant-vote"), (592, "S5", "grant-vote")],
        (602, "S3", "become-leader"),
        (626, "S3", "commit"),
        *[(664, "S2", "follow-commit"), (664, "S4", "follow-commit"), (666, "S5", "follow-commit")],
    ]


def test_the_deadlines_of_the_timers() -> None:
    """protocol §8.2: the draws, seen where the timeline names them."""
    trace = run(CANONICAL, seed=0)
    deadlines = {
        time_ms: {
            timer.node: timer.deadline_ms
            for timer in trace.step_at(time_ms).cluster.timers
            if timer.is_election_timeout
        }
        for time_ms in (0, 165, 411)
    }

    assert (deadlines[0], deadlines[165]["S1"], deadlines[411]) == (
        {"S1": 165, "S2": 238, "S3": 271, "S4": 204, "S5": 292},
        408,
        {"S2": 667, "S3": 578, "S4": 638, "S5": 701},
    )


def test_the_leaders_tables() -> None:
    """protocol §8.3, leader tables: next and match index, at the moments given there."""
    trace = run(CANONICAL, seed=0)

    def tables(name: str, time_ms: int) -> dict[str, tuple[int, int]]:
        progress = trace.step_at(time_ms).cluster.node(name).progress
        return {peer_progress.peer: (peer_progress.next_index, peer_progress.match_index) for peer_progress in progress}

    assert (tables("S1", 336), tables("S3", 602), tables("S3", 630)) == (
        dict.fromkeys(("S2", "S3", "S4", "S5"), (3, 2)),
        dict.fromkeys(("S1", "S2", "S4", "S5"), (3, 0)),
        {"S1": (3, 0), "S2": (4, 3), "S4": (4, 3), "S5": (4, 3)},
    )


def test_the_client_is_answered_when_the_entry_is_committed() -> None:
    """protocol §8.3, step 6."""
    trace = run(CANONICAL, seed=0)

    assert [trace.answered_commands(trace.step_at(time_ms)) for time_ms in (327, 328)] == [(), ("x=3",)]


def test_three_timers_nearly_together_split_the_vote_and_a_new_draw_resolves_it() -> None:
    """protocol §8.4, fork 1."""
    timers = {**TIMERS, "S1": (165, 290), "S4": (166, 290), "S5": (167, 200), "S2": (238, 290), "S3": (271, 290)}
    split_setup = replace(CANONICAL, timers=tuple(timers.items()), plan=LINKS, until_ms=400)
    trace = run(split_setup, seed=0)

    votes = {node.id: node.voted_for for node in trace.step_at(366).cluster.nodes}
    assert votes == {"S1": "S1", "S2": "S1", "S3": "S4", "S4": "S4", "S5": "S5"}
    assert list_firings(trace, Rule.START_ELECTION, Rule.BECOME_LEADER) == [
        (165, "S1", "start-election"),
        (166, "S4", "start-election"),
        (167, "S5", "start-election"),
        (367, "S5", "start-election"),
        (395, "S5", "become-leader"),
    ]
    assert trace.step_at(395).cluster.node("S5").current_term == 3


def test_a_leader_that_dies_after_its_answer_takes_nothing_with_it() -> None:
    """protocol §8.4, fork 6: the followers hold x, and the next leader commits it with its own first entry."""
    setup = replace(CANONICAL, plan=(*LINKS, X3, Action(at_ms=330, directive=Crash(node="S1"))), until_ms=560)
    trace = run(setup, seed=0)

    assert describe_nodes(trace, 400) == ["down t2 vS1 [2,2] c0"] + ["F t2 vS1 [2,2] c1"] * 4
    assert [moment for moment in list_firings(trace, Rule.BECOME_LEADER, Rule.COMMIT) if moment[0] > 330] == [
        (526, "S3", "become-leader"),
        (550, "S3", "commit"),
    ]
    assert describe_nodes(trace, 560)[2] == "L t3 vS3 [2,2,3] c3"


def test_a_candidate_that_missed_an_entry_is_denied_and_later_repaired() -> None:
    """protocol §8.4, fork 8: a denied vote spreads the newer term, but restarts nobody's timer."""
    fault = Action(at_ms=299, directive=MessageFault(source="S1", target="S5", count=10_000, lose=True))
    timers = {**TIMERS, "S5": (292, 246, 218, 171, 250, 290, 290)}
    setup = replace(CANONICAL, timers=tuple(timers.items()), plan=(*LINKS, fault, *CANONICAL.plan[-2:]))
    trace = run(setup, seed=0)

    moments = list_firings(
        trace, Rule.START_ELECTION, Rule.DENY_OLDER_LOG, Rule.BECOME_LEADER, Rule.REJECT_GAP, Rule.BACK_UP
    )
    assert [moment for moment in moments if moment[0] > 400] == [
        (561, "S5", "start-election"),
        (573, "S4", "deny-older-log"),
        (575, "S3", "deny-older-log"),
        (577, "S2", "deny-older-log"),
        (578, "S3", "start-election"),
        (602, "S3", "become-leader"),
        (616, "S5", "reject-gap"),
        (630, "S3", "back-up"),
    ]
    assert [describe_nodes(trace, time_ms)[4] for time_ms in (643, 644)] == ["F t4 vS3 [2] c1", "F t4 vS3 [2,2,4] c3"]
