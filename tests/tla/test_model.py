"""Bounded models: TLC and our own search find the same states, and TLC sees a broken property."""

from dataclasses import replace
from pathlib import Path

import pytest

from raftstep.core.guards import Guard
from raftstep.core.model import FIGURE_2
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.invariants import PROPERTIES
from raftstep.site.second_opinion import exhibits, read_models, read_published
from raftstep.tla.check_files import SPECIFICATION
from raftstep.tla.model_files import ACTION_PROPERTY, INVARIANTS, MODEL, write_model_files
from tests.tla.models import AFTER_AN_ELECTION_BEGAN, MODELS, SMALL_MODELS, count_ours, count_with_tlc
from tests.tla.runs import exportable_shipped_runs
from tests.tla.tlc import Tlc, run_tlc

DATA = Path(__file__).resolve().parents[2] / "docs" / "data"


@pytest.mark.parametrize("bounds", [*SMALL_MODELS, AFTER_AN_ELECTION_BEGAN], ids=lambda bounds: bounds.words)
def test_tlc_finds_as_many_states_as_our_own_search(tlc: Tlc, bounds: Bounds) -> None:
    """Two programs, two descriptions of Raft, one number: the states within these bounds, and the farthest of them."""
    findings, exploration = count_with_tlc(tlc, bounds), count_ours(bounds)

    assert findings.has_finished, findings.output[-3000:]
    assert (findings.states, findings.depth - 1) == (exploration.states, exploration.depth)


def test_tlc_sees_a_broken_property(tlc: Tlc) -> None:
    """A check that cannot fail checks nothing: here half of the nodes are a quorum."""
    files = write_model_files(Bounds(nodes=2, terms=1, heartbeats=False))
    specification = files[SPECIFICATION]
    files[SPECIFICATION] = specification.replace("Cardinality(servers) > ", "Cardinality(servers) >= ")
    assert files[SPECIFICATION] != specification

    findings = run_tlc(tlc, files, MODEL)

    assert not findings.has_finished
    assert "Error: Invariant ElectionSafety is violated." in findings.output


def test_the_model_has_every_property() -> None:
    """The five of the paper's Figure 3, under its names."""
    names = {name.replace(" ", "").replace("-", "") for name in PROPERTIES}
    text = write_model_files(Bounds())["RaftModel.tla"]

    assert {*INVARIANTS, ACTION_PROPERTY} == names
    for sentence in PROPERTIES.values():
        assert sentence.replace("node", "server") in text


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(changes=1), "has no bound changes; leave it out"),
        (Bounds(ticks=3), "has no bound ticks; leave it out"),
        (Bounds(settings=replace(FIGURE_2, leader_stickiness=True)), "knows nothing of the setting leader_stickiness"),
        (Bounds().without_rules(Guard.STEP_DOWN), r"setting without, which is \[step-down\] here; set it to \[\]"),
    ],
    ids=["changes", "ticks", "stickiness", "a rule left out"],
)
def test_what_the_model_does_not_have_is_refused(bounds: Bounds, words: str) -> None:
    """By name: what is not known to be in the specification cannot be asked of it."""
    with pytest.raises(ValueError, match=words):
        write_model_files(bounds)


def test_the_record_of_the_models_agrees_with_our_search() -> None:
    """What the About page shows: the same models, and equal counts. The small ones are counted again here."""
    models = read_models(DATA / "tla-models.json")

    assert [model["bounds"] for model in models] == [bounds.words for bounds in MODELS]
    for model in models:
        assert (model["states"], model["events"]) == (model["our_states"], model["our_events"])
    for model, bounds in zip(models, SMALL_MODELS, strict=False):
        assert model["our_states"] == count_ours(bounds).states


def test_the_record_of_the_published_specification_refuses_what_it_should_and_nothing_else() -> None:
    """The About page: of a broken run it refuses one step, and no step of any other run."""
    rows = {row["kind"]: row for row in read_published(DATA / "published-raft.json")["runs"]}

    assert {kind: row["steps"]["not allowed"] for kind, row in rows.items()} == {
        "shipped": 0,
        "random": 0,
        "broken": rows["broken"]["runs"],
    }
    assert rows["shipped"]["runs"] == len(exportable_shipped_runs())  # a new one is to be recorded, too


def test_the_tables_are_made_from_the_records() -> None:
    """No number of them is typed."""
    tables = exhibits(DATA)
    models = read_models(DATA / "tla-models.json")

    assert f"<td>{models[0]['states']:,}</td>" in tables["tla-models"](str)
    assert "<td>0</td>" in tables["tla-runs"](str)


def test_a_record_that_cannot_be_read_says_how_to_make_it_again(tmp_path: Path) -> None:
    """Errors teach."""
    with pytest.raises(ValueError, match=r"tla-models\.json cannot be read .*python -m tests\.tools\.measure_models"):
        read_models(tmp_path / "tla-models.json")
