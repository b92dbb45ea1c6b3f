"""Reading: two parsers, one of them quick, and never a difference that an author could see."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from raftstep.scenario import library, reading
from raftstep.scenario.quick_yaml import quick_events
from raftstep.scenario.reading import UnreadableError, read
from tests.scenario.loading import BAD, GOOD

DATA = Path(__file__).parents[2] / "docs" / "data"
SHIPPED = [library.text(name) or "" for name in library.names()]
SHIPPED += [path.read_text(encoding="utf-8") for path in sorted(DATA.rglob("*.yaml"))]

SCRAPS = st.sampled_from(
    ["", "?", "? ", "!x ", "&a ", "*a", "\t", "\ufeff", "\n", "\r\n", "\u2028", ">#", "|2", "- ", ": ", "#", "'", "\\x"]
)
CHANGES = st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 8), SCRAPS | st.text(max_size=2)), max_size=2)


def outcome(text: str) -> str:
    """All that reading gives: every value with its place, or what is wrong and where."""
    try:
        return repr(read(text))
    except UnreadableError as error:
        return f"{error.place} {error.words}"


def slowly(text: str) -> str:
    with patch.object(reading, "quick_events", side_effect=ValueError):
        return outcome(text)


@given(st.sampled_from(SHIPPED), st.integers(1, 1200), CHANGES)
@example(GOOD, len(GOOD), [])
@example("a: {b: c?}\n", 11, [])
@example("a: {b: ,c: d}\n", 14, [])
@example("a: >#x\n  b\n", 11, [])
@example("a: b", 4, [])
@example("a: b\ufeff\n", 6, [])
def test_both_parsers_give_the_same_values_places_and_mistakes(
    text: str, length: int, changes: list[tuple[int, int, str]]
) -> None:
    """The one in C takes a few things that YAML 1.1 forbids."""
    text = text[:length]
    for start, width, instead in changes:
        text = text[:start] + instead + text[start + width :]

    assert outcome(text) == slowly(text)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_has_the_same_mistakes_with_either(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")

    assert outcome(text) == slowly(text)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="this PyYAML was built without its parser in C")
@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.partition("\n")[0][:40])
def test_what_is_shipped_is_read_by_the_quick_parser_alone(text: str) -> None:
    """A build reads them all; the slow parser would take a third of a second of it."""
    assert list(quick_events(text))
