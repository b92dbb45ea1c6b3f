"""Multi-Paxos as a model for the search: the same core as everywhere else, within bounds.

**Events.** The timer of a node that does not lead fires; a message arrives; a leader takes a command; a node crashes
and restarts at once. A leader writes when it is elected, takes a command or is asked. With ``heartbeats`` it also
writes at any time, and reports how far all is chosen.

**What is in a state.** The nodes, each with all messages ever sent to it; how many commands and crashes are left; and
the observer's history: which node ever accepted which value for a slot in which ballot, and what was chosen by that.

**Names.** A ballot's order rests on its node's name, so states that differ in the names are not the same, and none
are merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from raftstep.core.inputs import ClientRequest, Input, NodeRestarts, Receive, TimerFires
from raftstep.core.model import Configuration, NodeId, Role
from raftstep.core.paxos.guards import NO_GUARDS, Guard
from raftstep.core.paxos.messages import Message
from raftstep.core.paxos.model import NO_BALLOT, Node
from raftstep.core.paxos.step import step
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.explore.bounds import node_names
from raftstep.simulation.explore.model import Act, Effect, Model
from raftstep.simulation.paxos_invariants import History, observe_node

COMMANDS, CRASHES = range(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaxosBounds:
    """What a search of Multi-Paxos may do.

    ``rounds`` is the highest round of a ballot that a node picks, ``slots`` the highest slot it proposes a command
    for; ``commands`` and ``crashes`` are how many there may be in a run. ``proposers`` are the nodes whose timers may
    fire; all, where none is named.
    """

    nodes: int = 3
    rounds: int = 2
    slots: int = 1
    commands: int = 2
    crashes: int = 0
    heartbeats: bool = False
    proposers: tuple[NodeId, ...] = ()
    without: frozenset[Guard] = NO_GUARDS

    @property
    def words(self) -> str:
        """The bounds in words, such as *3 nodes, 2 rounds, 1 slot, 2 commands*."""
        amounts = {
            "node": self.nodes,
            "round": self.rounds,
            "slot": self.slots,
            "command": self.commands,
            "crash": self.crashes,
        }
        parts = [f"{number} {word}{_plural_ending(word, number)}" for word, number in amounts.items() if number]
        heartbeat_words = [] if self.heartbeats else ["no heartbeats"]
        proposer_words = [f"ballots of {' and '.join(self.proposers)} only"] if self.proposers else []
        return ", ".join([*parts, *heartbeat_words, *proposer_words])


def _plural_ending(word: str, number: int) -> str:
    if number == 1:
        return ""
    return "es" if word.endswith("sh") else "s"


def paxos_model(bounds: PaxosBounds) -> Model:
    """The model of a cluster within bounds; nothing is promised or accepted at its start."""
    functions = _PaxosFunctions(bounds)
    configuration = Configuration(voters=functions.ids)
    return Model(
        nodes=tuple(Node(id=id, configuration=configuration, without=bounds.without) for id in functions.ids),
        possible_acts=functions.possible_acts,
        perform=functions.perform,
        receive=lambda node, message: functions.perform(node, Receive(message=message)),
        target_index=lambda message: functions.node_indexes[message.target],
        history=History(),
        budget=(bounds.commands, bounds.crashes),
        is_quiet=_is_quiet,
        update_history=_update_history,
    )


class _PaxosFunctions:
    """What the model's functions share."""

    def __init__(self, bounds: PaxosBounds) -> None:
        self.bounds = bounds
        self.ids = node_names(bounds.nodes)
        self.node_indexes = {id: index for index, id in enumerate(self.ids)}

    def possible_acts(self, node: Node) -> Iterator[Act]:
        """What a node may do of its own accord within the bounds, in a fixed order."""
        bounds = self.bounds
        if node.role is Role.LEADER:
            if bounds.heartbeats:
                yield Act(given=TimerFires())
            proposal_count = sum(1 for slot in node.slots if slot.ballot == node.promised_ballot)
            if bounds.commands and proposal_count < bounds.slots:
                yield Act(given=ClientRequest(command=f"x={self.node_indexes[node.id] + 1}"), budget_index=COMMANDS)
        elif node.promised_ballot.round < bounds.rounds and node.id in (bounds.proposers or self.ids):
            yield Act(given=TimerFires())
        if bounds.crashes:
            yield Act(given=NodeRestarts(), budget_index=CRASHES)

    def perform(self, node: Node, given: Input) -> Effect:
        """One step of the core. Whom a node takes for the leader, and who waits for an answer, play no part in it."""
        outcome = step(node, given)
        after = replace(
            outcome.node,
            leader=None,
            tallies=tuple(replace(tally, has_waiting_client=False) for tally in outcome.node.tallies),
        )
        return Effect(node=after, messages=outcome.messages)


def _is_quiet(node_before: Node, effect: Effect) -> bool:
    return node_before.slots == cast("Node", effect.node).slots


def _update_history(
    history: History, node_before: Node, given: Input | Message, effect: Effect
) -> tuple[History, tuple[Alarm, ...]]:
    del given
    after, alarms = observe_node(history, node_before, cast("Node", effect.node))
    decisions = sorted(
        (replace(decision, ballot=NO_BALLOT) for decision in after.decisions), key=lambda decision: decision.index
    )
    return replace(after, decisions=tuple(decisions)), tuple(alarms)
