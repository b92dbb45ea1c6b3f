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
    ballot = Ballot(node.promised_ballot.round + 1, node.id)
    first_index = node.chosen_index + 1
    proposer = replace(
        node,
        promised_ballot=ballot,
        role=Role.CANDIDATE,
        leader=None,
        first_index=first_index,
        reports=(Report(source=node.id, accepted_proposals=collect_accepted(node, first_index)),),
        tallies=(),
    )
    requests = tuple(
        Prepare(source=node.id, target=peer, ballot=ballot, first_index=first_index) for peer in node.peers
    )
    return _lead_if_promised(Outcome(node=proposer, messages=requests, rearm=True, rules=(Rule.START_BALLOT,)))


def answer_prepare(node: Node, request: Prepare) -> Outcome:
    """Promise, with a report of what was accepted; or refuse, naming the higher ballot that prevents it."""
    if request.ballot < node.promised_ballot:
        return ballots.refuse_ballot(node, request)
    acceptor = ballots.follow_ballot(node, request.ballot, None)
    promise = Promise(
        source=node.id,
        target=request.source,
        ballot=request.ballot,
        accepted_proposals=collect_accepted(node, request.first_index),
    )
    rules = (*ballots.find_yield_rules(node), Rule.GIVE_PROMISE)
    return Outcome(node=acceptor, messages=(promise,), rearm=True, rules=rules)


def collect_accepted(node: Node, first_index: int) -> tuple[Proposal, ...]:
    """What a node has accepted from a slot on, with the ballots."""
    return tuple(
        Proposal(index=index, value=slot.value, ballot=slot.ballot)
        for index, slot in enumerate(node.slots[first_index - 1 :], first_index)
        if not slot.is_hole
    )


def count_promise(node: Node, promise: Promise) -> Outcome:
    """Count who has promised, not how many messages came."""
    if node.role is not Role.CANDIDATE or promise.ballot != node.promised_ballot:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    other_reports = tuple(report for report in node.reports if report.source != promise.source)
    proposer = replace(
        node, reports=(*other_reports, Report(source=promise.source, accepted_proposals=promise.accepted_proposals))
    )
    return _lead_if_promised(Outcome(node=proposer, rules=(Rule.COUNT_PROMISE,)))


def _lead_if_promised(outcome: Outcome) -> Outcome:
    node = outcome.node
    short_by = 0 if node.keeps(Guard.PREPARE_MAJORITY) else 1
    if not has_quorum(node.configuration, node.votes_granted, short_by=short_by):
        return outcome
    return accept.choose_values(accept.send_to_all(_become_leader(outcome)))


def _become_leader(outcome: Outcome) -> Outcome:
    """Propose, slot by slot, what the promises bind the new leader to; gaps between are closed with no-ops."""
    node = outcome.node
    rules = (*outcome.rules, Rule.BECOME_LEADER)
    bound_proposals = _find_bound_proposals(node) if node.keeps(Guard.ADOPT_REPORTED) else {}
    leader = replace(node, role=Role.LEADER, leader=node.id, reports=())
    last_index = max(bound_proposals, default=node.first_index - 1)
    for index in range(node.first_index, last_index + 1):
        slot = leader.slot(index)
        if slot.is_chosen:
            continue
        proposal = bound_proposals.get(index)
        value = proposal.value if proposal else NO_OP
        leader = leader.with_slot(index, Slot(ballot=node.promised_ballot, value=value))
        tally = Tally(index=index, accepted_by=frozenset({node.id}))
        leader = replace(leader, tallies=(*leader.tallies, tally))
    if bound_proposals:
        rules = (*rules, Rule.ADOPT_VALUE)
    if len(bound_proposals) < last_index - node.first_index + 1:
        rules = (*rules, Rule.FILL_GAP)
    return replace(outcome, node=leader, rearm=True, rules=rules)


def _find_bound_proposals(node: Node) -> dict[int, Proposal]:
    """For each slot reported, the proposal of the highest ballot among the promises."""
    bound_proposals: dict[int, Proposal] = {}
    for report in node.reports:
        for proposal in report.accepted_proposals:
            best = bound_proposals.get(proposal.index)
            if best is None or _outranks(node, proposal.ballot, best.ballot):
                bound_proposals[proposal.index] = proposal
    return bound_proposals


def _outranks(node: Node, ballot: Ballot, best_ballot: Ballot) -> bool:
    return ballot > best_ballot if node.keeps(Guard.HIGHEST_BALLOT) else NO_BALLOT < ballot < best_ballot
