"""Loading takes whatever it is given: forks, huge files, garbage. Every mistake is told, and nothing raises."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from raftstep.document.problem import Problems
from raftstep.document.reading import parse_yaml
from raftstep.scenario import library
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play
from raftstep.scenario.schema import scenario_schema
from raftstep.simulation import configuration_invariants, invariants, linearizability, paxos_invariants
from raftstep.simulation.protocol import Protocol
from tests.scenario.loading import BAD_FOLDER, GOOD_TEXT, PLAIN_HEADER, STEPS, load_scenario, only_mistake
from tests.scenario.parents import PARENT, PARENT_TEXTS
from tests.scenario.schedules import ELECTION, TWO_LEADERS


def load_fork(step: int, rest: str = "") -> Scenario:
    return load_scenario(f"title: A fork\nfork: {{of: parent, step: {step}, question: 'What if?'}}\n{rest}{STEPS}")


@pytest.mark.parametrize(
    "sentence",
    [
        "{{ " + "[" * 900 + " }}",
        "{{ a" + ".a" * 900 + " }}",
        "{{ a" + "+a" * 900 + " }}",
        "{% if a %}" * 40 + "{% endif %}" * 40,
    ],
    ids=["brackets", "dots", "sum", "conditions"],
)
def test_a_sentence_nested_past_all_sense_is_refused(sentence: str) -> None:
    """A parser recurses, and Python's stack ends before a hostile caption does."""
    assert "it is nested too deeply" in only_mistake(PLAIN_HEADER + STEPS.replace("No one leads.", f"'{sentence}'"))


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    """The billion laughs attack: a few lines of aliases expand to gigabytes."""
    assert only_mistake((BAD_FOLDER / "alias-bomb.yaml").read_bytes()).startswith(
        '1:4: anchors and aliases, such as "&a"'
    )


@given(st.binary())
@example(bytes(range(256)))
def test_no_bytes_make_it_raise(text: bytes) -> None:
    """Loading promises a scenario or problems, for whatever bytes a file holds."""
    load("any.yaml", text, find_parent=PARENT_TEXTS.get)


@given(st.text())
@example("%YAML 9")
@example("\x85")
@example('"\\UFFFFFFFF"')
@example("? ")
@example("9" * 5000)
def test_no_text_makes_it_raise(text: str) -> None:
    """Loading promises a scenario or problems; the examples are corners of YAML's grammar."""
    for begin in ("", "title: ", PLAIN_HEADER + STEPS + "    why: ", PLAIN_HEADER + STEPS + "summary: "):
        check_problems(load("any.yaml", begin + text, find_parent=PARENT_TEXTS.get))


LINES = GOOD_TEXT.splitlines()
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
        st.tuples(st.integers(0, len(GOOD_TEXT)), st.integers(0, 20), st.one_of(SCRAPS, st.text(max_size=3))),
        max_size=4,
    )
)
def test_no_change_to_a_good_file_makes_it_raise(changes: list[tuple[int, int, str]]) -> None:
    """Authors save half-typed files while `make serve` reads them."""
    text = GOOD_TEXT
    for start, length, instead in changes:
        text = text[:start] + instead + text[start + length :]
    check_problems(load("any.yaml", text, find_parent=PARENT_TEXTS.get))


@given(
    st.sampled_from([ELECTION, TWO_LEADERS]),
    st.lists(
        st.tuples(st.integers(0, len(TWO_LEADERS)), st.integers(0, 20), st.one_of(SCRAPS, st.text(max_size=3))),
        max_size=3,
    ),
)
def test_no_change_to_a_good_schedule_makes_it_raise(text: str, changes: list[tuple[int, int, str]]) -> None:
    """Nor does playing what is left of it."""
    for start, length, instead in changes:
        text = text[:start] + instead + text[start + length :]
    loaded = load("any.yaml", text, find_parent=PARENT_TEXTS.get)
    check_problems(loaded)
    if isinstance(loaded, Scenario) and loaded.schedule:
        outcome = play(loaded)
        assert isinstance(outcome, PlayedScenario) or outcome.show()


@given(st.integers(0, len(LINES) - 1), SCRAPS)
def test_no_value_put_for_another_makes_it_raise(number: int, replacement: str) -> None:
    """YAML reads `no`, `1e3` and `2024-01-01` as things an author did not mean."""
    key, colon, _ = LINES[number].partition(": ")
    changed = [*LINES[:number], f"{key}{colon}{replacement}", *LINES[number + 1 :]]
    check_problems(load("any.yaml", "\n".join(changed), find_parent=PARENT_TEXTS.get))


def check_problems(loaded: Scenario | Problems) -> None:
    """Every mistake stands in the file and can be shown."""
    if isinstance(loaded, Problems):
        assert loaded.show()
        for problem in islice(loaded.problems, 100):
            assert 1 <= problem.place.line <= len(loaded.source.splitlines()) + 1
            assert problem.place.column >= 1


# the published schema


def test_the_schema_is_a_schema() -> None:
    """JSON Schema, draft 2020-12, which the file says it follows; editors trust it."""
    Draft202012Validator.check_schema(scenario_schema())


def test_any_validator_agrees_that_a_good_scenario_is_good() -> None:
    """Editors and other tools use the published file without what is added here."""
    for text in (
        GOOD_TEXT,
        PARENT,
        PARENT_TEXTS["forked"],
        ELECTION,
        TWO_LEADERS,
        *map(library.read_scenario_text, library.list_scenario_ids()),
    ):
        assert not list(Draft202012Validator(scenario_schema()).iter_errors(parse_yaml(text or "").top.to_data())), text


def test_the_schema_knows_every_property_that_a_run_may_break() -> None:
    """What may break may be declared."""
    assert set(scenario_schema()["$defs"]["expectation"]["properties"]["broken"]["items"]["enum"]) == {
        *invariants.PROPERTIES,
        *paxos_invariants.PROPERTIES,
        linearizability.NAME,
        configuration_invariants.NAME,
    }


def test_everything_in_the_schema_is_described() -> None:
    """Editors show the description beside the key: it is the manual that authors read."""

    def find_undescribed(part: object, path: str = "") -> list[str]:
        if isinstance(part, list):
            return [name for number, inner in enumerate(part) for name in find_undescribed(inner, f"{path}/{number}")]
        if not isinstance(part, dict):
            return []
        properties = part.get("properties", {})
        names_without_description = [
            f"{path}/{name}" for name, inner in properties.items() if not {"description", "$ref", "not"} & set(inner)
        ]
        return names_without_description + [
            name for key, inner in part.items() for name in find_undescribed(inner, f"{path}/{key}")
        ]

    assert find_undescribed(scenario_schema()) == []


def test_the_defaults_of_the_schema_are_those_of_the_set_up() -> None:
    """What an editor shows as the default is what is used."""
    parts = scenario_schema()["properties"]["settings"]["properties"]
    setup = load_scenario(PLAIN_HEADER + STEPS).setup

    for name, part in parts.items():
        attribute = {"duplicate": "duplication"}.get(name, name)
        value = getattr(setup if hasattr(setup, attribute) else setup.settings, attribute)
        value = value.name if isinstance(value, Protocol) else value
        assert part["default"] == (list(value) if isinstance(value, tuple | frozenset) else value), name


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_every_scenario_that_ships_loads(name: str) -> None:
    """They are the examples that authors begin from."""
    text = library.read_scenario_text(name)
    assert text is not None
    loaded = load(f"{name}.yaml", text)
    assert isinstance(loaded, Scenario), loaded.show()


def test_the_library_gives_nothing_but_its_own() -> None:
    """A name comes from a page or a command line, and must not lead out of the folder."""
    assert library.read_scenario_text("../model") is None
    assert library.read_scenario_text("no-such-scenario") is None
    assert list(library.list_scenario_ids()) == sorted(library.list_scenario_ids())
