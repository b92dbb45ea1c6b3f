"""The quick check of a schema says of every file what jsonschema says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.scenario.conforming import BeyondError, conforms
from raftstep.scenario.reading import UnreadableError, decoded, read
from raftstep.scenario.schema import _strict, schema, spelt_out
from raftstep.site.codex.document import DATA, published

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCENARIOS = [*(HERE / "bad").glob("*.yaml"), HERE / "everything.yaml", *ROOT.glob("generator/**/library/*.yaml")]
CODEX = ("terms", "sources", "incidents", "systems")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["S1", "", "x=1", "all"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "nodes", "steps", "at_ms", "client"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def told(asked: dict[str, Any], value: Any) -> tuple[bool, bool]:
    """What the quick check says, and what jsonschema does."""
    return conforms(asked)(value), _strict()(asked).is_valid(value)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_of_every_scenario_good_or_bad_it_says_what_jsonschema_says(path: Path) -> None:
    try:
        value = read(decoded(path.read_bytes())).top.plain()
    except UnreadableError:
        return
    quick, slow = told(spelt_out(schema()), value)
    assert quick == slow


@pytest.mark.parametrize("folder", ["tests/codex/good", "tests/codex/bad", "docs/data/codex"])
@pytest.mark.parametrize("name", CODEX)
def test_of_the_codex_it_says_what_jsonschema_says(name: str, folder: str) -> None:
    for path in (ROOT / folder / f"{name}.yaml", *(ROOT / folder / name).glob("*.yaml")):
        if not path.is_file():
            continue
        value = read(decoded(path.read_bytes(), DATA), DATA).top.plain()
        quick, slow = told(published(name), value)
        assert quick == slow, path


@given(VALUES)
def test_of_anything_it_says_what_jsonschema_says(value: Any) -> None:
    quick, slow = told(spelt_out(schema()), value)
    assert quick == slow


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"type": ["string", "null"]}, None),
        ({"const": 1}, True),
        ({"enum": ["a", 2]}, 2),
        ({"required": ["a"]}, {"b": 1}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        ({"properties": {"a": {"minimum": 3}}, "additionalProperties": False}, {"a": 2}),
        ({"additionalProperties": {"maximum": 3}}, {"a": 4}),
        ({"minProperties": 1}, {}),
        ({"items": {"pattern": "^a"}, "minItems": 1, "maxItems": 2}, ["b"]),
        ({"uniqueItems": True}, ["a", "a"]),
        ({"uniqueItems": True}, [1, 1.0]),
        ({"minLength": 2, "maxLength": 3}, "abcd"),
        ({"not": {"type": "string"}}, "a"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "a"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "a"),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": False}, 1),
    ],
    ids=str,
)
def test_each_key_of_a_schema_is_known(asked: dict[str, Any], value: Any) -> None:
    quick, slow = told(asked, value)
    assert quick == slow


def test_a_key_that_is_not_known_is_refused() -> None:
    with pytest.raises(BeyondError, match="contains is not known here"):
        conforms({"contains": {"type": "string"}})
