"""Handing leadership over (dissertation §3.10)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import election, replication
from raftstep.core.inputs import NotLeader, Outcome, Refused
from raftstep.core.log import last_index
from raftstep.core.messages import TimeoutNow
from raftstep.core.model import Node, NodeId, Role, Transfer
from raftstep.core.rules import Rule


def begin(node: Node, target: NodeId, clock_ms: int) -> Outcome:
    """Take no more commands and see that the target gets every entry. A lease is given up first (§6.4.1)."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=f"hand over to {target}", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    if target == node.id or target not in node.configuration.electorate:
        refused = Refused(what=f"hand over to {target}", rule=Rule.REFUSE_TRANSFER)
        return Outcome(node=node, answers=(refused,), rules=(Rule.REFUSE_TRANSFER,))
    office = replace(node.office, transfer=Transfer(target=target, started_ms=clock_ms), lease_until_ms=0, rounds=())
    begun = Outcome(node=replace(node, office=office), rules=(Rule.START_TRANSFER,))
    behind = tuple(one for one in node.progress if one.peer == target and one.match_index < last_index(node))
    return tell_when_ready(replication.send(begun, behind))


def tell_when_ready(so_far: Outcome) -> Outcome:
    """Once the target holds the whole log, ask it to stand for election; asked once is enough.

    The message may arrive late and win even then, so a leader that has sent it takes no lease in this term any more.
    """
    node = so_far.node
    transfer = node.office.transfer
    if transfer is None or transfer.told:
        return so_far
    if not any(one.peer == transfer.target and one.match_index == last_index(node) for one in node.progress):
        return so_far
    told = replace(node, office=replace(node.office, transfer=replace(transfer, told=True), lease_forgone=True))
    message = TimeoutNow(source=node.id, target=transfer.target, term=node.current_term)
    return replace(
        so_far, node=told, messages=(*so_far.messages, message), rules=(*so_far.rules, Rule.SEND_TIMEOUT_NOW)
    )


def abandon_if_late(so_far: Outcome, clock_ms: int) -> Outcome:
    """Still leading an election timeout later: the target did not win, so take commands again."""
    transfer = so_far.node.office.transfer
    if transfer is None or clock_ms - transfer.started_ms < so_far.node.settings.minimum_timeout_ms:
        return so_far
    resumed = replace(so_far.node, office=replace(so_far.node.office, transfer=None))
    return replace(so_far, node=resumed, rules=(*so_far.rules, Rule.ABANDON_TRANSFER))


def refuse(node: Node, command: str) -> Outcome:
    """No new commands while handing over."""
    refused = Refused(what=command, rule=Rule.REFUSE_DURING_TRANSFER)
    return Outcome(node=node, answers=(refused,), rules=(Rule.REFUSE_DURING_TRANSFER,))


def campaign(node: Node, message: TimeoutNow) -> Outcome:
    """The target stands at once, without a pre-vote: it is as if its clock had jumped ahead."""
    if message.term < node.current_term or node.role is Role.LEADER or node.id not in node.configuration.electorate:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE_RESPONSE,))
    begun = election.start_election(node, transfer=True)
    return replace(begun, rules=(Rule.CAMPAIGN_NOW, *begun.rules))
