"""A run that begins in a given state: what it may be, and what an observer of it remembers."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from raftstep.core.model import Entry, Role, Settings, StateMachine
from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Timeout
from raftstep.simulation.explore import Limits, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.features import NO_FEATURES, Feature
from raftstep.simulation.given_start import (
    GivenNode,
    entry_of_term,
    find_contradictions,
    history_of,
    make_cluster,
)
from raftstep.simulation.invariants import CommittedEntry, History
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.run import run

IDS = ("S1", "S2", "S3", "S4", "S5")


def give(
    id: str, *terms: int, term: int = 4, vote: str | None = None, commit: int = 0, leads: bool = False
) -> GivenNode:
    """A node whose log has entries of these terms."""
    log = tuple(entry_of_term(entry_term, index) for index, entry_term in enumerate(terms, 1))
    return GivenNode(
        id=id, term=term, vote=vote or (id if leads else None), log=log, commit_index=commit, is_leader=leads
    )


FIGURE_8_C = (
    give("S1", 1, 2, 4, leads=True),
    give("S2", 1, 2, vote="S1"),
    give("S3", 1, 2, vote="S1"),
    give("S4", 1, vote="S1"),
    give("S5", 1, 3, term=3, vote="S5"),
)
FIGURE_8_E = (
    give("S1", 1, 2, 4, leads=True, commit=3),
    give("S2", 1, 2, 4, vote="S1"),
    give("S3", 1, 2, 4, vote="S1"),
    *FIGURE_8_C[3:],
)


@pytest.mark.parametrize("given_nodes", [FIGURE_8_C, FIGURE_8_E], ids=["c", "e"])
def test_the_states_of_the_papers_figure_8_are_possible(given_nodes: tuple[GivenNode, ...]) -> None:
    """Figure 8: in (c) a majority holds an entry that nobody has committed; in (e) it is, with a later one."""
    assert list(find_contradictions(given_nodes)) == []


@pytest.mark.parametrize("commit_index", [1, 2])
def test_what_figure_8_says_is_not_committed_cannot_be_given_as_committed(commit_index: int) -> None:
    """§5.4.2: entry 2 is on a majority in (c), and S5 was elected without it; entry 1 all hold."""
    leader, *others = FIGURE_8_C
    contradictions = list(find_contradictions((replace(leader, commit_index=commit_index), *others)))

    assert [(each.node, each.part) for each in contradictions] == (
        [] if commit_index == 1 else [("S1", "commit_index")]
    )


def test_a_leader_may_have_the_votes_of_nodes_that_have_moved_on() -> None:
    """Who is in a later term may have voted for it before; who is in an earlier one has not."""
    leader = give("S1", 1, leads=True)

    assert list(find_contradictions((leader, give("S2", term=5), give("S3", term=3)))) == []
    assert len(list(find_contradictions((leader, give("S2", term=3), give("S3", term=3))))) == 1


def test_a_voter_with_a_better_log_has_not_voted_unless_its_leader_has_written_to_it() -> None:
    """§5.4.1: S3 refused, for its last entry is of a later term; S2's log already ends in an entry of the leader."""
    leader = give("S1", 1, 4, leads=True)
    overwritten = give("S2", 1, 4, vote="S1")
    better = give("S3", 1, 3, vote="S1")

    assert list(find_contradictions((leader, overwritten, better))) == []
    [contradiction] = find_contradictions((leader, better, give("S4", term=3)))
    assert contradiction.words.startswith("S1 leads term 4, and only 1 of 3 nodes can have voted for it")


def test_nodes_that_do_not_vote_elect_nobody() -> None:
    """A learner's vote does not count, whatever is written."""
    nodes = (give("S1", leads=True), give("S2", vote="S1"), give("S3", term=1))

    assert list(find_contradictions(nodes)) == []
    assert len(list(find_contradictions(nodes, voters=("S1", "S3")))) == 1


def test_a_cluster_is_made_as_it_is_given() -> None:
    """A leader knows nothing of other logs yet; what is committed is applied; who is down has lost that."""
    down = replace(give("S3", 1), is_down=True)
    cluster = make_cluster(
        (give("S1", 1, 4, leads=True, commit=1), give("S2", 1, vote="S1"), down), settings=Settings()
    )
    leader, follower, _ = cluster.nodes

    assert (leader.role, leader.current_term, leader.voted_for, leader.leader) == (Role.LEADER, 4, "S1", "S1")
    assert (leader.commit_index, leader.last_applied, leader.machine) == (1, 1, StateMachine(pairs=(("x", "1"),)))
    assert [(progress.peer, progress.next_index, progress.match_index) for progress in leader.progress] == [
        ("S2", 3, 0),
        ("S3", 3, 0),
    ]
    assert (follower.role, follower.voted_for, follower.log) == (Role.FOLLOWER, "S1", (entry_of_term(1, 1),))
    assert cluster.down_nodes == {"S3"}


def test_the_observer_knows_what_was_decided_before() -> None:
    """Who leads, and what is committed: the term is the one whose leader can have done it."""
    cluster = make_cluster(FIGURE_8_E, settings=Settings())

    entries = tuple(entry_of_term(term, index) for index, term in enumerate((1, 2, 4), 1))
    assert history_of(cluster) == History(
        leaders=((4, "S1"),),
        committed_entries=tuple(CommittedEntry(entry=entry, commit_term=4) for entry in entries),
        applied_entries=entries,
    )
    assert history_of(make_cluster(FIGURE_8_C, settings=Settings())) == History(leaders=((4, "S1"),))


def test_a_run_that_loses_what_was_committed_at_its_start_raises_an_alarm() -> None:
    """Style, *Tests*: a check that cannot fail checks nothing. The start here is one that cannot be."""
    nodes = (give("S1", 1, 2, term=2, commit=2), give("S2", 1), give("S3", 1))
    setup = Setup(
        nodes=("S1", "S2", "S3"),
        start=make_cluster(nodes, settings=Settings()),
        plan=(Action(at_ms=0, directive=Timeout(node="S2")),),
        until_ms=60,
    )

    trace = run(setup, seed=1)

    assert {alarm.property for alarm in trace.alarms} == {"Leader Completeness"}


def test_a_second_leader_of_the_term_of_a_given_one_raises_an_alarm() -> None:
    """The observer counts the leader that was there at the start."""
    nodes = (give("S1", term=2, leads=True), give("S2", term=1), give("S3", term=1))
    setup = Setup(
        nodes=("S1", "S2", "S3"),
        start=make_cluster(nodes, settings=Settings()),
        plan=(Action(at_ms=0, directive=Timeout(node="S2")),),
        latency_ms=(10, 10),
        until_ms=30,
    )

    trace = run(setup, seed=1)

    assert {alarm.property for alarm in trace.alarms} == {"Election Safety"}


def test_a_bare_term_is_the_same_entry_in_every_log() -> None:
    """Log Matching: the same term at the same index is the same entry, so its command is made from both."""
    assert entry_of_term(4, 5) == Entry(term=4, command="u=5")
    commands = {entry_of_term(term, index).command for term in range(1, 10) for index in range(1, 101)}
    assert len(commands) == 900


def describe(cluster: Cluster) -> tuple[GivenNode, ...]:
    """A cluster of a run, as an author would give it."""
    return tuple(
        GivenNode(
            id=node.id,
            term=node.current_term,
            vote=node.voted_for,
            log=node.log,
            commit_index=node.commit_index,
            is_leader=node.role is Role.LEADER,
            is_down=node.id in cluster.down_nodes,
        )
        for node in cluster.nodes
    )


@pytest.mark.parametrize("features", [NO_FEATURES, frozenset({Feature.NO_OP, Feature.PRE_VOTE})], ids=["plain", "more"])
@pytest.mark.parametrize("seed", range(8))
def test_whatever_a_run_has_led_to_may_be_given(seed: int, features: frozenset[Feature]) -> None:
    """No state that Raft reaches is refused: every state of random runs with crashes, cuts, loss and duplicates."""
    setup = draw_setup(3 + 2 * (seed % 2), seed=seed, features=features)

    for step in run(setup, seed=seed).steps:
        assert list(find_contradictions(describe(step.cluster))) == [], step


def possible_logs() -> list[tuple[int, ...]]:
    """Every log of at most two entries whose terms do not fall, up to term 3."""
    logs = [terms for size in range(3) for terms in product((1, 2, 3), repeat=size)]
    return [terms for terms in logs if list(terms) == sorted(terms)]


def draw_nodes(random: Random) -> tuple[GivenNode, ...]:
    """Three nodes in any state, most of which cannot be."""
    return tuple(
        give(
            id,
            *random.choice(possible_logs()),
            term=random.choice((2, 3)),
            vote=random.choice((None, "S1", "S1", id)),
            commit=random.choice((0, 0, 1, 2)),
            leads=id == "S1" and random.random() < 0.7,
        )
        for id in IDS[:3]
    )


def test_what_may_be_given_breaks_nothing() -> None:
    """A state that is let through is one from which Raft is safe: searched from 20 of them, and 30 that are refused.

    Some of the refused ones do break a property, so the search would have seen it.
    """
    random = Random(5)
    accepted: list[Bounds] = []
    refused: list[Bounds] = []
    while len(accepted) < 20 or len(refused) < 30:
        given_nodes = draw_nodes(random)
        group = refused if list(find_contradictions(given_nodes)) else accepted
        given = make_cluster(given_nodes, settings=Settings())
        group.append(Bounds(terms=4, entries=3, commands=1, heartbeats=False, given=given))

    limits = Limits(states=3000)
    assert [explore(raft_model(bounds), limits).schedule for bounds in accepted[:20]] == [None] * 20
    assert any(explore(raft_model(bounds), limits).schedule for bounds in refused[:30])
