"""The published schema has every word that the code has, and no other: verbs, rules and messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, get_args

import pytest

from raftstep.core.messages import AppendEntries, Message
from raftstep.core.paxos.rules import Rule as PaxosRule
from raftstep.core.rules import Rule
from raftstep.scenario.schedule import SELECTORS
from raftstep.scenario.schema import scenario_schema
from raftstep.simulation.events import VERBS, Event, verbs_in_patterns, verbs_under
from raftstep.simulation.explore.bounds import STARTS
from raftstep.simulation.verb import HAPPENS, SCRIPT, ValueForm, Verb
from tests.scenario.loading import PLAIN_HEADER, STEPS, only_mistake

PARTS = scenario_schema()["$defs"]
MESSAGE_FAULTS = ("drop", "delay", "duplicate")
RULES = {rule.slug: rule.sentence for rule in (*PaxosRule, *Rule)}  # a rule of both protocols is told as Raft's


def assert_same_words(actual_words: Iterable[str], wanted_words: Iterable[str], where: str) -> None:
    """The words of a part of the schema, told with how to mend it."""
    actual, wanted = set(actual_words), set(wanted_words)
    missing, unknown = sorted(wanted - actual), sorted(actual - wanted)
    assert not missing, f"scenario.schema.json lacks {missing}; add them to {where}, as the words beside them are"
    assert not unknown, f"scenario.schema.json has {unknown} in {where}, and no code knows them; remove them there"


def test_every_kind_of_event_has_a_row_of_its_own() -> None:
    """An event without a row could be neither told nor waited for; two rows of one name could not be told apart."""
    assert {verb.event for verb in VERBS} == set(get_args(Event))
    assert len({verb.name for verb in VERBS}) == len(VERBS)


def test_the_schema_has_every_verb_that_happens() -> None:
    """What authors may let happen is what the table of verbs says, and the schema says it to their editors."""
    action = PARTS["action"]
    moments = {"at_ms", "when", "after_ms"}
    directives = {*verbs_under(HAPPENS), *MESSAGE_FAULTS, "timers", "links"}
    exactly_one = action["allOf"][1]

    assert_same_words(action["properties"], moments | directives, "$defs.action.properties")
    assert_same_words(
        [branch["required"][0] for branch in exactly_one["oneOf"]], directives, "$defs.action.allOf[1].oneOf"
    )
    assert_same_words(words_listed_in(exactly_one["errorMessage"]), directives, "$defs.action.allOf[1].errorMessage")


def test_the_schema_has_every_verb_of_a_schedule() -> None:
    """The same for the events of a schedule."""
    event = PARTS["event"]
    directives = {*verbs_under(SCRIPT), "drop"}

    assert_same_words(event["properties"], directives | {"say", "why", "expect"}, "$defs.event.properties")
    assert_same_words([branch["required"][0] for branch in event["oneOf"]], directives, "$defs.event.oneOf")
    assert_same_words(words_listed_in(event["errorMessage"]), directives, "$defs.event.errorMessage")


def words_listed_in(message: str) -> list[str]:
    """The words in *… write one of a, b, c, and a second one …*."""
    return message.partition("write one of ")[2].partition(", and ")[0].split(", ")


@pytest.mark.parametrize("key", [HAPPENS, SCRIPT])
def test_what_is_written_behind_a_verb_are_the_fields_of_its_event(key: str) -> None:
    """An author's words go into the event by their names."""
    part = PARTS["action" if key == HAPPENS else "event"]
    for word, verb in verbs_under(key).items():
        if verb.value_form is ValueForm.FIELDS:
            names = {field.name for field in fields(verb.event)}
            assert_same_words(part["properties"][word]["properties"], names, f"the properties of {word} under {key}")


def test_the_schema_has_every_rule_and_event_of_a_pattern() -> None:
    """A pattern waits for any rule that fires and any event that happens."""
    words = {*RULES, *verbs_in_patterns()}
    bare, mapping = PARTS["pattern"]["anyOf"]

    assert_same_words(bare["enum"], words, "$defs.pattern.anyOf[0].enum")
    assert_same_words(
        mapping["properties"], words | {"term", "index", "source", "times"}, "$defs.pattern.anyOf[1].properties"
    )
    assert PARTS["waypoint_moment"]["anyOf"][0]["enum"] == ["start", *bare["enum"]], (
        "$defs.waypoint_moment.anyOf[0].enum is to be start and then the words of a pattern; copy them from there"
    )


def test_the_schema_tells_every_rule_by_its_sentence() -> None:
    """What an editor shows beside a rule is what the rule itself says."""
    properties = PARTS["pattern"]["anyOf"][1]["properties"]

    assert {slug: properties[slug]["description"] for slug in RULES} == RULES


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.former_name], ids=lambda verb: verb.name)
def test_a_former_name_leads_to_the_word_to_write(verb: Verb[Any]) -> None:
    """``restart`` was *revive* in patterns once; who writes that is told the one word there is now."""
    words = f'"{verb.former_name}" is now called "{verb.word}"; write {verb.word}'

    for pattern in (f"{{{verb.former_name}: S1}}", verb.former_name):
        steps = STEPS.replace("when: start", f"when: {pattern}")
        happens = f"happens:\n  - when: {pattern}\n    heal: true\n"
        assert only_mistake(PLAIN_HEADER + steps).endswith(words)
        assert only_mistake(PLAIN_HEADER + happens + STEPS).endswith(words)


def test_the_schema_knows_every_message_of_a_schedule() -> None:
    """A schedule names a message by its kind and its fields."""
    kinds = PARTS["message"]["properties"]

    assert {kind: list(part["properties"]) for kind, part in kinds.items()} == {
        kind.__name__: [
            *(field.name for field in fields(kind)),
            *(("entry", "index") if kind is AppendEntries else ()),
            "nth",
        ]
        for kind in get_args(Message)
    }
    assert set(SELECTORS) == {"entry", "index", "nth"}
    assert set(PARTS["event"]["properties"]["drop"]["properties"]) == {"source", "target", *kinds}


def test_the_schema_knows_every_start_of_a_schedule() -> None:
    """A schedule begins as a search does."""
    assert scenario_schema()["properties"]["start"]["anyOf"][0]["enum"] == list(STARTS)


def test_every_key_of_the_schema_says_what_it_is() -> None:
    """Editors show the description beside the key; without one an author has to guess."""
    undescribed = [
        f"{trail}.{key}"
        for trail, part in list_parts(scenario_schema(), "")
        for key, inner in part.get("properties", {}).items()
        if "not" not in inner and "description" not in inner and not is_described_elsewhere(inner)
        if "then" not in trail and "else" not in trail
    ]

    assert undescribed == []


def list_parts(part: object, trail: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping in the schema, with where it stands."""
    if isinstance(part, dict):
        yield trail, part
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in pairs:
        yield from list_parts(inner, f"{trail}.{key}")


def is_described_elsewhere(part: dict[str, Any]) -> bool:
    """Whether a key is described where its reference leads."""
    target: Any = scenario_schema()
    for name in part.get("$ref", "").removeprefix("#/").split("/"):
        target = target.get(name, {})
    return "description" in target
