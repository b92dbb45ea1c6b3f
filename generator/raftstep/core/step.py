"""One step of one node: ``step(node, given) -> outcome`` (Raft paper, Figure 2). Inputs and messages are routed here.

A newer term is dealt with first, whatever the message; then the message, by its kind. What lies beyond Figure 2 is
asked only where it is switched on: before the step (:mod:`~raftstep.core.contact`), and in :func:`_follow_up`.
"""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import compaction, contact, election, membership, pre_vote, reads, replication, transfer
from raftstep.core.guards import Guard
from raftstep.core.inputs import (
    ChangeConfiguration,
    ClientRead,
    ClientRequest,
    Compact,
    Input,
    Outcome,
    Receive,
    Restart,
    TimerFires,
    TransferLeadership,
)
from raftstep.core.log import configuration_at, last_index
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
    RequestPreVote,
    RequestPreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)
from raftstep.core.model import NO_OFFICE, Membership, Node, Reads, Role, Term
from raftstep.core.rules import Rule


def step(node: Node, given: Input) -> Outcome:
    """What one node does with one input. Pure: the same node and input give the same outcome.

    Raises :class:`ValueError` for a read or a change of configuration where the settings have none.
    """
    due = Outcome(node=node) if isinstance(given, Restart) else compaction.take_when_due(node)
    outcome = _act(due.node, given)
    if node.settings.plain and outcome.node.office.transfer is None:
        return outcome
    return _follow_up(due, outcome, given.clock_ms)


def _act(node: Node, given: Input) -> Outcome:
    match given:
        case Receive(message=message, clock_ms=clock_ms):
            return _receive(node, message, clock_ms)
        case TimerFires(clock_ms=clock_ms):
            return _beat(node, clock_ms) if node.role is Role.LEADER else _campaign(node)
        case ClientRequest(command=command):
            if node.office.transfer is not None:
                return transfer.refuse(node, command)
            return replication.take_command(node, given)
        case ClientRead():
            return reads.take_read(node, given)
        case ChangeConfiguration(configuration=configuration, clock_ms=clock_ms):
            if node.office.transfer is not None:
                return transfer.refuse(node, "change the configuration")
            return membership.request_change(node, configuration, clock_ms)
        case TransferLeadership(target=target, clock_ms=clock_ms):
            return transfer.begin(node, target, clock_ms)
        case Compact():
            return compaction.take_snapshot(Outcome(node=node))
        case Restart(clock_ms=clock_ms):
            return restart(node, clock_ms)


def _campaign(node: Node) -> Outcome:
    if not membership.may_stand(node):
        return Outcome(node=node, rearm=True, rules=(Rule.STAY_PASSIVE,))
    return pre_vote.ask(node) if node.settings.pre_vote else election.start_election(node)


def _beat(node: Node, clock_ms: int) -> Outcome:
    if node.settings.check_quorum and contact.has_lost_its_majority(node, clock_ms):
        return contact.step_down(node, Rule.STEP_DOWN_WITHOUT_QUORUM)
    if node.settings.reads is not Reads.OFF:
        node = reads.new_round(node, clock_ms)
    return transfer.abandon_if_late(replication.send_heartbeat(node), clock_ms)


def restart(node: Node, clock_ms: int = 0) -> Outcome:
    """Come back with what was durable (Figure 2, *State*). Its election timeout starts anew.

    Where leases count on voters to remember their leader, a node that cannot remember waits as if it had just heard
    from one.
    """
    kept = node.log if node.keeps(Guard.PERSIST_LOG) else ()
    reborn = Node(
        id=node.id,
        bootstrap=node.bootstrap,
        configuration=node.bootstrap,
        settings=node.settings,
        current_term=node.current_term if node.keeps(Guard.PERSIST_TERM) else 0,
        voted_for=node.voted_for if node.keeps(Guard.PERSIST_VOTE) and node.keeps(Guard.PERSIST_TERM) else None,
        log=kept,
        snapshot=node.snapshot,
        commit_index=node.snapshot.index,
        last_applied=node.snapshot.index,
        machine=node.snapshot.machine,
        heard_ms=clock_ms if node.settings.reads is Reads.LEASE else None,
    )
    reborn = replace(reborn, configuration=configuration_at(reborn, last_index(reborn)))
    rules = (Rule.RESTART, Rule.RESTORE_SNAPSHOT) if node.snapshot.index else (Rule.RESTART,)
    return Outcome(node=reborn, rearm=True, rules=rules)


def _receive(node: Node, message: Message, clock_ms: int) -> Outcome:
    if _disrupts(node, message, clock_ms):
        return Outcome(node=node, rules=(Rule.IGNORE_DISRUPTIVE_CANDIDATE,))
    if message.term <= node.current_term or _is_about_a_term_to_come(message):
        return _handle(node, message, clock_ms)
    was_leader = node.role is Role.LEADER
    outcome = _handle(adopt_term(node, message.term), message, clock_ms)
    return replace(
        outcome,
        rearm=outcome.rearm or was_leader,
        rules=(Rule.ADOPT_NEWER_TERM, *outcome.rules),
    )


def _disrupts(node: Node, message: Message, clock_ms: int) -> bool:
    """A request for a vote while the leader is well, unless the leader itself asked for the election (§6)."""
    return (
        node.settings.leader_stickiness
        and isinstance(message, RequestVote)
        and not message.transfer
        and contact.leader_is_alive(node, clock_ms)
    )


def _is_about_a_term_to_come(message: Message) -> bool:
    """A pre-vote speaks of a term that has not begun: nobody takes it over (dissertation §9.6)."""
    match message:
        case RequestPreVote() | RequestPreVoteResponse(vote_granted=True):
            return True
    return False


def adopt_term(node: Node, term: Term) -> Node:
    """A follower of a newer term: the vote is free again, and what was known of a leader is forgotten (§5.1)."""
    if node.role is Role.LEADER and not node.keeps(Guard.STEP_DOWN):
        return replace(node, current_term=term, voted_for=None)
    return replace(
        node,
        current_term=term,
        voted_for=None,
        role=Role.FOLLOWER,
        leader=None,
        votes_granted=frozenset(),
        progress=(),
        office=NO_OFFICE,
    )


def _handle(node: Node, message: Message, clock_ms: int) -> Outcome:
    if node.settings.keeps_time and message.term == node.current_term:
        node = contact.note(node, message, clock_ms)
    match message:
        case RequestVote():
            return election.answer_vote_request(node, message)
        case RequestVoteResponse():
            return election.count_vote(node, message)
        case AppendEntries():
            return replication.answer_append(node, message)
        case AppendEntriesResponse():
            return replication.take_append_response(node, message)
        case InstallSnapshot():
            return compaction.answer_install(node, message)
        case InstallSnapshotResponse():
            return compaction.take_install_response(node, message)
        case RequestPreVote():
            return pre_vote.answer(node, message, clock_ms)
        case RequestPreVoteResponse():
            return pre_vote.count(node, message)
        case TimeoutNow():
            return transfer.campaign(node, message)


def _follow_up(due: Outcome, outcome: Outcome, clock_ms: int) -> Outcome:
    """What the step means for the parts beyond Figure 2: changes, reads and a hand-over under way."""
    before = due.node
    settings = before.settings
    if settings.keeps_time and outcome.node.role is Role.LEADER and before.role is not Role.LEADER:
        outcome = replace(outcome, node=contact.begin(outcome.node, clock_ms))
    if settings.membership is not Membership.FIXED:
        outcome = membership.settle(before, outcome, clock_ms)
    if settings.reads is not Reads.OFF:
        outcome = reads.settle(outcome, clock_ms)
    outcome = transfer.tell_when_ready(outcome)
    return replace(outcome, rules=(*due.rules, *outcome.rules)) if due.rules else outcome
