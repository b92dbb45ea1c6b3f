"""The state machine: a small key-value store, with a session for each client that numbers its commands.

``x=3`` sets a key and ``x+=2`` adds to a number, so that applying a command twice can be seen. Any other command
is applied too, and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import Entry, StateMachine


def is_duplicate(machine: StateMachine, entry: Entry) -> bool:
    """Whether the client's session has reached this entry's serial number (dissertation §6.3)."""
    return any(client == entry.client and serial >= entry.serial for client, serial in machine.sessions)


def is_superseded(machine: StateMachine, entry: Entry) -> bool:
    """Whether the client has already sent a later command, so that nobody waits for this one."""
    return any(client == entry.client and serial > entry.serial for client, serial in machine.sessions)


def apply_entry(machine: StateMachine, entry: Entry, *, sessions: bool = False) -> StateMachine:
    """The machine after one committed entry.

    >>> machine = apply_entry(StateMachine(), Entry(term=1, command="x=3"))
    >>> apply_entry(machine, Entry(term=1, command="x+=2")).value("x")
    '5'
    """
    if entry.command is None:
        return machine
    if sessions and entry.client is not None:
        if is_duplicate(machine, entry):
            return machine
        other_sessions = tuple(session for session in machine.sessions if session[0] != entry.client)
        machine = replace(machine, sessions=tuple(sorted((*other_sessions, (entry.client, entry.serial)))))
    key = key_of(entry.command)
    if key is None:
        return machine
    left, _, right = entry.command.partition("=")
    value = right.strip()
    if left.rstrip().endswith("+"):
        value = _add(machine.value(key) or "0", value)
    pairs = tuple(pair for pair in machine.pairs if pair[0] != key)
    return replace(machine, pairs=tuple(sorted((*pairs, (key, value)))))


def key_of(command: str) -> str | None:
    """The key that a command writes; ``None`` for one that writes nothing.

    >>> key_of("x=3"), key_of("x += 2"), key_of("ping")
    ('x', 'x', None)
    """
    left, equals, _ = command.partition("=")
    return left.strip().removesuffix("+").strip() if equals else None


def _add(old_value: str, increment: str) -> str:
    try:
        return str(int(old_value) + int(increment))
    except ValueError:
        return old_value
