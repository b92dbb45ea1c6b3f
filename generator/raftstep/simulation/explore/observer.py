"""What an observer of a search remembers: the history of the five properties, and what clients were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from raftstep.core.inputs import Applied, ClientRead, Input, ReadResult
from raftstep.core.messages import Message
from raftstep.core.model import Index, Node
from raftstep.simulation import invariants
from raftstep.simulation.explore.model import Effect
from raftstep.simulation.invariants import History
from raftstep.simulation.linearizability import NAME
from raftstep.simulation.trace import Alarm

NOTHING_YET = History()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an observer has seen: the history of the five properties; for reads, the highest index that a client was
    told is applied, and how high it was when each open read was asked."""

    history: History = NOTHING_YET
    answered: Index = 0
    asked: tuple[tuple[str, Index], ...] = ()


def remember(seen: Seen, was: Node, given: Input | Message, effect: Effect) -> tuple[Seen, tuple[Alarm, ...]]:
    """What is seen after one event at a node, and what that node broke by itself or told a client amiss."""
    now: Any = effect.node
    history, alarms = invariants.remember(seen.history, was, now)
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
