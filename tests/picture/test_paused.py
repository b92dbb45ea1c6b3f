"""A paused node in the pictures: its word, its outline, its lane, and how many messages wait at it."""

from __future__ import annotations

from tests.picture.runs import draw_scenario, list_classes, parse_svg

PAUSED_STEP = 3


def test_a_paused_node_says_so_and_keeps_the_look_of_its_role() -> None:
    """About, *How to read the pictures*: nothing is told by colour alone."""
    svg = parse_svg(draw_scenario("paused-leader").steps[PAUSED_STEP].cluster.svg)
    node = next(group for group in svg.iter("g") if "raft-node--paused" in list_classes(group))

    assert "raft-node--leader" in list_classes(node)
    assert [text.text for text in node.iter("text") if "raft-role" in list_classes(text)] == ["paused"]
    assert not any("raft-dial" in list_classes(path) for path in node.iter("path"))


def test_what_waits_at_it_is_counted() -> None:
    """The line under the ring says where messages wait, and the words for those who cannot see it do."""
    svg = draw_scenario("paused-leader").steps[PAUSED_STEP].cluster.svg

    assert "6 messages waiting at S1" in svg
    assert "S1 is a leader (paused) in term 2" in svg
    assert "6 messages waiting." in svg


def test_its_lane_is_dashed_while_it_is_paused() -> None:
    """Space and time: one line for the whole pause, between the two of the leader."""
    svg = parse_svg(draw_scenario("paused-leader").timeline.svg)
    lanes = {name: path.get("d", "") for path in svg.iter("path") for name in list_classes(path)}

    assert lanes["raft-lane--paused"].count("M") == 1
    assert "raft-lane--leader" in lanes


def test_a_node_that_is_not_paused_has_no_such_sign() -> None:
    """After it has gone on, the run looks like any other."""
    last = draw_scenario("paused-leader").steps[-1].cluster.svg

    assert "paused" not in last.partition("<title")[2].partition("</desc>")[2]
