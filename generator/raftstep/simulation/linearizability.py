"""Did the clients see one register a key? A search over the recorded history (Wing and Gong 1993, as Lowe 2017).

A history is linearizable if its operations can be put in one order, in which each takes effect at a moment between
its call and its answer, and each read returns what was written last. Each key is judged by itself: a history is
linearizable if its part on each key is (Herlihy and Wing 1990).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from raftstep.core.inputs import Applied, NotLeader, Outcome, ReadResult, Refused
from raftstep.core.machine import apply, key_of
from raftstep.core.model import Entry, Index, Machine, Term
from raftstep.simulation.cluster import Event, Read, Request
from raftstep.simulation.trace import Alarm

NAME = "Linearizability"
SENTENCE = "A read returns what was last written before it, or something written while it was under way."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one client asked and was told. ``called`` and ``answered`` are step numbers; ``None`` is *not yet*.

    A write has its ``command``, who sent it under which number, and the ``places`` (index, term) at which leaders
    put it in their logs; a read has its ``read`` name and the ``value`` it returned.
    """

    key: str
    called: int
    answered: int | None = None
    command: str | None = None
    client: str | None = None
    serial: int = 0
    places: tuple[tuple[Index, Term], ...] = ()
    read: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The clients' side of a run so far, in the order of their calls. What was refused or redirected is left out."""

    operations: tuple[Operation, ...] = ()


def note(clients: Clients, number: int, event: Event, outcome: Outcome | None) -> tuple[Clients, list[Alarm]]:
    """The history after one step, and what that step's answers to reads break; no other answer can break it."""
    if outcome is None:
        return clients, []
    operations = _called(clients.operations, number, event, outcome)
    if outcome.answers:
        operations = tuple(_answered(one, number, outcome) for one in operations)
    if operations is clients.operations:
        return clients, []
    return Clients(operations=operations), list(_alarms(operations, outcome))


def _called(known: tuple[Operation, ...], number: int, event: Event, outcome: Outcome) -> tuple[Operation, ...]:
    if any(isinstance(answer, NotLeader | Refused) for answer in outcome.answers):
        return known
    match event:
        case Read(key=key):
            return (*known, Operation(key=key, called=number, read=_fresh_read(known, outcome)))
        case Request(command=command, client=client, serial=serial):
            return _written(known, number, outcome, Entry(term=0, command=command, client=client, serial=serial))
    return known


def _fresh_read(known: tuple[Operation, ...], outcome: Outcome) -> str | None:
    """The name of the read that this step began: it is answered at once, or it is the newest that waits."""
    names = {operation.read for operation in known}
    waiting = [read.id for read in outcome.node.office.reads]
    answered = [answer.id for answer in outcome.answers if isinstance(answer, ReadResult)]
    return next((name for name in (*answered, *waiting) if name not in names), None)


def _written(known: tuple[Operation, ...], number: int, outcome: Outcome, sent: Entry) -> tuple[Operation, ...]:
    """A write is called; sent again under the same client and serial number it is the same operation."""
    key = key_of(sent.command or "")
    place = _place(outcome, sent)
    if key is None or place is None:
        return known
    for at, operation in enumerate(known):
        if sent.client and (operation.client, operation.serial) == (sent.client, sent.serial):
            again = replace(operation, places=(*operation.places, place))
            return (*known[:at], again, *known[at + 1 :])
    fresh = Operation(
        key=key, called=number, command=sent.command, client=sent.client, serial=sent.serial, places=(place,)
    )
    return (*known, fresh)


def _place(outcome: Outcome, sent: Entry) -> tuple[Index, Term] | None:
    """Where the leader has just put the command: the last entry that holds it."""
    node = outcome.node
    for back, entry in enumerate(reversed(node.log)):
        if (entry.command, entry.client, entry.serial) == (sent.command, sent.client, sent.serial):
            return node.snapshot.index + len(node.log) - back, entry.term
    return None


def _answered(operation: Operation, number: int, outcome: Outcome) -> Operation:
    if operation.answered is not None:
        return operation
    for answer in outcome.answers:
        match answer:
            case ReadResult(id=id, value=value) if id == operation.read:
                return replace(operation, answered=number, value=value)
            case Applied(index=index, term=term) if (index, term) in operation.places:
                return replace(operation, answered=number)
    return operation


def _alarms(operations: tuple[Operation, ...], outcome: Outcome) -> Iterator[Alarm]:
    told = {answer.key: answer.value for answer in outcome.answers if isinstance(answer, ReadResult)}
    for key, value in told.items():
        if not linearizable([operation for operation in operations if operation.key == key]):
            words = f"{outcome.node.id} answers that {key} is {value or 'not set'}"
            yield Alarm(property=NAME, words=f"{words}, which no order of the clients' operations allows")


def linearizable(operations: Sequence[Operation]) -> bool:
    """Whether the operations on one key, in the order of their calls, have an order that explains every answer.

    A depth-first search: next may come any operation called before the first answer still outstanding. Where the same
    operations have been placed and the key has the same value, the rest of the search is the same: Lowe's cache.
    A write without an answer may take effect late, or never; a read without one says nothing.
    """
    relevant = [one for one in operations if one.command is not None or one.answered is not None]
    must = sum(1 << place for place, one in enumerate(relevant) if one.answered is not None)
    seen: set[tuple[int, str | None]] = set()
    open_: list[tuple[int, str | None]] = [(0, None)]
    while open_:
        placed, value = open_.pop()
        if placed & must == must:
            return True
        if (placed, value) not in seen:
            seen.add((placed, value))
            open_.extend(reversed(list(_next(relevant, placed, value))))
    return False


def _next(operations: Sequence[Operation], placed: int, value: str | None) -> Iterator[tuple[int, str | None]]:
    """What may come next, earliest call first. Who is called after another's answer must wait for that other."""
    first: int | None = None
    for place in range((~placed & (placed + 1)).bit_length() - 1, len(operations)):
        one = operations[place]
        if placed >> place & 1:
            continue
        if first is not None and one.called > first:
            return
        if one.answered is not None and (first is None or one.answered < first):
            first = one.answered
        if one.command is not None:
            yield placed | 1 << place, _after(one.key, value, one.command)
        elif one.value == value:
            yield placed | 1 << place, value


def _after(key: str, value: str | None, command: str) -> str | None:
    machine = Machine(pairs=((key, value),)) if value is not None else Machine()
    return apply(machine, Entry(term=0, command=command)).value(key)
