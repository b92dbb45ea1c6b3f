"""What a state could hold instead, what could happen instead: the search's own model with one part replaced."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from raftstep.core.inputs import Receive
from raftstep.core.messages import RequestVote
from raftstep.core.model import Machine, Role
from raftstep.core.step import step
from raftstep.simulation.explore import Act, Effect, Limits, Model, explore
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import COMMANDS, raft
from raftstep.site.state_counts import BOUNDS, MOST_STATES

Choice = Callable[[Bounds], Model]


def count(slug: str, bounds: Bounds = BOUNDS, most: int = MOST_STATES) -> dict[str, Any]:
    """A line of the record: how many states there are with this choice. Where there are more than ``most``, that."""
    found = explore(CHOICES[slug](bounds), Limits(states=most))
    assert found.schedule is None, f"with {slug} a property breaks: {found.words}"
    return {
        "choice": slug,
        "bounds": bounds.words,
        "states": found.states if found.complete else most,
        "events": found.depth,
        "complete": found.complete,
    }


# What a state holds


def no_history(bounds: Bounds) -> Model:
    """Two of the properties can then not be checked."""
    return replace(raft(bounds), remember=None, single=None)


def no_votes(bounds: Bounds) -> Model:
    """A leader asks its votes no more."""
    return _without_votes(raft(bounds))


def _without_votes(model: Model) -> Model:
    def forget(effect: Effect) -> Effect:
        node: Any = effect.node
        return replace(effect, node=replace(node, votes_granted=frozenset())) if node.role is Role.LEADER else effect

    return replace(
        model,
        act=lambda node, given: forget(model.act(node, given)),
        receive=lambda node, message: forget(model.receive(node, message)),
    )


def leader_known(bounds: Bounds) -> Model:
    def act(node: Any, given: Any) -> Effect:
        outcome = step(node, given)
        return Effect(node=replace(outcome.node, machine=Machine()), messages=outcome.messages)

    return replace(raft(bounds), act=act, receive=lambda node, message: act(node, Receive(message=message)))


# What may happen


def no_heartbeats(bounds: Bounds) -> Model:
    return raft(replace(bounds, heartbeats=False))


def empty_heartbeats(bounds: Bounds) -> Model:
    return raft(replace(bounds, settings=replace(bounds.settings, empty_heartbeats=True)))


def any_commands(bounds: Bounds) -> Model:
    """Only the length of the log bounds them."""
    return _with_any_commands(raft(bounds))


def _with_any_commands(model: Model) -> Model:
    def own(node: Any) -> Iterator[Act]:
        for act in model.own(node):
            yield replace(act, spends=None) if act.spends == COMMANDS else act

    return replace(model, own=own)


def no_refusals(bounds: Bounds) -> Model:
    """What is stale has no effect at all; that is what its loss, or the loss of its answer, would be."""
    model = raft(bounds)

    def receive(node: Any, message: Any) -> Effect:
        return Effect(node=node) if message.term < node.current_term else model.receive(node, message)

    return replace(model, receive=receive)


# What is left out, and what is merged


def no_merging(bounds: Bounds) -> Model:
    return replace(raft(bounds), rename=None)


def nothing_left_out(bounds: Bounds) -> Model:
    return replace(raft(bounds), spent=None)


def stale_requests_for_votes_left_out(bounds: Bounds) -> Model:
    return _left_out_too(bounds, lambda node, message: _stale(node, message) and isinstance(message, RequestVote))


def all_that_is_stale_left_out(bounds: Bounds) -> Model:
    """The leaders that the observer remembers no longer follow from what they sent, and so tell states apart."""
    return _left_out_too(bounds, _stale)


def _left_out_too(bounds: Bounds, more: Callable[[Any, Hashable], bool]) -> Model:
    model = raft(bounds)
    known = model.spent
    return replace(model, spent=lambda node, message: more(node, message) or bool(known and known(node, message)))


def _stale(node: Any, message: Any) -> bool:
    return bool(message.term < node.current_term)


# Several at once, near to what an older search counted


def useless_left_out(bounds: Bounds) -> Model:
    """A message is forgotten when it would do nothing now, whatever it might do later."""
    settings = replace(bounds.settings, empty_heartbeats=True)  # then an acknowledgement has what is missing sent
    model = raft(replace(bounds, heartbeats=False, settings=settings))

    def useless(node: Any, message: Hashable) -> bool:
        effect = model.receive(node, message)
        return effect.node == node and not effect.messages

    return replace(model, spent=useless)


def useless_left_out_of_less(bounds: Bounds) -> Model:
    less = _with_any_commands(_without_votes(useless_left_out(bounds)))
    return replace(less, remember=None, single=None)


CHOICES: dict[str, Choice] = {
    "as-it-is": raft,
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
