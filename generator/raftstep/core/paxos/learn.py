"""Learning what is chosen: from the leader's notice, or from the values themselves (Lamport 2001, §2.3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import Role
from raftstep.core.paxos import ballots
from raftstep.core.paxos.messages import Accept, AskForChosen, Chosen, Heartbeat
from raftstep.core.paxos.model import Node, Proposal, Slot
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule


def hear_leader(node: Node, beat: Heartbeat) -> Outcome:
    """A heartbeat of a ballot no lower than the promise: wait on, and learn what it tells."""
    if beat.ballot < node.promised:
        return ballots.refuse(node, beat)
    follower = ballots.follow(node, beat.ballot, beat.source)
    rules = (*ballots.given_up(node), Rule.HEAR_LEADER)
    return from_notice(Outcome(node=follower, rearm=True, rules=rules), beat)


def from_notice(so_far: Outcome, notice: Accept | Heartbeat) -> Outcome:
    """A slot accepted in the leader's own ballot holds the leader's value; for any other chosen one, ask."""
    node = so_far.node
    rules = so_far.rules
    open_slots = [index for index in range(1, notice.chosen_to + 1) if not node.slot(index).chosen]
    known = [index for index in open_slots if node.slot(index).ballot == notice.ballot]
    for index in known:
        node = node.with_slot(index, replace(node.slot(index), chosen=True))
    if known:
        rules = (*rules, *_learnt(so_far.node, node))
    lacking = tuple(index for index in open_slots if index not in known)
    if not lacking:
        return replace(so_far, node=node, rules=rules)
    ask = AskForChosen(source=node.id, target=notice.source, ballot=notice.ballot, indexes=lacking)
    return replace(so_far, node=node, messages=(*so_far.messages, ask), rules=(*rules, Rule.ASK_FOR_CHOSEN))


def teach(node: Node, request: AskForChosen) -> Outcome:
    """Send the values themselves, to a node that asks this ballot's leader."""
    if node.role is not Role.LEADER or request.ballot != node.promised:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    known = tuple(
        Proposal(index=index, value=node.slot(index).value, ballot=node.slot(index).ballot)
        for index in request.indexes
        if node.slot(index).chosen
    )
    chosen = Chosen(source=node.id, target=request.source, ballot=node.promised, proposals=known)
    return Outcome(node=node, messages=(chosen,), rules=(Rule.TEACH_CHOSEN,))


def take_chosen(node: Node, chosen: Chosen) -> Outcome:
    """What is chosen stays chosen, so it may be taken from any ballot, old or new."""
    learner = node
    for proposal in chosen.proposals:
        known = learner.slot(proposal.index)
        if not known.chosen:
            slot = Slot(ballot=max(known.ballot, proposal.ballot), value=proposal.value, chosen=True)
            learner = learner.with_slot(proposal.index, slot)
    if learner is node:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    return Outcome(node=learner, rules=_learnt(node, learner))


def _learnt(before: Node, after: Node) -> tuple[Rule, ...]:
    """A value was learnt; what is chosen without a gap is executed as well."""
    executes = after.chosen_to > before.chosen_to
    return (Rule.LEARN_CHOSEN, Rule.EXECUTE) if executes else (Rule.LEARN_CHOSEN,)
