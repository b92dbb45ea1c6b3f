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
    Input,
    NodeRestarts,
    Outcome,
    Receive,
    TakeSnapshot,
    TimerFires,
    TransferLeadership,
    WriteEnds,
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
from raftstep.core.model import NO_LEADER_STATE, Membership, Node, ReadMode, Role, Term
from raftstep.core.rules import Rule


def step(node: Node, given: Input) -> Outcome:
    """What one node does with one input. Pure: the same node and input give the same outcome.

    Raises :class:`ValueError` for a read or a change of configuration where the settings have none.
    """
    snapshot_outcome = (
        Outcome(node=node) if isinstance(given, NodeRestarts) else compaction.take_snapshot_when_due(node)
    )
    outcome = _handle_input(snapshot_outcome.node, given)
    if node.settings.is_figure_2 and outcome.node.leader_state.transfer is None:
        return outcome
    return _follow_up(snapshot_outcome, outcome, given.clock_ms)


def _handle_input(node: Node, given: Input) -> Outcome:
    match given:
        case Receive(message=message, clock_ms=clock_ms):
            return _receive(node, message, clock_ms)
        case TimerFires(clock_ms=clock_ms):
            return (
                _handle_heartbeat_timeout(node, clock_ms)
                if node.role is Role.LEADER
                else _handle_election_timeout(node)
            )
        case ClientRequest(command=command):
            if node.leader_state.transfer is not None:
                return transfer.refuse_during_transfer(node, command)
            return replication.handle_client_request(node, given)
        case ClientRead():
            return reads.handle_client_read(node, given)
        case ChangeConfiguration(configuration=configuration, clock_ms=clock_ms):
            if node.leader_state.transfer is not None:
                return transfer.refuse_during_transfer(node, "change the configuration")
            return membership.handle_change_request(node, configuration, clock_ms)
        case TransferLeadership(target=target, clock_ms=clock_ms):
            return transfer.begin_transfer(node, target, clock_ms)
        case TakeSnapshot():
            return compaction.take_snapshot(Outcome(node=node))
        case WriteEnds(index=index):
            return replication.note_written(node, index)
        case NodeRestarts(clock_ms=clock_ms):
            return restart(node, clock_ms)


def _handle_election_timeout(node: Node) -> Outcome:
    if not membership.may_start_election(node):
        return Outcome(node=node, rearm=True, rules=(Rule.STAY_PASSIVE,))
    return pre_vote.start_pre_vote(node) if node.settings.pre_vote else election.start_election(node)


def _handle_heartbeat_timeout(node: Node, clock_ms: int) -> Outcome:
    if node.settings.check_quorum and contact.has_lost_its_majority(node, clock_ms):
        return contact.step_down(node, Rule.STEP_DOWN_WITHOUT_QUORUM)
    if node.settings.reads is not ReadMode.OFF:
        node = reads.start_heartbeat_round(node, clock_ms)
    return transfer.abandon_late_transfer(replication.send_heartbeat(node), clock_ms)


def restart(node: Node, clock_ms: int = 0) -> Outcome:
    """Restart with what was durable (Figure 2, *State*). Its election timeout restarts.

    Where leases count on voters to remember their leader, a node that cannot remember waits as if it had just heard
    from one.
    """
    durable_log = node.log if node.keeps(Guard.PERSIST_LOG) else ()
    restarted_node = Node(
        id=node.id,
        bootstrap=node.bootstrap,
        configuration=node.bootstrap,
        settings=node.settings,
        current_term=node.current_term if node.keeps(Guard.PERSIST_TERM) else 0,
        voted_for=node.voted_for if node.keeps(Guard.PERSIST_VOTE) and node.keeps(Guard.PERSIST_TERM) else None,
        log=durable_log,
        snapshot=node.snapshot,
        disk_is_slow=node.disk_is_slow,
        commit_index=node.snapshot.index,
        last_applied=node.snapshot.index,
        machine=node.snapshot.machine,
        last_heard_ms=clock_ms if node.settings.reads is ReadMode.LEASE else None,
    )
    restarted_node = replace(
        restarted_node,
        configuration=configuration_at(restarted_node, last_index(restarted_node)),
        written_index=last_index(restarted_node) if node.disk_is_slow else 0,
    )
    rules = (Rule.RESTART, Rule.RESTORE_SNAPSHOT) if node.snapshot.index else (Rule.RESTART,)
    return Outcome(node=restarted_node, rearm=True, rules=rules)


def _receive(node: Node, message: Message, clock_ms: int) -> Outcome:
    if _is_disruptive(node, message, clock_ms):
        return Outcome(node=node, rules=(Rule.IGNORE_DISRUPTIVE_CANDIDATE,))
    if message.term <= node.current_term or _is_about_future_term(message):
        return _handle_message(node, message, clock_ms)
    was_leader = node.role is Role.LEADER
    outcome = _handle_message(adopt_term(node, message.term), message, clock_ms)
    return replace(
        outcome,
        rearm=outcome.rearm or was_leader,
        rules=(Rule.ADOPT_NEWER_TERM, *outcome.rules),
    )


def _is_disruptive(node: Node, message: Message, clock_ms: int) -> bool:
    """A request for a vote while the leader is healthy, unless the leader itself asked for the election (§6)."""
    return (
        node.settings.leader_stickiness
        and isinstance(message, RequestVote)
        and not message.transfer
        and contact.leader_is_alive(node, clock_ms)
    )


def _is_about_future_term(message: Message) -> bool:
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
        leader_state=NO_LEADER_STATE,
    )


def _handle_message(node: Node, message: Message, clock_ms: int) -> Outcome:
    if node.settings.tracks_contact and message.term == node.current_term:
        node = contact.note_contact(node, message, clock_ms)
    match message:
        case RequestVote():
            return election.answer_vote_request(node, message)
        case RequestVoteResponse():
            return election.count_vote(node, message)
        case AppendEntries():
            return replication.answer_append_entries(node, message)
        case AppendEntriesResponse():
            return replication.handle_append_response(node, message)
        case InstallSnapshot():
            return compaction.answer_install_snapshot(node, message)
        case InstallSnapshotResponse():
            return compaction.handle_install_response(node, message)
        case RequestPreVote():
            return pre_vote.answer_pre_vote_request(node, message, clock_ms)
        case RequestPreVoteResponse():
            return pre_vote.count_pre_vote(node, message)
        case TimeoutNow():
            return transfer.campaign_now(node, message)


def _follow_up(snapshot_outcome: Outcome, outcome: Outcome, clock_ms: int) -> Outcome:
    """What the step means for the parts beyond Figure 2: changes, reads and a transfer in progress."""
    before = snapshot_outcome.node
    settings = before.settings
    if settings.tracks_contact and outcome.node.role is Role.LEADER and before.role is not Role.LEADER:
        outcome = replace(outcome, node=contact.reset_contact_times(outcome.node, clock_ms))
    if settings.membership is not Membership.FIXED:
        outcome = membership.settle_membership(before, outcome, clock_ms)
    if settings.reads is not ReadMode.OFF:
        outcome = reads.settle_reads(outcome, clock_ms)
    outcome = transfer.send_timeout_now_when_ready(outcome)
    return replace(outcome, rules=(*snapshot_outcome.rules, *outcome.rules)) if snapshot_outcome.rules else outcome
