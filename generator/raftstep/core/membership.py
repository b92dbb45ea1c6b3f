"""Changing who belongs to the cluster: joint consensus (§6), or one voter at a time (dissertation chapter 4)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import contact, replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import NotLeader, Outcome, RequestRefused
from raftstep.core.log import configuration_at, last_index, term_at, with_log
from raftstep.core.model import CatchUp, Configuration, Entry, Index, Membership, Node, NodeId, Progress, Role
from raftstep.core.rules import Rule

MAX_CATCH_UP_ROUNDS = 10
"""How many rounds a new node is given to catch up (dissertation §4.2.1), and how many election timeouts in one."""


def handle_change_request(node: Node, new_configuration: Configuration, clock_ms: int) -> Outcome:
    """A leader takes the change up, refuses it, or first lets the new voters catch up.

    Raises :class:`ValueError` where the settings keep the configuration fixed, and for one without a voter.
    """
    if node.settings.membership is Membership.FIXED:
        raise ValueError("the configuration is fixed in the settings")
    if not new_configuration.voters:
        raise ValueError("a configuration needs a voter")
    if node.role is not Role.LEADER:
        redirect = NotLeader(command="change the configuration", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    if _asks_to_leave(node, new_configuration):
        return _leave_joint(Outcome(node=node), clock_ms)
    refusal_rule = _find_refusal_rule(node, new_configuration)
    if refusal_rule is not None:
        answer = RequestRefused(request="change the configuration", rule=refusal_rule)
        return Outcome(node=node, answers=(answer,), rules=(refusal_rule,))
    if _newcomers(node, new_configuration) and node.keeps(Guard.CAUGHT_UP_BEFORE_VOTING):
        return _start_catch_up(node, new_configuration, clock_ms)
    return _append_change(Outcome(node=node), new_configuration, clock_ms)


def _find_refusal_rule(node: Node, new_configuration: Configuration) -> Rule | None:
    if is_change_pending(node) and node.keeps(Guard.WAIT_FOR_CHANGE):
        return Rule.REFUSE_SECOND_CHANGE
    if term_at(node, node.commit_index) != node.current_term and node.keeps(Guard.OWN_TERM_BEFORE_CHANGE):
        return Rule.REFUSE_EARLY_CHANGE
    changes_several = len(set(node.configuration.voters) ^ set(new_configuration.voters)) > 1
    if changes_several and node.settings.membership is Membership.SINGLE and node.keeps(Guard.ONE_CHANGE_OF_ONE):
        return Rule.REFUSE_CHANGE_OF_SEVERAL
    lagging_peers = [progress.peer for progress in node.progress if progress.match_index < node.commit_index]
    promoted_learners = set(node.configuration.learners).intersection(new_configuration.voters)
    if promoted_learners.intersection(lagging_peers) and node.keeps(Guard.CAUGHT_UP_BEFORE_VOTING):
        return Rule.REFUSE_PROMOTION
    return None


def _asks_to_leave(node: Node, new_configuration: Configuration) -> bool:
    """Whether an operator asks for the end of a committed joint configuration, where the leader waits for that."""
    current = node.configuration
    return (
        node.settings.explicit_leave
        and current.is_joint
        and configuration_index(node) <= node.commit_index
        and set(new_configuration.voters) == set(current.voters)
        and set(new_configuration.learners) == set(current.learners)
    )


def _leave_joint(outcome: Outcome, clock_ms: int) -> Outcome:
    new_configuration = replace(outcome.node.configuration, outgoing=())
    return _append_configuration(outcome, new_configuration, Rule.LEAVE_JOINT, clock_ms)


def configuration_index(node: Node) -> Index:
    """Where the latest configuration is in the log; where the snapshot ends, if none is behind it."""
    for position in range(len(node.log), 0, -1):
        if node.log[position - 1].configuration is not None:
            return node.snapshot.index + position
    return node.snapshot.index


def is_change_pending(node: Node) -> bool:
    """Whether a change waits for new nodes, uncommitted, or half done."""
    return (
        node.leader_state.catch_up is not None
        or node.configuration.is_joint
        or configuration_index(node) > node.commit_index
    )


def may_start_election(node: Node) -> bool:
    """Whether a node may start an election: as a voter, or as one whose loss of its vote may not be committed yet.

    The latter may have the only log that can win, and then it is needed until that entry is committed (dissertation
    §4.2.2). This holds for a node that is removed and for one that becomes a learner; its own vote does not count.
    """
    if node.id in node.configuration.electorate:
        return True
    index = configuration_index(node)
    return index > node.commit_index and node.id in configuration_at(node, index - 1).electorate


def _newcomers(node: Node, new_configuration: Configuration) -> tuple[NodeId, ...]:
    return tuple(voter for voter in new_configuration.voters if voter not in node.configuration.members)


def _start_catch_up(node: Node, new_configuration: Configuration, clock_ms: int) -> Outcome:
    catch_up = CatchUp(
        configuration=new_configuration, target_index=last_index(node), round_number=1, started_ms=clock_ms
    )
    leader = sync_progress(replace(node, leader_state=replace(node.leader_state, catch_up=catch_up)), clock_ms)
    newcomer_progress = tuple(
        progress for progress in leader.progress if progress.peer in _newcomers(node, new_configuration)
    )
    return replication.send_to_peers(Outcome(node=leader, rules=(Rule.START_CATCH_UP,)), newcomer_progress)


def sync_progress(node: Node, clock_ms: int) -> Node:
    """A leader keeps track of every member, and of those who catch up; a new one is given time to be heard from."""
    newcomers = _newcomers(node, node.leader_state.catch_up.configuration) if node.leader_state.catch_up else ()
    progress_by_peer = {progress.peer: progress for progress in node.progress}
    next_index = last_index(node) + 1
    progress = tuple(
        progress_by_peer.get(peer) or Progress(peer=peer, next_index=next_index, match_index=0, last_heard_ms=clock_ms)
        for peer in (*node.peers, *newcomers)
    )
    return replace(node, progress=progress)


def _append_change(outcome: Outcome, new_configuration: Configuration, clock_ms: int) -> Outcome:
    node = outcome.node
    has_same_voters = set(node.configuration.voters) == set(new_configuration.voters)
    skips_joint = node.settings.membership is Membership.SINGLE or not node.keeps(Guard.JOINT_CONSENSUS)
    if has_same_voters or skips_joint:
        return _append_configuration(outcome, new_configuration, Rule.APPEND_CONFIGURATION, clock_ms)
    return _append_configuration(
        outcome, replace(new_configuration, outgoing=node.configuration.voters), Rule.APPEND_JOINT, clock_ms
    )


def _append_configuration(outcome: Outcome, configuration: Configuration, rule: Rule, clock_ms: int) -> Outcome:
    node = outcome.node
    entry = Entry(term=node.current_term, command=None, configuration=configuration)
    leader = sync_progress(with_log(node, (*node.log, entry)), clock_ms)
    return replication.send_to_all(replace(outcome, node=leader, rules=(*outcome.rules, rule)))


def settle_membership(before: Node, outcome: Outcome, clock_ms: int) -> Outcome:
    """What the step just taken means for the configuration."""
    if outcome.node.role is not Role.LEADER:
        return _add_adoption_rule(before, outcome)
    return _finish_change(_advance_catch_up(outcome, clock_ms), clock_ms)


def _add_adoption_rule(before: Node, outcome: Outcome) -> Outcome:
    if before.configuration == outcome.node.configuration:
        return outcome
    is_reverted = configuration_index(outcome.node) < configuration_index(before)
    rule = Rule.REVERT_CONFIGURATION if is_reverted else Rule.ADOPT_CONFIGURATION
    return replace(outcome, rules=(*outcome.rules, rule))


def _advance_catch_up(outcome: Outcome, clock_ms: int) -> Outcome:
    """New nodes that hold what the round began with are caught up, if the round was quick enough."""
    node = outcome.node
    catch_up = node.leader_state.catch_up
    if catch_up is None:
        return outcome
    newcomers = _newcomers(node, catch_up.configuration)
    is_behind = any(
        progress.match_index < catch_up.target_index for progress in node.progress if progress.peer in newcomers
    )
    elapsed_timeouts = (clock_ms - catch_up.started_ms) / node.settings.minimum_timeout_ms
    if is_behind and elapsed_timeouts < MAX_CATCH_UP_ROUNDS:
        return outcome
    if not is_behind and elapsed_timeouts < 1:
        ready_leader = replace(node, leader_state=replace(node.leader_state, catch_up=None))
        return _append_change(replace(outcome, node=ready_leader), catch_up.configuration, clock_ms)
    if is_behind or catch_up.round_number == MAX_CATCH_UP_ROUNDS:
        leader = sync_progress(replace(node, leader_state=replace(node.leader_state, catch_up=None)), clock_ms)
        return replace(outcome, node=leader, rules=(*outcome.rules, Rule.GIVE_UP_CATCH_UP))
    next_round = replace(
        catch_up, target_index=last_index(node), round_number=catch_up.round_number + 1, started_ms=clock_ms
    )
    updated_leader = replace(node, leader_state=replace(node.leader_state, catch_up=next_round))
    return replace(outcome, node=updated_leader, rules=(*outcome.rules, Rule.NEXT_CATCH_UP_ROUND))


def _finish_change(outcome: Outcome, clock_ms: int) -> Outcome:
    """Leave a committed joint configuration; step down once a committed configuration gives the node no vote."""
    node = outcome.node
    if configuration_index(node) > node.commit_index:
        return outcome
    if node.configuration.is_joint:
        return outcome if node.settings.explicit_leave else _finish_change(_leave_joint(outcome, clock_ms), clock_ms)
    if node.id in node.configuration.voters:
        return outcome
    resignation = contact.step_down(node, Rule.STEP_DOWN_REMOVED)
    return replace(outcome, node=resignation.node, rearm=True, rules=(*outcome.rules, *resignation.rules))
