"""Phase 2: values are proposed, accepted and so chosen, each slot by itself (Lamport 2001, §2.2 and §3)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.inputs import Applied, ClientRequest, NotLeader
from raftstep.core.model import NodeId, Role
from raftstep.core.paxos import ballots, learn
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import Accept, Accepted, Heartbeat
from raftstep.core.paxos.model import Node, Proposal, Slot, Tally, Value
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule
from raftstep.core.quorum import has_quorum


def take_command(node: Node, request: ClientRequest) -> Outcome:
    """A leader gives the command the next free slot and proposes it; the slots before it need not be chosen."""
    if node.role is not Role.LEADER:
        redirect = NotLeader(command=request.command, leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    value = Value(command=request.command, client=request.client, serial=request.serial)
    index = _next_free(node)
    leader = node.with_slot(index, Slot(ballot=node.promised, value=value))
    tally = Tally(index=index, accepted_by=frozenset({node.id}), asked=True)
    leader = replace(leader, tallies=(*leader.tallies, tally))
    asks = tuple(_accept(leader, peer, (index,)) for peer in leader.peers)
    return choose(Outcome(node=leader, messages=asks, rules=(Rule.PROPOSE_COMMAND,)))


def _next_free(node: Node) -> int:
    """Behind all slots the leader is bound to; one that does not adopt begins where it prepared."""
    proposed = max((tally.index for tally in node.tallies), default=0)
    if not node.keeps(Guard.ADOPT_REPORTED):
        own = (place for place, slot in enumerate(node.slots, 1) if slot.ballot == node.promised or slot.chosen)
        return max(proposed, node.chosen_to, *own, 0) + 1
    return max(proposed, len(node.slots)) + 1


def send_heartbeat(node: Node) -> Outcome:
    """Write to all: what they have not accepted yet, or else that the leader is there."""
    return send_to_all(Outcome(node=node, rearm=True, rules=(Rule.SEND_HEARTBEAT,)))


def send_to_all(so_far: Outcome) -> Outcome:
    """One message to each node: the open proposals it is not known to have accepted, or a heartbeat."""
    node = so_far.node
    messages = tuple(_open_for(node, peer) for peer in node.peers)
    return replace(so_far, messages=(*so_far.messages, *messages))


def _open_for(node: Node, peer: NodeId) -> Accept | Heartbeat:
    lacking = tuple(tally.index for tally in node.tallies if peer not in tally.accepted_by)
    if lacking:
        return _accept(node, peer, lacking)
    return Heartbeat(source=node.id, target=peer, ballot=node.promised, chosen_to=node.chosen_to)


def _accept(node: Node, peer: NodeId, indexes: tuple[int, ...]) -> Accept:
    return Accept(
        source=node.id,
        target=peer,
        ballot=node.promised,
        proposals=tuple(Proposal(index=index, value=node.slot(index).value) for index in indexes),
        chosen_to=node.chosen_to,
    )


def answer_accept(node: Node, request: Accept) -> Outcome:
    """Accept every slot of the message, unless a higher ballot is promised; then learn what the leader tells."""
    if request.ballot < node.promised and node.keeps(Guard.KEEP_PROMISE):
        return ballots.refuse(node, request)
    acceptor = node
    rules: tuple[Rule, ...] = (Rule.ACCEPT_VALUE,)
    if request.ballot >= node.promised:
        acceptor, rules = ballots.follow(node, request.ballot, request.source), (*ballots.given_up(node), *rules)
    for proposal in request.proposals:
        known = acceptor.slot(proposal.index)
        chosen = known.chosen and known.value == proposal.value
        slot = Slot(ballot=request.ballot, value=proposal.value, chosen=chosen)
        acceptor = acceptor.with_slot(proposal.index, slot)
    accepted = Accepted(
        source=node.id,
        target=request.source,
        ballot=request.ballot,
        indexes=tuple(proposal.index for proposal in request.proposals),
    )
    so_far = Outcome(node=acceptor, messages=(accepted,), rearm=True, rules=rules)
    return learn.from_notice(so_far, request)


def count_acceptance(node: Node, accepted: Accepted) -> Outcome:
    """Count who has accepted each slot in this ballot."""
    if node.role is not Role.LEADER or accepted.ballot != node.promised:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    tallies = tuple(
        replace(tally, accepted_by=tally.accepted_by | {accepted.source}) if tally.index in accepted.indexes else tally
        for tally in node.tallies
    )
    if tallies == node.tallies:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    return choose(Outcome(node=replace(node, tallies=tallies), rules=(Rule.COUNT_ACCEPTANCE,)))


def choose(so_far: Outcome) -> Outcome:
    """Slots that a majority has accepted are chosen; then all is executed, and answered, up to the first open one."""
    node = so_far.node
    if node.role is not Role.LEADER:
        return so_far
    leader, rules = node, so_far.rules
    for tally in node.tallies:
        if not node.slot(tally.index).chosen and _is_accepted(node, tally):
            leader = leader.with_slot(tally.index, replace(node.slot(tally.index), chosen=True))
    if leader is not node:
        rules = (*rules, Rule.CHOOSE_VALUE)
    if leader.chosen_to > node.chosen_to:
        rules = (*rules, Rule.EXECUTE)
    done = tuple(tally for tally in leader.tallies if tally.index <= leader.chosen_to)
    answers = tuple(
        Applied(command=leader.slot(tally.index).command or "", index=tally.index, term=leader.promised.round)
        for tally in done
        if tally.asked
    )
    return replace(so_far, node=_without(leader, done), answers=(*so_far.answers, *answers), rules=rules)


def _is_accepted(node: Node, tally: Tally) -> bool:
    short_by = 0 if node.keeps(Guard.ACCEPT_MAJORITY) else 1
    return has_quorum(node.configuration, tally.accepted_by, short_by=short_by)


def _without(leader: Node, done: tuple[Tally, ...]) -> Node:
    """Keep those executed only until all have accepted them; nobody waits for them any more."""
    everyone = frozenset(leader.configuration.voters)
    tallies = (
        replace(tally, asked=False) if tally in done else tally
        for tally in leader.tallies
        if tally not in done or tally.accepted_by != everyone
    )
    return replace(leader, tallies=tuple(tallies))
