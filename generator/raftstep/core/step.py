"""One step of one node: ``step(node, given) -> outcome`` (Raft paper, Figure 2).

A newer term is dealt with first, whatever the message; then the message, by its kind.
"""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import election, replication
from raftstep.core.model import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    Input,
    Message,
    Node,
    Outcome,
    Receive,
    RequestVote,
    RequestVoteResponse,
    Restart,
    Role,
    Term,
    TimerFires,
)
from raftstep.core.rules import Rule


def step(node: Node, given: Input) -> Outcome:
    """What one node does with one input. Pure: the same node and input give the same outcome."""
    match given:
        case Receive(message=message):
            return _receive(node, message)
        case TimerFires():
            if node.role is Role.LEADER:
                return replication.send_heartbeat(node)
            return election.start_election(node)
        case ClientRequest(command=command):
            return replication.take_command(node, command)
        case Restart():
            return restart(node)


def restart(node: Node) -> Outcome:
    """Come back with what was durable: term, vote and log (Figure 2, *State*). Its election timeout starts anew."""
    reborn = Node(
        id=node.id,
        peers=node.peers,
        settings=node.settings,
        current_term=node.current_term,
        voted_for=node.voted_for,
        log=node.log,
    )
    return Outcome(node=reborn, rearm=True, rules=(Rule.RESTART,))


def _receive(node: Node, message: Message) -> Outcome:
    if message.term <= node.current_term:
        return _handle(node, message)
    was_leader = node.role is Role.LEADER
    outcome = _handle(adopt_term(node, message.term), message)
    return replace(
        outcome,
        rearm=outcome.rearm or was_leader,
        rules=(Rule.ADOPT_NEWER_TERM, *outcome.rules),
    )


def adopt_term(node: Node, term: Term) -> Node:
    """A follower of a newer term: the vote is free again, and what was known of a leader is forgotten (§5.1)."""
    return replace(
        node,
        current_term=term,
        voted_for=None,
        role=Role.FOLLOWER,
        leader=None,
        votes_granted=frozenset(),
        progress=(),
    )


def _handle(node: Node, message: Message) -> Outcome:
    match message:
        case RequestVote():
            return election.answer_vote_request(node, message)
        case RequestVoteResponse():
            return election.count_vote(node, message)
        case AppendEntries():
            return replication.answer_append(node, message)
        case AppendEntriesResponse():
            return replication.take_append_response(node, message)
