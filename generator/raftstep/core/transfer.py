"""Transferring leadership (dissertation §3.10)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import election, replication
from raftstep.core.inputs import NotLeader, Outcome, RequestRefused
from raftstep.core.log import last_index
from raftstep.core.messages import TimeoutNow
from raftstep.core.model import Node, NodeId, PendingTransfer, Role
from raftstep.core.rules import Rule


def begin_transfer(node: Node, target: NodeId, clock_ms: int) -> Outcome:
    """Take no more commands and see that the target gets every entry. A lease is given up first (§6.4.1).

    Asked again for the same target, the leader goes on and its time limit stays: an operator who retries must not keep
    clients waiting for ever. Asked to transfer leadership to itself, it cancels the transfer in progress.
    """
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=f"transfer leadership to {target}", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    pending = node.leader_state.transfer
    if pending is not None and target == pending.target:
        return refuse_during_transfer(node, f"transfer leadership to {target}")
    if pending is not None and target == node.id:
        return _abandon_transfer(Outcome(node=node))
    if target == node.id or target not in node.configuration.electorate:
        refusal = RequestRefused(request=f"transfer leadership to {target}", rule=Rule.REFUSE_TRANSFER)
        return Outcome(node=node, answers=(refusal,), rules=(Rule.REFUSE_TRANSFER,))
    leader_state = replace(
        node.leader_state,
        transfer=PendingTransfer(target=target, started_ms=clock_ms),
        lease_until_ms=0,
        unconfirmed_rounds=(),
    )
    outcome = Outcome(node=replace(node, leader_state=leader_state), rules=(Rule.START_TRANSFER,))
    lagging_target = tuple(
        progress for progress in node.progress if progress.peer == target and progress.match_index < last_index(node)
    )
    return send_timeout_now_when_ready(replication.send_to_peers(outcome, lagging_target))


def send_timeout_now_when_ready(outcome: Outcome) -> Outcome:
    """Once the target holds the whole log, ask it to start an election; once is enough.

    The message may arrive late and win even then, so a leader that has sent it takes no lease in this term any more.
    """
    node = outcome.node
    transfer = node.leader_state.transfer
    if transfer is None or transfer.timeout_now_sent:
        return outcome
    if not any(
        progress.peer == transfer.target and progress.match_index == last_index(node) for progress in node.progress
    ):
        return outcome
    updated_node = replace(
        node,
        leader_state=replace(node.leader_state, transfer=replace(transfer, timeout_now_sent=True), lease_given_up=True),
    )
    message = TimeoutNow(source=node.id, target=transfer.target, term=node.current_term)
    return replace(
        outcome, node=updated_node, messages=(*outcome.messages, message), rules=(*outcome.rules, Rule.SEND_TIMEOUT_NOW)
    )


def abandon_late_transfer(outcome: Outcome, clock_ms: int) -> Outcome:
    """Still leading an election timeout later: the target did not win, so take commands again."""
    transfer = outcome.node.leader_state.transfer
    if transfer is None or clock_ms - transfer.started_ms < outcome.node.settings.minimum_timeout_ms:
        return outcome
    return _abandon_transfer(outcome)


def _abandon_transfer(outcome: Outcome) -> Outcome:
    leader = replace(outcome.node, leader_state=replace(outcome.node.leader_state, transfer=None))
    return replace(outcome, node=leader, rules=(*outcome.rules, Rule.ABANDON_TRANSFER))


def refuse_during_transfer(node: Node, request: str) -> Outcome:
    """No new commands during a transfer, and no second start of the same transfer."""
    refusal = RequestRefused(request=request, rule=Rule.REFUSE_DURING_TRANSFER)
    return Outcome(node=node, answers=(refusal,), rules=(Rule.REFUSE_DURING_TRANSFER,))


def campaign_now(node: Node, message: TimeoutNow) -> Outcome:
    """The target starts an election at once, without a pre-vote: it is as if its clock had jumped ahead."""
    if message.term < node.current_term or node.role is Role.LEADER or node.id not in node.configuration.electorate:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    outcome = election.start_election(node, is_transfer=True)
    return replace(outcome, rules=(Rule.CAMPAIGN_NOW, *outcome.rules))
