"""Raft as a model for the search: the same core as everywhere else, within bounds.

**Events.** A follower's or candidate's timer fires; a message arrives; a leader takes a command, or sends a round of
heartbeats; a node crashes and restarts at once. What a node does in answer belongs to the same event. A command is
told by who took it and at which index, so two leaders never write the same one.

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
    Compact,
    Input,
    Outcome,
    Receive,
    Restart,
    TimerFires,
)
from raftstep.core.log import last_index
from raftstep.core.messages import AppendEntriesResponse, Message, RequestVoteResponse
from raftstep.core.model import Configuration, Index, Machine, Node, NodeId, Reads, Role
from raftstep.core.step import step
from raftstep.simulation.cluster import Tick
from raftstep.simulation.explore.bounds import Bounds, names, with_parts
from raftstep.simulation.explore.clocks import Stage, Timed, with_clocks
from raftstep.simulation.explore.model import Act, Effect, Model, Permutation
from raftstep.simulation.explore.observer import Seen, remember
from raftstep.simulation.explore.renaming import renamed
from raftstep.simulation.invariants import History, elected, leader_completeness, log_matching

COMMANDS, CRASHES, CHANGES, READS, SNAPSHOTS, ROUNDS = range(6)

KEYS = "xyzuvwabc"
APART = 10
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


def raft(bounds: Bounds) -> Model:
    """The model of a cluster within bounds. Raises :class:`ValueError` where its start cannot be had."""
    bounds = replace(bounds, settings=with_parts(bounds.settings, bounds))
    cluster = _Raft(bounds)
    begin = cluster.begin()
    model = Model(
        nodes=tuple(timed.node for timed in begin.nodes),
        own=cluster.own,
        act=cluster.act,
        receive=lambda node, message: cluster.act(node, Receive(message=message)),
        target=lambda message: cluster.place[message.target],
        messages=begin.messages,
        history=begin.seen,
        budget=(bounds.commands, bounds.crashes, bounds.changes, bounds.reads, bounds.snapshots, bounds.rounds),
        quiet=cluster.quiet,
        remember=remember,
        pair=lambda now, other: tuple(log_matching(now, other)),
        single=lambda seen, node: tuple(leader_completeness(seen.history, node)),
        rename=cluster.rename,
        spent=cluster.spent if cluster.forgets else None,
        most_messages=bounds.messages,
    )
    if not bounds.timed:
        return model
    tick = Tick(ms=bounds.tick_ms)
    until_ms = begin.nodes[0].time_ms + bounds.ticks * tick.ms
    return with_clocks(model, begin.nodes, cluster.effect, tick, until_ms)


class _Begin(NamedTuple):
    """Where a search begins: the nodes, every message sent by then, and what an observer has seen."""

    nodes: tuple[Timed, ...]
    messages: tuple[Message, ...]
    seen: Seen


def _first_seen(bounds: Bounds) -> Seen:
    return Seen(history=History(leaders=((1, "S1"),))) if bounds.start == "steady" else Seen()


class _Raft:
    """What the model's functions share."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.ids = names(bounds.nodes)
        self.place = {id: place for place, id in enumerate(self.ids)}
        self.names = cache(self._names)
        settings = bounds.settings
        self.compacts = bounds.snapshots > 0 or settings.snapshot_after > 0
        self.plain = settings.reads is Reads.OFF and not self.compacts

    def begin(self) -> _Begin:
        """The start, or where the events after it have led. Raises :class:`ValueError` where these break a property."""
        stage = Stage(self.bounds)
        sent: dict[Message, None] = {}
        seen = _first_seen(self.bounds)
        for move in self.bounds.after:
            was = stage.nodes[move.place].node
            outcome = stage.play(move)
            if outcome is None:
                continue
            effect = self.effect(outcome)
            seen, alarms = remember(seen, was, cast("Input | Message", move.given), effect)
            if alarms:
                raise ValueError(f"{alarms[0].property} is broken before the search begins; begin earlier")
            sent.update(dict.fromkeys(cast("tuple[Message, ...]", effect.messages)))
        nodes = tuple(replace(timed, node=self.essence(timed.node)) for timed in stage.nodes)
        return _Begin(nodes, tuple(sent), seen)

    @property
    def forgets(self) -> bool:
        """Whether the rules are kept that make an answer of an earlier term, or one already counted, matter no more.

        A leader sees after every event whether a change is done with, so an answer that does nothing leaves it none to
        see; check-quorum, for which every answer counts, is another matter.
        """
        settings = self.bounds.settings
        settled = self.plain or (self.bounds.timed and not self.compacts)
        return settled and not settings.check_quorum and not settings.without & LATE_ANSWERS_MATTER

    @property
    def repeats_matter(self) -> bool:
        """Whether an acknowledgement of what is known to be there may still do something."""
        return self.bounds.settings.empty_heartbeats or self.bounds.changes > 0

    def spent(self, node: Node, message: Message) -> bool:
        """Whether an answer comes too late for ever: its term is over, or its role in it, or it says nothing new.

        Terms never go back, nobody stands twice in a term, a vote counts once, a match index only grows and so does
        the round that was answered; when an answer came, check-quorum alone asks. Where heartbeats carry no entries,
        an answer that says nothing new has entries sent, so it still matters; and where a node may be removed and
        added again, its match index begins anew.
        """
        match message:
            case RequestVoteResponse():
                over = node.role is not Role.CANDIDATE or not message.vote_granted
                over = over or message.source in node.votes_granted
            case AppendEntriesResponse():
                if not node.keeps(Guard.IGNORE_STALE_ACKNOWLEDGEMENTS):
                    return False
                match_index, acked_round = _known(node, message.source)
                nothing_new = message.success and message.match_index <= match_index and message.round <= acked_round
                over = node.role not in (Role.LEADER, Role.CANDIDATE)
                over = over or (nothing_new and not self.repeats_matter)
            case _:
                return False
        return message.term < node.current_term or (message.term == node.current_term and over)

    def own(self, node: Node) -> Iterator[Act]:
        """What a node may do of its own accord within the bounds, in a fixed order."""
        bounds = self.bounds
        if node.role is Role.LEADER:
            if bounds.heartbeats:
                yield Act(given=TimerFires(), spends=ROUNDS if bounds.rounds else None)
            if last_index(node) < bounds.entries:
                if bounds.commands:
                    yield Act(given=ClientRequest(command=self.command(node)), spends=COMMANDS)
                if bounds.changes:
                    yield from (Act(given=change, spends=CHANGES) for change in _changes(node))
            if bounds.reads and not node.office.reads:
                yield Act(given=ClientRead(id=f"read at {node.id}", key=KEYS[0]), spends=READS)
        elif node.current_term < bounds.terms:
            yield Act(given=TimerFires())
        if bounds.snapshots and _snapshot_end(node) > node.snapshot.index:
            yield Act(given=Compact(), spends=SNAPSHOTS)
        if bounds.crashes:
            yield Act(given=Restart(), spends=CRASHES)

    def command(self, node: Node) -> str:
        """A command named after the index it gets and the node that takes it; for a read, all write the key it asks."""
        writer = self.place[node.id] + 1
        if self.bounds.reads:
            commands = sum(entry.command is not None for entry in node.log)
            return f"{KEYS[0]}={commands * APART + writer}"
        return f"{KEYS[last_index(node) % len(KEYS)]}={writer}"

    def act(self, node: Node, given: Input) -> Effect:
        """One step of the core."""
        return self.effect(step(node, given))

    def effect(self, outcome: Outcome) -> Effect:
        """What the search needs to know of what one step did."""
        seen = outcome.answers if self.bounds.reads else None
        return Effect(node=self.essence(outcome.node), messages=outcome.messages, seen=seen or None)

    def essence(self, node: Node) -> Node:
        """The node without what has no part in what it does next."""
        if not self.plain:
            return replace(node, leader=None)
        return replace(node, leader=None, machine=Machine())

    def quiet(self, was: Node, effect: Effect) -> bool:
        """Whether nothing happened that an observer must look at."""
        now: Any = effect.node
        return (
            was.log == now.log
            and was.commit_index >= now.commit_index
            and was.last_applied >= now.last_applied
            and was.snapshot == now.snapshot
            and not elected(was, now)
            and effect.seen is None
            and was.office.reads == now.office.reads
        )

    # names

    def _names(self, order: Permutation) -> dict[str, str]:
        """What each name becomes: nodes, the commands they take, and what these write."""
        new_names = {}
        for place, new in enumerate(order):
            new_names[self.ids[place]] = self.ids[new]
            new_names[f"read at {self.ids[place]}"] = f"read at {self.ids[new]}"
            for base in range(0, MOST_ENTRIES * APART, APART):
                new_names[str(base + place + 1)] = str(base + new + 1)
                new_names.update({f"{key}={base + place + 1}": f"{key}={base + new + 1}" for key in KEYS})
        return new_names

    def rename(self, value: Any, order: Permutation) -> Hashable:
        """A node, a message or a history under other names."""
        new: Hashable = renamed(value, self.names(order))
        return new


def _known(node: Node, peer: NodeId) -> tuple[Index, int]:
    """What a leader knows of a peer: its match index, and the round it has answered."""
    return next(((one.match_index, one.acked_round) for one in node.progress if one.peer == peer), (-1, -1))


def _snapshot_end(node: Node) -> Index:
    """How far a snapshot taken now would go."""
    return node.last_applied if node.keeps(Guard.SNAPSHOT_OF_APPLIED) else last_index(node)


def _changes(node: Node) -> Iterator[ChangeConfiguration]:
    """Every configuration that the node would take up: its first voters and learners, some of them as voters.

    A learner that is not made a voter stays one. What the node refuses would change nothing, so it is not offered.
    """
    first = node.bootstrap
    for size in range(1, len(first.members) + 1):
        for voters in combinations(sorted(first.members), size):
            learners = tuple(learner for learner in first.learners if learner not in voters)
            change = ChangeConfiguration(configuration=Configuration(voters=voters, learners=learners))
            if set(voters) != set(node.configuration.voters) and step(node, change).node != node:
                yield change
