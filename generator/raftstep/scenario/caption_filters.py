"""The filters of captions: what may follow ``|``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from raftstep.scenario.caption_values import (
    FactError,
    Facts,
    FilterRule,
    are_equal,
    attribute_names,
    is_ordered,
    kind_of,
    plain_value,
    suggest_name,
    words_of,
)
from raftstep.simulation.short_words import join_and, number_word


def _items_of(value: object) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise FactError(f"this filter is for lists, and this is {kind_of(value)}; remove it")
    return value


def _filled_items_of(value: object) -> Sequence[Any]:
    items = _items_of(value)
    if not items:
        raise FactError("the list is empty; ask first, with {% if … %}", is_missing=True)
    return items


def _number_of(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FactError(f"this filter is for numbers, and this is {kind_of(value)}; write | length first for a list")
    return value


def _join(value: object, sign: object = None) -> str:
    if sign is not None and not isinstance(sign, str):
        raise FactError(f'the separator is a text, and this is {kind_of(sign)}; write it like join(", ")')
    return (sign or "").join(_written(_items_of(value)))


def _written(items: Sequence[Any]) -> list[str]:
    return [words_of(item) for item in items]


def _part(item: object, name: object) -> Any:
    """An item itself, or the attribute of it that a filter asks for."""
    if name is None:
        return item
    if not isinstance(item, Facts) or not isinstance(name, str):
        raise FactError(f"{kind_of(item)} has no attributes; remove the name of one")
    if name.startswith("_") or name not in vars(item):
        raise FactError(
            f'{item.KIND} has no "{name[:40]}"; {suggest_name(name, attribute_names(item))}', is_missing=True
        )
    return vars(item)[name]


def _length(value: object) -> int:
    if not isinstance(value, (list, tuple, str, Mapping)):
        raise FactError(f"{kind_of(value)} has no length; ask for that of a list")
    return len(value)


def _sort(value: object, attribute: object = None) -> list[Any]:
    items = _items_of(value)
    keys: list[Any] = [plain_value(_part(item, attribute)) for item in items]
    for key in keys:
        if not is_ordered(keys[0], key):
            raise FactError(f"{kind_of(keys[0])} and {kind_of(key)} have no order; sort numbers or texts")
    return [items[number] for number in sorted(range(len(items)), key=lambda number: keys[number])]


def _sum(value: object, attribute: object = None) -> int:
    total = sum(_number_of(_part(item, attribute)) for item in _items_of(value))
    if abs(total) >= 10**12:
        raise FactError("the sum is out of range; add up less")
    return total


def _unique(value: object) -> list[Any]:
    found: dict[object, Any] = {}
    for item in _items_of(value):
        plain = plain_value(item)
        found.setdefault((type(plain), plain) if isinstance(plain, (str, int)) else id(item), item)
    return list(found.values())


def _string_filter(change: Callable[[str], str]) -> Callable[[object], str]:
    return lambda value: change(words_of(value))


QUESTIONS: dict[str, Callable[[Any, Any], bool]] = {
    "equalto": are_equal,
    "==": are_equal,
    "ne": lambda left, right: not are_equal(left, right),
    "!=": lambda left, right: not are_equal(left, right),
    "lt": lambda left, right: is_ordered(left, right) and left < right,
    "<": lambda left, right: is_ordered(left, right) and left < right,
    "gt": lambda left, right: is_ordered(left, right) and left > right,
    ">": lambda left, right: is_ordered(left, right) and left > right,
    "in": lambda left, right: any(are_equal(left, plain_value(item)) for item in _items_of(right)),
}
"""How ``selectattr`` may compare an attribute."""


def _select(value: object, attribute: object, question: object, operand: object, *, keeps: bool) -> list[Any]:
    if question is None:
        return [item for item in _items_of(value) if bool(_part(item, attribute)) is keeps]
    compare = QUESTIONS.get(question) if isinstance(question, str) else None
    if compare is None:
        raise FactError(f"a choice cannot ask for {kind_of(question)}; use one of these: {', '.join(QUESTIONS)}")
    right = plain_value(operand)
    return [item for item in _items_of(value) if compare(plain_value(_part(item, attribute)), right) is keeps]


def _select_those(value: object, attribute: object, question: object = None, operand: object = None) -> list[Any]:
    return _select(value, attribute, question, operand, keeps=True)


def _select_others(value: object, attribute: object, question: object = None, operand: object = None) -> list[Any]:
    return _select(value, attribute, question, operand, keeps=False)


def _rule(name: str, apply: Callable[..., Any], *parameters: str, required: int = 0) -> FilterRule:
    return FilterRule(name=name, parameters=parameters, required=required, apply=apply)


_RULES = (
    _rule("capitalize", _string_filter(str.capitalize)),
    _rule("count", _length),
    _rule("default", lambda value, other: other if value is None else value, "other", required=1),
    _rule("first", lambda value: _filled_items_of(value)[0]),
    _rule("in_words", lambda value: number_word(_number_of(value))),
    _rule("join", _join, "sign"),
    _rule("last", lambda value: _filled_items_of(value)[-1]),
    _rule("length", _length),
    _rule("list", lambda value: list(_items_of(value))),
    _rule("listed", lambda value: join_and(_written(_items_of(value)))),
    _rule("lower", _string_filter(str.lower)),
    _rule("map", lambda value, name: [_part(item, name) for item in _items_of(value)], "attribute", required=1),
    _rule("max", lambda value, name: _sort(_filled_items_of(value), name)[-1], "attribute"),
    _rule("min", lambda value, name: _sort(_filled_items_of(value), name)[0], "attribute"),
    _rule("rejectattr", _select_others, "attribute", "question", "operand", required=1),
    _rule("reverse", lambda value: list(_items_of(value))[::-1]),
    _rule("selectattr", _select_those, "attribute", "question", "operand", required=1),
    _rule("sort", _sort, "attribute"),
    _rule("string", words_of),
    _rule("sum", _sum, "attribute"),
    _rule("trim", _string_filter(str.strip)),
    _rule("unique", _unique),
    _rule("upper", _string_filter(str.upper)),
)

FILTERS: Mapping[str, FilterRule] = {rule.name: rule for rule in _RULES}
"""Every filter by its name."""
