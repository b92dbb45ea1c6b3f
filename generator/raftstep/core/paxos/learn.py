"""Learning what is chosen: from the leader's notice, or from the values themselves (Lamport 2001, §2.3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import Role
from raftstep.core.paxos import ballots
from raftstep.core.paxos.messages import Accept, AskForChosen, Chosen, Heartbeat
from raftstep.core.paxos.model import Node, Proposal, Slot
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule


def hear_leader(node: Node, heartbeat: Heartbeat) -> Outcome:
    """A heartbeat of a ballot no lower than the promise: wait on, and learn what it says."""
    if heartbeat.ballot < node.promised_ballot:
        return ballots.refuse_ballot(node, heartbeat)
    follower = ballots.follow_ballot(node, heartbeat.ballot, heartbeat.source)
    rules = (*ballots.find_yield_rules(node), Rule.HEAR_LEADER)
    return learn_from_notice(Outcome(node=follower, rearm=True, rules=rules), heartbeat)


def learn_from_notice(outcome: Outcome, notice: Accept | Heartbeat) -> Outcome:
    """A slot accepted in the leader's own ballot holds the leader's value; for any other chosen one, ask."""
    node = outcome.node
    rules = outcome.rules
    open_slots = [index for index in range(1, notice.chosen_index + 1) if not node.slot(index).is_chosen]
    newly_chosen_indexes = [index for index in open_slots if node.slot(index).ballot == notice.ballot]
    for index in newly_chosen_indexes:
        node = node.with_slot(index, replace(node.slot(index), is_chosen=True))
    if newly_chosen_indexes:
        rules = (*rules, *_find_learning_rules(outcome.node, node))
    missing_indexes = tuple(index for index in open_slots if index not in newly_chosen_indexes)
    if not missing_indexes:
        return replace(outcome, node=node, rules=rules)
    request = AskForChosen(source=node.id, target=notice.source, ballot=notice.ballot, indexes=missing_indexes)
    return replace(outcome, node=node, messages=(*outcome.messages, request), rules=(*rules, Rule.ASK_FOR_CHOSEN))


def teach_chosen(node: Node, request: AskForChosen) -> Outcome:
    """Send the values themselves, to a node that asks this ballot's leader."""
    if node.role is not Role.LEADER or request.ballot != node.promised_ballot:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    proposals = tuple(
        Proposal(index=index, value=node.slot(index).value, ballot=node.slot(index).ballot)
        for index in request.indexes
        if node.slot(index).is_chosen
    )
    message = Chosen(source=node.id, target=request.source, ballot=node.promised_ballot, proposals=proposals)
    return Outcome(node=node, messages=(message,), rules=(Rule.TEACH_CHOSEN,))


def learn_chosen(node: Node, message: Chosen) -> Outcome:
    """What is chosen stays chosen, so it may be taken from any ballot, old or new."""
    learner = node
    for proposal in message.proposals:
        old_slot = learner.slot(proposal.index)
        if not old_slot.is_chosen:
            slot = Slot(ballot=max(old_slot.ballot, proposal.ballot), value=proposal.value, is_chosen=True)
            learner = learner.with_slot(proposal.index, slot)
    if learner is node:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    return Outcome(node=learner, rules=_find_learning_rules(node, learner))


def _find_learning_rules(before: Node, after: Node) -> tuple[Rule, ...]:
    """A value was learnt; what is chosen without a gap is executed as well."""
    executes = after.chosen_index > before.chosen_index
    return (Rule.LEARN_CHOSEN, Rule.EXECUTE) if executes else (Rule.LEARN_CHOSEN,)
