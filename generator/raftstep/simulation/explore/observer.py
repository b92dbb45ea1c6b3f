"""What an observer of a search remembers: the history of the five properties, and what was reported to clients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from raftstep.core.inputs import ClientRead, CommandApplied, Input, ReadResult
from raftstep.core.messages import Message
from raftstep.core.model import Index, Node
from raftstep.simulation import invariants
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.explore.model import Effect
from raftstep.simulation.invariants import History
from raftstep.simulation.linearizability import NAME

EMPTY_HISTORY = History()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverState:
    """What an observer has seen: the history of the five properties, and what a read must not miss.

    That is the highest index reported to a client as applied, and how high it was when each open read was asked.
    """

    history: History = EMPTY_HISTORY
    highest_answered_index: Index = 0
    read_floors: tuple[tuple[str, Index], ...] = ()


def update_observer(
    observer_state: ObserverState, node_before: Node, given: Input | Message, effect: Effect
) -> tuple[ObserverState, tuple[Alarm, ...]]:
    """What is seen after one event at a node, and what that node broke by itself or wrongly reported to a client."""
    node_after: Any = effect.node
    history, alarms = invariants.observe_node(observer_state.history, node_before, node_after)
    history = replace(history, leaders=tuple(sorted(set(history.leaders))))
    if effect.observation is None and node_before.leader_state.pending_reads == node_after.leader_state.pending_reads:
        return replace(observer_state, history=history), tuple(alarms)
    after, stale_alarms = _check_reads(observer_state, given, node_after, effect)
    return replace(after, history=history), (*alarms, *stale_alarms)


def _check_reads(
    observer_state: ObserverState, given: Input | Message, node: Node, effect: Effect
) -> tuple[ObserverState, list[Alarm]]:
    """A read must not miss what was reported to a client as applied before the read was asked."""
    floors = dict(observer_state.read_floors)
    if isinstance(given, ClientRead):
        floors[given.id] = observer_state.highest_answered_index
    highest_answered_index, alarms = observer_state.highest_answered_index, []
    answers: Any = effect.observation
    for answer in answers or ():
        match answer:
            case CommandApplied(index=index):
                highest_answered_index = max(highest_answered_index, index)
            case ReadResult() if floors.pop(answer.id, 0) > answer.index:
                words = f"{node.id} answers that {answer.key} is {answer.value or 'not set'}"
                alarms.append(Alarm(property=NAME, words=f"{words}, which no order of the clients' operations allows"))
    open_read_ids = {read.id for read in node.leader_state.pending_reads}
    own_read_id = f"read at {node.id}"
    open_floors = tuple(
        sorted(
            (read_id, floor) for read_id, floor in floors.items() if read_id != own_read_id or read_id in open_read_ids
        )
    )
    return replace(observer_state, highest_answered_index=highest_answered_index, read_floors=open_floors), alarms
