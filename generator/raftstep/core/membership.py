"""Changing who belongs to the cluster: joint consensus (§6), or one voter at a time (dissertation chapter 4)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core import contact, replication
from raftstep.core.guards import Guard
from raftstep.core.inputs import NotLeader, Outcome, Refused
from raftstep.core.log import configuration_at, last_index, term_at, with_log
from raftstep.core.model import CatchUp, Configuration, Entry, Index, Membership, Node, NodeId, Progress, Role
from raftstep.core.rules import Rule

MOST_ROUNDS = 10
"""How many rounds a new node is given to catch up (dissertation §4.2.1), and how many election timeouts in one."""


def request_change(node: Node, wanted: Configuration, clock_ms: int) -> Outcome:
    """A leader takes the change up, refuses it, or first lets the new voters catch up.

    Raises :class:`ValueError` where the settings keep the configuration fixed, and for one without a voter.
    """
    if node.settings.membership is Membership.FIXED:
        raise ValueError("the configuration is fixed in the settings")
    if not wanted.voters:
        raise ValueError("a configuration needs a voter")
    if node.role is not Role.LEADER:
        redirect = NotLeader(command="change the configuration", leader=node.leader)
        return Outcome(node=node, answers=(redirect,), rules=(Rule.REDIRECT_CLIENT,))
    refusal = _why_not(node, wanted)
    if refusal is not None:
        refused = Refused(what="change the configuration", rule=refusal)
        return Outcome(node=node, answers=(refused,), rules=(refusal,))
    if _newcomers(node, wanted) and node.keeps(Guard.CAUGHT_UP_BEFORE_VOTING):
        return _start_catch_up(node, wanted, clock_ms)
    return _append_change(Outcome(node=node), wanted, clock_ms)


def _why_not(node: Node, wanted: Configuration) -> Rule | None:
    if change_under_way(node) and node.keeps(Guard.WAIT_FOR_CHANGE):
        return Rule.REFUSE_SECOND_CHANGE
    if term_at(node, node.commit_index) != node.current_term and node.keeps(Guard.OWN_TERM_BEFORE_CHANGE):
        return Rule.REFUSE_EARLY_CHANGE
    several = len(set(node.configuration.voters) ^ set(wanted.voters)) > 1
    if several and node.settings.membership is Membership.SINGLE and node.keeps(Guard.ONE_CHANGE_OF_ONE):
        return Rule.REFUSE_CHANGE_OF_SEVERAL
    behind = [one.peer for one in node.progress if one.match_index < node.commit_index]
    promoted = set(node.configuration.learners).intersection(wanted.voters)
    if promoted.intersection(behind) and node.keeps(Guard.CAUGHT_UP_BEFORE_VOTING):
        return Rule.REFUSE_PROMOTION
    return None


def configuration_index(node: Node) -> Index:
    """Where the latest configuration stands in the log; where the snapshot ends, if none is behind it."""
    for place in range(len(node.log), 0, -1):
        if node.log[place - 1].configuration is not None:
            return node.snapshot.index + place
    return node.snapshot.index


def change_under_way(node: Node) -> bool:
    """Whether a change is waiting for new nodes, uncommitted, or half done."""
    return node.office.catch_up is not None or node.configuration.joint or configuration_index(node) > node.commit_index


def may_stand(node: Node) -> bool:
    """Whether a node may stand for election: as a voter, or as one whose removal is not yet known to be committed.

    The latter may be needed until then (dissertation §4.2.2); it does not count its own vote.
    """
    if node.id in node.configuration.electorate:
        return True
    if node.id in node.configuration.learners:
        return False
    index = configuration_index(node)
    return index > node.commit_index and node.id in configuration_at(node, index - 1).electorate


def _newcomers(node: Node, wanted: Configuration) -> tuple[NodeId, ...]:
    return tuple(voter for voter in wanted.voters if voter not in node.configuration.members)


def _start_catch_up(node: Node, wanted: Configuration, clock_ms: int) -> Outcome:
    catch_up = CatchUp(configuration=wanted, until=last_index(node), rounds=1, started_ms=clock_ms)
    begun = sync(replace(node, office=replace(node.office, catch_up=catch_up)), clock_ms)
    fresh = tuple(one for one in begun.progress if one.peer in _newcomers(node, wanted))
    return replication.send(Outcome(node=begun, rules=(Rule.START_CATCH_UP,)), fresh)


def sync(node: Node, clock_ms: int) -> Node:
    """A leader keeps track of every member, and of those who catch up; a new one is given time to be heard from."""
    newcomers = _newcomers(node, node.office.catch_up.configuration) if node.office.catch_up else ()
    known = {progress.peer: progress for progress in node.progress}
    unknown = last_index(node) + 1
    progress = tuple(
        known.get(peer) or Progress(peer=peer, next_index=unknown, match_index=0, heard_ms=clock_ms)
        for peer in (*node.peers, *newcomers)
    )
    return replace(node, progress=progress)


def _append_change(so_far: Outcome, wanted: Configuration, clock_ms: int) -> Outcome:
    node = so_far.node
    same_voters = set(node.configuration.voters) == set(wanted.voters)
    direct = node.settings.membership is Membership.SINGLE or not node.keeps(Guard.JOINT_CONSENSUS)
    if same_voters or direct:
        return _append(so_far, wanted, Rule.APPEND_CONFIGURATION, clock_ms)
    return _append(so_far, replace(wanted, outgoing=node.configuration.voters), Rule.APPEND_JOINT, clock_ms)


def _append(so_far: Outcome, configuration: Configuration, rule: Rule, clock_ms: int) -> Outcome:
    node = so_far.node
    entry = Entry(term=node.current_term, command=None, configuration=configuration)
    appended = sync(with_log(node, (*node.log, entry)), clock_ms)
    return replication.send_to_all(replace(so_far, node=appended, rules=(*so_far.rules, rule)))


def settle(before: Node, so_far: Outcome, clock_ms: int) -> Outcome:
    """What the step just taken means for the configuration."""
    if so_far.node.role is not Role.LEADER:
        return _note_change(before, so_far)
    return _finish(_catch_up(so_far, clock_ms), clock_ms)


def _note_change(before: Node, so_far: Outcome) -> Outcome:
    if before.configuration == so_far.node.configuration:
        return so_far
    reverted = configuration_index(so_far.node) < configuration_index(before)
    rule = Rule.REVERT_CONFIGURATION if reverted else Rule.ADOPT_CONFIGURATION
    return replace(so_far, rules=(*so_far.rules, rule))


def _catch_up(so_far: Outcome, clock_ms: int) -> Outcome:
    """New nodes that hold what the round began with are caught up, if the round was quick enough."""
    node = so_far.node
    catch_up = node.office.catch_up
    if catch_up is None:
        return so_far
    newcomers = _newcomers(node, catch_up.configuration)
    behind = any(one.match_index < catch_up.until for one in node.progress if one.peer in newcomers)
    timeouts = (clock_ms - catch_up.started_ms) / node.settings.minimum_timeout_ms
    if behind and timeouts < MOST_ROUNDS:
        return so_far
    if not behind and timeouts < 1:
        ready = replace(node, office=replace(node.office, catch_up=None))
        return _append_change(replace(so_far, node=ready), catch_up.configuration, clock_ms)
    if behind or catch_up.rounds == MOST_ROUNDS:
        given_up = sync(replace(node, office=replace(node.office, catch_up=None)), clock_ms)
        return replace(so_far, node=given_up, rules=(*so_far.rules, Rule.GIVE_UP_CATCH_UP))
    another = replace(catch_up, until=last_index(node), rounds=catch_up.rounds + 1, started_ms=clock_ms)
    again = replace(node, office=replace(node.office, catch_up=another))
    return replace(so_far, node=again, rules=(*so_far.rules, Rule.NEXT_CATCH_UP_ROUND))


def _finish(so_far: Outcome, clock_ms: int) -> Outcome:
    """Leave a committed joint configuration; leave office once a committed configuration has no vote for us."""
    node = so_far.node
    if configuration_index(node) > node.commit_index:
        return so_far
    if node.configuration.joint:
        alone = replace(node.configuration, outgoing=())
        return _finish(_append(so_far, alone, Rule.LEAVE_JOINT, clock_ms), clock_ms)
    if node.id in node.configuration.voters:
        return so_far
    down = contact.step_down(node, Rule.STEP_DOWN_REMOVED)
    return replace(so_far, node=down.node, rearm=True, rules=(*so_far.rules, *down.rules))
