"""Values under other names: what a node, a message or a history of Raft becomes when its nodes are called otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from raftstep.core.model import Machine, Progress


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A node, a message or a history with these names in place of those."""
    if isinstance(value, str) and type(value) is str:
        return names.get(value, value)
    if isinstance(value, frozenset):
        return frozenset(renamed(one, names) for one in value)
    if isinstance(value, tuple):
        return _in_order(tuple(renamed(one, names) for one in value))
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
    return replace(value, **{name: renamed(getattr(value, name), names) for name in _fields(kind)})
