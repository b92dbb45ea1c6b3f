"""Raft as a model for the search: the same core as everywhere else, within bounds.

**Events.** A follower's or candidate's timer fires; a message arrives; a leader takes a command, or sends a round of
heartbeats; a node crashes and restarts at once. What a node does in answer belongs to the same event. A command is
distinguished by who took it and at which index, so two leaders never write the same one.

**What is in a state.** The nodes, each with all messages ever sent to it; how many commands, crashes and so on are
left; and the observer's history: who led which term, which entry was first committed at each index by a leader of
which term, and which was first applied. The leaders follow from the AppendEntries they sent, and in an unbroken
cluster what was applied follows from what was committed; so these two add no states, and only the committed entries
with their terms do. They must be there: a leader that committed an entry and then crashed looks like one that never
did, and a later leader without the entry breaks a property only in the first case.

**What is not.** Whom a node takes for the leader, and the state machine, which follows from the log, have no part in
what a node does next. They are left out unless reads or snapshots need them; the run that is shown has them again.

**Time** stands still, unless the bounds have ticks; then :mod:`.clocks` gives each node its clock.

**Names.** Raft does not care how nodes are called, so states that differ only in the names are one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple, cast

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
)
from raftstep.core.log import last_index
from raftstep.core.messages import AppendEntriesResponse, Message, RequestVoteResponse
from raftstep.core.model import Configuration, Index, Node, NodeId, ReadMode, Role, StateMachine
from raftstep.core.step import step
from raftstep.simulation.events import Tick
from raftstep.simulation.explore.bounds import MOST_SEARCHED_NODES, Bounds, enable_needed_features, initial_history
from raftstep.simulation.explore.clocks import TimedCluster, TimedNode, with_clocks
from raftstep.simulation.explore.model import Act, Effect, Model, Permutation
from raftstep.simulation.explore.observer import ObserverState, update_observer
from raftstep.simulation.explore.renaming import rename_value
from raftstep.simulation.invariants import became_leader, check_leader_completeness, check_log_matching

COMMANDS, CRASHES, CHANGES, READS, SNAPSHOTS, ROUNDS = range(6)

KEYS = "xyzuvwabc"
VALUE_SPACING = 10
"""How far apart the values are that one node writes to the same key; what the nodes write lies between."""
MOST_ENTRIES = 9
"""The longest log that bounds may ask for, and so the most values of one node."""

LATE_ANSWERS_MATTER = {
    Guard.PERSIST_TERM,
    Guard.IGNORE_STALE_VOTES,
    Guard.NEW_TERM_FOR_CANDIDACY,
    Guard.CREDIT_WHAT_WAS_SENT,
    Guard.STEP_DOWN,
    Guard.COMMIT_MAJORITY,
}
"""Rules without which an answer may do something long after it was due. One more concerns acknowledgements alone."""


def raft_model(bounds: Bounds) -> Model:
    """The model of a cluster within bounds. Raises :class:`ValueError` where its start cannot be had."""
    if bounds.nodes > MOST_SEARCHED_NODES:
        raise ValueError(f"a search has at most {MOST_SEARCHED_NODES} nodes, not {bounds.nodes}; take some out")
    bounds = replace(bounds, settings=enable_needed_features(bounds.settings, bounds))
    functions = _RaftFunctions(bounds)
    start = functions.play_prefix()
    model = Model(
        nodes=tuple(timed_node.node for timed_node in start.nodes),
        possible_acts=functions.possible_acts,
        perform=functions.perform,
        receive=lambda node, message: functions.perform(node, Receive(message=message)),
        target_index=lambda message: functions.node_indexes[message.target],
        messages=start.messages,
        history=start.observer_state,
        budget=(bounds.commands, bounds.crashes, bounds.changes, bounds.reads, bounds.snapshots, bounds.rounds),
        is_quiet=functions.is_quiet,
        update_history=update_observer,
        check_pair=lambda changed_node, other_node: tuple(check_log_matching(changed_node, other_node)),
        check_node=lambda observer_state, node: tuple(check_leader_completeness(observer_state.history, node)),
        rename=functions.rename if functions.can_rename else None,
        is_spent=functions.is_spent if functions.can_drop_late_answers else None,
        most_messages=bounds.messages,
    )
    if not bounds.time_passes:
        return model
    tick = Tick(ms=bounds.tick_ms)
    until_ms = start.nodes[0].time_ms + bounds.ticks * tick.ms
    return with_clocks(model, start.nodes, functions.make_effect, tick, until_ms)


class _SearchStart(NamedTuple):
    """Where a search begins: the nodes, every message sent by then, and what an observer has seen."""

    nodes: tuple[TimedNode, ...]
    messages: tuple[Message, ...]
    observer_state: ObserverState


class _RaftFunctions:
    """What the model's functions share."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.ids = bounds.ids
        self.node_indexes = {id: index for index, id in enumerate(self.ids)}
        self.rename_table = cache(self._rename_table)
        settings = bounds.settings
        self.takes_snapshots = bounds.snapshots > 0 or settings.snapshot_after > 0
        self.is_plain = settings.reads is ReadMode.OFF and not self.takes_snapshots

    def play_prefix(self) -> _SearchStart:
        """The start, or where the events after it have led. Raises :class:`ValueError` where these break a property."""
        timed_cluster = TimedCluster(self.bounds)
        sent_messages: dict[Message, None] = {}
        observer_state = ObserverState(history=initial_history(self.bounds))
        for event in self.bounds.prefix:
            node_before = timed_cluster.nodes[event.node_index].node
            outcome = timed_cluster.play_event(event)
            if outcome is None:
                continue
            effect = self.make_effect(outcome)
            observer_state, alarms = update_observer(
                observer_state, node_before, cast("Input | Message", event.given), effect
            )
            if alarms:
                raise ValueError(f"{alarms[0].property} is broken before the search begins; begin earlier")
            sent_messages.update(dict.fromkeys(cast("tuple[Message, ...]", effect.messages)))
        if timed_cluster.down_nodes or timed_cluster.cut_links:
            words = "a search begins with every node up and no link cut"
            raise ValueError(f"{words}; restart the nodes that are down, and heal the links, before it begins")
        nodes = tuple(replace(timed_node, node=self.strip_node(timed_node.node)) for timed_node in timed_cluster.nodes)
        return _SearchStart(nodes, tuple(sent_messages), observer_state)

    @property
    def can_rename(self) -> bool:
        """Whether no other word of a state can be one of those that a renaming changes.

        A state machine and an open read hold keys and values, which may be words of given logs, or names of nodes.
        """
        return self.is_plain or (self.bounds.given is None and not self.bounds.names)

    @property
    def can_drop_late_answers(self) -> bool:
        """Whether the rules are kept that make an answer of an earlier term, or one already counted, matter no more.

        A leader sees after every event whether a change is done with, so an answer that does nothing leaves it none to
        see; check-quorum, for which every answer counts, is another matter.
        """
        settings = self.bounds.settings
        is_supported = self.is_plain or (self.bounds.time_passes and not self.takes_snapshots)
        return is_supported and not settings.check_quorum and not settings.without & LATE_ANSWERS_MATTER

    @property
    def repeated_answers_matter(self) -> bool:
        """Whether an acknowledgement of what is known to be there may still do something."""
        return self.bounds.settings.empty_heartbeats or self.bounds.changes > 0

    def is_spent(self, node: Node, message: Message) -> bool:
        """Whether an answer comes too late for ever: its term is over, or its role in it, or it says nothing new.

        Terms never go back, no node starts two elections in a term, a vote counts once, a match index only grows and so
        does the round that was answered; when an answer came, check-quorum alone asks. Where heartbeats carry no
        entries, an answer that says nothing new has entries sent, so it still matters; and where a node may be removed
        and added again, its match index begins anew.
        """
        match message:
            case RequestVoteResponse():
                is_over = node.role is not Role.CANDIDATE or not message.vote_granted
                is_over = is_over or message.source in node.votes_granted
            case AppendEntriesResponse():
                if not node.keeps(Guard.IGNORE_STALE_ACKNOWLEDGEMENTS):
                    return False
                match_index, acked_round = _known_progress(node, message.source)
                nothing_new = message.success and message.match_index <= match_index and message.round <= acked_round
                is_over = node.role not in (Role.LEADER, Role.CANDIDATE)
                is_over = is_over or (nothing_new and not self.repeated_answers_matter)
            case _:
                return False
        return message.term < node.current_term or (message.term == node.current_term and is_over)

    def possible_acts(self, node: Node) -> Iterator[Act]:
        """What a node may do of its own accord within the bounds, in a fixed order."""
        bounds = self.bounds
        if node.role is Role.LEADER:
            if bounds.heartbeats:
                yield Act(given=TimerFires(), budget_index=ROUNDS if bounds.rounds else None)
            if last_index(node) < bounds.entries:
                if bounds.commands:
                    yield Act(given=ClientRequest(command=self.next_command(node)), budget_index=COMMANDS)
                if bounds.changes:
                    yield from (Act(given=change, budget_index=CHANGES) for change in _possible_changes(node))
            if bounds.reads and not node.leader_state.pending_reads:
                yield Act(given=ClientRead(id=f"read at {node.id}", key=KEYS[0]), budget_index=READS)
        elif node.current_term < bounds.terms:
            yield Act(given=TimerFires())
        if bounds.snapshots and _snapshot_end(node) > node.snapshot.index:
            yield Act(given=TakeSnapshot(), budget_index=SNAPSHOTS)
        if bounds.crashes:
            yield Act(given=NodeRestarts(), budget_index=CRASHES)

    def next_command(self, node: Node) -> str:
        """A command named after the index it gets and the node that takes it; for a read, all write the key it asks."""
        writer = self.node_indexes[node.id] + 1
        if self.bounds.reads:
            commands = sum(entry.command is not None for entry in node.log)
            return f"{KEYS[0]}={commands * VALUE_SPACING + writer}"
        return f"{KEYS[last_index(node) % len(KEYS)]}={writer}"

    def perform(self, node: Node, given: Input) -> Effect:
        """One step of the core."""
        return self.make_effect(step(node, given))

    def make_effect(self, outcome: Outcome) -> Effect:
        """What the search needs to know of what one step did."""
        answers = outcome.answers if self.bounds.reads else None
        return Effect(node=self.strip_node(outcome.node), messages=outcome.messages, observation=answers or None)

    def strip_node(self, node: Node) -> Node:
        """The node without what has no part in what it does next."""
        if not self.is_plain:
            return replace(node, leader=None)
        return replace(node, leader=None, machine=StateMachine())

    def is_quiet(self, node_before: Node, effect: Effect) -> bool:
        """Whether nothing happened that an observer must look at."""
        node_after: Any = effect.node
        return (
            node_before.log == node_after.log
            and node_before.commit_index >= node_after.commit_index
            and node_before.last_applied >= node_after.last_applied
            and node_before.snapshot == node_after.snapshot
            and not became_leader(node_before, node_after)
            and effect.observation is None
            and node_before.leader_state.pending_reads == node_after.leader_state.pending_reads
        )

    # names

    def _rename_table(self, order: Permutation) -> dict[str, str]:
        """What each name becomes: nodes, the commands they take, and what these write."""
        new_names = {}
        for index, new_index in enumerate(order):
            new_names[self.ids[index]] = self.ids[new_index]
            new_names[f"read at {self.ids[index]}"] = f"read at {self.ids[new_index]}"
            for base in range(0, MOST_ENTRIES * VALUE_SPACING, VALUE_SPACING):
                new_names[str(base + index + 1)] = str(base + new_index + 1)
                new_names.update({f"{key}={base + index + 1}": f"{key}={base + new_index + 1}" for key in KEYS})
        return new_names

    def rename(self, value: Any, order: Permutation) -> Hashable:
        """A node, a message or a history under other names."""
        renamed_value: Hashable = rename_value(value, self.rename_table(order))
        return renamed_value


def _known_progress(node: Node, peer: NodeId) -> tuple[Index, int]:
    """What a leader knows of a peer: its match index, and the round it has answered."""
    return next(
        ((progress.match_index, progress.acked_round) for progress in node.progress if progress.peer == peer), (-1, -1)
    )


def _snapshot_end(node: Node) -> Index:
    """How far a snapshot taken now would go."""
    return node.last_applied if node.keeps(Guard.SNAPSHOT_OF_APPLIED) else last_index(node)


def _possible_changes(node: Node) -> Iterator[ChangeConfiguration]:
    """Every configuration that the node would take up: its first voters and learners, some of them as voters.

    A learner that is not made a voter stays one. What the node refuses would change nothing, so it is not offered.
    """
    bootstrap = node.bootstrap
    for size in range(1, len(bootstrap.members) + 1):
        for voters in combinations(sorted(bootstrap.members), size):
            learners = tuple(learner for learner in bootstrap.learners if learner not in voters)
            change = ChangeConfiguration(configuration=Configuration(voters=voters, learners=learners))
            if set(voters) != set(node.configuration.voters) and step(node, change).node != node:
                yield change
