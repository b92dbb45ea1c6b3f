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
class NaiveResult:
    """How many states there are, how far away the farthest is, and after how many events a property breaks, if any."""

    states: frozenset[State]
    depth: int
    broken_after: int | None


def search_naively(model: Model, most_states: int = 1_000_000) -> NaiveResult:
    """Breadth-first over whole states, until a property breaks, all is searched, or there are ``most`` states."""
    level = [State(model.nodes, frozenset(model.messages), model.history, model.budget)]
    seen_states = set(level)
    depth = 0
    while level and len(seen_states) < most_states:
        next_level = []
        for state in level:
            for after, alarms in successors(model, state):
                if alarms:
                    return NaiveResult(frozenset(seen_states), depth, depth + 1)
                if after not in seen_states and not (model.most_messages and len(after.messages) > model.most_messages):
                    seen_states.add(after)
                    next_level.append(after)
        depth += bool(next_level)
        level = next_level
    return NaiveResult(frozenset(seen_states), depth, None)


def successors(model: Model, state: State) -> Iterator[tuple[State, tuple[Any, ...]]]:
    for node_index, node in enumerate(state.nodes):
        for act in model.possible_acts(node):
            budget = list(state.budget)
            if act.budget_index is not None:
                budget[act.budget_index] -= 1
            if min(budget, default=0) >= 0:
                yield _apply_effect(model, state, node_index, act.given, model.perform(node, act.given), tuple(budget))
        for message in state.messages:
            if model.target_index(message) == node_index:
                yield _apply_effect(model, state, node_index, message, model.receive(node, message), state.budget)
    advanced_nodes = [model.time.advance(node) for node in state.nodes] if model.time else [None]
    if None not in advanced_nodes:
        yield replace(state, nodes=tuple(advanced_nodes)), ()


def _apply_effect(
    model: Model, state: State, node_index: int, given: Any, effect: Effect, budget: tuple[int, ...]
) -> tuple[State, tuple[Any, ...]]:
    nodes = (*state.nodes[:node_index], effect.node, *state.nodes[node_index + 1 :])
    assert model.update_history
    history, alarms = model.update_history(state.history, state.nodes[node_index], given, effect)
    for other_index, node in enumerate(nodes):
        if model.check_pair and other_index != node_index:
            alarms += model.check_pair(effect.node, node)
        if model.check_node:
            alarms += model.check_node(history, node)
    return State(nodes, state.messages.union(effect.messages), history, budget), alarms


def count_up_to_renaming(model: Model, states: frozenset[State]) -> int:
    """How many of these states differ in more than the names."""
    assert model.rename
    remaining, count = set(states), 0
    while remaining:
        state = remaining.pop()
        count += 1
        for order in permutations(range(len(state.nodes))):
            remaining.discard(rename_state(model, state, order))
    return count


def rename_state(model: Model, state: State, order: tuple[int, ...]) -> State:
    """A state under other names: each node moves to its new place."""
    rename = model.rename
    assert rename
    nodes: list[Hashable] = [None] * len(order)
    for index, new_index in enumerate(order):
        nodes[new_index] = rename(state.nodes[index], order)
    messages = frozenset(rename(message, order) for message in state.messages)
    return State(tuple(nodes), messages, rename(state.history, order), state.budget)


def spent_messages(model: Model, state: State) -> list[Hashable]:
    """The messages of a state that the model says can no longer matter."""
    is_spent = model.is_spent
    if is_spent is None:
        return []
    return [message for message in state.messages if is_spent(state.nodes[model.target_index(message)], message)]


def drop_spent(model: Model, states: frozenset[State]) -> frozenset[State]:
    return frozenset(
        State(state.nodes, state.messages.difference(spent_messages(model, state)), state.history, state.budget)
        for state in states
    )


def can_still_matter(model: Model, state: State, message: Any) -> bool:
    """Whether a message does anything on arrival, or may again after one more event at its node."""
    node = state.nodes[model.target_index(message)]
    effect = model.receive(node, message)
    if effect.node != node or effect.messages:
        return True
    nodes_after = {next_state.nodes[model.target_index(message)] for next_state, _ in successors(model, state)}
    return any(model.is_spent is None or not model.is_spent(node_after, message) for node_after in nodes_after)
