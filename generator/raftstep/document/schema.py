"""Values checked against a JSON Schema, and what it finds in words that say to an author what to do.

The schema's own ``description``, ``examples`` and ``errorMessage`` are shown by editors and used in the words below.
``formerNames`` next to an enumeration or to keys gives words that are no longer known, each with the one to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from itertools import islice, pairwise
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from raftstep.document.problem import Place, suggest_nearest
from raftstep.document.value import YamlValue
from raftstep.document.wording import SCHEMA_FILE, describe_value, describe_violation, quote, shorten_line

MOST_FINDINGS = 1000

KEY_KINDS = {"action": "directive", "event": "directive", "pattern": "rule or event", "message": "message"}
"""What the keys of a mapping are called, by the title that the schema gives it; *key* for all others."""

Finding = tuple[Place, str]


def resolve_references(root: dict[str, Any]) -> dict[str, Any]:
    """A schema with what each ``$ref`` leads to in its place: to look that up for each value took half of a check."""

    def resolve(part: Any) -> Any:
        if isinstance(part, list):
            return [resolve(item) for item in part]
        if not isinstance(part, dict):
            return part
        own_keys = {key: resolve(inner) for key, inner in part.items() if key != "$ref"}
        return resolve(find_target(part["$ref"])) | own_keys if "$ref" in part else own_keys

    def find_target(reference: str) -> Any:
        target: Any = root
        for name in reference.removeprefix("#/").split("/"):
            target = target[int(name) if isinstance(target, list) else name]
        return target

    resolved_schema: dict[str, Any] = resolve(root)
    return resolved_schema


def check_against_schema(top: YamlValue, file_schema: dict[str, Any]) -> list[Finding]:
    """All that a schema, with its references resolved, finds wrong.

    Values of a wrong kind are taken out of ``top``; the rest can then be used.
    """
    errors = islice(_flatten_errors(_strict_validator()(file_schema).iter_errors(top.to_data())), MOST_FINDINGS)
    error_trails = [(error, _find_trail(top, error.absolute_path)) for error in errors]
    mistyped_values = {id(trail[-1][0]) for error, trail in error_trails if error.validator == "type"}
    findings = [
        finding
        for error, trail in error_trails
        if error.validator == "type" or id(trail[-1][0]) not in mistyped_values
        for finding in _describe_error(error, trail, file_schema)
    ]
    for error, trail in error_trails:
        _prune(error, trail)
    return list(dict.fromkeys(findings))


@cache
def _strict_validator() -> type[Draft202012Validator]:
    """The validator's class; unlike JSON's, its whole numbers are written without a point."""
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
    )
    validator: type[Draft202012Validator] = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    return validator


def _flatten_errors(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Errors with each ``anyOf`` replaced by those of the branch that was meant: the one of the value's own type."""
    for error in errors:
        if error.validator != "anyOf":
            yield error
            continue
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant_branches = [
            branch
            for branch in branches.values()
            if not any(_has_other_type(error, branch_error) for branch_error in branch)
        ]
        if meant_branches:
            yield from _flatten_errors(meant_branches[0])
        else:
            yield error


def _has_other_type(outer: ValidationError, inner: ValidationError) -> bool:
    return inner.validator == "type" and inner.absolute_path == outer.absolute_path


Trail = list[tuple[YamlValue, str | int | None]]


def _find_trail(top: YamlValue, path: Iterable[str | int]) -> Trail:
    """The values from the top to the place of an error, each with the key or number that leads to it."""
    trail: Trail = [(top, None)]
    for part in path:
        holder = trail[-1][0]
        inner = holder.list_items()[part] if isinstance(part, int) else holder.get(part)
        assert inner is not None
        trail.append((inner, part))
    return trail


def _describe_error(error: ValidationError, trail: Trail, file_schema: dict[str, Any]) -> list[Finding]:
    value = trail[-1][0]
    custom_message = _failed_schema(error).get("errorMessage")
    if error.validator == "additionalProperties":
        return _describe_unknown_keys(error, value)
    if error.validator in ("required", "dependentRequired"):
        return _describe_missing_key(error, trail, file_schema)
    if error.validator == "uniqueItems" or (
        error.validator == "oneOf" and _unknown_keys_of(value, _known_directives(error, file_schema))
    ):
        return []  # the checks say which item; a directive that is misspelt is not also missing
    if error.validator in ("not", "pattern", "oneOf", "anyOf") and custom_message:
        last_key = trail[-1][1]
        if error.validator == "not" and error.validator_value == {} and isinstance(last_key, str):
            return [(trail[-2][0].key_places[last_key], custom_message)]
        is_mapping = value.fields is not None
        return [
            (
                _heading_place(trail) if is_mapping else value.place,
                custom_message if is_mapping else f"{describe_value(value)}: {custom_message}",
            )
        ]
    if error.validator == "enum" and value.scalar in (former_names := _former_names(error)):
        return [(value.place, _describe_former_name(str(value.scalar), former_names))]
    pattern = _failed_schema(error).get("pattern")
    if error.validator == "type" and pattern and custom_message and not re.search(pattern, value.raw):
        return [(value.place, f"{describe_value(value)}: {custom_message}")]
    return [
        (
            value.place,
            describe_violation(str(error.validator), cast("Any", error.validator_value), value, error.message),
        )
    ]


def _failed_schema(error: ValidationError) -> dict[str, Any]:
    """The part of the schema that was not met."""
    return cast("dict[str, Any]", error.schema)


def _former_names(error: ValidationError) -> dict[str, str]:
    """Words that once were known, each with the one that has taken its place."""
    former_names: dict[str, str] = _failed_schema(error).get("formerNames", {})
    return former_names


def _describe_former_name(word: str, former_names: dict[str, str]) -> str:
    return f"{quote(word)} is now called {quote(former_names[word])}; write {former_names[word]}"


def _describe_unknown_keys(error: ValidationError, value: YamlValue) -> list[Finding]:
    known_keys: dict[str, Any] = _failed_schema(error)["properties"]
    kind = KEY_KINDS.get(_failed_schema(error).get("title", ""), "key")
    settings_keys = known_keys.get("settings", {}).get("properties", {})
    former_names = _former_names(error)

    def describe_key(key: str) -> str:
        if key in settings_keys:
            return f'{quote(key)} is one of the settings; write it under "settings"'
        if key in former_names:
            return _describe_former_name(key, former_names)
        advice = suggest_nearest(shorten_line(key), list(known_keys), where=SCHEMA_FILE)
        return f"unknown {kind} {quote(key)}; {advice}"

    return [(value.key_places[key], describe_key(key)) for key in _unknown_keys_of(value, known_keys)[:MOST_FINDINGS]]


def _unknown_keys_of(value: YamlValue, known_keys: dict[str, Any]) -> list[str]:
    return [key for key in value.fields or {} if key not in known_keys]


def _known_directives(error: ValidationError, file_schema: dict[str, Any]) -> dict[str, Any]:
    """The keys of the mapping that lacks its one directive, or has two: an event's, or an action's."""
    known_keys: dict[str, Any] = _failed_schema(error).get("properties") or file_schema["$defs"]["action"]["properties"]
    return known_keys


def _describe_missing_key(error: ValidationError, trail: Trail, file_schema: dict[str, Any]) -> list[Finding]:
    """Keys that must be there. jsonschema reports each one alone, and names it only in its message."""
    key = error.message.split("'")[1]
    if error.validator == "dependentRequired":
        return [_describe_lonely_key(error, trail[-1][0])]
    properties = (_failed_schema(error).get("properties") if len(trail) > 1 else None) or file_schema["properties"]
    corrections = [get_close_matches(word, properties, n=1) for word in _unknown_keys_of(trail[-1][0], properties)[:10]]
    if [key] in corrections or (len(trail) == 1 and ["script"] in corrections):
        return []  # as is reported at that key; whether a schedule was meant decides what else there must be
    example = properties.get(key, {}).get("examples", [None])[0]
    example_text = json.dumps(example, ensure_ascii=False) if isinstance(example, list | dict) else example
    if key == "steps":
        example_text = "[...]"
    return [
        (
            _heading_place(trail),
            f'"{key}" is missing; add ' + (f'"{key}: {example_text}"' if example_text is not None else "it"),
        )
    ]


def _describe_lonely_key(error: ValidationError, value: YamlValue) -> Finding:
    """A key that means something only together with another one."""
    given_key, missing_key = re.findall(r"'(\w+)'", error.message)[1::-1]
    if given_key == "after_ms":
        return value.key_places[
            given_key
        ], '"after_ms" counts from an event; give the event with "when:", or use "at_ms" alone'
    words = (
        f'"{given_key}" needs "{missing_key}", because a client numbers its commands; write "client: alice, serial: 1"'
    )
    return value.key_places[given_key], words


def _heading_place(trail: Trail) -> Place:
    """The place that represents a whole mapping: the key that leads to it, or its own first key."""
    value, last_key = trail[-1]
    if isinstance(last_key, str):
        return trail[-2][0].key_places[last_key]
    return next(iter(value.key_places.values()), value.place)


def _prune(error: ValidationError, trail: Trail) -> None:
    """Take out what later code could not use, and mark all that held it."""
    value = trail[-1][0]
    if error.validator == "additionalProperties":
        value.fields = {key: inner for key, inner in value.pairs() if key in _failed_schema(error)["properties"]}
        for holder, _ in trail:
            holder.is_incomplete = True
    elif error.validator in ("type", "enum", "const", "anyOf", "minimum", "maximum", "not"):
        for (holder, _), (part, part_key) in pairwise(trail):
            holder.is_incomplete = True
            if part is value and holder.items is not None:
                holder.items = [item for item in holder.items if item is not value]
            elif part is value and holder.fields is not None and isinstance(part_key, str):
                holder.fields.pop(part_key, None)
