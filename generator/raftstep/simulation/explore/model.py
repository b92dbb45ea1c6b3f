"""What a protocol says of itself to the search. Nothing here knows Raft.

The search sees a system as *places* 0, 1, 2 …, each with a node and an inbox: the set of all messages ever sent to
it. A delivered message stays in the inbox, so it may be delivered again; one that is never delivered is lost. The
network therefore loses, delays, reorders and doubles messages as it likes, at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Permutation = tuple[int, ...]
"""Where each place goes: place ``i`` becomes place ``permutation[i]``."""

Alarms = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a node may do of its own accord. ``budget_index`` says which budget it draws on, if any."""

    given: Hashable
    budget_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one event did at one node: the node after it, what it sends, and whatever else only an observer needs."""

    node: Hashable
    messages: Sequence[Hashable] = ()
    observation: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRule:
    """Time that moves on at all places at once, by an event of its own.

    ``given`` is what a schedule calls that event; ``advance`` gives a node after it, or ``None`` where time is over.
    """

    given: Hashable
    advance: Callable[[Any], Hashable | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A protocol, its start, and its properties. All values are hashable; all functions are pure.

    ``possible_acts`` what a node may do of its own accord; bounds on one node (its term, its log) are kept here
    ``perform`` the effect of doing it
    ``receive`` the effect of a message arriving
    ``target_index`` the index of the node a message is for
    ``is_quiet`` true where an effect can neither change the history nor break a property; the rest is then not asked.
                Without it, everything is asked every time

    ``history`` is what an observer must remember beyond the nodes and inboxes; it is part of the state, so it should
    hold nothing that follows from them. Three kinds of checks give the alarms that an event raises:

    ``update_history`` (history, node before, what was given, effect): the history after it, and what the one node broke
    ``check_pair`` (the changed node, another): what the two break together
    ``check_node`` (history, node): what any node breaks under the history

    Each is asked once for the same arguments. ``rename`` applies a permutation of the places to a node, message or
    history; where it is ``None``, no two states are taken for the same. A renamed run must be a run: only then may
    states that differ in nothing but the names be merged. ``is_spent`` (node, message) is true where a message that has
    been sent to a node does nothing when it arrives, now and after whatever else may happen to the node; it is then
    left out of the state. From a state with more than ``most_messages`` the search does not go on; 0 is no bound.
    Without ``time`` nothing ever waits. A tick neither sends anything nor breaks a property, because no node acts.
    """

    nodes: tuple[Hashable, ...]
    possible_acts: Callable[[Any], Iterable[Act]]
    perform: Callable[[Any, Any], Effect]
    receive: Callable[[Any, Any], Effect]
    target_index: Callable[[Any], int]
    messages: tuple[Hashable, ...] = ()
    history: Hashable = None
    budget: tuple[int, ...] = ()
    is_quiet: Callable[[Any, Effect], bool] | None = None
    update_history: Callable[[Any, Any, Any, Effect], tuple[Hashable, Alarms]] | None = None
    check_pair: Callable[[Any, Any], Alarms] | None = None
    check_node: Callable[[Any, Any], Alarms] | None = None
    rename: Callable[[Any, Permutation], Hashable] | None = None
    is_spent: Callable[[Any, Any], bool] | None = None
    most_messages: int = 0
    time: TickRule | None = None
