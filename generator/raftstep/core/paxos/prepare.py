"""Phase 1: a ballot is prepared, once for all slots that are still open (Lamport 2001, §2.2 and §3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import Role
from raftstep.core.paxos import accept, ballots
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import Prepare, Promise
from raftstep.core.paxos.model import NO_BALLOT, NO_OP, Ballot, Node, Proposal, Report, Slot, Tally
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule
from raftstep.core.quorum import has_quorum


def start_ballot(node: Node) -> Outcome:
    """A ballot of its own, higher than any it knows; the node promises it itself, and asks the others."""
    ballot = Ballot(node.promised.round + 1, node.id)
    first = node.chosen_to + 1
    proposer = replace(
        node,
        promised=ballot,
        role=Role.CANDIDATE,
        leader=None,
        first=first,
        reports=(Report(source=node.id, accepted=accepted_from(node, first)),),
        tallies=(),
    )
    asks = tuple(Prepare(source=node.id, target=peer, ballot=ballot, first=first) for peer in node.peers)
    return _lead_if_promised(Outcome(node=proposer, messages=asks, rearm=True, rules=(Rule.START_BALLOT,)))


def answer_prepare(node: Node, request: Prepare) -> Outcome:
    """Promise, with a report of what was accepted; or refuse, naming the ballot that stands in the way."""
    if request.ballot < node.promised:
        return ballots.refuse(node, request)
    promiser = ballots.follow(node, request.ballot, None)
    promise = Promise(
        source=node.id,
        target=request.source,
        ballot=request.ballot,
        accepted=accepted_from(node, request.first),
    )
    rules = (*ballots.given_up(node), Rule.GIVE_PROMISE)
    return Outcome(node=promiser, messages=(promise,), rearm=True, rules=rules)


def accepted_from(node: Node, first: int) -> tuple[Proposal, ...]:
    """What a node has accepted from a slot on, with the ballots."""
    return tuple(
        Proposal(index=index, value=slot.value, ballot=slot.ballot)
        for index, slot in enumerate(node.slots[first - 1 :], first)
        if not slot.hole
    )


def count_promise(node: Node, promise: Promise) -> Outcome:
    """Count who has promised, not how many messages came."""
    if node.role is not Role.CANDIDATE or promise.ballot != node.promised:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    others = tuple(report for report in node.reports if report.source != promise.source)
    counted = replace(node, reports=(*others, Report(source=promise.source, accepted=promise.accepted)))
    return _lead_if_promised(Outcome(node=counted, rules=(Rule.COUNT_PROMISE,)))


def _lead_if_promised(so_far: Outcome) -> Outcome:
    node = so_far.node
    short_by = 0 if node.keeps(Guard.PREPARE_MAJORITY) else 1
    if not has_quorum(node.configuration, node.votes_granted, short_by=short_by):
        return so_far
    return accept.choose(accept.send_to_all(_lead(so_far)))


def _lead(so_far: Outcome) -> Outcome:
    """Propose, slot by slot, what the promises bind the new leader to; gaps between are closed with no-ops."""
    node = so_far.node
    rules = (*so_far.rules, Rule.BECOME_LEADER)
    bound = _bound_to(node) if node.keeps(Guard.ADOPT_REPORTED) else {}
    leader = replace(node, role=Role.LEADER, leader=node.id, reports=())
    last = max(bound, default=node.first - 1)
    for index in range(node.first, last + 1):
        slot = leader.slot(index)
        if slot.chosen:
            continue
        reported = bound.get(index)
        value = reported.value if reported else NO_OP
        leader = leader.with_slot(index, Slot(ballot=node.promised, value=value))
        tally = Tally(index=index, accepted_by=frozenset({node.id}))
        leader = replace(leader, tallies=(*leader.tallies, tally))
    if bound:
        rules = (*rules, Rule.ADOPT_VALUE)
    if len(bound) < last - node.first + 1:
        rules = (*rules, Rule.FILL_GAP)
    return replace(so_far, node=leader, rearm=True, rules=rules)


def _bound_to(node: Node) -> dict[int, Proposal]:
    """For each slot reported, the proposal of the highest ballot among the promises."""
    bound: dict[int, Proposal] = {}
    for report in node.reports:
        for proposal in report.accepted:
            known = bound.get(proposal.index)
            if known is None or _outranks(node, proposal.ballot, known.ballot):
                bound[proposal.index] = proposal
    return bound


def _outranks(node: Node, one: Ballot, other: Ballot) -> bool:
    return one > other if node.keeps(Guard.HIGHEST_BALLOT) else NO_BALLOT < one < other
