"""What a state could hold instead, what could happen instead: the search's own model with one part replaced."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from raftstep.core.inputs import Receive
from raftstep.core.messages import RequestVote
from raftstep.core.model import Role, StateMachine
from raftstep.core.step import step
from raftstep.simulation.explore import Act, Effect, Limits, Model, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import COMMANDS, raft_model
from raftstep.site.state_counts import BOUNDS

MAX_STATES = 3_000_000
"""Where a search with a choice is ended."""

ModelBuilder = Callable[[Bounds], Model]


def count(slug: str, bounds: Bounds = BOUNDS, most_states: int = MAX_STATES) -> dict[str, Any]:
    """A line of the record: how many states there are with this choice. Where there are more than ``most``, that."""
    exploration = explore(CHOICES[slug](bounds), Limits(states=most_states))
    assert exploration.schedule is None, f"with {slug} a property breaks: {exploration.words}"
    return {
        "choice": slug,
        "bounds": bounds.words,
        "states": exploration.states if exploration.is_complete else most_states,
        "events": exploration.depth,
        "complete": exploration.is_complete,
    }


# What a state holds


def no_history(bounds: Bounds) -> Model:
    """Two of the properties can then not be checked."""
    return replace(raft_model(bounds), update_history=None, check_node=None)


def no_votes(bounds: Bounds) -> Model:
    """A leader asks its votes no more."""
    return _without_votes(raft_model(bounds))


def _without_votes(model: Model) -> Model:
    def forget_votes(effect: Effect) -> Effect:
        node: Any = effect.node
        return replace(effect, node=replace(node, votes_granted=frozenset())) if node.role is Role.LEADER else effect

    return replace(
        model,
        perform=lambda node, given: forget_votes(model.perform(node, given)),
        receive=lambda node, message: forget_votes(model.receive(node, message)),
    )


def leader_known(bounds: Bounds) -> Model:
    def act(node: Any, given: Any) -> Effect:
        outcome = step(node, given)
        return Effect(node=replace(outcome.node, machine=StateMachine()), messages=outcome.messages)

    return replace(raft_model(bounds), perform=act, receive=lambda node, message: act(node, Receive(message=message)))


# What may happen


def no_heartbeats(bounds: Bounds) -> Model:
    return raft_model(replace(bounds, heartbeats=False))


def empty_heartbeats(bounds: Bounds) -> Model:
    return raft_model(replace(bounds, settings=replace(bounds.settings, empty_heartbeats=True)))


def any_commands(bounds: Bounds) -> Model:
    """Only the length of the log bounds them."""
    return _with_any_commands(raft_model(bounds))


def _with_any_commands(model: Model) -> Model:
    def own(node: Any) -> Iterator[Act]:
        for act in model.possible_acts(node):
            yield replace(act, budget_index=None) if act.budget_index == COMMANDS else act

    return replace(model, possible_acts=own)


def no_refusals(bounds: Bounds) -> Model:
    """What is stale has no effect at all; that is what its loss, or the loss of its answer, would be."""
    model = raft_model(bounds)

    def receive(node: Any, message: Any) -> Effect:
        return Effect(node=node) if message.term < node.current_term else model.receive(node, message)

    return replace(model, receive=receive)


# What is left out, and what is merged


def no_merging(bounds: Bounds) -> Model:
    return replace(raft_model(bounds), rename=None)


def nothing_left_out(bounds: Bounds) -> Model:
    return replace(raft_model(bounds), is_spent=None)


def stale_requests_for_votes_left_out(bounds: Bounds) -> Model:
    return _left_out_too(bounds, lambda node, message: _stale(node, message) and isinstance(message, RequestVote))


def all_that_is_stale_left_out(bounds: Bounds) -> Model:
    """The leaders that the observer remembers no longer follow from what they sent, and so tell states apart."""
    return _left_out_too(bounds, _stale)


def _left_out_too(bounds: Bounds, may_drop: Callable[[Any, Hashable], bool]) -> Model:
    model = raft_model(bounds)
    is_spent = model.is_spent
    return replace(
        model, is_spent=lambda node, message: may_drop(node, message) or bool(is_spent and is_spent(node, message))
    )


def _stale(node: Any, message: Any) -> bool:
    return bool(message.term < node.current_term)


# Several at once, near to what an older search counted


def useless_left_out(bounds: Bounds) -> Model:
    """A message is forgotten when it would do nothing now, whatever it might do later."""
    settings = replace(bounds.settings, empty_heartbeats=True)  # then an acknowledgement has what is missing sent
    model = raft_model(replace(bounds, heartbeats=False, settings=settings))

    def useless(node: Any, message: Hashable) -> bool:
        effect = model.receive(node, message)
        return effect.node == node and not effect.messages

    return replace(model, is_spent=useless)


def useless_left_out_of_less(bounds: Bounds) -> Model:
    smaller_model = _with_any_commands(_without_votes(useless_left_out(bounds)))
    return replace(smaller_model, update_history=None, check_node=None)


CHOICES: dict[str, ModelBuilder] = {
    "as-it-is": raft_model,
    "no-history": no_history,
    "no-votes": no_votes,
    "leader-known": leader_known,
    "no-merging": no_merging,
    "nothing-left-out": nothing_left_out,
    "no-heartbeats": no_heartbeats,
    "empty-heartbeats": empty_heartbeats,
    "any-commands": any_commands,
    "no-refusals": no_refusals,
    "stale-votes-left-out": stale_requests_for_votes_left_out,
    "all-stale-left-out": all_that_is_stale_left_out,
    "useless-left-out": useless_left_out,
    "useless-left-out-of-less": useless_left_out_of_less,
}
"""By the names that the record has."""
