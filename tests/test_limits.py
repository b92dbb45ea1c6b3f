"""Everything has a limit, each number is defined in one place, and the About page lists them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from raftstep import limits
from raftstep.document.problem import Problems
from raftstep.limits import LIMITS, Limit
from raftstep.scenario.load import load_and_play
from raftstep.scenario.schema import scenario_schema

ABOUT = Path(__file__).resolve().parents[1] / "docs" / "about.md"
TABLE_START = "| Of what | At most | What to do |\n| --- | --- | --- |\n"
CODE = re.compile(r"--[a-z]+( 0)?|Setup\([^)]*\)|until_ms")
SCHEMA = scenario_schema()
PARTS = SCHEMA["properties"]


def write_table() -> str:
    remedies = (CODE.sub(r"`\g<0>`", f"{limit.remedy[0].upper()}{limit.remedy[1:]}.") for limit in LIMITS)
    rows = (f"| {limit.name} | {limit.words} | {remedy} |\n" for limit, remedy in zip(LIMITS, remedies, strict=True))
    return TABLE_START + "".join(rows)


def list_parts(part: object, trail: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of the schema, with where it stands."""
    if isinstance(part, dict):
        yield trail, part
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from list_parts(inner, f"{trail}/{key}")


def test_the_about_page_lists_every_limit(pytestconfig: pytest.Config) -> None:
    """A limit that is written nowhere is a surprise; ``make golden`` writes the table."""
    text = ABOUT.read_text(encoding="utf-8")
    start = text.index(TABLE_START)
    table = text[start : text.index("\n\n", start) + 1]
    if pytestconfig.getoption("update_golden"):
        ABOUT.write_text(text.replace(table, write_table()), encoding="utf-8")
        return

    assert table == write_table()


@pytest.mark.parametrize(
    ("part", "rule", "limit"),
    [
        (PARTS["nodes"], "maxItems", limits.NODES),
        (PARTS["title"], "maxLength", limits.TITLE),
        (PARTS["summary"], "maxLength", limits.SUMMARY),
        (PARTS["until_ms"], "maximum", limits.SCENARIO_MS),
        (PARTS["happens"], "maxItems", limits.DIRECTIVES),
        (PARTS["script"], "maxItems", limits.SCRIPT_LINES),
        (PARTS["steps"], "maxItems", limits.STEPS),
        (SCHEMA["$defs"]["node_state"]["properties"]["log"], "maxItems", limits.START_ENTRIES),
        (SCHEMA["$defs"]["sentence"], "maxLength", limits.CAPTION),
        (SCHEMA["$defs"]["command"], "maxLength", limits.COMMAND),
    ],
    ids=lambda part: part.name if isinstance(part, Limit) else "",
)
def test_the_schema_has_the_numbers_of_the_limits(part: dict[str, Any], rule: str, limit: Limit) -> None:
    """Editors read the schema and the code reads the limits; both tell an author the same."""
    assert part[rule] == limit.most


def test_every_list_and_number_in_a_scenario_has_a_limit() -> None:
    """Where one is missing somebody may write a million of them."""
    needed_rules = {"array": "maxItems", "integer": "maximum", "number": "maximum"}
    parts = [(trail, part) for trail, part in list_parts(SCHEMA) if part.get("type") in needed_rules]

    assert len(parts) > 70
    assert [trail for trail, part in parts if needed_rules[part["type"]] not in part] == []


HEAVY = """title: More than anyone can see
summary: Nine nodes that all want to lead, again and again.
nodes: [S1, S2, S3, S4, S5, S6, S7, S8, S9]
until_ms: 60000
seed: 1
settings: {settings}
steps:
  - {{name: Start, title: It starts, when: start, say: It starts.}}
"""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("{election_timeout_ms: [5, 5], latency_ms: [6000, 6000]}", "more than 1,000 messages are in flight at 70 ms"),
        ("{duplicate: 1, latency_ms: [1, 60000]}", "more than 1,000 messages are in flight"),
    ],
    ids=["slow network", "duplicates"],
)
def test_a_run_past_a_limit_is_a_problem_where_its_end_is_written(settings: str, words: str) -> None:
    """Of 16 heavy scenarios 7 took all memory or never ended; one of them the first here: 2.6 GB in 29 s."""
    result = load_and_play("heavy.yaml", HEAVY.format(settings=settings))

    assert isinstance(result, Problems)
    shown = result.show()
    assert shown.startswith(f"heavy.yaml:4:11: this cannot happen: {words}")
    assert "in Python allow more with Setup(most_" in shown


def test_a_limit_that_a_directive_meets_is_a_problem_at_that_directive() -> None:
    """The cause is given there."""
    messages = "  - {at_ms: 0, duplicate: {count: 1000, copies: 8}}\n" * 150
    text = HEAVY.format(settings="{latency_ms: [1, 1]}").replace(
        "steps:", f"happens:\n{messages}  - {{at_ms: 1, timeout: S1}}\nsteps:"
    )

    result = load_and_play("heavy.yaml", text)

    assert isinstance(result, Problems)
    assert result.show().startswith(
        "heavy.yaml:158:16: this cannot happen: more than 1,000 messages are in flight at 1"
    )
