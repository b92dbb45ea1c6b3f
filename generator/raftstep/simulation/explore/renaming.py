"""Values under other names: what a node, a message or a history of Raft becomes when its nodes are called otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from raftstep.core.model import Progress, StateMachine


def rename_value(value: Any, new_names: Mapping[str, str]) -> Any:
    """A node, a message or a history with these names in place of those."""
    if isinstance(value, str) and type(value) is str:
        return new_names.get(value, value)
    if isinstance(value, frozenset):
        return frozenset(rename_value(item, new_names) for item in value)
    if isinstance(value, tuple):
        return _restore_order(tuple(rename_value(item, new_names) for item in value))
    if isinstance(value, StateMachine):
        return replace(
            value,
            pairs=tuple(sorted((key, new_names.get(stored_value, stored_value)) for key, stored_value in value.pairs)),
        )
    if is_dataclass(value):
        return _rename_fields(value, new_names)
    return value


def _restore_order(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was in the order of the nodes' names is so again: voters, learners, progress, leaders."""
    if all(isinstance(item, str) for item in values) or (values and isinstance(values[0], tuple)):
        return tuple(sorted(values))
    if values and isinstance(values[0], Progress):
        return tuple(sorted(values, key=lambda progress: progress.peer))
    return values


@cache
def _renamable_fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "settings")


def _rename_fields(value: Any, new_names: Mapping[str, str]) -> Any:
    kind: Any = type(value)
    return replace(value, **{name: rename_value(getattr(value, name), new_names) for name in _renamable_fields(kind)})
