"""The logs: for 1 to 9 rows and up to 12 entries with long commands, cells stand apart and hold their words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from raftstep.core.model import Configuration
from raftstep.picture.entries import label, last_held, snapshot_label, snapshot_of
from raftstep.picture.log_view import ROW, SIGN, WIDTH, Grid, grid, is_hole, log_view, row_shape
from raftstep.scenario.proofs.shortest import shortest
from raftstep.scenario.proofs.show import compare
from raftstep.scenario.proofs.variants import BY_SLUG
from raftstep.simulation.protocols import stamp
from tests.picture.runs import ALL, CROWDED, NAMES, classes, drawn, parsed, played

FIRST = Configuration(voters=("S1", "S2", "S3"))
GRID = Grid(columns=4, cell=110, rows=5)
CHARACTER = 8.4
"""The average width of a character in a cell (14.2 px, semibold system sans serif), on the wide side."""


@pytest.mark.parametrize("name", ALL)
def test_cells_stand_apart_and_within_the_picture(name: str) -> None:
    for step in drawn(name).steps:
        svg = parsed(step.log)
        width, height = (float(number) for number in svg.get("viewBox", "").split()[2:])
        rows = [group for group in svg.iter("g") if (group.get("data-part") or "").startswith("log-")]
        tops = [float(row.get("transform", "").split()[1].rstrip(")")) for row in rows]
        assert all(other - one >= ROW for one, other in pairwise(tops))
        assert tops[-1] + ROW <= height
        for row in rows:
            cells = [(float(cell.get("x", 0)), float(cell.get("width", 0))) for cell in row.iter("rect")]
            assert all(x + wide <= next_x for (x, wide), (next_x, _) in pairwise(cells))
            assert all(x + wide <= width for x, wide in cells)
            name_text = next(text for text in row.iter("text") if "raft-row-name" in classes(text))
            assert not cells or len(name_text.text or "") * CHARACTER < cells[0][0]


@pytest.mark.parametrize("name", ALL)
def test_the_words_of_an_entry_fit_its_cell(name: str) -> None:
    for step in drawn(name).steps:
        for row in parsed(step.log).iter("g"):
            texts = [text for text in row.findall("text") if "raft-cell-text" in classes(text)]
            for cell, text in zip(row.findall("rect"), texts, strict=True):
                words = "".join(text.itertext())
                assert len(words) * CHARACTER <= float(cell.get("width", 0)), words
                assert float(text.get("x", 0)) == float(cell.get("x", 0)) + float(cell.get("width", 0)) / 2


@pytest.mark.parametrize("name", ALL)
def test_every_entry_shows_its_command_its_term_and_whether_it_is_committed(name: str) -> None:
    for step in drawn(name).steps:
        svg = parsed(step.log)
        for node in step.moment.shown.cluster.nodes:
            row = next(group for group in svg.iter("g") if group.get("data-part") == f"log-{node.id}")
            looks = [one for cell in row.iter("rect") for one in classes(cell)]
            start = snapshot_of(node).index
            held = [(index, entry) for index, entry in enumerate(node.log, start + 1) if not is_hole(entry)]
            assert looks == ["raft-cell--snapshot"] * bool(start) + [
                f"raft-cell--{'committed' if getattr(entry, 'chosen', index <= node.commit_index) else 'uncommitted'}"
                for index, entry in held
            ]
            words = ["".join(text.itertext()) for text in list(row.iter("text"))[1 + bool(start) :]]
            assert [word.rsplit(" ", 1)[1] for word in words] == [stamp(entry.term) for _, entry in held]
            for word, (_, entry) in zip(words, held, strict=True):
                shown = word.rsplit(" ", 1)[0]
                if getattr(entry, "configuration", None) is None:
                    assert (entry.command or "no-op").startswith(shown.split(" #")[0].removesuffix("…"))


@pytest.mark.parametrize("name", ALL)
def test_nothing_moves_from_step_to_step(name: str) -> None:
    assert len({parsed(step.log).get("viewBox") for step in drawn(name).steps}) == 1
    assert len({parsed(step.cluster).get("viewBox") for step in drawn(name).steps}) == 1


@pytest.mark.parametrize("name", ALL)
def test_every_column_has_its_index(name: str) -> None:
    run = played(name)
    longest = max(last_held(node) for node in run.moments[-1].shown.cluster.nodes)
    first, *others = parsed(drawn(name).steps[-1].log).findall("text[@class='raft-index']")

    assert len(first.get("x", "").split()) == len(first.text or "")
    indexes = [*map(int, first.text or ""), *(int(text.text or 0) for text in others)]
    assert indexes == list(range(1, len(indexes) + 1))
    assert len(indexes) >= longest


@pytest.mark.parametrize("name", CROWDED)
def test_twelve_long_entries_make_a_wide_picture_that_stays_readable(name: str) -> None:
    """It scrolls inside its own box before its text, of 14.2 units, is less than 11 px high."""
    svg = parsed(drawn(name).steps[-1].log)

    assert len(played(name).moments[-1].shown.cluster.nodes[0].log) == 12
    assert "raft-log--wide" in classes(svg)
    assert int(svg.get("width", 0)) / int(svg.get("viewBox", "").split()[2]) * 14.2 >= 11
    assert int(svg.get("width", 0)) > WIDTH


@pytest.mark.parametrize("name", ALL)
def test_the_leaders_marks_stand_within_the_picture(name: str) -> None:
    run = played(name)
    columns = grid(run.trace, run.moments[-1].shown.number)
    for moment in run.moments:
        frame = log_view(moment.shown.cluster, columns, id="x", title="x")
        for row in frame.rows:
            for mark in filter(None, (row.match, row.next)):
                assert 4 <= float(mark[1:].split()[0]) <= frame.width - 4


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("snapshot")])
def test_a_snapshot_stands_over_the_entries_it_replaced_with_what_it_holds(name: str) -> None:
    run = played(name)
    columns = grid(run.trace, run.moments[-1].shown.number)
    blocks = 0
    for moment in run.moments:
        frame = log_view(moment.shown.cluster, columns, id="x", title="x")
        for row, node in zip(frame.rows, moment.shown.cluster.nodes, strict=True):
            assert (row.snapshot is None) == (node.snapshot.index == 0)
            if row.snapshot:
                blocks += 1
                assert row.snapshot.x == columns.left(1)
                assert row.snapshot.x + row.snapshot.width == columns.left(node.snapshot.index + 1) - 4
                assert row.snapshot.command == snapshot_label(node.snapshot)
                assert [cell.x for cell in row.cells] == [
                    columns.left(index) for index in range(node.snapshot.index + 1, last_held(node) + 1)
                ]
                assert f"snapshot to {node.snapshot.index} of term {node.snapshot.term}" in frame.description
    assert blocks


def test_a_snapshot_of_one_entry_has_room_for_its_sign_and_its_words() -> None:
    """Even where another node's log is as empty as the one that the snapshot left behind."""
    variant = BY_SLUG["snapshot-of-applied"]
    run = compare(variant, shortest(variant)).without
    columns = grid(run.trace, run.moments[-1].shown.number)
    frame = log_view(run.moments[-1].shown.cluster, columns, id="x", title="x")

    (block,) = (row.snapshot for row in frame.rows if row.snapshot)

    assert block.width >= 2 * SIGN + CHARACTER * (len(block.command) + len(block.term))


def test_a_configuration_is_written_as_the_paper_does_or_as_what_it_changes() -> None:
    joint = [moment.shown.cluster.node("S5") for moment in played("joint-consensus").moments][-1]
    learner = [moment.shown.cluster.node("S4") for moment in played("learner-promoted").moments][-1]

    assert [label(joint, index, entry) for index, entry in enumerate(joint.log, 1)] == ["x=7", "C-old,new", "C-new"]
    assert [label(learner, index, entry, FIRST) for index, entry in enumerate(learner.log, 1)] == [
        "x=7",
        "C (+S4)",
        "C +S4",
        "x=8",
    ]
    bars = [row.bar for row in row_shape(played("joint-consensus").moments[-1].shown.cluster, joint, GRID).cells]
    assert bars == [False, True, True]


def test_a_command_with_a_number_shows_it() -> None:
    node = played("retried-command").moments[-1].shown.cluster.node("S3")

    assert [label(node, index, entry) for index, entry in enumerate(node.log, 1)] == [
        "no-op",
        "x+=5 #1",
        "no-op",
        "x+=5 #1",
    ]
