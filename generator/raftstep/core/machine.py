"""The state machine: a small key-value store, with a session for each client that numbers its commands.

``x=3`` sets a key and ``x+=2`` adds to a number, so that applying a command twice can be seen. Any other command
is applied too, and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import Entry, Settings, StateMachine


def is_duplicate(machine: StateMachine, entry: Entry) -> bool:
    """Whether the client's session has reached this entry's serial number (dissertation §6.3)."""
    return any(client == entry.client and serial >= entry.serial for client, serial in machine.sessions)


def is_superseded(machine: StateMachine, entry: Entry) -> bool:
    """Whether the client has already sent a later command, so that nobody waits for this one."""
    return any(client == entry.client and serial > entry.serial for client, serial in machine.sessions)


def has_expired(machine: StateMachine, entry: Entry, settings: Settings) -> bool:
    """Whether the client has had a session, to go by the number of its command, and has it no longer.

    A client's first command begins its session (*RegisterClient*, dissertation §6.3).
    """
    return (
        settings.session_limit > 0
        and not settings.renew_sessions
        and entry.client is not None
        and entry.serial > 1
        and all(client != entry.client for client, _ in machine.sessions)
    )


def apply_with_sessions(machine: StateMachine, entry: Entry, settings: Settings) -> StateMachine:
    """The machine after one committed entry, with sessions as the settings have them."""
    limit = settings.session_limit
    if not settings.sessions or not limit or entry.command is None or entry.client is None:
        return apply_entry(machine, entry, sessions=settings.sessions)
    if has_expired(machine, entry, settings):
        return machine
    serial = max(entry.serial, *(last for client, last in machine.sessions if client == entry.client), 0)
    other_sessions = tuple(session for session in machine.sessions if session[0] != entry.client)
    after = machine if is_duplicate(machine, entry) else apply_entry(machine, entry)
    return replace(after, sessions=(*other_sessions, (entry.client, serial))[-limit:])


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
