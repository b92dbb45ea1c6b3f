"""Phase 2: values are proposed, accepted and so chosen, each slot by itself (Lamport 2001, §2.2 and §3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.inputs import ClientRequest, CommandApplied, NotLeader
from raftstep.core.model import NodeId, Role
from raftstep.core.paxos import ballots, learn
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import Accept, Accepted, Heartbeat
from raftstep.core.paxos.model import Node, Proposal, Slot, Tally, Value
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule
from raftstep.core.quorum import has_quorum


def handle_client_request(node: Node, request: ClientRequest) -> Outcome:
    """A leader gives the command the next free slot and proposes it; the slots before it need not be chosen."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=request.command, leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    value = Value(command=request.command, client=request.client, serial=request.serial)
    index = _find_free_index(node)
    leader = node.with_slot(index, Slot(ballot=node.promised_ballot, value=value))
    tally = Tally(index=index, accepted_by=frozenset({node.id}), has_waiting_client=True)
    leader = replace(leader, tallies=(*leader.tallies, tally))
    requests = tuple(_build_accept(leader, peer, (index,)) for peer in leader.peers)
    return choose_values(Outcome(node=leader, messages=requests, rules=(Rule.PROPOSE_COMMAND,)))


def _find_free_index(node: Node) -> int:
    """Behind all slots the leader is bound to; one that does not adopt begins where it prepared."""
    last_proposed = max((tally.index for tally in node.tallies), default=0)
    if not node.keeps(Guard.ADOPT_REPORTED):
        own_indexes = (
            index for index, slot in enumerate(node.slots, 1) if slot.ballot == node.promised_ballot or slot.is_chosen
        )
        return max(last_proposed, node.chosen_index, *own_indexes, 0) + 1
    return max(last_proposed, len(node.slots)) + 1


def send_heartbeat(node: Node) -> Outcome:
    """Write to all: what they have not accepted yet, or else that the leader is there."""
    return send_to_all(Outcome(node=node, rearm=True, rules=(Rule.SEND_HEARTBEAT,)))


def send_to_all(outcome: Outcome) -> Outcome:
    """One message to each node: the open proposals it is not known to have accepted, or a heartbeat."""
    node = outcome.node
    messages = tuple(_build_message(node, peer) for peer in node.peers)
    return replace(outcome, messages=(*outcome.messages, *messages))


def _build_message(node: Node, peer: NodeId) -> Accept | Heartbeat:
    missing_indexes = tuple(tally.index for tally in node.tallies if peer not in tally.accepted_by)
    if missing_indexes:
        return _build_accept(node, peer, missing_indexes)
    return Heartbeat(source=node.id, target=peer, ballot=node.promised_ballot, chosen_index=node.chosen_index)


def _build_accept(node: Node, peer: NodeId, indexes: tuple[int, ...]) -> Accept:
    return Accept(
        source=node.id,
        target=peer,
        ballot=node.promised_ballot,
        proposals=tuple(Proposal(index=index, value=node.slot(index).value) for index in indexes),
        chosen_index=node.chosen_index,
    )


def answer_accept(node: Node, request: Accept) -> Outcome:
    """Accept every slot of the message, unless a higher ballot is promised; then learn what the leader says."""
    if request.ballot < node.promised_ballot and node.keeps(Guard.KEEP_PROMISE):
        return ballots.refuse_ballot(node, request)
    acceptor = node
    rules: tuple[Rule, ...] = (Rule.ACCEPT_VALUE,)
    if request.ballot >= node.promised_ballot:
        acceptor, rules = (
            ballots.follow_ballot(node, request.ballot, request.source),
            (*ballots.find_yield_rules(node), *rules),
        )
    for proposal in request.proposals:
        old_slot = acceptor.slot(proposal.index)
        is_chosen = old_slot.is_chosen and old_slot.value == proposal.value
        slot = Slot(ballot=request.ballot, value=proposal.value, is_chosen=is_chosen)
        acceptor = acceptor.with_slot(proposal.index, slot)
    response = Accepted(
        source=node.id,
        target=request.source,
        ballot=request.ballot,
        indexes=tuple(proposal.index for proposal in request.proposals),
    )
    outcome = Outcome(node=acceptor, messages=(response,), rearm=True, rules=rules)
    return learn.learn_from_notice(outcome, request)


def count_acceptance(node: Node, response: Accepted) -> Outcome:
    """Count who has accepted each slot in this ballot."""
    if node.role is not Role.LEADER or response.ballot != node.promised_ballot:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    tallies = tuple(
        replace(tally, accepted_by=tally.accepted_by | {response.source}) if tally.index in response.indexes else tally
        for tally in node.tallies
    )
    if tallies == node.tallies:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    return choose_values(Outcome(node=replace(node, tallies=tallies), rules=(Rule.COUNT_ACCEPTANCE,)))


def choose_values(outcome: Outcome) -> Outcome:
    """Slots that a majority has accepted are chosen; then all is executed, and answered, up to the first open one."""
    node = outcome.node
    if node.role is not Role.LEADER:
        return outcome
    leader, rules = node, outcome.rules
    for tally in node.tallies:
        if not node.slot(tally.index).is_chosen and _is_accepted(node, tally):
            leader = leader.with_slot(tally.index, replace(node.slot(tally.index), is_chosen=True))
    if leader is not node:
        rules = (*rules, Rule.CHOOSE_VALUE)
    if leader.chosen_index > node.chosen_index:
        rules = (*rules, Rule.EXECUTE)
    executed_tallies = tuple(tally for tally in leader.tallies if tally.index <= leader.chosen_index)
    answers = tuple(
        CommandApplied(
            command=leader.slot(tally.index).command or "", index=tally.index, term=leader.promised_ballot.round
        )
        for tally in executed_tallies
        if tally.has_waiting_client
    )
    return replace(
        outcome,
        node=_drop_finished_tallies(leader, executed_tallies),
        answers=(*outcome.answers, *answers),
        rules=rules,
    )


def _is_accepted(node: Node, tally: Tally) -> bool:
    short_by = 0 if node.keeps(Guard.ACCEPT_MAJORITY) else 1
    return has_quorum(node.configuration, tally.accepted_by, short_by=short_by)


def _drop_finished_tallies(leader: Node, executed_tallies: tuple[Tally, ...]) -> Node:
    """Keep those executed only until all have accepted them; nobody waits for them any more."""
    everyone = frozenset(leader.configuration.voters)
    tallies = (
        replace(tally, has_waiting_client=False) if tally in executed_tallies else tally
        for tally in leader.tallies
        if tally not in executed_tallies or tally.accepted_by != everyone
    )
    return replace(leader, tallies=tuple(tallies))
