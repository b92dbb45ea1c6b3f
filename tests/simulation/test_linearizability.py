"""What clients saw, and whether one store could have shown it (Herlihy and Wing 1990; Wing and Gong 1993)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from raftstep.core.machine import apply_entry
from raftstep.core.model import Entry, ReadMode, Settings, StateMachine
from raftstep.simulation.events import Crash, Partition, ReadRequest, Request, Restart, Timeout
from raftstep.simulation.linearizability import (
    ClientHistory,
    Operation,
    is_linearizable,
    observe_clients,
    start_clients,
)
from raftstep.simulation.run import run
from tests.simulation.setups import scripted_setup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raftstep.simulation.trace import Trace


def write_operation(command: str, call_step: int, answer_step: int | None) -> Operation:
    """A write of x."""
    return Operation(key="x", call_step=call_step, answer_step=answer_step, command=command)


def read_operation(value: str | None, call_step: int, answer_step: int | None) -> Operation:
    """A read of x that returned this."""
    return Operation(key="x", call_step=call_step, answer_step=answer_step, read_id=f"read at {call_step}", value=value)


@pytest.mark.parametrize(
    ("operations", "explained"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param([read_operation(None, 1, 2)], True, id="never-written"),
        pytest.param([read_operation("1", 1, 2)], False, id="read-out-of-thin-air"),
        pytest.param([write_operation("x=1", 1, 2), read_operation("1", 3, 4)], True, id="read-after-write"),
        pytest.param([write_operation("x=1", 1, 2), read_operation(None, 3, 4)], False, id="lost-write"),
        pytest.param(
            [write_operation("x=1", 1, 2), write_operation("x=2", 3, 4), read_operation("1", 5, 6)],
            False,
            id="stale-read",
        ),
        pytest.param(
            [write_operation("x=1", 1, 4), read_operation(None, 2, 3)], True, id="read-during-write-sees-the-old"
        ),
        pytest.param(
            [write_operation("x=1", 1, 4), read_operation("1", 2, 3)], True, id="read-during-write-sees-the-new"
        ),
        pytest.param(
            [write_operation("x=1", 1, 6), read_operation("1", 2, 3), read_operation(None, 4, 5)],
            False,
            id="back-in-time",
        ),
        pytest.param(
            [write_operation("x=1", 1, 6), read_operation(None, 2, 3), read_operation("1", 4, 5)],
            True,
            id="forth-in-time",
        ),
        pytest.param(
            [write_operation("x=1", 1, None), read_operation("1", 2, 3)], True, id="unanswered-write-took-effect"
        ),
        pytest.param(
            [write_operation("x=1", 1, None), read_operation(None, 2, 3)], True, id="unanswered-write-did-not"
        ),
        pytest.param(
            [write_operation("x=1", 1, None), read_operation(None, 2, 3), read_operation("1", 4, 5)],
            True,
            id="unanswered-write-took-effect-late",
        ),
        pytest.param(
            [read_operation("1", 1, 2), write_operation("x=1", 3, None)], False, id="read-before-its-write-was-called"
        ),
        pytest.param(
            [write_operation("x=1", 1, 2), read_operation("7", 3, None)], True, id="unanswered-read-says-nothing"
        ),
        pytest.param(
            [write_operation("x+=1", 1, 4), write_operation("x+=1", 2, 3), read_operation("2", 5, 6)],
            True,
            id="both-additions-count",
        ),
        pytest.param(
            [write_operation("x+=1", 1, 4), write_operation("x+=1", 2, 3), read_operation("1", 5, 6)],
            False,
            id="an-addition-is-missing",
        ),
    ],
)
def test_a_history_is_linearizable_if_one_order_explains_every_answer(
    operations: list[Operation], explained: bool
) -> None:
    """Herlihy and Wing 1990, §2: each operation takes effect at one moment between its call and its answer."""
    assert is_linearizable(operations) is explained


# The slow twin: every order there is


def is_linearizable_in_some_order(operations: Sequence[Operation]) -> bool:
    """Try all orders of all that was answered, with any of the writes that were not."""
    answered_operations = [operation for operation in operations if operation.answer_step is not None]
    open_writes = [
        operation for operation in operations if operation.answer_step is None and operation.command is not None
    ]
    return any(
        _is_explained_by(order)
        for count in range(len(open_writes) + 1)
        for taken_writes in combinations(open_writes, count)
        for order in permutations([*answered_operations, *taken_writes])
    )


def _is_explained_by(order: Sequence[Operation]) -> bool:
    machine = StateMachine()
    for position, operation in enumerate(order):
        if any(
            later_operation.answer_step is not None and later_operation.answer_step < operation.call_step
            for later_operation in order[position + 1 :]
        ):
            return False
        if operation.command is not None:
            machine = apply_entry(machine, Entry(term=0, command=operation.command))
        elif machine.value("x") != operation.value:
            return False
    return True


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """Up to five operations on one key, called and answered at random moments."""
    count = draw(st.integers(min_value=1, max_value=5))
    moments = draw(st.permutations(range(2 * count)))
    operations = []
    for number in range(count):
        call_step, answer_step = sorted(moments[2 * number : 2 * number + 2])
        is_answered = draw(st.integers(min_value=0, max_value=3)) > 0
        command = draw(st.sampled_from(("x=1", "x=2", "x+=1", None, None)))
        value = draw(st.sampled_from((None, "1", "2")))
        end = answer_step if is_answered else None
        operations.append(
            write_operation(command, call_step, end) if command else read_operation(value, call_step, end)
        )
    return sorted(operations, key=lambda operation: operation.call_step)


@given(histories())
@settings(max_examples=400, deadline=None)
def test_the_search_agrees_with_trying_every_order(operations: list[Operation]) -> None:
    """Lowe 2017: the cache leaves out nothing that could succeed."""
    explained = is_linearizable_in_some_order(operations)
    event("linearizable" if explained else "not linearizable")

    assert is_linearizable(operations) is explained


def test_a_long_history_is_searched_quickly() -> None:
    """Two hundred operations, each overlapping the next, are placed one after another."""
    operations = [
        write_operation(f"x={number}", 3 * number, 3 * number + 4)
        if number % 2
        else read_operation(None, 3 * number, None)
        for number in range(400)
    ]

    assert is_linearizable([*operations, read_operation("399", 2000, 2001)])
    assert not is_linearizable([*operations, read_operation("395", 2000, 2001)])


# From a run to its history


def client_operations(trace: Trace) -> tuple[Operation, ...]:
    """All that the clients of a run asked and were told."""
    client_history = ClientHistory()
    for step in trace.steps:
        client_history, _ = observe_clients(client_history, step.number, step.event, step.outcome)
    return client_history.operations


SETTINGS = Settings(reads=ReadMode.READ_INDEX, sessions=True)


def test_a_write_and_a_read_are_noted_with_call_and_answer() -> None:
    """The answer comes a round trip after the call, in the step in which the leader gives it."""
    trace = run(
        scripted_setup(
            3,
            (0, Timeout(node="S1")),
            (30, Request(node="S1", command="x=1")),
            (60, ReadRequest(node="S1", key="x")),
            until_ms=100,
            settings=SETTINGS,
        ),
        seed=0,
    )

    write, read = client_operations(trace)
    assert [trace.steps[number or 0].time_ms for number in (write.call_step, write.answer_step)] == [30, 50]
    assert [trace.steps[number or 0].time_ms for number in (read.call_step, read.answer_step)] == [60, 80]
    assert (write.command, write.log_positions, read.read_id, read.value) == ("x=1", ((1, 1),), "read 1", "1")


def test_what_was_refused_or_redirected_never_happened() -> None:
    """A follower puts nothing in its log."""
    trace = run(
        scripted_setup(
            3,
            (0, Timeout(node="S1")),
            (30, Request(node="S2", command="x=1")),
            (30, ReadRequest(node="S2", key="x")),
            until_ms=100,
            settings=SETTINGS,
        ),
        seed=0,
    )

    assert client_operations(trace) == ()


def test_a_command_sent_again_is_the_same_operation() -> None:
    """Dissertation §6.3: same client, same serial number. The first leader fell, the second one answers."""
    request = Request(node="S1", command="x+=1", client="A", serial=1)
    trace = run(
        scripted_setup(
            3,
            (0, Timeout(node="S1")),
            (30, request),
            (42, Crash(node="S1")),  # the others have it, and their acknowledgements are on the way
            (60, Timeout(node="S2")),
            (90, replace(request, node="S2")),
            (130, ReadRequest(node="S2", key="x")),
            until_ms=200,
            settings=SETTINGS,
        ),
        seed=0,
    )

    write, read = client_operations(trace)
    assert (write.log_positions, read.value) == (((1, 1), (2, 2)), "1")
    assert trace.steps[write.answer_step or 0].time_ms == 110
    assert trace.alarms == ()


def test_without_sessions_the_second_application_is_seen_as_what_it_is() -> None:
    """§8: one operation that took effect twice, and no order explains x=2."""
    request = Request(node="S1", command="x+=1", client="A", serial=1)
    trace = run(
        scripted_setup(
            1,
            (0, Timeout(node="S1")),
            (30, request),
            (40, request),
            (50, ReadRequest(node="S1", key="x")),
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
        scripted_setup(
            3,
            (0, Timeout(node="S1")),
            (25, Partition(groups=(("S1",), ("S2", "S3")))),
            (30, Request(node="S1", command="x=1")),
            (40, Timeout(node="S2")),
            (70, Request(node="S2", command="y=1")),
            (100, ReadRequest(node="S2", key="x")),
            (130, Crash(node="S1")),
            (140, Restart(node="S1")),
            until_ms=200,
            settings=SETTINGS,
        ),
        seed=0,
    )

    lost_write, _, read = client_operations(trace)
    assert (lost_write.answer_step, read.value, trace.alarms) == (None, None, ())


def test_a_search_of_too_many_orders_ends_and_accuses_nobody() -> None:
    """A hundred writes that nobody answered have more orders than can be tried; without an end a build would hang."""
    open_writes = [Operation(key="x", call_step=0, command=f"x={number}") for number in range(100)]
    stale_read = Operation(key="x", call_step=3, answer_step=4, read_id="read 1", value="never written")
    start_s = process_time()

    assert is_linearizable([*open_writes, stale_read])
    assert not is_linearizable([*open_writes[:8], stale_read])
    assert process_time() - start_s < 20


def test_what_was_committed_at_the_start_is_read_and_what_was_not_may_be() -> None:
    """The writes of the logs that a run begins with: done in their order, or open."""
    committed = (Entry(term=1, command="x=1"), Entry(term=1, command="x=2"))
    logs = [(*committed, Entry(term=2, command="x=3")), (*committed, Entry(term=1, command="y=4"))]
    started = start_clients(logs, committed)

    def read(key: str, value: str | None) -> Operation:
        return Operation(key=key, call_step=5, answer_step=6, read_id="read 1", value=value)

    def can_read(key: str, value: str | None) -> bool:
        operations = [operation for operation in started.operations if operation.key == key]
        return is_linearizable([*operations, read(key, value)])

    assert [value for value in ("1", "2", "3", None) if can_read("x", value)] == ["2", "3"]
    assert [value for value in ("4", None) if can_read("y", value)] == ["4", None]
