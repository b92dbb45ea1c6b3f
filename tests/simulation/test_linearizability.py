"""What clients saw, and whether one store could have shown it (Herlihy and Wing 1990; Wing and Gong 1993)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from raftstep.core.machine import apply
from raftstep.core.model import Entry, Machine, Reads, Settings
from raftstep.simulation.cluster import Crash, Partition, Read, Request, Revive, Timeout
from raftstep.simulation.linearizability import Clients, Operation, linearizable, note
from raftstep.simulation.run import run
from tests.simulation.schedules import directed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raftstep.simulation.trace import Trace


def write(command: str, called: int, answered: int | None) -> Operation:
    """A write of x."""
    return Operation(key="x", called=called, answered=answered, command=command)


def read(value: str | None, called: int, answered: int | None) -> Operation:
    """A read of x that returned this."""
    return Operation(key="x", called=called, answered=answered, read=f"read at {called}", value=value)


@pytest.mark.parametrize(
    ("operations", "explained"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param([read(None, 1, 2)], True, id="never-written"),
        pytest.param([read("1", 1, 2)], False, id="read-out-of-thin-air"),
        pytest.param([write("x=1", 1, 2), read("1", 3, 4)], True, id="read-after-write"),
        pytest.param([write("x=1", 1, 2), read(None, 3, 4)], False, id="lost-write"),
        pytest.param([write("x=1", 1, 2), write("x=2", 3, 4), read("1", 5, 6)], False, id="stale-read"),
        pytest.param([write("x=1", 1, 4), read(None, 2, 3)], True, id="read-during-write-sees-the-old"),
        pytest.param([write("x=1", 1, 4), read("1", 2, 3)], True, id="read-during-write-sees-the-new"),
        pytest.param([write("x=1", 1, 6), read("1", 2, 3), read(None, 4, 5)], False, id="back-in-time"),
        pytest.param([write("x=1", 1, 6), read(None, 2, 3), read("1", 4, 5)], True, id="forth-in-time"),
        pytest.param([write("x=1", 1, None), read("1", 2, 3)], True, id="unanswered-write-took-effect"),
        pytest.param([write("x=1", 1, None), read(None, 2, 3)], True, id="unanswered-write-did-not"),
        pytest.param(
            [write("x=1", 1, None), read(None, 2, 3), read("1", 4, 5)], True, id="unanswered-write-took-effect-late"
        ),
        pytest.param([read("1", 1, 2), write("x=1", 3, None)], False, id="read-before-its-write-was-called"),
        pytest.param([write("x=1", 1, 2), read("7", 3, None)], True, id="unanswered-read-says-nothing"),
        pytest.param([write("x+=1", 1, 4), write("x+=1", 2, 3), read("2", 5, 6)], True, id="both-additions-count"),
        pytest.param([write("x+=1", 1, 4), write("x+=1", 2, 3), read("1", 5, 6)], False, id="an-addition-is-missing"),
    ],
)
def test_a_history_is_linearizable_if_one_order_explains_every_answer(
    operations: list[Operation], explained: bool
) -> None:
    """Herlihy and Wing 1990, §2: each operation takes effect at one moment between its call and its answer."""
    assert linearizable(operations) is explained


# The slow twin: every order there is


def every_order(operations: Sequence[Operation]) -> bool:
    """Try all orders of all that was answered, with any of the writes that were not."""
    answered = [one for one in operations if one.answered is not None]
    open_writes = [one for one in operations if one.answered is None and one.command is not None]
    return any(
        _explains(order)
        for count in range(len(open_writes) + 1)
        for some in combinations(open_writes, count)
        for order in permutations([*answered, *some])
    )


def _explains(order: Sequence[Operation]) -> bool:
    machine = Machine()
    for place, one in enumerate(order):
        if any(later.answered is not None and later.answered < one.called for later in order[place + 1 :]):
            return False
        if one.command is not None:
            machine = apply(machine, Entry(term=0, command=one.command))
        elif machine.value("x") != one.value:
            return False
    return True


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """Up to five operations on one key, called and answered at random moments."""
    count = draw(st.integers(min_value=1, max_value=5))
    moments = draw(st.permutations(range(2 * count)))
    operations = []
    for place in range(count):
        called, answered = sorted(moments[2 * place : 2 * place + 2])
        kept = draw(st.integers(min_value=0, max_value=3)) > 0
        what = draw(st.sampled_from(("x=1", "x=2", "x+=1", None, None)))
        value = draw(st.sampled_from((None, "1", "2")))
        end = answered if kept else None
        operations.append(write(what, called, end) if what else read(value, called, end))
    return sorted(operations, key=lambda one: one.called)


@given(histories())
@settings(max_examples=400, deadline=None)
def test_the_search_agrees_with_trying_every_order(operations: list[Operation]) -> None:
    """Lowe 2017: the cache leaves out nothing that could succeed."""
    explained = every_order(operations)
    event("linearizable" if explained else "not linearizable")

    assert linearizable(operations) is explained


def test_a_long_history_is_searched_quickly() -> None:
    """Two hundred operations, each overlapping the next, are placed one after another."""
    operations = [
        write(f"x={number}", 3 * number, 3 * number + 4) if number % 2 else read(None, 3 * number, None)
        for number in range(400)
    ]

    assert linearizable([*operations, read("399", 2000, 2001)])
    assert not linearizable([*operations, read("395", 2000, 2001)])


# From a run to its history


def clients_of(trace: Trace) -> tuple[Operation, ...]:
    """All that the clients of a run asked and were told."""
    clients = Clients()
    for step in trace.steps:
        clients, _ = note(clients, step.number, step.event, step.outcome)
    return clients.operations


SETTINGS = Settings(reads=Reads.READ_INDEX, sessions=True)


def test_a_write_and_a_read_are_noted_with_call_and_answer() -> None:
    """The answer comes a round trip after the call, in the step in which the leader gives it."""
    trace = run(
        directed(
            3,
            (0, Timeout(node="S1")),
            (30, Request(node="S1", command="x=1")),
            (60, Read(node="S1", key="x")),
            until_ms=100,
            settings=SETTINGS,
        ),
        seed=0,
    )

    written, seen = clients_of(trace)
    assert [trace.steps[number or 0].time_ms for number in (written.called, written.answered)] == [30, 50]
    assert [trace.steps[number or 0].time_ms for number in (seen.called, seen.answered)] == [60, 80]
    assert (written.command, written.places, seen.read, seen.value) == ("x=1", ((1, 1),), "read 1", "1")


def test_what_was_refused_or_redirected_never_happened() -> None:
    """A follower puts nothing in its log."""
    trace = run(
        directed(
            3,
            (0, Timeout(node="S1")),
            (30, Request(node="S2", command="x=1")),
            (30, Read(node="S2", key="x")),
            until_ms=100,
            settings=SETTINGS,
        ),
        seed=0,
    )

    assert clients_of(trace) == ()


def test_a_command_sent_again_is_the_same_operation() -> None:
    """Dissertation §6.3: same client, same serial number. The first leader fell, the second one answers."""
    again = Request(node="S1", command="x+=1", client="A", serial=1)
    trace = run(
        directed(
            3,
            (0, Timeout(node="S1")),
            (30, again),
            (42, Crash(node="S1")),  # the others have it, and their acknowledgements are on the way
            (60, Timeout(node="S2")),
            (90, replace(again, node="S2")),
            (130, Read(node="S2", key="x")),
            until_ms=200,
            settings=SETTINGS,
        ),
        seed=0,
    )

    written, seen = clients_of(trace)
    assert (written.places, seen.value) == (((1, 1), (2, 2)), "1")
    assert trace.steps[written.answered or 0].time_ms == 110
    assert trace.alarms == ()


def test_without_sessions_the_second_application_is_seen_as_what_it_is() -> None:
    """§8: one operation that took effect twice, and no order explains x=2."""
    again = Request(node="S1", command="x+=1", client="A", serial=1)
    trace = run(
        directed(
            1,
            (0, Timeout(node="S1")),
            (30, again),
            (40, again),
            (50, Read(node="S1", key="x")),
            until_ms=60,
            settings=replace(SETTINGS, sessions=False),
        ),
        seed=0,
    )

    assert [alarm.words for alarm in trace.alarms] == [
        "S1 answers that x is 2, which no order of the clients' operations allows"
    ]


def test_a_write_of_a_leader_that_fell_is_left_open() -> None:
    """It may have been lost or not; the client learns nothing, and a read of either value is right."""
    trace = run(
        directed(
            3,
            (0, Timeout(node="S1")),
            (25, Partition(groups=(("S1",), ("S2", "S3")))),
            (30, Request(node="S1", command="x=1")),
            (40, Timeout(node="S2")),
            (70, Request(node="S2", command="y=1")),
            (100, Read(node="S2", key="x")),
            (130, Crash(node="S1")),
            (140, Revive(node="S1")),
            until_ms=200,
            settings=SETTINGS,
        ),
        seed=0,
    )

    lost, _, seen = clients_of(trace)
    assert (lost.answered, seen.value, trace.alarms) == (None, None, ())
