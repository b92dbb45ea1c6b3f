"""Linearizable reads without writing to the log: ReadIndex and leases (§8, dissertation §6.4)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import ClientRead, NotLeader, Outcome, ReadResult
from raftstep.core.log import term_at
from raftstep.core.model import LeaderState, Node, PendingRead, ReadMode, Role
from raftstep.core.quorum import highest_majority_mark
from raftstep.core.rules import Rule


def handle_client_read(node: Node, read: ClientRead) -> Outcome:
    """A leader answers by its lease, or notes the read until a majority has confirmed that it still leads.

    Raises :class:`ValueError` where the settings have reads switched off.
    """
    if node.settings.reads is ReadMode.OFF:
        raise ValueError("reads are switched off in the settings")
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=f"read {read.key}", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    if not node.keeps(Guard.CONFIRM_LEADERSHIP):
        return _answer_read(Outcome(node=node), read.id, read.key)
    is_current = _is_commit_index_current(node)
    if is_current and node.settings.reads is ReadMode.LEASE and read.clock_ms < node.leader_state.lease_until_ms:
        return _answer_read(Outcome(node=node, rules=(Rule.READ_BY_LEASE,)), read.id, read.key)
    leader_state = replace(
        node.leader_state, pending_reads=(*node.leader_state.pending_reads, PendingRead(id=read.id, key=read.key))
    )
    return Outcome(
        node=replace(node, leader_state=leader_state), rules=() if is_current else (Rule.WAIT_FOR_OWN_COMMIT,)
    )


def _is_commit_index_current(node: Node) -> bool:
    """A leader's commit index is up to date once an entry of its own term is committed (§8)."""
    return term_at(node, node.commit_index) == node.current_term or not node.keeps(Guard.OWN_TERM_BEFORE_READ)


def _answer_read(outcome: Outcome, id: str, key: str) -> Outcome:
    node = outcome.node
    result = ReadResult(id=id, key=key, value=node.machine.value(key), index=node.last_applied)
    return replace(outcome, answers=(*outcome.answers, result), rules=(*outcome.rules, Rule.ANSWER_READ))


def start_heartbeat_round(node: Node, clock_ms: int) -> Node:
    """Number the heartbeats about to be sent; for a lease, note when. What is too old for a lease is forgotten."""
    leader_state = replace(node.leader_state, round=node.leader_state.round + 1)
    if node.settings.reads is ReadMode.LEASE:
        recent_rounds = tuple(
            sent_round
            for sent_round in leader_state.unconfirmed_rounds
            if clock_ms - sent_round[1] < node.settings.minimum_timeout_ms
        )
        leader_state = replace(leader_state, unconfirmed_rounds=(*recent_rounds, (leader_state.round, clock_ms)))
    return replace(node, leader_state=leader_state)


def settle_reads(outcome: Outcome, clock_ms: int) -> Outcome:
    """What the step just taken means for leases and for the reads that wait."""
    if outcome.node.role is not Role.LEADER:
        return outcome
    return _answer_confirmed_reads(_start_read_round(_extend_lease(outcome), clock_ms))


def _confirmed_round(node: Node) -> int:
    acked_rounds = {node.id: node.leader_state.round}
    acked_rounds.update((progress.peer, progress.acked_round) for progress in node.progress)
    return highest_majority_mark(node.configuration, acked_rounds)


def _extend_lease(outcome: Outcome) -> Outcome:
    node = outcome.node
    leader_state = node.leader_state
    if not leader_state.unconfirmed_rounds or leader_state.transfer is not None or leader_state.lease_given_up:
        return outcome
    confirmed_round = _confirmed_round(node)
    sent_times_ms = [sent_ms for number, sent_ms in leader_state.unconfirmed_rounds if number <= confirmed_round]
    if not sent_times_ms:
        return outcome
    drift_bound = node.settings.drift_bound if node.keeps(Guard.LEASE_ALLOWS_FOR_DRIFT) else 1.0
    until_ms = max(sent_times_ms) + int(node.settings.minimum_timeout_ms / drift_bound)
    open_rounds = tuple(sent_round for sent_round in leader_state.unconfirmed_rounds if sent_round[0] > confirmed_round)
    extended_state = replace(
        leader_state, lease_until_ms=max(until_ms, leader_state.lease_until_ms), unconfirmed_rounds=open_rounds
    )
    return _with_leader_state(outcome, extended_state, Rule.EXTEND_LEASE)


def _start_read_round(outcome: Outcome, clock_ms: int) -> Outcome:
    node = outcome.node
    if not any(read.round == 0 for read in node.leader_state.pending_reads) or not _is_commit_index_current(node):
        return outcome
    leader = start_heartbeat_round(node, clock_ms)
    pending_reads = tuple(
        replace(read, index=node.commit_index, round=leader.leader_state.round) if read.round == 0 else read
        for read in node.leader_state.pending_reads
    )
    round_outcome = _with_leader_state(
        replace(outcome, node=leader), replace(leader.leader_state, pending_reads=pending_reads), Rule.START_READ_ROUND
    )
    return replication.send_to_all(round_outcome)


def _answer_confirmed_reads(outcome: Outcome) -> Outcome:
    node = outcome.node
    if not node.leader_state.pending_reads:
        return outcome
    confirmed_round = _confirmed_round(node)
    ready_reads = [
        read
        for read in node.leader_state.pending_reads
        if 0 < read.round <= confirmed_round and read.index <= node.last_applied
    ]
    if not ready_reads:
        return outcome
    waiting_reads = tuple(read for read in node.leader_state.pending_reads if read not in ready_reads)
    outcome = _with_leader_state(
        outcome, replace(node.leader_state, pending_reads=waiting_reads), Rule.CONFIRM_LEADERSHIP
    )
    for read in ready_reads:
        outcome = _answer_read(outcome, read.id, read.key)
    return outcome


def _with_leader_state(outcome: Outcome, leader_state: LeaderState, rule: Rule) -> Outcome:
    return replace(outcome, node=replace(outcome.node, leader_state=leader_state), rules=(*outcome.rules, rule))
