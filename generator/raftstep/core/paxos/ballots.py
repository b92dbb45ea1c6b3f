"""What every phase has in common: following a ballot, refusing one, giving the own one up (Lamport 2001, §2.2)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.model import NodeId, Role
from raftstep.core.paxos.messages import Accept, Heartbeat, Prepare, Refusal
from raftstep.core.paxos.model import Ballot, Node
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule


def follow_ballot(node: Node, ballot: Ballot, leader: NodeId | None) -> Node:
    """The node once it has promised another's ballot; a lower one of its own ends with that."""
    return replace(node, promised_ballot=ballot, role=Role.FOLLOWER, leader=leader, reports=(), tallies=())


def find_yield_rules(node: Node) -> tuple[Rule, ...]:
    """The rule that a node about to follow another ballot obeys first, where it had one of its own."""
    return () if node.role is Role.FOLLOWER else (Rule.YIELD_TO_BALLOT,)


def refuse_ballot(node: Node, request: Prepare | Accept | Heartbeat) -> Outcome:
    """The answer to a ballot below the promise; it does not restart the timer."""
    refusal = Refusal(source=node.id, target=request.source, ballot=node.promised_ballot)
    return Outcome(node=node, messages=(refusal,), rules=(Rule.REFUSE_BALLOT,))


def yield_to_ballot(node: Node, refusal: Refusal) -> Outcome:
    """A proposer that is refused gives up its own ballot; to promise the higher one is always allowed."""
    if node.role is Role.FOLLOWER or refusal.ballot <= node.promised_ballot:
        return Outcome(node=node, rules=(Rule.IGNORE_STALE,))
    follower = follow_ballot(node, refusal.ballot, None)
    return Outcome(node=follower, rearm=node.role is Role.LEADER, rules=(Rule.YIELD_TO_BALLOT,))
