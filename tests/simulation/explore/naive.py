"""The search's slow, obvious twin: whole values in a set, nothing numbered, nothing remembered, no names merged."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from raftstep.simulation.explore.model import Effect, Model


@dataclass(frozen=True, slots=True)
class State:
    """All there is: the nodes, every message ever sent, the history, and what is left of the budget."""

    nodes: tuple[Hashable, ...]
    messages: frozenset[Hashable]
    history: Hashable
    budget: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """How many states there are, how far away the farthest is, and after how many events a property breaks, if any."""

    states: frozenset[State]
    depth: int
    broken_after: int | None


def naive(model: Model, most: int = 1_000_000) -> Found:
    """Breadth-first over whole states, until a property breaks, all is searched, or there are ``most`` states."""
    level = [State(model.nodes, frozenset(model.messages), model.history, model.budget)]
    seen = set(level)
    depth = 0
    while level and len(seen) < most:
        following = []
        for state in level:
            for after, broken in successors(model, state):
                if broken:
                    return Found(frozenset(seen), depth, depth + 1)
                if after not in seen and not (model.most_messages and len(after.messages) > model.most_messages):
                    seen.add(after)
                    following.append(after)
        depth += bool(following)
        level = following
    return Found(frozenset(seen), depth, None)


def successors(model: Model, state: State) -> Iterator[tuple[State, tuple[Any, ...]]]:
    for place, node in enumerate(state.nodes):
        for act in model.own(node):
            budget = list(state.budget)
            if act.spends is not None:
                budget[act.spends] -= 1
            if min(budget, default=0) >= 0:
                yield _after(model, state, place, act.given, model.act(node, act.given), tuple(budget))
        for message in state.messages:
            if model.target(message) == place:
                yield _after(model, state, place, message, model.receive(node, message), state.budget)
    later = [model.time.passes(node) for node in state.nodes] if model.time else [None]
    if None not in later:
        yield replace(state, nodes=tuple(later)), ()


def _after(
    model: Model, state: State, place: int, given: Any, effect: Effect, budget: tuple[int, ...]
) -> tuple[State, tuple[Any, ...]]:
    nodes = (*state.nodes[:place], effect.node, *state.nodes[place + 1 :])
    assert model.remember
    history, alarms = model.remember(state.history, state.nodes[place], given, effect)
    for other, node in enumerate(nodes):
        if model.pair and other != place:
            alarms += model.pair(effect.node, node)
        if model.single:
            alarms += model.single(history, node)
    return State(nodes, state.messages.union(effect.messages), history, budget), alarms


def up_to_names(model: Model, states: frozenset[State]) -> int:
    """How many of these states differ in more than the names."""
    assert model.rename
    left, count = set(states), 0
    while left:
        state = left.pop()
        count += 1
        for order in permutations(range(len(state.nodes))):
            left.discard(renamed(model, state, order))
    return count


def renamed(model: Model, state: State, order: tuple[int, ...]) -> State:
    """A state under other names: each node moves to its new place."""
    rename = model.rename
    assert rename
    nodes: list[Hashable] = [None] * len(order)
    for place, new in enumerate(order):
        nodes[new] = rename(state.nodes[place], order)
    messages = frozenset(rename(message, order) for message in state.messages)
    return State(tuple(nodes), messages, rename(state.history, order), state.budget)


def spent(model: Model, state: State) -> list[Hashable]:
    """The messages of a state that the model says can no longer matter."""
    judge = model.spent
    if judge is None:
        return []
    return [message for message in state.messages if judge(state.nodes[model.target(message)], message)]


def without_spent(model: Model, states: frozenset[State]) -> frozenset[State]:
    return frozenset(
        State(state.nodes, state.messages.difference(spent(model, state)), state.history, state.budget)
        for state in states
    )


def matters(model: Model, state: State, message: Any) -> bool:
    """Whether a message does anything on arrival, or may again after one more event at its node."""
    node = state.nodes[model.target(message)]
    effect = model.receive(node, message)
    if effect.node != node or effect.messages:
        return True
    after = {other.nodes[model.target(message)] for other, _ in successors(model, state)}
    return any(model.spent is None or not model.spent(one, message) for one in after)
