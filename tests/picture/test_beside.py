"""Two runs in one stepper: what may stand together, what is told to differ, what is marked, and one film for both."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from raftstep.core.inputs import Answer, Applied, NotLeader, ReadResult, Refused
from raftstep.core.model import Office, Settings
from raftstep.core.rules import Rule
from raftstep.picture.beside import SECOND, Beside, complaints
from raftstep.picture.difference import difference
from raftstep.picture.figures import figures
from raftstep.simulation.cluster import boot
from tests.picture.runs import parsed, played

PAIRS = ("steady", "who-may-lead", "two-candidates", "holes", "old-entry", "cut-off")


def pair(name: str) -> Beside:
    return Beside(
        figures(played(f"{name}-raft"), prefix="one"),
        figures(played(f"{name}-paxos"), prefix="two"),
    )


@pytest.mark.parametrize("name", PAIRS)
def test_the_shipped_pairs_can_stand_together(name: str) -> None:
    assert list(complaints(played(f"{name}-raft"), played(f"{name}-paxos"))) == []


def test_runs_of_other_nodes_steps_or_moments_cannot() -> None:
    """Each complaint says how to mend it."""
    steady, holes, five = played("steady-raft"), played("holes-raft"), played("old-entry-raft")
    late = replace(steady, moments=(*steady.moments[:-1], replace(steady.moments[-1], time_ms=300)))

    assert list(complaints(steady, five)) == ["their nodes are not the same; give both scenarios the same nodes"]
    assert list(complaints(steady, holes)) == ["one has 5 steps and the other 7; give both as many"]
    assert list(complaints(steady, late)) == [
        'step 5 shows 282 ms in one and 300 ms in the other; show one moment in both, with "after_ms"'
    ]


def test_a_steady_leader_is_the_same_in_both() -> None:
    """Same roles, same entries, same knowledge of what is settled, in every step."""
    steps = pair("steady").steps

    assert [step.difference.told for step in steps] == [()] * 5
    assert not [step for step in steps for picture in (*step.clusters, *step.logs) if "raft-differs" in picture]


def test_the_node_behind_leads_in_one_run_only() -> None:
    found = pair("who-may-lead").steps[3].difference

    assert found.nodes == ("S5",)
    assert found.places == (("S5", 1),)
    assert found.words == (
        "**The runs differ here:** S5 is a candidate in Raft and a leader in Multi-Paxos; "
        "index 1 of S5 holds nothing in Raft and x=1 in Multi-Paxos."
    )


def test_an_old_entry_differs_in_its_number_alone() -> None:
    (told,) = pair("old-entry").steps[1].difference.told

    assert told == "index 1 of S2 holds x=1 of term 2 in Raft and x=1 of ballot 3 in Multi-Paxos"


def test_entries_behind_a_snapshot_are_told_by_their_own_index() -> None:
    """§7: what a snapshot replaced still counts; the first entry behind it is not entry 1."""
    cluster = played("snapshot-keeps-suffix").moments[-1].shown.cluster
    node = next(one for one in cluster.nodes if one.snapshot.index and one.log)
    shorter = cluster.with_node(replace(node, log=node.log[:-1]))
    end = node.snapshot.index + len(node.log)

    found = difference(cluster, shorter)

    assert found.places == ((node.id, end),)
    assert found.told[0].startswith(f"index {end} of {node.id} holds {node.log[-1].command or ''}")
    assert found.told[0].endswith("and nothing in the second")


def test_more_differences_than_one_reads_are_counted() -> None:
    one, other = (played(f"old-entry-{name}").moments[3].shown.cluster for name in ("raft", "paxos"))

    assert difference(one, other).words.count(";") <= 3


@pytest.mark.parametrize("name", PAIRS)
def test_what_differs_is_marked_in_both_pictures(name: str) -> None:
    for step in pair(name).steps:
        for picture in step.clusters:
            marked = [group for group in parsed(picture).iter("g") if group.get("class") == "raft-differs"]
            assert sum(len(list(group)) for group in marked) == len(step.difference.nodes)


@pytest.mark.parametrize("name", PAIRS)
def test_one_film_moves_both_runs(name: str) -> None:
    """Every part that it changes is in the step's pictures, and no two parts have one name."""
    both = pair(name)
    film = json.loads(both.film)
    shown = "".join((*both.steps[0].clusters, *both.steps[0].logs))
    parts = re.findall(r'data-part="([^"]+)"', shown)

    assert len(parts) == len(set(parts))
    assert {part for _, part, _ in film["changes"]} <= set(parts)
    assert [at for at, _, _ in film["changes"]] == sorted(at for at, _, _ in film["changes"])
    assert list(film["beside"]) == [f"{SECOND}mail"]
    assert film["stops"] == list(played(f"{name}-raft").moments_ms)


def test_both_runs_share_an_axis_and_a_cursor() -> None:
    timeline = parsed(pair("holes").timeline)
    names = [text.text for text in timeline.iter("text") if text.get("class") == "raft-lane-name"]

    assert names == ["Raft", "S1", "S2", "S3", "Multi-Paxos", "S1", "S2", "S3"]
    assert len([group for group in timeline.iter("g") if group.get("data-part") == "cursor"]) == 1


def test_a_term_known_in_one_run_only_is_a_difference() -> None:
    """A node that has forgotten its term looks like any other follower, but for the number."""
    one = played("leader-election").moments[0].shown.cluster
    node = one.node("S3")
    other = one.with_node(replace(node, current_term=node.current_term + 1))

    found = difference(one, other)

    assert found.nodes == ("S3",)
    assert found.words == (
        f"**The runs differ here:** S3 is in term {node.current_term} in the first run "
        f"and in term {node.current_term + 1} in the second."
    )


def test_a_vote_given_in_one_run_and_denied_in_the_other_is_a_difference() -> None:
    """Roles and logs are the same still; the vote is what the next step turns on."""
    one = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    other = one.with_node(replace(one.node("S3"), voted_for="S2"))

    told = difference(one, other)

    assert told.nodes == ("S3",)
    assert told.words == (
        "**The runs differ here:** S3 has voted for nobody in the first run and for S2 in the second."
    )


READ = ReadResult(id="r1", key="x", value=None, index=0)
DONE = Applied(command="x=1", index=1, term=2)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (READ, None, "S1 has told a client that x is not set in the first run but not in the second"),
        (None, DONE, "S1 has told a client that x=1 is done in the second but not in the first run"),
        (
            READ,
            replace(READ, value="2"),
            "S1 has told a client that x is not set in the first run and that x is 2 in the second",
        ),
        (
            NotLeader(command="x=1", leader="S2"),
            Refused(what="x=1", rule=Rule.REFUSE_DURING_TRANSFER),
            "S1 has told a client to ask S2 in the first run and that “x=1” is refused in the second",
        ),
    ],
)
def test_an_answer_that_a_client_gets_in_one_run_only_is_a_difference(
    one: Answer | None, other: Answer | None, words: str
) -> None:
    """All else stands alike: the answer is what the runs are about."""
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    before, after = (tuple(("S1", answer) for answer in (DONE, answer) if answer) for answer in (one, other))

    told = difference(cluster, cluster, (before, after))

    assert told.nodes == ("S1",)
    assert told.told == (words,)


def test_a_lease_that_lasts_longer_in_one_run_is_a_difference() -> None:
    """Where clocks drift, what the rule is about is a number that no role, vote or entry shows."""
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)
    leases = (Office(lease_until_ms=until_ms) for until_ms in (150, 120))
    long, short = (cluster.with_node(replace(cluster.node("S1"), office=office)) for office in leases)

    assert difference(long, short).nodes == ("S1",)
    assert difference(long, short).told == (
        "S1 has a lease until 150 ms by its clock in the first run and a lease until 120 ms by its clock in the second",
    )
    assert difference(cluster, short).told[0].startswith("S1 has no lease in the first run")


def test_the_same_answers_are_no_difference_whatever_the_order() -> None:
    cluster = boot(("S1", "S2", "S3"), settings=Settings(), start_term=2)

    told = difference(cluster, cluster, ((("S1", READ), ("S2", DONE)), (("S2", replace(DONE, term=3)), ("S1", READ))))

    assert told.told == ()
    assert told.words.startswith("Both runs stand alike here")
