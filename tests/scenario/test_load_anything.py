"""Loading takes whatever it is given: forks, huge files, garbage. Every mistake is told, and nothing raises."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from raftstep.core.messages import Message
from raftstep.core.paxos.rules import Rule as PaxosRule
from raftstep.core.rules import Rule
from raftstep.scenario import library
from raftstep.scenario.load import load
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import play
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problems
from raftstep.scenario.proofs.schedule import VERBS
from raftstep.scenario.reading import read
from raftstep.scenario.schema import schema
from raftstep.simulation import agreement, configurations, invariants, linearizability
from raftstep.simulation.cluster import Event
from raftstep.simulation.explore.bounds import STARTS
from raftstep.simulation.protocol import Protocol
from tests.scenario.loading import BAD, GOOD, PLAIN, STEPS, one_mistake, scenario
from tests.scenario.parents import PARENT, TEXTS
from tests.scenario.schedules import ELECTION, SPLIT


def fork(step: int, rest: str = "") -> Scenario:
    return scenario(f"title: A fork\nfork: {{of: parent, step: {step}, question: 'What if?'}}\n{rest}{STEPS}")


@pytest.mark.parametrize(
    "sentence",
    [
        "{{ " + "[" * 900 + " }}",
        "{{ a" + ".a" * 900 + " }}",
        "{{ a" + "+a" * 900 + " }}",
        "{% for a in b %}" * 40 + "{% endfor %}" * 40,
    ],
    ids=["brackets", "dots", "sum", "loops"],
)
def test_a_sentence_nested_past_all_sense_is_refused(sentence: str) -> None:
    assert "it is nested too deeply" in one_mistake(PLAIN + STEPS.replace("No one leads.", f"'{sentence}'"))


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    assert one_mistake((BAD / "alias-bomb.yaml").read_bytes()).startswith('1:4: anchors and aliases, such as "&a"')


@given(st.binary())
@example(bytes(range(256)))
def test_no_bytes_make_it_raise(text: bytes) -> None:
    load("any.yaml", text, parent=TEXTS.get)


@given(st.text())
@example("%YAML 9")
@example("\x85")
@example('"\\UFFFFFFFF"')
@example("? ")
@example("9" * 5000)
def test_no_text_makes_it_raise(text: str) -> None:
    for begin in ("", "title: ", PLAIN + STEPS + "    why: ", PLAIN + STEPS + "summary: "):
        shown(load("any.yaml", begin + text, parent=TEXTS.get))


LINES = GOOD.splitlines()
SCRAPS = st.sampled_from(
    [
        "",
        "null",
        "[]",
        "{}",
        "-1",
        "1.5",
        "true",
        "start",
        "S9",
        "'",
        '"',
        "{{ x",
        "{%",
        "- ",
        ": ",
        "\t",
        "any",
        "leader",
    ]
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 20), st.one_of(SCRAPS, st.text(max_size=3))), max_size=4
    )
)
def test_no_change_to_a_good_file_makes_it_raise(changes: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for start, length, instead in changes:
        text = text[:start] + instead + text[start + length :]
    shown(load("any.yaml", text, parent=TEXTS.get))


@given(
    st.sampled_from([ELECTION, SPLIT]),
    st.lists(
        st.tuples(st.integers(0, len(SPLIT)), st.integers(0, 20), st.one_of(SCRAPS, st.text(max_size=3))), max_size=3
    ),
)
def test_no_change_to_a_good_schedule_makes_it_raise(text: str, changes: list[tuple[int, int, str]]) -> None:
    """Nor does playing what is left of it."""
    for start, length, instead in changes:
        text = text[:start] + instead + text[start + length :]
    loaded = load("any.yaml", text, parent=TEXTS.get)
    shown(loaded)
    if isinstance(loaded, Scenario) and loaded.script:
        outcome = play(loaded)
        assert isinstance(outcome, Played) or outcome.show()


@given(st.integers(0, len(LINES) - 1), SCRAPS)
def test_no_value_put_for_another_makes_it_raise(number: int, instead: str) -> None:
    key, colon, _ = LINES[number].partition(": ")
    changed = [*LINES[:number], f"{key}{colon}{instead}", *LINES[number + 1 :]]
    shown(load("any.yaml", "\n".join(changed), parent=TEXTS.get))


def shown(loaded: Scenario | Problems) -> None:
    """Every mistake stands in the file and can be shown."""
    if isinstance(loaded, Problems):
        assert loaded.show()
        for problem in islice(loaded.found, 100):
            assert 1 <= problem.place.line <= len(loaded.source.splitlines()) + 1
            assert problem.place.column >= 1


# the published schema


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_any_validator_agrees_that_a_good_scenario_is_good() -> None:
    """Editors and other tools use the published file without what is added here."""
    for text in (GOOD, PARENT, TEXTS["forked"], ELECTION, SPLIT, *map(library.text, library.names())):
        assert not list(Draft202012Validator(schema()).iter_errors(read(text or "").top.plain())), text


def test_the_schema_knows_every_message_of_a_schedule_and_every_directive() -> None:
    kinds = schema()["$defs"]["message"]["properties"]
    directives = schema()["$defs"]["event"]["properties"]

    assert {kind: list(part["properties"]) for kind, part in kinds.items()} == {
        kind.__name__: [field.name for field in fields(kind)] for kind in get_args(Message)
    }
    assert set(directives) == {*VERBS, "drop", "say"}
    assert set(directives["drop"]["properties"]) == {"source", "target", *kinds}
    assert schema()["properties"]["start"]["enum"] == list(STARTS)


def test_the_schema_knows_every_property_that_a_run_may_break() -> None:
    """What may break may be declared."""
    assert set(schema()["$defs"]["expectation"]["properties"]["broken"]["items"]["enum"]) == {
        *invariants.PROPERTIES,
        *agreement.PROPERTIES,
        linearizability.NAME,
        configurations.NAME,
    }


def test_the_schema_knows_every_rule_with_its_sentence_and_every_event() -> None:
    known = schema()["$defs"]["pattern"]["anyOf"][1]["properties"]
    described = {word: part["description"] for word, part in known.items()}

    rules = {rule.slug: rule.sentence for rule in (*PaxosRule, *Rule)}  # a rule of both protocols is told as Raft's
    assert {slug: described[slug] for slug in rules} == rules
    events = {kind.__name__.lower() for kind in get_args(Event)}  # as event_name names them
    words = {*rules, *(events - {"boot", "tick"}), "client"}  # only a schedule has ticks, and it has no patterns
    assert set(schema()["$defs"]["pattern"]["anyOf"][0]["enum"]) == words
    assert set(known) == words | {"term", "index", "source", "times"}
    assert schema()["$defs"]["waypoint_moment"]["anyOf"][0]["enum"] == [
        "start",
        *schema()["$defs"]["pattern"]["anyOf"][0]["enum"],
    ]


def test_everything_in_the_schema_is_described() -> None:
    def undescribed(part: object, path: str = "") -> list[str]:
        if isinstance(part, list):
            return [name for number, inner in enumerate(part) for name in undescribed(inner, f"{path}/{number}")]
        if not isinstance(part, dict):
            return []
        properties = part.get("properties", {})
        lacking = [
            f"{path}/{name}" for name, inner in properties.items() if not {"description", "$ref", "not"} & set(inner)
        ]
        return lacking + [name for key, inner in part.items() for name in undescribed(inner, f"{path}/{key}")]

    assert undescribed(schema()) == []


def test_the_defaults_of_the_schema_are_those_of_the_set_up() -> None:
    """What an editor shows as the default is what is used."""
    parts = schema()["properties"]["settings"]["properties"]
    setup = scenario(PLAIN + STEPS).setup

    for name, part in parts.items():
        used = getattr(setup if hasattr(setup, name) else setup.settings, name)
        used = used.name if isinstance(used, Protocol) else used
        assert part["default"] == (list(used) if isinstance(used, tuple | frozenset) else used), name


@pytest.mark.parametrize("name", library.names())
def test_every_scenario_that_ships_loads(name: str) -> None:
    text = library.text(name)
    assert text is not None
    loaded = load(f"{name}.yaml", text)
    assert isinstance(loaded, Scenario), loaded.show()


def test_the_library_gives_nothing_but_its_own() -> None:
    assert library.text("../model") is None
    assert library.text("no-such-scenario") is None
    assert list(library.names()) == sorted(library.names())
