"""The published JSON Schema of scenarios, and its complaints in words that tell an author what to do.

``scenario.schema.json`` is the one source: editors complete from it, and every scenario is checked against it here.
Its ``description``, ``examples`` and ``errorMessage`` are shown by editors and used in the words below alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.value import Value
from raftstep.scenario.wording import WHERE, found, quoted, shortened, wording

MOST_COMPLAINTS = 1000

KINDS = {"action": "directive", "event": "directive", "pattern": "rule or event", "message": "message"}
"""What the keys of a mapping are called, by the title that the schema gives it; *key* for all others."""

Complaint = tuple[Place, str]


@cache
def schema() -> dict[str, Any]:
    """The published schema, as data."""
    text = (files("raftstep.scenario") / "scenario.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _scenarios() -> dict[str, Any]:
    return spelt_out(schema())


def spelt_out(whole: dict[str, Any]) -> dict[str, Any]:
    """A schema with what each ``$ref`` leads to in its place: to look that up for each value took half of a check."""

    def spelt(part: Any) -> Any:
        if isinstance(part, list):
            return [spelt(one) for one in part]
        if not isinstance(part, dict):
            return part
        own = {key: spelt(one) for key, one in part.items() if key != "$ref"}
        return spelt(led_to(part["$ref"])) | own if "$ref" in part else own

    def led_to(reference: str) -> Any:
        target: Any = whole
        for name in reference.removeprefix("#/").split("/"):
            target = target[int(name) if isinstance(target, list) else name]
        return target

    found: dict[str, Any] = spelt(whole)
    return found


def complaints(top: Value, asked: dict[str, Any] | None = None) -> list[Complaint]:
    """All that the schema finds wrong. Values of a wrong kind are taken out of ``top``; the rest can then be used.

    ``asked`` is the schema of another kind of file, spelt out; without it, that of scenarios.
    """
    asked = _scenarios() if asked is None else asked
    errors = islice(_flat(_strict()(asked).iter_errors(top.plain())), MOST_COMPLAINTS)
    traced = [(error, _trace(top, error.absolute_path)) for error in errors]
    of_another_type = {id(trail[-1][0]) for error, trail in traced if error.validator == "type"}
    found = [
        complaint
        for error, trail in traced
        if error.validator == "type" or id(trail[-1][0]) not in of_another_type
        for complaint in _complain(error, trail, asked)
    ]
    for error, trail in traced:
        _prune(error, trail)
    return list(dict.fromkeys(found))


@cache
def _strict() -> type[Draft202012Validator]:
    """The validator's class; unlike JSON's, its whole numbers are written without a point."""
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
    )
    strict: type[Draft202012Validator] = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    return strict


def _flat(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Errors with each ``anyOf`` replaced by those of the branch that was meant: the one of the value's own type."""
    for error in errors:
        if error.validator != "anyOf":
            yield error
            continue
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = [branch for branch in branches.values() if not any(_is_other_type(error, one) for one in branch)]
        if meant:
            yield from _flat(meant[0])
        else:
            yield error


def _is_other_type(outer: ValidationError, inner: ValidationError) -> bool:
    return inner.validator == "type" and inner.absolute_path == outer.absolute_path


Trail = list[tuple[Value, str | int | None]]


def _trace(top: Value, path: Iterable[str | int]) -> Trail:
    """The values from the top to the place of an error, each with the key or number that leads to it."""
    trail: Trail = [(top, None)]
    for part in path:
        holder = trail[-1][0]
        inner = holder.parts()[part] if isinstance(part, int) else holder.get(part)
        assert inner is not None
        trail.append((inner, part))
    return trail


def _complain(error: ValidationError, trail: Trail, asked: dict[str, Any]) -> list[Complaint]:
    value = trail[-1][0]
    taught = _part(error).get("errorMessage")
    if error.validator == "additionalProperties":
        return _unknown_keys(error, value)
    if error.validator in ("required", "dependentRequired"):
        return _missing_keys(error, trail, asked)
    if error.validator == "uniqueItems" or (error.validator == "oneOf" and _unknown_in(value, _directives(error))):
        return []  # the checks tell which item; a directive that is misspelt is not also missing
    if error.validator in ("not", "pattern", "oneOf", "anyOf") and taught:
        step = trail[-1][1]
        if error.validator == "not" and error.validator_value == {} and isinstance(step, str):
            return [(trail[-2][0].key_places[step], taught)]
        whole = value.fields is not None
        return [(_heading(trail) if whole else value.place, taught if whole else f"{found(value)}: {taught}")]
    pattern = _part(error).get("pattern")
    if error.validator == "type" and pattern and taught and not re.search(pattern, value.raw):
        return [(value.place, f"{found(value)}: {taught}")]
    return [(value.place, wording(str(error.validator), cast("Any", error.validator_value), value, error.message))]


def _part(error: ValidationError) -> dict[str, Any]:
    """The part of the schema that was not met."""
    return cast("dict[str, Any]", error.schema)


def _unknown_keys(error: ValidationError, value: Value) -> list[Complaint]:
    known: dict[str, Any] = _part(error)["properties"]
    kind = KINDS.get(_part(error).get("title", ""), "key")
    beneath = known.get("settings", {}).get("properties", {})
    return [
        (
            value.key_places[key],
            f'{quoted(key)} is one of the settings; write it under "settings"'
            if key in beneath
            else f"unknown {kind} {quoted(key)}; {nearest(shortened(key), list(known), where=WHERE)}",
        )
        for key in _unknown_in(value, known)[:MOST_COMPLAINTS]
    ]


def _unknown_in(value: Value, known: dict[str, Any]) -> list[str]:
    return [key for key in value.fields or {} if key not in known]


def _directives(error: ValidationError) -> dict[str, Any]:
    """The keys of the mapping that lacks its one directive, or has two: an event's, or an action's."""
    known: dict[str, Any] = _part(error).get("properties") or schema()["$defs"]["action"]["properties"]
    return known


def _missing_keys(error: ValidationError, trail: Trail, asked: dict[str, Any]) -> list[Complaint]:
    """Keys that must be there. jsonschema tells of them one by one, and says which only in its message."""
    key = error.message.split("'")[1]
    if error.validator == "dependentRequired":
        return [_lonely_key(error, trail[-1][0])]
    properties = (_part(error).get("properties") if len(trail) > 1 else None) or asked["properties"]
    misspelt = [get_close_matches(word, properties, n=1) for word in _unknown_in(trail[-1][0], properties)[:10]]
    if [key] in misspelt or (len(trail) == 1 and ["script"] in misspelt):
        return []  # as is told at that key; whether a schedule was meant decides what else there must be
    example = properties.get(key, {}).get("examples", [None])[0]
    shown = json.dumps(example, ensure_ascii=False) if isinstance(example, list | dict) else example
    if key == "steps":
        shown = "[...]"
    return [(_heading(trail), f'"{key}" is missing; add ' + (f'"{key}: {shown}"' if shown is not None else "it"))]


def _lonely_key(error: ValidationError, value: Value) -> Complaint:
    """A key that means something only beside another one."""
    alone, lacking = re.findall(r"'(\w+)'", error.message)[1::-1]
    if alone == "after_ms":
        return value.key_places[
            alone
        ], '"after_ms" counts from an event; give the event with "when:", or use "at_ms" alone'
    words = f'"{alone}" stands beside "{lacking}"; a client numbers its commands: write "client: alice, serial: 1"'
    return value.key_places[alone], words


def _heading(trail: Trail) -> Place:
    """The place that stands for a whole mapping: the key that leads to it, or its own first key."""
    value, step = trail[-1]
    if isinstance(step, str):
        return trail[-2][0].key_places[step]
    return next(iter(value.key_places.values()), value.place)


def _prune(error: ValidationError, trail: Trail) -> None:
    """Take out what later code could not use, and mark all that held it."""
    value = trail[-1][0]
    if error.validator == "additionalProperties":
        value.fields = {key: inner for key, inner in value.pairs() if key in _part(error)["properties"]}
        for holder, _ in trail:
            holder.holes = True
    elif error.validator in ("type", "enum", "const", "anyOf", "minimum", "maximum", "not"):
        for (holder, _), (part, step) in pairwise(trail):
            holder.holes = True
            if part is value and holder.items is not None:
                holder.items = [item for item in holder.items if item is not value]
            elif part is value and holder.fields is not None and isinstance(step, str):
                holder.fields.pop(step, None)
