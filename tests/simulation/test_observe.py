"""What the observer remembers, and what it complains of: whole values in, whole values out (Figure 3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.invariants import CommittedEntry, History, find_last_agreement, observe
from tests.builders import candidate, entries, follower, leader

LOG_OF_TERM_1, LOG_OF_TERM_2 = entries(1), entries(2)
COMMITTED_IN_1 = (CommittedEntry(entry=LOG_OF_TERM_1[0], commit_term=1),)


NO_HISTORY = History()


def observe_change(
    before: Cluster, *, changed_node: object, history: History = NO_HISTORY
) -> tuple[History, list[Alarm]]:
    """What is observed when ``changed_node`` replaces the node of its name."""
    return observe(history, before, before.with_node(changed_node), changed_node.id)


def cluster(*changed_nodes: object) -> Cluster:
    """Three nodes in term 1 that have done nothing, but for these."""
    result = Cluster(nodes=tuple(follower(name, term=1) for name in ("S1", "S2", "S3")))
    for node in changed_nodes:
        result = result.with_node(node)
    return result


def test_an_event_at_no_node_changes_nothing() -> None:
    """A partition is nobody's deed."""
    history = History(leaders=((1, "S1"),))

    assert observe(history, cluster(), cluster(), None) == (history, [])


def test_a_leader_is_remembered_with_its_term() -> None:
    """protocol §2.1: kept for ever, outside the nodes."""
    assert observe_change(cluster(candidate(term=1)), changed_node=leader(term=1)) == (
        History(leaders=((1, "S1"),)),
        [],
    )


def test_a_leader_that_stays_is_remembered_once() -> None:
    """Only the moment of election counts."""
    history = History(leaders=((1, "S1"),))

    assert observe_change(cluster(leader(term=1)), changed_node=leader(term=1, log=LOG_OF_TERM_1), history=history) == (
        history,
        [],
    )


def test_two_leaders_of_a_term_break_election_safety_even_if_the_first_is_gone() -> None:
    """protocol §2.2, P1: historical, not *two leaders at this instant*."""
    history = History(leaders=((1, "S1"),))

    assert observe_change(cluster(), changed_node=leader("S2", term=1), history=history) == (
        History(leaders=((1, "S1"), (1, "S2"))),
        [Alarm(property="Election Safety", words="S1 and S2 both lead term 1")],
    )


def test_leaders_of_different_terms_may_lead_at_once() -> None:
    """§5.2: the older one cannot commit."""
    history = History(leaders=((1, "S1"),))

    assert observe_change(cluster(leader(term=1)), changed_node=leader("S2", term=2), history=history) == (
        History(leaders=((1, "S1"), (2, "S2"))),
        [],
    )


def test_a_leader_that_loses_an_entry_breaks_leader_append_only() -> None:
    """protocol §2.2, P2."""
    history = History(leaders=((2, "S1"),))
    before = cluster(leader(term=2, log=entries(1, 2)))

    assert observe_change(before, changed_node=leader(term=2, log=LOG_OF_TERM_1), history=history) == (
        history,
        [Alarm(property="Leader Append-Only", words="S1 changed its own log while it led term 2")],
    )


def test_a_follower_may_lose_entries() -> None:
    """§5.3: conflicting entries are removed."""
    before = cluster(follower(term=2, log=LOG_OF_TERM_1))

    assert observe_change(before, changed_node=follower(term=2, log=LOG_OF_TERM_2)) == (History(), [])


def test_a_deposed_leader_may_lose_entries() -> None:
    """protocol §2.2, P2: only while it stays leader of one term."""
    before = cluster(leader(term=1, log=LOG_OF_TERM_1))

    assert observe_change(before, changed_node=follower(term=2, log=LOG_OF_TERM_2)) == (History(), [])


def test_the_same_term_behind_different_entries_breaks_log_matching() -> None:
    """protocol §2.2, P3."""
    before = cluster(follower("S2", term=2, log=entries(2, 2)))

    assert observe_change(before, changed_node=follower(term=2, log=entries(1, 2))) == (
        History(),
        [Alarm(property="Log Matching", words="S1 and S2 hold term 2 at index 2, but differ at or before it")],
    )


def test_log_matching_compares_commands_not_only_terms() -> None:
    """protocol §2.2, P3: comparing terms only would miss everything."""
    before = cluster(follower("S2", term=1, log=LOG_OF_TERM_1))
    changed = (replace(LOG_OF_TERM_1[0], command="another"),)

    assert observe_change(before, changed_node=follower(term=1, log=changed)) == (
        History(),
        [Alarm(property="Log Matching", words="S1 and S2 hold term 1 at index 1, but differ at or before it")],
    )


def test_logs_may_differ_where_their_terms_do() -> None:
    """§5.3, Figure 7."""
    before = cluster(follower("S2", term=3, log=entries(1, 2, 2)))

    assert observe_change(before, changed_node=follower(term=3, log=entries(1, 3))) == (History(), [])


def test_the_last_agreement_is_the_highest_index_with_equal_terms() -> None:
    """Beyond a disagreement there may be another agreement; that is just what must be looked at."""
    pairs = (
        (entries(1, 1, 2), entries(1, 1, 3)),
        (entries(1, 2), entries(3, 2, 2)),
        ((), LOG_OF_TERM_1),
        (LOG_OF_TERM_1, LOG_OF_TERM_2),
    )

    assert [find_last_agreement(*pair) for pair in pairs] == [2, 2, 0, 0]


def test_what_a_leader_commits_is_remembered_with_the_term_it_was_committed_in() -> None:
    """protocol §2.1: that term may be later than the entry's own."""
    before = cluster(leader(term=2, log=entries(1, 2)))
    both = entries(1, 2)

    assert observe_change(before, changed_node=leader(term=2, log=both, commit=2)) == (
        History(
            committed_entries=tuple(CommittedEntry(entry=entry, commit_term=2) for entry in both), applied_entries=both
        ),
        [],
    )


def test_a_follower_that_learns_of_a_commit_adds_nothing_to_it() -> None:
    """The leader's was first."""
    history = History(committed_entries=COMMITTED_IN_1, applied_entries=LOG_OF_TERM_1)

    assert observe_change(cluster(), changed_node=follower(term=1, log=LOG_OF_TERM_1, commit=1), history=history) == (
        history,
        [],
    )


def test_a_later_leader_without_a_committed_entry_breaks_leader_completeness() -> None:
    """protocol §2.2, P4."""
    history = History(committed_entries=COMMITTED_IN_1, applied_entries=LOG_OF_TERM_1)

    assert observe_change(cluster(), changed_node=leader("S2", term=2), history=history) == (
        replace(history, leaders=((2, "S2"),)),
        [Alarm(property="Leader Completeness", words="S2 leads term 2 without entry 1, committed in term 1")],
    )


def test_a_commit_behind_the_back_of_a_later_leader_breaks_leader_completeness() -> None:
    """protocol §2.2, P4: checked continuously, not only at an election."""
    before = cluster(leader(term=1, log=LOG_OF_TERM_1), leader("S2", term=2))

    assert observe_change(before, changed_node=leader(term=1, log=LOG_OF_TERM_1, commit=1)) == (
        History(committed_entries=COMMITTED_IN_1, applied_entries=LOG_OF_TERM_1),
        [Alarm(property="Leader Completeness", words="S2 leads term 2 without entry 1, committed in term 1")],
    )


def test_a_leader_of_an_earlier_term_may_lack_what_a_later_one_committed() -> None:
    """§5.4: complete are the leaders of *later* terms."""
    before = cluster(leader(term=1), leader("S2", term=2, log=LOG_OF_TERM_2))

    assert observe_change(before, changed_node=leader("S2", term=2, log=LOG_OF_TERM_2, commit=1)) == (
        History(
            committed_entries=(CommittedEntry(entry=LOG_OF_TERM_2[0], commit_term=2),), applied_entries=LOG_OF_TERM_2
        ),
        [],
    )


def test_another_entry_applied_at_the_same_index_breaks_state_machine_safety() -> None:
    """protocol §2.2, P5."""
    history = History(applied_entries=LOG_OF_TERM_1)

    assert observe_change(cluster(), changed_node=follower(term=2, log=LOG_OF_TERM_2, commit=1), history=history) == (
        history,
        [
            Alarm(
                property="State Machine Safety",
                words="S1 applies another entry at index 1 than was applied there before",
            )
        ],
    )


def test_applying_an_entry_that_is_not_there_breaks_state_machine_safety() -> None:
    """protocol §2.2, P5: a server applies what it holds."""
    _, alarms = observe_change(cluster(), changed_node=follower(term=1, commit=1))

    assert [alarm.property for alarm in alarms] == ["State Machine Safety"]


def test_applying_the_same_entries_again_after_a_restart_is_fine() -> None:
    """protocol §2.2, P5: the state machine starts from nothing too."""
    history = History(applied_entries=LOG_OF_TERM_1)
    before = cluster(follower(term=1, log=LOG_OF_TERM_1))

    assert observe_change(before, changed_node=follower(term=1, log=LOG_OF_TERM_1, commit=1), history=history) == (
        history,
        [],
    )
