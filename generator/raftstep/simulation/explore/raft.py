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

**Names.** Raft does not care how nodes are called, so states that differ only in the names are one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple, cast

from raftstep.core.guards import Guard
from raftstep.core.inputs import (
    Applied,
    ChangeConfiguration,
    ClientRead,
    ClientRequest,
    Compact,
    Input,
    ReadResult,
    Receive,
    Restart,
    TimerFires,
)
from raftstep.core.log import last_index
from raftstep.core.messages import AppendEntriesResponse, Message, RequestVoteResponse
from raftstep.core.model import Configuration, Index, Machine, Node, NodeId, Progress, Reads, Role
from raftstep.core.step import step
from raftstep.simulation.explore.bounds import Bounds, names, start_nodes, with_parts
from raftstep.simulation.explore.model import Act, Effect, Model, Permutation
from raftstep.simulation.invariants import History, elected, leader_completeness, log_matching, remember
from raftstep.simulation.linearizability import NAME
from raftstep.simulation.trace import Alarm

COMMANDS, CRASHES, CHANGES, READS, SNAPSHOTS = range(5)

KEYS = "xyzuvwabc"
NOTHING_YET = History()
LATE_ANSWERS_MATTER = {
    Guard.PERSIST_TERM,
    Guard.IGNORE_STALE_VOTES,
    Guard.NEW_TERM_FOR_CANDIDACY,
    Guard.CREDIT_WHAT_WAS_SENT,
    Guard.STEP_DOWN,
    Guard.COMMIT_MAJORITY,
}
"""Rules without which an answer may do something long after it was due. One more concerns acknowledgements alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an observer has seen: the history of the five properties; for reads, the highest index that a client was
    told is applied, and how high it was when each open read was asked."""

    history: History = NOTHING_YET
    answered: Index = 0
    asked: tuple[tuple[str, Index], ...] = ()


def raft(bounds: Bounds) -> Model:
    """The model of a cluster within bounds. Raises :class:`ValueError` where its start cannot be had."""
    bounds = replace(bounds, settings=with_parts(bounds.settings, bounds))
    cluster = _Raft(bounds)
    begin = cluster.begin()
    return Model(
        nodes=begin.nodes,
        own=cluster.own,
        act=cluster.act,
        receive=lambda node, message: cluster.act(node, Receive(message=message)),
        target=lambda message: cluster.place[message.target],
        messages=begin.messages,
        history=begin.seen,
        budget=(bounds.commands, bounds.crashes, bounds.changes, bounds.reads, bounds.snapshots),
        quiet=cluster.quiet,
        remember=_remember,
        pair=lambda now, other: tuple(log_matching(now, other)),
        single=lambda seen, node: tuple(leader_completeness(seen.history, node)),
        rename=cluster.rename,
        spent=cluster.spent if cluster.forgets else None,
        most_messages=bounds.messages,
    )


class _Begin(NamedTuple):
    """Where a search begins: the nodes, every message sent by then, and what an observer has seen."""

    nodes: tuple[Node, ...]
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
        self.plain = settings.reads is Reads.OFF and not bounds.snapshots and not settings.snapshot_after

    def begin(self) -> _Begin:
        """The start, or where the events after it have led. Raises :class:`ValueError` where these break a property."""
        nodes = [self.essence(node) for node in start_nodes(self.bounds)]
        sent: dict[Message, None] = {}
        seen = _first_seen(self.bounds)
        for move in self.bounds.after:
            was, given = nodes[move.place], cast("Message", move.given)
            effect = self.act(was, Receive(message=given) if move.delivery else cast("Input", move.given))
            seen, alarms = _remember(seen, was, given, effect)
            if alarms:
                raise ValueError(f"{alarms[0].property} is broken before the search begins; begin earlier")
            nodes[move.place] = cast("Node", effect.node)
            sent.update(dict.fromkeys(cast("tuple[Message, ...]", effect.messages)))
        return _Begin(tuple(nodes), tuple(sent), seen)

    @property
    def forgets(self) -> bool:
        """Whether the rules are kept that make an answer of an earlier term, or one already counted, matter no more.

        A leader sees after every event whether a change is done with, so an answer that does nothing leaves it none to
        see; check-quorum, for which every answer counts, is another matter.
        """
        settings = self.bounds.settings
        return self.plain and not settings.check_quorum and not settings.without & LATE_ANSWERS_MATTER

    @property
    def repeats_matter(self) -> bool:
        """Whether an acknowledgement of what is known to be there may still do something."""
        return self.bounds.settings.empty_heartbeats or self.bounds.changes > 0

    def spent(self, node: Node, message: Message) -> bool:
        """Whether an answer comes too late for ever: its term is over, or its role in it, or it says nothing new.

        Terms never go back, nobody stands twice in a term, a vote counts once and a match index only grows. Where
        heartbeats carry no entries, an answer that says nothing new has entries sent, so it still matters; and where a
        node may be removed and added again, its match index begins anew.
        """
        match message:
            case RequestVoteResponse():
                over = node.role is not Role.CANDIDATE or not message.vote_granted
                over = over or message.source in node.votes_granted
            case AppendEntriesResponse():
                if not node.keeps(Guard.IGNORE_STALE_ACKNOWLEDGEMENTS):
                    return False
                nothing_new = message.success and message.match_index <= _match(node, message.source)
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
                yield Act(given=TimerFires())
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
        """A command named after the index it gets and the node that takes it."""
        return f"{KEYS[last_index(node) % len(KEYS)]}={self.place[node.id] + 1}"

    def act(self, node: Node, given: Input) -> Effect:
        """One step of the core."""
        outcome = step(node, given)
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
        renamed = {}
        for place, new in enumerate(order):
            renamed[self.ids[place]] = self.ids[new]
            renamed[f"read at {self.ids[place]}"] = f"read at {self.ids[new]}"
            renamed[str(place + 1)] = str(new + 1)
            renamed.update({f"{key}={place + 1}": f"{key}={new + 1}" for key in KEYS})
        return renamed

    def rename(self, value: Any, order: Permutation) -> Hashable:
        """A node, a message or a history under other names."""
        renamed: Hashable = _renamed(value, self.names(order))
        return renamed


def _match(node: Node, peer: NodeId) -> Index:
    return next((one.match_index for one in node.progress if one.peer == peer), -1)


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


def _remember(seen: Seen, was: Node, given: Input | Message, effect: Effect) -> tuple[Seen, tuple[Alarm, ...]]:
    now: Any = effect.node
    history, alarms = remember(seen.history, was, now)
    history = replace(history, leaders=tuple(sorted(set(history.leaders))))
    if effect.seen is None and was.office.reads == now.office.reads:
        return replace(seen, history=history), tuple(alarms)
    after, stale = _note_reads(seen, given, now, effect)
    return replace(after, history=history), (*alarms, *stale)


def _note_reads(seen: Seen, given: Input | Message, now: Node, effect: Effect) -> tuple[Seen, list[Alarm]]:
    """A read must not miss what a client was told is applied before the read was asked."""
    asked = dict(seen.asked)
    if isinstance(given, ClientRead):
        asked[given.id] = seen.answered
    answered, alarms = seen.answered, []
    answers: Any = effect.seen
    for answer in answers or ():
        match answer:
            case Applied(index=index):
                answered = max(answered, index)
            case ReadResult() if asked.pop(answer.id, 0) > answer.index:
                words = f"{now.id} answers that {answer.key} is {answer.value or 'not set'}"
                alarms.append(Alarm(property=NAME, words=f"{words}, which no order of the clients' operations allows"))
    waiting = {read.id for read in now.office.reads}
    mine = f"read at {now.id}"
    open_ = tuple(sorted((read, floor) for read, floor in asked.items() if read != mine or read in waiting))
    return replace(seen, answered=answered, asked=open_), alarms


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str) and type(value) is str:
        return names.get(value, value)
    if isinstance(value, frozenset):
        return frozenset(_renamed(one, names) for one in value)
    if isinstance(value, tuple):
        return _in_order(tuple(_renamed(one, names) for one in value))
    if isinstance(value, Machine):
        return replace(value, pairs=tuple(sorted((key, names.get(what, what)) for key, what in value.pairs)))
    if is_dataclass(value):
        return _dataclass(value, names)
    return value


def _in_order(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What stands in the order of the nodes' names stands so again: voters, learners, progress, leaders."""
    if all(isinstance(one, str) for one in values) or (values and isinstance(values[0], tuple)):
        return tuple(sorted(values))
    if values and isinstance(values[0], Progress):
        return tuple(sorted(values, key=lambda one: one.peer))
    return values


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "settings")


def _dataclass(value: Any, names: Mapping[str, str]) -> Any:
    kind: Any = type(value)
    return replace(value, **{name: _renamed(getattr(value, name), names) for name in _fields(kind)})
