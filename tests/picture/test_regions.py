"""Who belongs, who speaks and what is broken: the pictures and the tables say what the core decides by."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from math import hypot

import pytest

from raftstep.core.model import Configuration, Role, Settings
from raftstep.core.quorum import has_quorum
from raftstep.picture.layout import WIDTH, arrange_nodes
from raftstep.picture.overlay import build_overlay, build_underlay, list_broken_properties
from raftstep.picture.regions import build_regions, find_groups, find_standing, shows_membership
from raftstep.simulation.cluster import Cluster, boot
from tests.picture.runs import CLUSTER_SIZES, SCENARIO_NAMES, draw_scenario, list_classes, parse_svg, play_scenario

CHARACTER = 8.9
"""The average width of a character of the counts (14.2 px, semibold system sans serif), on the wide side."""

HEADING_CHARACTER = 7.8
"""The same for the heading above them, which is of regular weight."""

MEMBERSHIP_NAMES = [
    name
    for name in SCENARIO_NAMES
    if any(shows_membership(moment.shown_step.cluster) for moment in play_scenario(name).moments)
]
BROKEN_NAMES = [name for name in SCENARIO_NAMES if play_scenario(name).scenario.broken_properties]


def list_clusters(name: str) -> list[Cluster]:
    return [moment.shown_step.cluster for moment in play_scenario(name).moments]


@pytest.mark.parametrize("name", MEMBERSHIP_NAMES)
def test_a_count_says_majority_when_the_core_would(name: str) -> None:
    """§6: the picture counts for each side of a joint configuration what `has_quorum` decides by."""
    for cluster in list_clusters(name):
        for group in find_groups(cluster)[1]:
            enough = has_quorum(Configuration(voters=group.voters), group.agreeing_ids)
            assert group.words.endswith("✓" if enough else "✗")
            assert re.search(rf"\b{len(group.agreeing_ids)} of {len(group.voters)} ", group.words)


def test_while_joint_both_majorities_are_counted() -> None:
    """Step 4: two of the old three are a majority, two of the new five are none, as far as S1 knows."""
    subject, counted_groups = find_groups(list_clusters("joint-consensus")[3])

    assert subject == "entry 2 known on"
    assert [group.words for group in counted_groups] == ["old 2 of 3 ✓", "new 2 of 5 ✗"]
    assert (
        "old 2 of 3 is a majority; new 2 of 5 is no majority" in draw_scenario("joint-consensus").steps[3].cluster.svg
    )


def test_two_leaders_of_two_configurations_are_counted_side_by_side() -> None:
    """The majorities of S1 and S3, and of S2 and S4, do not meet."""
    first, second = find_groups(list_clusters("single-server-bug")[6])[1]

    assert (first.words, second.words) == ("S1: 2 of 3 ✓", "S2: 2 of 3 ✓")
    assert not set(first.agreeing_ids) & set(second.agreeing_ids)


def test_a_cluster_of_figure_2_shows_no_regions() -> None:
    """Where membership never changes, outlines around all nodes would say nothing."""
    for cluster in list_clusters("leader-election"):
        assert build_regions(cluster, arrange_nodes(5)) == ()
        assert {find_standing(cluster, node) for node in cluster.nodes} == {""}


@pytest.mark.parametrize("size", CLUSTER_SIZES)
def test_an_outline_keeps_clear_of_those_it_does_not_hold(size: int) -> None:
    """Whatever nodes vote: no corner or side of their outline comes near another node's disc."""
    ring = arrange_nodes(size)
    start = boot(tuple(f"S{number}" for number in range(1, size + 1)), settings=Settings(), start_term=1)
    for count in range(1, size):
        for voters in list(combinations(start.ids, count))[:40]:
            configuration = Configuration(voters=voters)
            cluster = replace(start, nodes=tuple(replace(node, configuration=configuration) for node in start.nodes))
            outline = build_regions(cluster, ring)[0].outline
            points = [tuple(map(float, pair)) for pair in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", outline)]
            for id, spot in zip(start.ids, ring.spots, strict=True):
                if id not in voters:
                    assert all(hypot(x - spot.x, y - spot.y) >= ring.radius for x, y in points), (voters, id)


@pytest.mark.parametrize("name", MEMBERSHIP_NAMES)
def test_the_counts_stand_clear_of_the_node_on_top(name: str) -> None:
    """Text over a node could be read as its state."""
    for cluster in list_clusters(name):
        ring = arrange_nodes(len(cluster.ids))
        shape = build_underlay(cluster, ring)
        for words, right, character in [
            (shape.heading, shape.heading_x, HEADING_CHARACTER),
            *((region.words, shape.words_x, CHARACTER) for region in shape.regions),
        ]:
            assert right <= WIDTH
            assert right - character * len(words) >= ring.spots[0].x + ring.radius * 0.88 + 14, words


def test_a_learner_a_node_that_joins_and_one_outside_are_told_apart() -> None:
    """§6: none of them votes, each for another reason; the word says which, for colour never speaks alone."""
    learner = parse_svg(draw_scenario("learner-promoted").steps[1].cluster.svg)
    joining = parse_svg(draw_scenario("joint-consensus").steps[1].cluster.svg)
    outside = parse_svg(draw_scenario("joint-consensus").steps[0].cluster.svg)

    for svg, id, word in ((learner, "S4", "learner"), (joining, "S5", "joining"), (outside, "S5", "outside")):
        part = next(group for group in svg.iter("g") if group.get("data-part") == f"node-{id}")
        assert f"raft-node--{word}" in list_classes(part)
        assert word in ["".join(text.itertext()) for text in part.iter("text")]
        assert re.search(rf"{id} (is a follower|are followers) \(.*{word}", svg.findtext("desc") or "")
    assert draw_scenario("learner-promoted").steps[1].rows[3].role == "follower (learner)"


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_a_pre_candidate_has_its_word_and_its_votes(name: str) -> None:
    """Dissertation §9.6: it asks before it stands, and is no candidate yet."""
    for step in draw_scenario(name).steps:
        for node in step.moment.shown_step.cluster.nodes:
            if node.role is Role.PRE_CANDIDATE:
                svg = parse_svg(step.cluster.svg)
                part = next(group for group in svg.iter("g") if group.get("data-part") == f"node-{node.id}")
                assert "".join("".join(text.itertext()) for text in part.iter("text")).startswith(
                    f"{node.id}pre-candidate"
                )
                assert any("raft-votes" in list_classes(path) for path in part.iter("path"))


@pytest.mark.parametrize("name", BROKEN_NAMES)
def test_a_broken_promise_is_on_a_plate_from_the_step_that_breaks_it(name: str) -> None:
    """A run that breaks a property on purpose must say so in its pictures, and not before it does."""
    run = play_scenario(name)
    for moment, step in zip(run.moments, draw_scenario(name).steps, strict=True):
        broken = list_broken_properties(run.trace, moment.shown_step.number)
        banner = build_overlay(moment.shown_step, arrange_nodes(len(run.trace.start.ids)), broken).banner
        assert (banner is not None) == bool(broken)
        if banner:
            assert banner.x >= 0
            assert banner.x + banner.width <= WIDTH
            assert CHARACTER * len(banner.words) <= banner.width
            assert banner.words.startswith(broken[0])
            assert f"{broken[-1]} broken." in step.cluster.svg


def test_a_question_points_at_the_node_and_an_answer_at_the_client() -> None:
    """§8: which way the arrow goes is all that tells a request from a response."""
    run = play_scenario("leader-election")
    ring = arrange_nodes(5)
    question, answer = (build_overlay(run.moments[number].event_step, ring, ()).caller for number in (4, 5))
    top = ring.spots[0]

    assert question
    assert answer
    ends = [tuple(map(float, re.findall(r"[\d.]+", caller.line_path)[2:])) for caller in (question, answer)]
    assert hypot(ends[0][0] - top.x, ends[0][1] - top.y) < hypot(ends[1][0] - top.x, ends[1][1] - top.y)
    assert build_overlay(run.moments[0].event_step, ring, ()).caller is None


def test_tables_and_legends_tell_what_the_pictures_show() -> None:
    """WCAG 1.1.1: whoever cannot see a picture has the table in its place."""
    joint, plain, snapshot = (
        draw_scenario("joint-consensus"),
        draw_scenario("leader-election"),
        draw_scenario("snapshot-catches-up"),
    )

    assert joint.steps[3].rows[1].configuration == "{S1 S2 S3}→{S1 S2 S3 S4 S5}"
    assert joint.steps[0].rows[4].configuration == "none"
    assert [look for look, _ in joint.run_pictures.signs] == ["joining", "outside", "new", "old", "configuration"]
    assert snapshot.steps[5].rows[2].log == "snapshot to 3 of term 2: x=2 y=5, y=6@2"
    assert snapshot.steps[5].rows[2].state == "x=2 y=5"
    assert plain.run_pictures.signs == ()
    assert {(row.configuration, row.state) for step in plain.steps for row in step.rows} == {("", "")}
