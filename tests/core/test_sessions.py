"""The state machine, and commands that are sent again (§8, dissertation §6.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.inputs import ClientRequest, CommandApplied, RequestRefused, TakeSnapshot
from raftstep.core.machine import apply_entry, key_of
from raftstep.core.model import Entry, Node, StateMachine
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_entries,
    follower,
    install_snapshot,
    leader,
    receive,
    receive_all,
    run_steps,
    with_settings,
)

ADD_TWO = ClientRequest(command="x+=2", client="A", serial=1)
ALONE = with_settings(leader("S1", nodes=1, term=1), sessions=True)


def machine(*commands: str) -> StateMachine:
    """The store after these commands."""
    made = StateMachine()
    for command in commands:
        made = apply_entry(made, Entry(term=1, command=command))
    return made


@pytest.mark.parametrize(
    ("commands", "pairs"),
    [
        ((), ()),
        (("x=3",), (("x", "3"),)),
        (("x=3", "y=1", "x=4"), (("x", "4"), ("y", "1"))),
        (("x+=2", "x+=3"), (("x", "5"),)),
        (("x=word", "x+=3"), (("x", "word"),)),
        (("ping",), ()),
        ((" x = 3 ", "x += 1"), (("x", "4"),)),
    ],
)
def test_the_machine_is_a_small_store(commands: tuple[str, ...], pairs: tuple[tuple[str, str], ...]) -> None:
    """``x=3`` sets, ``x+=2`` adds to a number, and anything else changes nothing."""
    assert machine(*commands).pairs == pairs


def test_a_key_is_read_as_it_was_last_written() -> None:
    """And as nothing where it never was."""
    assert (machine("x=1", "x=2").value("x"), machine("x=1").value("y")) == ("2", None)
    assert [key_of(command) for command in ("x=3", "x+=3", "ping")] == ["x", "x", None]


def test_a_command_sent_twice_is_applied_once_and_answered_twice() -> None:
    """Dissertation §6.3: two entries in the log, one effect; the client may have missed the first answer."""
    first, second = run_steps(ALONE, ADD_TWO, ADD_TWO)

    assert (first.node.machine.value("x"), second.node.machine.value("x")) == ("2", "2")
    assert len(second.node.log) == 2
    assert Rule.SKIP_REPEATED in second.rules
    assert second.answers == (CommandApplied(command="x+=2", index=2, term=1),)


def test_without_sessions_it_is_applied_twice() -> None:
    """§8: at least once, unless the state machine remembers."""
    *_, second = run_steps(with_settings(ALONE, sessions=False), ADD_TWO, ADD_TWO)

    assert second.node.machine.value("x") == "4"


def test_each_client_has_a_session_of_its_own() -> None:
    """Dissertation §6.3: serial numbers are a client's own."""
    *_, second = run_steps(ALONE, ADD_TWO, replace(ADD_TWO, client="B"))

    assert second.node.machine == StateMachine(pairs=(("x", "4"),), sessions=(("A", 1), ("B", 1)))


def test_a_command_without_a_client_is_always_applied() -> None:
    """Dissertation §6.3: nothing tells it from another."""
    *_, second = run_steps(ALONE, ClientRequest(command="x+=2"), ClientRequest(command="x+=2"))

    assert second.node.machine == StateMachine(pairs=(("x", "4"),))


def test_a_command_that_its_client_has_given_up_is_neither_applied_nor_answered() -> None:
    """Dissertation §6.3: the session is past it, and cannot tell whether it ever took effect."""
    *_, late = run_steps(ALONE, replace(ADD_TWO, serial=2), ADD_TWO)

    assert late.node.machine.value("x") == "2"
    assert late.answers == ()
    assert late.rules == (Rule.APPEND_COMMAND, Rule.COMMIT, Rule.APPLY, Rule.SKIP_REPEATED)


def test_a_new_leader_knows_the_sessions_from_the_log() -> None:
    """Dissertation §6.3: they are part of the state machine, so every node has them."""
    entry = Entry(term=1, command="x+=2", client="A", serial=1)
    node = receive_all(
        with_settings(follower("S2", nodes=1, term=1), sessions=True),
        append_entries("S1", "S2", term=1, new=(entry,), commit=1),
    )
    elected = step(replace(node, configuration=replace(node.configuration, voters=("S2",))), TIMER).node

    again = step(elected, ADD_TWO)

    assert again.node.machine.value("x") == "2"
    assert again.answers == (CommandApplied(command="x+=2", index=2, term=2),)


def test_sessions_survive_in_a_snapshot() -> None:
    """Dissertation §6.3: dropped with the log, they would let a repeated command through."""
    *_, taken = run_steps(ALONE, ADD_TWO, TakeSnapshot())
    restarted = step(taken.node, RESTART).node
    other = receive_all(
        with_settings(follower("S2", term=1), sessions=True),
        install_snapshot("S1", "S2", term=1, sent_snapshot=taken.node.snapshot),
    )

    for node in (restarted, other):
        assert node.machine == StateMachine(pairs=(("x", "2"),), sessions=(("A", 1),))


# A limit of sessions


def limited(limit: int = 2, *, renew: bool = False) -> Node:
    """A leader alone that keeps so many sessions."""
    return with_settings(ALONE, session_limit=limit, renew_sessions=renew)


def first_of(client: str) -> ClientRequest:
    """A client begins its session."""
    return ClientRequest(command="hello", client=client, serial=1)


def test_the_session_used_longest_ago_gives_way() -> None:
    """Dissertation §6.3: an upper bound, and the least recently used session is removed; a retry is a use too."""
    *_, third = run_steps(limited(), first_of("A"), first_of("B"), first_of("A"), first_of("C"))

    assert third.node.machine.sessions == (("A", 1), ("C", 1))
    assert Rule.EXPIRE_SESSION in third.rules


def test_a_client_without_its_session_is_refused() -> None:
    """Dissertation §6.3: to apply the command could be to apply it twice."""
    add_two = replace(ADD_TWO, serial=2)
    *_, retried = run_steps(limited(), first_of("A"), add_two, first_of("B"), first_of("C"), add_two)

    assert retried.node.machine.value("x") == "2"
    assert retried.answers == (RequestRefused(request="x+=2", rule=Rule.REFUSE_EXPIRED_SESSION),)


def test_a_renewed_session_may_apply_a_command_twice() -> None:
    """Dissertation §6.3: a new session wherever there is no record would risk duplicate execution."""
    add_two = replace(ADD_TWO, serial=2)
    *_, retried = run_steps(limited(renew=True), first_of("A"), add_two, first_of("B"), first_of("C"), add_two)

    assert retried.node.machine.value("x") == "4"


def test_without_a_limit_no_number_is_too_high_to_begin_with() -> None:
    """Nothing was ever removed, so a client without a session is new."""
    assert step(ALONE, replace(ADD_TWO, serial=7)).node.machine.value("x") == "2"


def test_a_refusal_belongs_to_its_own_entry_only() -> None:
    """Two entries are applied in one step: the first is refused, and the client of the second gets its answer."""
    log = (
        Entry(term=1, command="x+=2", client="A", serial=2),
        Entry(term=1, command="hello", client="B", serial=1),
    )
    node = replace(limited(), log=log[:1])

    outcome = step(node, ClientRequest(command="hello", client="B", serial=1))

    assert outcome.answers == (
        RequestRefused(request="x+=2", rule=Rule.REFUSE_EXPIRED_SESSION),
        CommandApplied(command="hello", index=2, term=1),
    )
    assert outcome.node.log == log


def _entry(drawn: tuple[str, int, str]) -> Entry:
    client, serial, command = drawn
    return Entry(term=1, command=command, client=client, serial=serial)


LOGS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(min_value=1, max_value=4), st.sampled_from(("x+=1", "y+=2", "x=5"))),
    max_size=10,
).map(lambda drawn: tuple(map(_entry, drawn)))


@given(LOGS)
def test_what_is_applied_is_the_log_without_its_repeats(log: tuple[Entry, ...]) -> None:
    """Dissertation §6.3: the slow way, throwing away first what some session has reached."""
    reached: dict[str | None, int] = {}
    kept = []
    for entry in log:
        if entry.serial > reached.get(entry.client, 0):
            reached[entry.client] = entry.serial
            kept.append(entry)

    sent = receive(append_entries("S1", "S2", term=1, new=log, commit=len(log)))
    node: Node = step(with_settings(follower("S2", term=1), sessions=True), sent).node

    assert node.machine.pairs == machine(*(entry.command or "" for entry in kept)).pairs


@given(LOGS, st.integers(min_value=1, max_value=2))
def test_a_limited_machine_is_the_log_by_hand(log: tuple[Entry, ...], limit: int) -> None:
    """Dissertation §6.3: the slow way, with a list of clients by their last use."""
    sessions: list[tuple[str | None, int]] = []
    kept = []
    for entry in log:
        last = dict(sessions).get(entry.client)
        if last is None and entry.serial > 1:
            continue
        if last is None or entry.serial > last:
            kept.append(entry)
        sessions = [session for session in sessions if session[0] != entry.client]
        sessions = [*sessions, (entry.client, max(entry.serial, last or 0))][-limit:]

    sent = receive(append_entries("S1", "S2", term=1, new=log, commit=len(log)))
    node: Node = step(with_settings(follower("S2", term=1), sessions=True, session_limit=limit), sent).node

    assert node.machine.pairs == machine(*(entry.command or "" for entry in kept)).pairs
    assert list(node.machine.sessions) == sessions
