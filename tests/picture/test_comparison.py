"""Two runs in one stepper: what may stand together, what is told to differ, what is marked, and one film for both."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from raftstep.core.inputs import Answer, CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.model import LeaderState, Settings
from raftstep.core.rules import Rule
from raftstep.picture.comparison import SECOND_PREFIX, Comparison, ComparisonStep, list_mismatches
from raftstep.picture.difference import compare_clusters
from raftstep.picture.run_pictures import RunPictures
from raftstep.simulation.cluster import boot
from tests.picture.runs import parse_svg, play_scenario

PAIRS = ("steady", "who-may-lead", "constrained-election", "two-candidates", "holes", "old-entry", "cut-off")


def draw_pair(name: str) -> Comparison:
    return Comparison(
        RunPictures(play_scenario(f"{name}-raft")), RunPictures(play_scenario(f"{name}-paxos")), prefix="pair"
    )


def list_drawings(step: ComparisonStep) -> list[str]:
    """The pictures of both runs: the clusters, then the logs."""
    runs = (step.first, step.second)
    return [*(run.cluster.svg for run in runs), *(run.log.svg for run in runs)]


@pytest.mark.parametrize("name", PAIRS)
def test_the_shipped_pairs_can_stand_together(name: str) -> None:
    """The page on Multi-Paxos puts them side by side, step by step."""
    assert list(list_mismatches(play_scenario(f"{name}-raft"), play_scenario(f"{name}-paxos"))) == []


def test_runs_of_other_nodes_steps_or_moments_cannot() -> None:
    """Each complaint says how to mend it."""
    steady, holes, five = play_scenario("steady-raft"), play_scenario("holes-raft"), play_scenario("old-entry-raft")
    late = replace(steady, moments=(*steady.moments[:-1], replace(steady.moments[-1], time_ms=300)))

    assert list(list_mismatches(steady, five)) == ["their nodes are not the same; give both scenarios the same nodes"]
    assert list(list_mismatches(steady, holes)) == ["one has 5 steps and the other 7; give both as many"]
    assert list(list_mismatches(steady, late)) == [
        'step 5 shows 282 ms in one and 300 ms in the other; show one moment in both, with "after_ms"'
    ]


def test_a_steady_leader_is_the_same_in_both() -> None:
    """Same roles, same entries, same knowledge of what is settled, in every step."""
    steps = draw_pair("steady").steps

    assert [step.difference.descriptions for step in steps] == [()] * 5
    assert not [step for step in steps for picture in list_drawings(step) if "raft-differs" in picture]


def test_the_node_behind_leads_in_one_run_only() -> None:
    """§5.4.1 against Lamport 2001 §2.2: only Raft restricts who may be elected; the page's main claim."""
    differences = draw_pair("who-may-lead").steps[3].difference

    assert differences.nodes == ("S5",)
    assert differences.log_positions == (("S5", 1),)
    assert differences.words == (
        "**The runs differ here:** S5 is a candidate in Raft and a leader in Multi-Paxos; "
        "index 1 of S5 holds nothing in Raft and x=1 in Multi-Paxos."
    )


def test_an_old_entry_differs_in_its_number_alone() -> None:
    """§5.4.2: Raft keeps an entry's term; Paxos proposes the old value anew, under its own ballot."""
    (description,) = draw_pair("old-entry").steps[2].difference.descriptions

    assert description == "index 1 of S2 holds x=1 of term 2 in Raft and x=1 of ballot 4 in Multi-Paxos"


def test_entries_behind_a_snapshot_are_told_by_their_own_index() -> None:
    """§7: what a snapshot replaced still counts; the first entry behind it is not entry 1."""
    cluster = play_scenario("snapshot-keeps-suffix").moments[-1].shown_step.cluster
    node = next(member for member in cluster.nodes if member.snapshot.index and member.log)
    shorter = cluster.with_node(replace(node, log=node.log[:-1]))
    end = node.snapshot.index + len(node.log)

    differences = compare_clusters(cluster, shorter)

    assert differences.log_positions == ((node.id, end),)
    assert differences.descriptions[0].startswith(f"index {end} of {node.id} holds {node.log[-1].command or ''}")
    assert differences.descriptions[0].endswith("and nothing in the second")


def test_more_differences_than_one_reads_are_counted() -> None:
    """A sentence of twenty clauses is read by nobody."""
    first_cluster, second_cluster = (
        play_scenario(f"old-entry-{name}").moments[4].shown_step.cluster for name in ("raft", "paxos")
    )

    assert compare_clusters(first_cluster, second_cluster).words.count(";") <= 3


@pytest.mark.parametrize("name", PAIRS)
def test_what_differs_is_marked_in_both_pictures(name: str) -> None:
    """Looking from one picture to the other, a reader must find the node without the words."""
    for step in draw_pair(name).steps:
        for picture in list_drawings(step)[:2]:
            marked = [group for group in parse_svg(picture).iter("g") if group.get("class") == "raft-differs"]
            assert sum(len(list(group)) for group in marked) == len(step.difference.nodes)


@pytest.mark.parametrize("name", PAIRS)
def test_one_film_moves_both_runs(name: str) -> None:
    """Every part that it changes is in the step's pictures, and no two parts have one name."""
    comparison = draw_pair(name)
    film = json.loads(comparison.film_json)
    markup = "".join(list_drawings(comparison.steps[0]))
    parts = re.findall(r'data-part="([^"]+)"', markup)

    assert len(parts) == len(set(parts))
    assert {part for _, part, _ in film["changes"]} <= set(parts)
    assert [at for at, _, _ in film["changes"]] == sorted(at for at, _, _ in film["changes"])
    assert list(film["beside"]) == [f"{SECOND_PREFIX}mail"]
    assert film["stops"] == list(play_scenario(f"{name}-raft").moments_ms)


def test_both_runs_share_an_axis_and_a_cursor() -> None:
    """Equal moments must stand below each other, or the eye compares what was never simultaneous."""
    timeline = parse_svg(draw_pair("holes").timeline.svg)
    names = [text.text for text in timeline.iter("text") if text.get("class") == "raft-lane-name"]

    assert names == ["Raft", "S1", "S2", "S3", "Multi-Paxos", "S1", "S2", "S3"]
    assert len([group for group in timeline.iter("g") if group.get("data-part") == "cursor"]) == 1


def test_a_term_known_in_one_run_only_is_a_difference() -> None:
    """A node that has forgotten its term looks like any other follower, but for the number."""
    first_cluster = play_scenario("leader-election").moments[0].shown_step.cluster
    node = first_cluster.node("S3")
    second_cluster = first_cluster.with_node(replace(node, current_term=node.current_term + 1))

    differences = compare_clusters(first_cluster, second_cluster)

    assert differences.nodes == ("S3",)
    assert differences.words == (
        f"**The runs differ here:** S3 is in term {node.current_term} in the first run "
        f"and in term {node.current_term + 1} in the second."
    )


def test_a_vote_given_in_one_run_and_denied_in_the_other_is_a_difference() -> None:
    """Roles and logs are the same still; the vote is what the next step turns on."""
    first_cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    second_cluster = first_cluster.with_node(replace(first_cluster.node("S3"), voted_for="S2"))

    differences = compare_clusters(first_cluster, second_cluster)

    assert differences.nodes == ("S3",)
    assert differences.words == (
        "**The runs differ here:** S3 has voted for nobody in the first run and for S2 in the second."
    )


READ_ANSWER = ReadResult(id="r1", key="x", value=None, index=0)
APPLIED_ANSWER = CommandApplied(command="x=1", index=1, term=2)


@pytest.mark.parametrize(
    ("first_answer", "second_answer", "words"),
    [
        (READ_ANSWER, None, "S1 has replied to a client that x is not set in the first run but not in the second"),
        (None, APPLIED_ANSWER, "S1 has replied to a client that x=1 is applied in the second but not in the first run"),
        (
            READ_ANSWER,
            replace(READ_ANSWER, value="2"),
            "S1 has replied to a client that x is not set in the first run and that x is 2 in the second",
        ),
        (
            NotLeader(command="x=1", leader="S2"),
            RequestRefused(request="x=1", rule=Rule.REFUSE_DURING_TRANSFER),
            "S1 has replied to a client that S2 leads in the first run and that “x=1” is refused in the second",
        ),
    ],
)
def test_an_answer_that_a_client_gets_in_one_run_only_is_a_difference(
    first_answer: Answer | None, second_answer: Answer | None, words: str
) -> None:
    """All else stands alike: the answer is what the runs are about."""
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    first_answers, second_answers = (
        tuple(("S1", answer) for answer in (APPLIED_ANSWER, answer) if answer)
        for answer in (first_answer, second_answer)
    )

    differences = compare_clusters(cluster, cluster, (first_answers, second_answers))

    assert differences.nodes == ("S1",)
    assert differences.descriptions == (words,)


def test_a_lease_that_lasts_longer_in_one_run_is_a_difference() -> None:
    """Where clocks drift, what the rule is about is a number that no role, vote or entry shows."""
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    leases = (LeaderState(lease_until_ms=until_ms) for until_ms in (150, 120))
    long, short = (cluster.with_node(replace(cluster.node("S1"), leader_state=office)) for office in leases)

    assert compare_clusters(long, short).nodes == ("S1",)
    assert compare_clusters(long, short).descriptions == (
        "S1 has a lease until 150 ms by its clock in the first run and a lease until 120 ms by its clock in the second",
    )
    assert compare_clusters(cluster, short).descriptions[0].startswith("S1 has no lease in the first run")


def test_the_same_answers_are_no_difference_whatever_the_order() -> None:
    """Two clients answered at one moment have no order, and only a true difference may be reported."""
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)

    differences = compare_clusters(
        cluster,
        cluster,
        ((("S1", READ_ANSWER), ("S2", APPLIED_ANSWER)), (("S2", replace(APPLIED_ANSWER, term=3)), ("S1", READ_ANSWER))),
    )

    assert differences.descriptions == ()
    assert differences.words.startswith("Both runs are alike here")
