"""Multi-Paxos as a model for the search: the same core as everywhere else, within bounds.

**Events.** The timer of a node that does not lead fires; a message arrives; a leader takes a command; a node crashes
and restarts at once. A leader writes when it is elected, takes a command or is asked. With ``heartbeats`` it also
writes at any time, and tells how far all is chosen.

**What is in a state.** The nodes, each with all messages ever sent to it; how many commands and crashes are left; and
the observer's history: which node ever accepted which value for a slot in which ballot, and what was chosen by that.

**Names.** A ballot's order rests on its node's name, so states that differ in the names are not the same, and none
are merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from raftstep.core.inputs import ClientRequest, Input, Receive, Restart, TimerFires
from raftstep.core.model import Configuration, NodeId, Role
from raftstep.core.paxos.guards import NOTHING, Guard
from raftstep.core.paxos.messages import Message
from raftstep.core.paxos.model import NO_BALLOT, Node
from raftstep.core.paxos.step import step
from raftstep.simulation.agreement import History, remember
from raftstep.simulation.explore.bounds import names
from raftstep.simulation.explore.model import Act, Effect, Model
from raftstep.simulation.trace import Alarm

COMMANDS, CRASHES = range(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaxosBounds:
    """What a search of Multi-Paxos may do.

    ``rounds`` is the highest round of a ballot that a node picks, ``slots`` the highest slot it proposes a command
    for; ``commands`` and ``crashes`` are how many there may be in a run. ``callers`` are the nodes whose timers may
    fire; all, where none is named.
    """

    nodes: int = 3
    rounds: int = 2
    slots: int = 1
    commands: int = 2
    crashes: int = 0
    heartbeats: bool = False
    callers: tuple[NodeId, ...] = ()
    without: frozenset[Guard] = NOTHING

    @property
    def words(self) -> str:
        """The bounds in words, such as *3 nodes, 2 rounds, 1 slot, 2 commands*."""
        counted = {
            "node": self.nodes,
            "round": self.rounds,
            "slot": self.slots,
            "command": self.commands,
            "crash": self.crashes,
        }
        parts = [f"{number} {word}{_ending(word, number)}" for word, number in counted.items() if number]
        beats = [] if self.heartbeats else ["no heartbeats"]
        callers = [f"ballots of {' and '.join(self.callers)} only"] if self.callers else []
        return ", ".join([*parts, *beats, *callers])


def _ending(word: str, number: int) -> str:
    if number == 1:
        return ""
    return "es" if word.endswith("sh") else "s"


def paxos(bounds: PaxosBounds) -> Model:
    """The model of a cluster within bounds; nothing is promised or accepted at its start."""
    cluster = _Paxos(bounds)
    configuration = Configuration(voters=cluster.ids)
    return Model(
        nodes=tuple(Node(id=id, configuration=configuration, without=bounds.without) for id in cluster.ids),
        own=cluster.own,
        act=cluster.act,
        receive=lambda node, message: cluster.act(node, Receive(message=message)),
        target=lambda message: cluster.place[message.target],
        history=History(),
        budget=(bounds.commands, bounds.crashes),
        quiet=_quiet,
        remember=_remember,
    )


class _Paxos:
    """What the model's functions share."""

    def __init__(self, bounds: PaxosBounds) -> None:
        self.bounds = bounds
        self.ids = names(bounds.nodes)
        self.place = {id: place for place, id in enumerate(self.ids)}

    def own(self, node: Node) -> Iterator[Act]:
        """What a node may do of its own accord within the bounds, in a fixed order."""
        bounds = self.bounds
        if node.role is Role.LEADER:
            if bounds.heartbeats:
                yield Act(given=TimerFires())
            proposed = sum(1 for slot in node.slots if slot.ballot == node.promised)
            if bounds.commands and proposed < bounds.slots:
                yield Act(given=ClientRequest(command=f"x={self.place[node.id] + 1}"), spends=COMMANDS)
        elif node.promised.round < bounds.rounds and node.id in (bounds.callers or self.ids):
            yield Act(given=TimerFires())
        if bounds.crashes:
            yield Act(given=Restart(), spends=CRASHES)

    def act(self, node: Node, given: Input) -> Effect:
        """One step of the core. Whom a node takes for the leader, and who waits for an answer, play no part in it."""
        outcome = step(node, given)
        after = replace(
            outcome.node,
            leader=None,
            tallies=tuple(replace(tally, asked=False) for tally in outcome.node.tallies),
        )
        return Effect(node=after, messages=outcome.messages)


def _quiet(was: Node, effect: Effect) -> bool:
    return was.slots == cast("Node", effect.node).slots


def _remember(history: History, was: Node, given: Input | Message, effect: Effect) -> tuple[History, tuple[Alarm, ...]]:
    del given
    after, alarms = remember(history, was, cast("Node", effect.node))
    chosen = sorted((replace(one, ballot=NO_BALLOT) for one in after.chosen), key=lambda one: one.index)
    return replace(after, chosen=tuple(chosen)), tuple(alarms)
