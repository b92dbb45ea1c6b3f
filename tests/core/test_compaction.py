"""Snapshots in place of the log's beginning (§7, Figure 13), one node at a time. E1 … E10 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.compaction import compact_log
from raftstep.core.inputs import Outcome, TakeSnapshot
from raftstep.core.log import last_index, last_term
from raftstep.core.messages import AppendEntries
from raftstep.core.model import Entry, Index, Membership, Node, StateMachine
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_accepted,
    append_entries,
    append_rejected,
    client_request,
    configuration_entry,
    entries,
    follower,
    full_configuration,
    install_snapshot,
    leader,
    members,
    receive,
    receive_all,
    request_vote,
    run_steps,
    snapshot,
    snapshot_installed,
    terms,
    vote_denied,
    vote_granted,
    with_settings,
    with_snapshot,
)

LOG = entries(1, 1, 2, 2, 2, 3, 3, 3)
X3 = StateMachine(pairs=(("x", "3"),))
WHOLE = replace(follower("S1", term=4, log=LOG, commit=5), machine=X3)
TAKEN = snapshot(5, 2, configuration=full_configuration(3), x="3")
COMPACTED = with_snapshot(WHOLE, TAKEN)

# Taking one


def test_a_snapshot_replaces_the_log_up_to_what_is_applied() -> None:
    """E1. §7: index and term of the last entry it covers, the state there; entries 6 to 8 stay, and 8 is the last."""
    outcome = step(WHOLE, TakeSnapshot())

    assert outcome == Outcome(
        node=replace(WHOLE, log=LOG[5:], snapshot=TAKEN), messages=(), rearm=False, rules=(Rule.TAKE_SNAPSHOT,)
    )
    assert (last_index(outcome.node), terms(outcome.node.log)) == (8, [3, 3, 3])


def test_a_snapshot_of_what_is_not_applied_is_refused() -> None:
    """E1. §7: only committed and applied entries are settled; nobody has a state for index 7."""
    with pytest.raises(ValueError, match="the state machine is at index 5, not 7"):
        compact_log(WHOLE, 7)


def test_with_nothing_new_applied_no_snapshot_is_taken() -> None:
    """§7: the one there is says all."""
    assert step(COMPACTED, TakeSnapshot()) == Outcome(node=COMPACTED)


def test_a_snapshot_is_taken_by_itself_after_so_many_entries() -> None:
    """§7: a simple strategy is to take one when the log reaches a fixed size."""
    early, due = (step(with_settings(WHOLE, snapshot_after=many), TIMER) for many in (6, 5))

    assert (early.node.snapshot.index, due.node.snapshot.index) == (0, 5)
    assert due.rules == (Rule.TAKE_SNAPSHOT, Rule.START_ELECTION)


def test_a_snapshot_keeps_the_configuration_as_of_its_end() -> None:
    """§7: the latest configuration up to its end, not one that follows."""
    early, late = members("1234"), members("12345")
    log = (*entries(1), configuration_entry(1, early), *entries(1, after=2), configuration_entry(1, late))
    node = with_settings(follower("S1", term=1, log=log, commit=3), membership=Membership.SINGLE)

    taken = compact_log(replace(node, configuration=late), 3)

    assert (taken.snapshot.configuration, taken.configuration) == (early, late)


# The end of a snapshot as an entry


def test_the_end_of_a_snapshot_is_checked_like_an_entry() -> None:
    """E2. §7: index 5 of term 2 agrees, of term 1 does not."""
    agrees = step(COMPACTED, receive(append_entries("S2", "S1", term=4, previous=(5, 2))))
    differs = step(COMPACTED, receive(append_entries("S2", "S1", term=4, previous=(5, 1))))

    assert agrees.messages == (append_accepted("S1", "S2", term=4, match=5),)
    assert differs.messages == (append_rejected("S1", "S2", term=4),)


def test_entries_that_a_snapshot_covers_are_passed_over() -> None:
    """E3. §7: 4 and 5 are in the snapshot, 6 is there already, 7 conflicts and is replaced."""
    sent = append_entries("S2", "S1", term=4, previous=(3, 2), new=entries(2, 2, 3, 4, after=3))

    outcome = step(COMPACTED, receive(sent))

    assert outcome == Outcome(
        node=replace(COMPACTED, log=entries(3, 4, after=5), leader="S2"),
        messages=(append_accepted("S1", "S2", term=4, match=7),),
        rearm=True,
        rules=(Rule.ACCEPT_ENTRIES, Rule.TRUNCATE_CONFLICT),
    )


def test_a_log_that_is_all_snapshot_stands_for_election_with_its_end() -> None:
    """E10. §7, §5.4.1: index 5 of term 2 is its last entry, for asking and for answering."""
    node = with_snapshot(replace(WHOLE, log=LOG[:5]), TAKEN)

    asked = step(node, TIMER)
    older, same = (step(node, receive(request_vote("S2", "S1", term=6, last=last))) for last in ((5, 1), (5, 2)))

    assert asked.messages == tuple(request_vote("S1", peer, term=5, last=(5, 2)) for peer in ("S2", "S3"))
    assert older.messages == (vote_denied("S1", "S2", term=6),)
    assert same.messages == (vote_granted("S1", "S2", term=6),)


# Receiving one


def test_a_log_too_short_gives_way_to_the_snapshot() -> None:
    """E4. Figure 13, steps 7 and 8: log, state and configuration are the snapshot's, and its end is committed."""
    node = with_settings(follower("S1", term=4, log=entries(1, 1), commit=1, leader="S2"), membership=Membership.JOINT)
    taken = snapshot(6, 3, configuration=members("1234"), x="7")

    outcome = step(node, receive(install_snapshot("S2", "S1", term=4, sent_snapshot=taken)))

    assert outcome == Outcome(
        node=replace(
            node,
            log=(),
            snapshot=taken,
            configuration=members("1234"),
            commit_index=6,
            last_applied=6,
            machine=StateMachine(pairs=(("x", "7"),)),
        ),
        messages=(snapshot_installed("S1", "S2", term=4, match=6),),
        rearm=True,
        rules=(Rule.INSTALL_SNAPSHOT, Rule.ADOPT_CONFIGURATION),
    )


def test_entries_behind_a_snapshot_that_fits_are_kept() -> None:
    """E5. Figure 13, step 6: 3 and 4 survive, and the state machine is not behind index 2."""
    node = follower("S1", term=4, log=entries(1, 2, 3, 3), commit=1)

    outcome = step(node, receive(install_snapshot("S2", "S1", term=4, sent_snapshot=snapshot(2, 2, x="3"))))

    assert outcome.rules == (Rule.KEEP_SUFFIX,)
    assert outcome.node == replace(
        with_snapshot(node, snapshot(2, 2, x="3")), leader="S2", commit_index=2, last_applied=2, machine=X3
    )
    assert terms(outcome.node.log) == [3, 3]


def test_a_log_that_conflicts_with_the_snapshot_is_discarded() -> None:
    """E6. Figure 13, step 7: its entry 2 is of term 2, the snapshot's of term 1."""
    node = follower("S1", term=4, log=entries(1, 2, 3, 3), commit=1)

    outcome = step(node, receive(install_snapshot("S2", "S1", term=4, sent_snapshot=snapshot(2, 1))))

    assert (outcome.node.log, last_index(outcome.node), last_term(outcome.node)) == ((), 2, 1)
    assert outcome.rules == (Rule.INSTALL_SNAPSHOT,)


@pytest.mark.parametrize("taken", [TAKEN, snapshot(3, 1)], ids=["E7-the-same-again", "E7-an-older-one"])
def test_a_snapshot_behind_what_is_committed_changes_nothing(taken: object) -> None:
    """E7. §7: repeated or late, it may cost no entry and set nothing back; the leader still learns the match."""
    node = replace(COMPACTED, log=entries(3, 3, 3, 4, after=5), commit_index=9, last_applied=9, leader="S2")

    outcome = step(node, receive(install_snapshot("S2", "S1", term=4, sent_snapshot=taken)))  # type: ignore[arg-type]

    assert (outcome.node, outcome.rules, outcome.rearm) == (node, (Rule.IGNORE_OLD_SNAPSHOT,), True)
    assert outcome.messages == (snapshot_installed("S1", "S2", term=4, match=taken.index),)  # type: ignore[attr-defined]


def test_a_snapshot_of_an_older_term_is_refused() -> None:
    """E8. Figure 13, step 1: the answer carries the newer term, and nothing else happens."""
    outcome = step(WHOLE, receive(install_snapshot("S2", "S1", term=3, sent_snapshot=snapshot(9, 3))))

    assert outcome == Outcome(
        node=WHOLE, messages=(snapshot_installed("S1", "S2", term=4, match=0),), rules=(Rule.REJECT_STALE_LEADER,)
    )


def test_a_snapshot_of_a_newer_term_makes_a_follower() -> None:
    """§5.1: like every message."""
    outcome = step(
        leader("S1", term=3, log=LOG), receive(install_snapshot("S2", "S1", term=4, sent_snapshot=snapshot(9, 4)))
    )

    assert outcome.node.current_term == 4
    assert (outcome.node.role, outcome.node.leader, outcome.node.snapshot.index) == ("follower", "S2", 9)
    assert outcome.rules == (Rule.ADOPT_NEWER_TERM, Rule.INSTALL_SNAPSHOT)


# Sending one


def test_a_leader_sends_its_snapshot_where_the_entries_are_gone() -> None:
    """E9. §7: the log begins at 6, S3 needs 4; S2 needs 6, so it gets entries behind the snapshot's end."""
    node = with_snapshot(leader("S1", term=4, log=LOG, commit=5, progress={"S2": (6, 5), "S3": (4, 3)}), TAKEN)

    outcome = step(node, TIMER)

    assert outcome.rules == (Rule.SEND_HEARTBEAT, Rule.SEND_SNAPSHOT)
    assert outcome.messages == (
        append_entries("S1", "S2", term=4, previous=(5, 2), new=LOG[5:], commit=5),
        install_snapshot("S1", "S3", term=4, sent_snapshot=TAKEN),
    )


def test_a_follower_that_took_the_snapshot_is_sent_what_follows_it() -> None:
    """E9. §7: match index 5, next index 6."""
    node = with_snapshot(leader("S1", term=4, log=LOG, commit=5, progress={"S3": (4, 3)}), TAKEN)

    learnt, beat = run_steps(node, receive(snapshot_installed("S3", "S1", term=4, match=5)), TIMER)

    assert (learnt.node.progress[1].match_index, learnt.node.progress[1].next_index) == (5, 6)
    assert beat.messages[1] == append_entries("S1", "S3", term=4, previous=(5, 2), new=LOG[5:], commit=5)


def test_a_late_answer_to_a_snapshot_does_not_move_the_mark_back() -> None:
    """§5.5: it is known to match up to 7."""
    node = with_snapshot(leader("S1", term=4, log=LOG, commit=5, progress={"S3": (8, 7)}), TAKEN)

    assert (
        receive_all(
            node, snapshot_installed("S3", "S1", term=4, match=5), snapshot_installed("S3", "S1", term=3, match=9)
        )
        == node
    )


def test_a_follower_backed_up_past_the_snapshot_gets_the_snapshot() -> None:
    """§7: the probe goes down to index 5, which is gone."""
    node = with_snapshot(leader("S1", term=4, log=LOG, commit=5, progress={"S3": (6, 0)}), TAKEN)

    outcome = step(node, receive(append_rejected("S3", "S1", term=4)))

    assert (outcome.messages, outcome.rules) == (
        (install_snapshot("S1", "S3", term=4, sent_snapshot=TAKEN),),
        (Rule.BACK_UP, Rule.SEND_SNAPSHOT),
    )


# Coming back with one


def test_a_node_restarts_from_its_snapshot() -> None:
    """§7: state and configuration are the snapshot's, and what it covers is committed; the rest is learnt anew."""
    outcome = step(replace(COMPACTED, commit_index=8, last_applied=8, machine=StateMachine()), RESTART)

    assert outcome == Outcome(node=COMPACTED, rearm=True, rules=(Rule.RESTART, Rule.RESTORE_SNAPSHOT))


# The slow twin: a node that never forgot anything


COMMANDS = ("x=1", "y=2", "x+=1", "z=0")
LOGS = st.lists(st.integers(min_value=1, max_value=3), max_size=8).map(lambda drawn: entries(*sorted(drawn)))


@st.composite
def _follower_and_message(draw: st.DrawFn) -> tuple[Node, Index, AppendEntries]:
    """A follower, up to where it compacts, and a message from a leader that has what is committed."""
    log = tuple(replace(entry, command=COMMANDS[place % 4]) for place, entry in enumerate(draw(LOGS)))
    commit = draw(st.integers(min_value=0, max_value=len(log)))
    sent: tuple[Entry, ...] = log[: draw(st.integers(min_value=commit, max_value=len(log)))] + entries(
        *draw(st.lists(st.just(4), max_size=3)), after=9
    )
    previous = draw(st.integers(min_value=0, max_value=len(sent)))
    message = append_entries(
        "S2",
        "S1",
        term=4,
        previous=(previous, sent[previous - 1].term if previous else 0),
        new=sent[previous:],
        commit=draw(st.integers(min_value=0, max_value=len(sent))),
    )
    learnt = append_entries("S2", "S1", term=4, previous=(len(log), log[-1].term if log else 0), commit=commit)
    node = receive_all(follower("S1", term=4, log=log), learnt)
    return node, commit, message


@given(_follower_and_message())
def test_a_node_with_a_snapshot_answers_as_if_it_had_the_whole_log(case: tuple[Node, Index, AppendEntries]) -> None:
    """§7: a snapshot stands for the log it replaces, whatever the leader sends."""
    node, commit, message = case

    whole, short = step(node, receive(message)), step(step(node, TakeSnapshot()).node, receive(message))

    assert (short.messages, short.rearm) == (whole.messages, whole.rearm)
    assert (short.node.commit_index, short.node.machine) == (whole.node.commit_index, whole.node.machine)
    assert short.node.log == whole.node.log[commit:]


@given(_follower_and_message())
def test_taking_a_second_snapshot_further_on_is_taking_one(case: tuple[Node, Index, AppendEntries]) -> None:
    """§7: the second replaces the first."""
    node, _, message = case

    once = step(receive_all(node, message), TakeSnapshot()).node
    twice = step(receive_all(step(node, TakeSnapshot()).node, message), TakeSnapshot()).node

    assert once == twice


def test_a_command_after_a_snapshot_is_stored_behind_it() -> None:
    """§7: the leader's log goes on where it was."""
    node = with_snapshot(leader("S1", nodes=1, term=4, log=LOG[:5], commit=5), TAKEN)

    outcome = step(node, client_request("x=4"))

    assert (last_index(outcome.node), outcome.node.machine.value("x")) == (6, "4")
