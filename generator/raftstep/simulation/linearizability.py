"""Did the clients see one register a key? A search over the recorded history (Wing and Gong 1993, as Lowe 2017).

A history is linearizable if its operations can be put in one order, in which each takes effect at a moment between
its call and its answer, and each read returns what was written last. Each key is judged by itself: a history is
linearizable if its part on each key is (Herlihy and Wing 1990).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from raftstep.core.inputs import CommandApplied, NotLeader, Outcome, ReadResult, RequestRefused
from raftstep.core.log import Log
from raftstep.core.machine import apply_entry, key_of
from raftstep.core.model import Entry, Index, StateMachine, Term
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.events import Event, ReadRequest, Request

NAME = "Linearizability"

NEVER_CALLED = -1
"""The step at which a write of a log at the start was called: before the run, after all that was committed by then."""

MOST_PLACEMENTS = 300_000
"""How far one search goes, which takes a second or two. A dozen open writes to one key have no more orders than that;
where there are more, and none of those tried explains the answers, the run is not said to be broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one client asked, and the reply. ``call_step`` and ``answer_step`` are step numbers; ``None`` is *not yet*.

    A write has its ``command``, who sent it under which number, and the ``log_positions`` (index, term) at which
    leaders put it in their logs; a read has its ``read_id`` and the ``value`` it returned.
    """

    key: str
    call_step: int
    answer_step: int | None = None
    command: str | None = None
    client: str | None = None
    serial: int = 0
    log_positions: tuple[tuple[Index, Term], ...] = ()
    read_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHistory:
    """The clients' side of a run so far, in the order of their calls. What was refused or redirected is left out."""

    operations: tuple[Operation, ...] = ()


def start_clients(logs: Iterable[Log], committed_entries: Log) -> ClientHistory:
    """The clients' side of the entries in the logs at the start: writes, each called before the run.

    Committed ones took effect in their order; any other may take effect late, or never.
    """
    count = len(committed_entries)
    done = [
        operation
        for index, entry in enumerate(committed_entries, 1)
        if (operation := _start_write(entry, index, index - count - 2, index - count - 2))
    ]
    open_entries = {(index, entry): None for log in logs for index, entry in enumerate(log[count:], count + 1)}
    waiting = [
        operation for index, entry in open_entries if (operation := _start_write(entry, index, NEVER_CALLED, None))
    ]
    return ClientHistory(operations=(*done, *waiting))


def _start_write(entry: Entry, index: Index, call_step: int, answer_step: int | None) -> Operation | None:
    key = key_of(entry.command or "")
    if key is None:
        return None
    return Operation(
        key=key,
        call_step=call_step,
        answer_step=answer_step,
        command=entry.command,
        log_positions=((index, entry.term),),
    )


def observe_clients(
    client_history: ClientHistory, step_number: int, event: Event, outcome: Outcome | None
) -> tuple[ClientHistory, list[Alarm]]:
    """The history after one step, and what that step's answers to reads break; no other answer can break it."""
    if outcome is None:
        return client_history, []
    operations = _add_call(client_history.operations, step_number, event, outcome)
    if outcome.answers:
        operations = tuple(_add_answer(operation, step_number, outcome) for operation in operations)
    if operations is client_history.operations:
        return client_history, []
    return ClientHistory(operations=operations), list(_check_reads(operations, outcome))


def _add_call(
    operations: tuple[Operation, ...], step_number: int, event: Event, outcome: Outcome
) -> tuple[Operation, ...]:
    if any(isinstance(answer, NotLeader | RequestRefused) for answer in outcome.answers):
        return operations
    match event:
        case ReadRequest(key=key):
            return (
                *operations,
                Operation(key=key, call_step=step_number, read_id=_find_new_read_id(operations, outcome)),
            )
        case Request(command=command, client=client, serial=serial):
            return _add_write(
                operations, step_number, outcome, Entry(term=0, command=command, client=client, serial=serial)
            )
    return operations


def _find_new_read_id(operations: tuple[Operation, ...], outcome: Outcome) -> str | None:
    """The name of the read that this step began: it is answered at once, or it is the newest that waits."""
    earlier_ids = {operation.read_id for operation in operations}
    waiting_ids = [read.id for read in outcome.node.leader_state.pending_reads]
    answered_ids = [answer.id for answer in outcome.answers if isinstance(answer, ReadResult)]
    return next((read_id for read_id in (*answered_ids, *waiting_ids) if read_id not in earlier_ids), None)


def _add_write(
    operations: tuple[Operation, ...], step_number: int, outcome: Outcome, sent_entry: Entry
) -> tuple[Operation, ...]:
    """A write is called; sent again under the same client and serial number it is the same operation."""
    key = key_of(sent_entry.command or "")
    log_position = _find_log_position(outcome, sent_entry)
    if key is None or log_position is None:
        return operations
    for index, operation in enumerate(operations):
        if sent_entry.client and (operation.client, operation.serial) == (sent_entry.client, sent_entry.serial):
            retried_operation = replace(operation, log_positions=(*operation.log_positions, log_position))
            return (*operations[:index], retried_operation, *operations[index + 1 :])
    new_operation = Operation(
        key=key,
        call_step=step_number,
        command=sent_entry.command,
        client=sent_entry.client,
        serial=sent_entry.serial,
        log_positions=(log_position,),
    )
    return (*operations, new_operation)


def _find_log_position(outcome: Outcome, sent_entry: Entry) -> tuple[Index, Term] | None:
    """Where the leader has just put the command: the last entry that holds it."""
    node = outcome.node
    for offset, entry in enumerate(reversed(node.log)):
        if (entry.command, entry.client, entry.serial) == (sent_entry.command, sent_entry.client, sent_entry.serial):
            return node.snapshot.index + len(node.log) - offset, entry.term
    return None


def _add_answer(operation: Operation, step_number: int, outcome: Outcome) -> Operation:
    if operation.answer_step is not None:
        return operation
    for answer in outcome.answers:
        match answer:
            case ReadResult(id=id, value=value) if id == operation.read_id:
                return replace(operation, answer_step=step_number, value=value)
            case CommandApplied(index=index, term=term) if (index, term) in operation.log_positions:
                return replace(operation, answer_step=step_number)
    return operation


def _check_reads(operations: tuple[Operation, ...], outcome: Outcome) -> Iterator[Alarm]:
    read_values = {answer.key: answer.value for answer in outcome.answers if isinstance(answer, ReadResult)}
    for key, value in read_values.items():
        if not is_linearizable([operation for operation in operations if operation.key == key]):
            words = f"{outcome.node.id} answers that {key} is {value or 'not set'}"
            yield Alarm(property=NAME, words=f"{words}, which no order of the clients' operations allows")


def is_linearizable(operations: Sequence[Operation]) -> bool:
    """Whether the operations on one key, in the order of their calls, have an order that explains every answer.

    A depth-first search: next may come any operation called before the first answer still outstanding. Where the same
    operations have been placed and the key has the same value, the rest of the search is the same: Lowe's cache.
    A write without an answer may take effect late, or never; a read without one says nothing.
    """
    relevant_operations = [
        operation for operation in operations if operation.command is not None or operation.answer_step is not None
    ]
    answered_mask = sum(
        1 << position for position, operation in enumerate(relevant_operations) if operation.answer_step is not None
    )
    visited: set[tuple[int, str | None]] = set()
    stack: list[tuple[int, str | None]] = [(0, None)]
    placements = 0
    while stack and placements < MOST_PLACEMENTS:
        placed_mask, value = stack.pop()
        if placed_mask & answered_mask == answered_mask:
            return True
        if (placed_mask, value) not in visited:
            visited.add((placed_mask, value))
            next_states = list(_next_placements(relevant_operations, placed_mask, value))
            stack.extend(reversed(next_states))
            placements += len(next_states)
    return placements >= MOST_PLACEMENTS


def _next_placements(
    operations: Sequence[Operation], placed_mask: int, value: str | None
) -> Iterator[tuple[int, str | None]]:
    """What may come next, earliest call first. Who is called after another's answer must wait for that other."""
    first_answer: int | None = None
    for position in range((~placed_mask & (placed_mask + 1)).bit_length() - 1, len(operations)):
        operation = operations[position]
        if placed_mask >> position & 1:
            continue
        if first_answer is not None and operation.call_step > first_answer:
            return
        if operation.answer_step is not None and (first_answer is None or operation.answer_step < first_answer):
            first_answer = operation.answer_step
        if operation.command is not None:
            yield placed_mask | 1 << position, _value_after(operation.key, value, operation.command)
        elif operation.value == value:
            yield placed_mask | 1 << position, value


def _value_after(key: str, value: str | None, command: str) -> str | None:
    machine = StateMachine(pairs=((key, value),)) if value is not None else StateMachine()
    return apply_entry(machine, Entry(term=0, command=command)).value(key)
