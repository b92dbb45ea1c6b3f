"""The logs: for 1 to 9 rows and up to 12 entries with long commands, cells stand apart and hold their words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from raftstep.core.model import Configuration
from raftstep.picture.log_view import (
    ROW_HEIGHT,
    SIGN_ROOM,
    WIDTH,
    Grid,
    build_log_frame,
    build_log_row,
    is_hole,
    label_entry,
    label_snapshot,
    last_index_of,
    measure_grid,
)
from raftstep.scenario.proofs.comparison import compare_runs
from raftstep.scenario.proofs.shortest_runs import find_shortest_run
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.simulation.protocols import term_label
from tests.picture.runs import (
    ALL_NAMES,
    CROWDED_NAMES,
    SCENARIO_NAMES,
    draw_scenario,
    list_classes,
    parse_svg,
    play_scenario,
)

FIRST = Configuration(voters=("S1", "S2", "S3"))
GRID = Grid(column_count=4, cell_width=110, row_count=5)
CHARACTER = 8.4
"""The average width of a character in a cell (14.2 px, semibold system sans serif), on the wide side."""


@pytest.mark.parametrize("name", ALL_NAMES)
def test_cells_stand_apart_and_within_the_picture(name: str) -> None:
    """An entry is a cell of its own; with nine rows and twelve entries there is little room left."""
    for step in draw_scenario(name).steps:
        svg = parse_svg(step.log.svg)
        width, height = (float(number) for number in svg.get("viewBox", "").split()[2:])
        rows = [group for group in svg.iter("g") if (group.get("data-part") or "").startswith("log-")]
        tops = [float(row.get("transform", "").split()[1].rstrip(")")) for row in rows]
        assert all(next_top - top >= ROW_HEIGHT for top, next_top in pairwise(tops))
        assert tops[-1] + ROW_HEIGHT <= height
        for row in rows:
            cells = [(float(cell.get("x", 0)), float(cell.get("width", 0))) for cell in row.iter("rect")]
            assert all(x + wide <= next_x for (x, wide), (next_x, _) in pairwise(cells))
            assert all(x + wide <= width for x, wide in cells)
            name_text = next(text for text in row.iter("text") if "raft-row-name" in list_classes(text))
            assert not cells or len(name_text.text or "") * CHARACTER < cells[0][0]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_words_of_an_entry_fit_its_cell(name: str) -> None:
    """SVG text does not wrap: a long command would run into its neighbour's cell."""
    for step in draw_scenario(name).steps:
        for row in parse_svg(step.log.svg).iter("g"):
            texts = [text for text in row.findall("text") if "raft-cell-text" in list_classes(text)]
            for cell, text in zip(row.findall("rect"), texts, strict=True):
                words = "".join(text.itertext())
                assert len(words) * CHARACTER <= float(cell.get("width", 0)), words
                assert float(text.get("x", 0)) == float(cell.get("x", 0)) + float(cell.get("width", 0)) / 2


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_entry_shows_its_command_its_term_and_whether_it_is_committed(name: str) -> None:
    """Figure 6 of the paper shows logs like this; commitment is drawn beside it."""
    for step in draw_scenario(name).steps:
        svg = parse_svg(step.log.svg)
        for node in step.moment.shown_step.cluster.nodes:
            row = next(group for group in svg.iter("g") if group.get("data-part") == f"log-{node.id}")
            looks = [look for cell in row.iter("rect") for look in list_classes(cell)]
            start = node.snapshot.index
            visible_entries = [(index, entry) for index, entry in enumerate(node.log, start + 1) if not is_hole(entry)]
            assert looks == ["raft-cell--snapshot"] * bool(start) + [
                "raft-cell--committed"
                if getattr(entry, "is_chosen", index <= node.commit_index)
                else "raft-cell--uncommitted"
                for index, entry in visible_entries
            ]
            words = ["".join(text.itertext()) for text in list(row.iter("text"))[1 + bool(start) :]]
            assert [word.rsplit(" ", 1)[1] for word in words] == [
                term_label(entry.term) for _, entry in visible_entries
            ]
            for word, (_, entry) in zip(words, visible_entries, strict=True):
                command = word.rsplit(" ", 1)[0]
                if getattr(entry, "configuration", None) is None:
                    assert (entry.command or "no-op").startswith(command.split(" #")[0].removesuffix("…"))


@pytest.mark.parametrize("name", ALL_NAMES)
def test_nothing_moves_from_step_to_step(name: str) -> None:
    """One compares steps by looking at the same spot; a grid that grew would shift every row."""
    assert len({parse_svg(step.log.svg).get("viewBox") for step in draw_scenario(name).steps}) == 1
    assert len({parse_svg(step.cluster.svg).get("viewBox") for step in draw_scenario(name).steps}) == 1


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_column_has_its_index(name: str) -> None:
    """Captions speak of "index 2", and readers must find the column."""
    run = play_scenario(name)
    longest = max(last_index_of(node) for node in run.moments[-1].shown_step.cluster.nodes)
    first, *others = parse_svg(draw_scenario(name).steps[-1].log.svg).findall("text[@class='raft-index']")

    assert len(first.get("x", "").split()) == len(first.text or "")
    indexes = [*map(int, first.text or ""), *(int(text.text or 0) for text in others)]
    assert indexes == list(range(1, len(indexes) + 1))
    assert len(indexes) >= longest


@pytest.mark.parametrize("name", CROWDED_NAMES)
def test_twelve_long_entries_make_a_wide_picture_that_stays_readable(name: str) -> None:
    """It scrolls inside its own box before its text, of 14.2 units, is less than 11 px high."""
    svg = parse_svg(draw_scenario(name).steps[-1].log.svg)

    assert len(play_scenario(name).moments[-1].shown_step.cluster.nodes[0].log) == 12
    assert "raft-log--wide" in list_classes(svg)
    assert int(svg.get("width", 0)) / int(svg.get("viewBox", "").split()[2]) * 14.2 >= 11
    assert int(svg.get("width", 0)) > WIDTH


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_leaders_marks_stand_within_the_picture(name: str) -> None:
    """Figure 2 (State): next index may lie one past the last entry, where the grid ends."""
    run = play_scenario(name)
    columns = measure_grid(run.trace, run.moments[-1].shown_step.number)
    for moment in run.moments:
        frame = build_log_frame(moment.shown_step.cluster, columns, id="x", title="x")
        for row in frame.rows:
            for mark in filter(None, (row.match_mark, row.next_mark)):
                assert 4 <= float(mark[1:].split()[0]) <= frame.width - 4


@pytest.mark.parametrize("name", [name for name in SCENARIO_NAMES if name.startswith("snapshot")])
def test_a_snapshot_stands_over_the_entries_it_replaced_with_what_it_holds(name: str) -> None:
    """§7, Figure 12: a snapshot takes the place of the entries that it covers."""
    run = play_scenario(name)
    columns = measure_grid(run.trace, run.moments[-1].shown_step.number)
    blocks = 0
    for moment in run.moments:
        frame = build_log_frame(moment.shown_step.cluster, columns, id="x", title="x")
        for row, node in zip(frame.rows, moment.shown_step.cluster.nodes, strict=True):
            assert (row.snapshot is None) == (node.snapshot.index == 0)
            if row.snapshot:
                blocks += 1
                assert row.snapshot.x == columns.left_edge(1)
                assert row.snapshot.x + row.snapshot.width == columns.left_edge(node.snapshot.index + 1) - 4
                assert row.snapshot.command == label_snapshot(node.snapshot)
                assert [cell.x for cell in row.cells] == [
                    columns.left_edge(index) for index in range(node.snapshot.index + 1, last_index_of(node) + 1)
                ]
                assert f"snapshot to {node.snapshot.index} of term {node.snapshot.term}" in frame.description
    assert blocks


def test_a_snapshot_of_one_entry_has_room_for_its_sign_and_its_words() -> None:
    """Even where another node's log is as empty as the one that the snapshot left behind."""
    variant = VARIANTS_BY_SLUG["snapshot-of-applied"]
    run = compare_runs(variant, find_shortest_run(variant)).run_without_rule
    columns = measure_grid(run.trace, run.moments[-1].shown_step.number)
    frame = build_log_frame(run.moments[-1].shown_step.cluster, columns, id="x", title="x")

    (block,) = (row.snapshot for row in frame.rows if row.snapshot)

    assert block.width >= 2 * SIGN_ROOM + CHARACTER * (len(block.command) + len(block.term))


def test_a_configuration_is_written_as_the_paper_does_or_as_what_it_changes() -> None:
    """§6, Figure 11 (C-old,new and C-new); for single-server changes, what is added or removed."""
    joint = [moment.shown_step.cluster.node("S5") for moment in play_scenario("joint-consensus").moments][-1]
    learner = [moment.shown_step.cluster.node("S4") for moment in play_scenario("learner-promoted").moments][-1]

    assert [label_entry(joint, index, entry) for index, entry in enumerate(joint.log, 1)] == [
        "x=7",
        "C-old,new",
        "C-new",
    ]
    assert [label_entry(learner, index, entry, FIRST) for index, entry in enumerate(learner.log, 1)] == [
        "x=7",
        "C (+S4)",
        "C +S4",
        "x=8",
    ]
    bars = [
        row.has_bar
        for row in build_log_row(play_scenario("joint-consensus").moments[-1].shown_step.cluster, joint, GRID).cells
    ]
    assert bars == [False, True, True]


def test_a_command_with_a_number_shows_it() -> None:
    """§8: a serial number makes a retry known, so two equal commands must be seen to share one."""
    node = play_scenario("retried-command").moments[-1].shown_step.cluster.node("S3")

    assert [label_entry(node, index, entry) for index, entry in enumerate(node.log, 1)] == [
        "no-op",
        "x+=5 #1",
        "no-op",
        "x+=5 #1",
    ]
