"""Linearizable reads without writing to the log: ReadIndex and leases (§8, dissertation §6.4)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import ClientRead, NotLeader, Outcome, ReadResult
from raftstep.core.log import term_at
from raftstep.core.model import Node, Office, PendingRead, Reads, Role
from raftstep.core.quorum import reached
from raftstep.core.rules import Rule


def take_read(node: Node, read: ClientRead) -> Outcome:
    """A leader answers by its lease, or notes the read until a majority has confirmed that it still leads.

    Raises :class:`ValueError` where the settings have reads switched off.
    """
    if node.settings.reads is Reads.OFF:
        raise ValueError("reads are switched off in the settings")
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=f"read {read.key}", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    if not node.keeps(Guard.CONFIRM_LEADERSHIP):
        return _answer(Outcome(node=node), read.id, read.key)
    knows = _knows_how_far(node)
    if knows and node.settings.reads is Reads.LEASE and read.clock_ms < node.office.lease_until_ms:
        return _answer(Outcome(node=node, rules=(Rule.READ_BY_LEASE,)), read.id, read.key)
    waiting = replace(node.office, reads=(*node.office.reads, PendingRead(id=read.id, key=read.key)))
    return Outcome(node=replace(node, office=waiting), rules=() if knows else (Rule.WAIT_FOR_OWN_COMMIT,))


def _knows_how_far(node: Node) -> bool:
    """A leader's commit index is up to date once an entry of its own term is committed (§8)."""
    return term_at(node, node.commit_index) == node.current_term or not node.keeps(Guard.OWN_TERM_BEFORE_READ)


def _answer(so_far: Outcome, id: str, key: str) -> Outcome:
    node = so_far.node
    result = ReadResult(id=id, key=key, value=node.machine.value(key), index=node.last_applied)
    return replace(so_far, answers=(*so_far.answers, result), rules=(*so_far.rules, Rule.ANSWER_READ))


def new_round(node: Node, clock_ms: int) -> Node:
    """Number the heartbeats about to be sent; for a lease, note when. What is too old for a lease is forgotten."""
    office = replace(node.office, round=node.office.round + 1)
    if node.settings.reads is Reads.LEASE:
        recent = tuple(one for one in office.rounds if clock_ms - one[1] < node.settings.minimum_timeout_ms)
        office = replace(office, rounds=(*recent, (office.round, clock_ms)))
    return replace(node, office=office)


def settle(so_far: Outcome, clock_ms: int) -> Outcome:
    """What the step just taken means for leases and for the reads that wait."""
    if so_far.node.role is not Role.LEADER:
        return so_far
    return _confirm(_start_round(_extend_lease(so_far), clock_ms))


def _confirmed_round(node: Node) -> int:
    acked = {node.id: node.office.round}
    acked.update((progress.peer, progress.acked_round) for progress in node.progress)
    return reached(node.configuration, acked)


def _extend_lease(so_far: Outcome) -> Outcome:
    node = so_far.node
    office = node.office
    if not office.rounds or office.transfer is not None or office.lease_forgone:
        return so_far
    confirmed = _confirmed_round(node)
    sent = [sent_ms for number, sent_ms in office.rounds if number <= confirmed]
    if not sent:
        return so_far
    bound = node.settings.drift_bound if node.keeps(Guard.LEASE_ALLOWS_FOR_DRIFT) else 1.0
    until_ms = max(sent) + int(node.settings.minimum_timeout_ms / bound)
    open_rounds = tuple(one for one in office.rounds if one[0] > confirmed)
    extended = replace(office, lease_until_ms=max(until_ms, office.lease_until_ms), rounds=open_rounds)
    return _with_office(so_far, extended, Rule.EXTEND_LEASE)


def _start_round(so_far: Outcome, clock_ms: int) -> Outcome:
    node = so_far.node
    if not any(read.round == 0 for read in node.office.reads) or not _knows_how_far(node):
        return so_far
    numbered = new_round(node, clock_ms)
    reads = tuple(
        replace(read, index=node.commit_index, round=numbered.office.round) if read.round == 0 else read
        for read in node.office.reads
    )
    started = _with_office(replace(so_far, node=numbered), replace(numbered.office, reads=reads), Rule.START_READ_ROUND)
    return replication.send_to_all(started)


def _confirm(so_far: Outcome) -> Outcome:
    node = so_far.node
    if not node.office.reads:
        return so_far
    confirmed = _confirmed_round(node)
    ready = [read for read in node.office.reads if 0 < read.round <= confirmed and read.index <= node.last_applied]
    if not ready:
        return so_far
    rest = tuple(read for read in node.office.reads if read not in ready)
    so_far = _with_office(so_far, replace(node.office, reads=rest), Rule.CONFIRM_LEADERSHIP)
    for read in ready:
        so_far = _answer(so_far, read.id, read.key)
    return so_far


def _with_office(so_far: Outcome, office: Office, rule: Rule) -> Outcome:
    return replace(so_far, node=replace(so_far.node, office=office), rules=(*so_far.rules, rule))
