"""Set-ups in which nothing happens but what a test says, and a name for a whole run."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from raftstep.simulation.events import Heal, Request, Restart, Resume
from raftstep.simulation.plan import LEADER, Action, Setup

if TYPE_CHECKING:
    from raftstep.core.model import NodeId
    from raftstep.simulation.plan import PlannedEvent
    from raftstep.simulation.trace import Trace

NEVER_MS = 100_000


def first_node_ids(size: int) -> tuple[NodeId, ...]:
    """S1, S2, S3, …"""
    return tuple(f"S{number}" for number in range(1, size + 1))


def scripted_setup(size: int, *timed_directives: tuple[int, PlannedEvent], until_ms: int, **options: object) -> Setup:
    """Every message takes 10 ms and no timer runs out by itself; ``timed_directives`` are (ms, directive)."""
    setup = Setup(
        nodes=first_node_ids(size),
        election_timeout_ms=(NEVER_MS, NEVER_MS),
        heartbeat_interval_ms=NEVER_MS,
        latency_ms=(10, 10),
        plan=tuple(Action(at_ms=at_ms, directive=directive) for at_ms, directive in timed_directives),
        until_ms=until_ms,
    )
    return replace(setup, **options)


def fingerprint(trace: Trace) -> str:
    """One short name for all that a run holds, whatever order its sets are kept in."""
    return hashlib.sha256(repr(_as_plain_data(trace)).encode()).hexdigest()


def _as_plain_data(value: object) -> object:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, frozenset):
        return ["set", *sorted(map(repr, map(_as_plain_data, value)))]
    if isinstance(value, tuple):
        return [_as_plain_data(item) for item in value]
    if is_dataclass(value):
        return [type(value).__name__, *(_as_plain_data(getattr(value, field.name)) for field in fields(value))]
    return value


def add_recovery(setup: Setup, *, quiet_ms: int = 2000, request_count: int = 10) -> Setup:
    """The same run, after whose faults all links work and all nodes run; later clients ask the leader again."""
    end_ms = setup.until_ms
    repairs: tuple[PlannedEvent, ...] = (
        Heal(),
        *(Restart(node=node) for node in setup.nodes),
        *(Resume(node=node) for node in setup.nodes),
    )
    recovery_requests = [Request(node=LEADER, command=f"healed={number}") for number in range(request_count)]
    plan = (
        *setup.plan,
        *(Action(at_ms=end_ms, directive=repair, if_possible=True) for repair in repairs),
        *(
            Action(at_ms=end_ms + quiet_ms + 200 * number, directive=request, if_possible=True)
            for number, request in enumerate(recovery_requests)
        ),
    )
    return replace(setup, plan=plan, until_ms=end_ms + quiet_ms + 200 * request_count + 500)
