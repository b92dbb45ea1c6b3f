"""The cluster's ring: for 1 to 9 nodes nothing overlaps, nothing leaves the frame, and words tell all that flies."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import hypot

import pytest

from raftstep.core.model import Settings
from raftstep.picture.caption_lines import REQUEST_KINDS, build_caption_lines
from raftstep.picture.cluster_view import LETTER_WIDTH, place_badge
from raftstep.picture.flights import kind_of, list_flights
from raftstep.picture.layout import WIDTH, Layout, arrange_nodes
from raftstep.picture.overlay import cut_path
from raftstep.simulation.cluster import boot
from raftstep.simulation.short_words import number_word
from tests.picture.runs import (
    ALL_NAMES,
    CLUSTER_SIZES,
    CROWDED_NAMES,
    SCENARIO_NAMES,
    draw_scenario,
    list_classes,
    parse_svg,
    play_scenario,
)

CHARACTER = 6.6
"""The average width of a character of the key (14.2 px, system sans serif), on the narrow side."""


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def meets_circle(self, x: float, y: float, radius: float) -> bool:
        near_x, near_y = min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)
        return hypot(near_x - x, near_y - y) < radius


def build_boxes(ring: Layout, node_index: int, term: str) -> list[Box]:
    """A node's badge and crown, as the template draws them."""
    spot, radius = ring.spots[node_index], ring.radius
    half = (12 + LETTER_WIDTH * len(term)) / 2
    badge = place_badge(ring, node_index)
    x, y = spot.x + badge.x, spot.y + badge.y
    crown = Box(spot.x - 18, spot.y - radius - 22, spot.x + 18, spot.y - radius - 3)
    return [Box(x - half, y - 11, x + half, y + 11), crown]


@pytest.mark.parametrize("size", CLUSTER_SIZES)
@pytest.mark.parametrize("term", ["T1", "T99"])
def test_no_two_nodes_touch(size: int, term: str) -> None:
    """Discs with their dials, badges and crowns: whoever leads, and in whatever term."""
    ring = arrange_nodes(size)
    reach = ring.radius + 8  # the dial's outer edge
    for first, second in combinations(range(size), 2):
        a, b = ring.spots[first], ring.spots[second]
        assert hypot(a.x - b.x, a.y - b.y) >= 2 * reach, (first, second)
        for first_box in build_boxes(ring, first, term):
            assert not first_box.meets_circle(b.x, b.y, reach), (first, second)
            assert not any(first_box.meets(second_box) for second_box in build_boxes(ring, second, term)), (
                first,
                second,
            )
        for second_box in build_boxes(ring, second, term):
            assert not second_box.meets_circle(a.x, a.y, reach), (first, second)


@pytest.mark.parametrize("size", CLUSTER_SIZES)
def test_nothing_leaves_the_frame(size: int) -> None:
    """What lies outside the `viewBox` is cut off, on paper without a trace."""
    ring = arrange_nodes(size)
    reach = ring.radius + 8
    for node_index, spot in enumerate(ring.spots):
        assert reach <= spot.x <= WIDTH - reach
        assert reach <= spot.y <= ring.height - reach
        for box in build_boxes(ring, node_index, "T99"):
            assert box.left >= 0
            assert box.top >= 0
            assert box.right <= WIDTH


@pytest.mark.parametrize("size", CLUSTER_SIZES)
def test_the_first_node_stands_on_top_and_the_ring_is_even(size: int) -> None:
    """Captions and pictures name S1 first; a ring that leans would seem to mean something."""
    ring = arrange_nodes(size)

    assert len(set(ring.spots)) == size
    assert ring.spots[0].x == WIDTH / 2
    assert ring.spots[0].y == min(spot.y for spot in ring.spots)
    for index in range(1, size):
        assert abs(ring.spots[index].x + ring.spots[-index].x - WIDTH) < 1, "left mirrors right"


@pytest.mark.parametrize("size", CLUSTER_SIZES)
def test_the_key_stands_below_the_nodes(size: int) -> None:
    """Text over a node could be read as its state."""
    ring = arrange_nodes(size)

    lowest = max(spot.y for spot in ring.spots) + ring.radius + 8  # the dial's outer edge

    for picture in (step.cluster.svg for step in draw_scenario(f"crowded-{size}").steps):
        for line in parse_svg(picture).iter("text"):
            if line.get("x") == "200":
                assert lowest < float(line.get("y", 0)) - 12
                assert float(line.get("y", 0)) + 4 <= ring.height


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_words_of_the_key_fit_the_picture(name: str) -> None:
    """SVG text neither wraps nor scrolls: what is too wide is lost."""
    too_long = [
        line.text
        for step in draw_scenario(name).steps
        for line in parse_svg(step.cluster.svg).iter("text")
        if line.get("x") == "200" and len(line.text or "") * CHARACTER > WIDTH
    ]

    assert too_long == []


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_the_key_names_or_counts_every_group_of_messages_in_flight(name: str) -> None:
    """A picture says in words all it draws; past the last line it counts what it leaves out."""
    for step in play_scenario(name).trace.steps:
        groups: Counter[object] = Counter()
        for packet in step.cluster.packets:
            message = packet.message
            end = message.source if kind_of(message) in REQUEST_KINDS else message.target
            groups[type(message), kind_of(message), message.term, end] += 1
        lines = [line.words for line in build_caption_lines(step, arrange_nodes(5)) if line.kind != "client"]
        more = [match[1] for line in lines if (match := re.match(r"and (\w+) more messages", line))]
        left = list(groups.values())[len(lines) - len(more) :]
        assert more == ([number_word(sum(left))] if left else []), (step.number, lines)


def test_the_key_counts_nodes_not_messages() -> None:
    """Eight messages on their way to one node are no eight nodes."""
    step = play_scenario("catch-up-too-slow").moments[-1].shown_step
    lines = [line.words for line in build_caption_lines(step, arrange_nodes(4))]

    assert lines == ["AppendEntries, term 2: S1 to S4", "heartbeat, term 2: S1 to S2, S3"]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_messages_start_and_end_outside_the_nodes(name: str) -> None:
    """A message over a node would hide its name, role and term."""
    run = play_scenario(name)
    ring = arrange_nodes(len(run.trace.start.ids))
    for flight in list_flights(run.trace, ring):
        for end in (flight.start, flight.end):
            for spot in ring.spots:
                assert hypot(end.x - spot.x, end.y - spot.y) >= ring.radius, flight


@pytest.mark.parametrize("size", range(2, 8))
def test_no_message_passes_over_a_term(size: int) -> None:
    """Up to seven nodes: the glyph, 20 wide, and the badge of a term of one digit or two, wherever the message is."""
    ring = arrange_nodes(size)
    badges = [build_boxes(ring, node_index, "T9")[0] for node_index in range(size)]
    for flight in list_flights(play_scenario(f"crowded-{size}").trace, ring):
        for part in range(51):
            x = flight.start.x + (flight.end.x - flight.start.x) * part / 50
            y = flight.start.y + (flight.end.y - flight.start.y) * part / 50
            assert not any(badge.meets_circle(x, y, 8) for badge in badges), flight


@pytest.mark.parametrize(("size", "clear"), [(3, 42), (4, 42), (5, 42), (6, 39), (7, 39), (8, 20), (9, 20)])
def test_messages_pass_third_nodes_by(size: int, clear: float) -> None:
    """Up to seven nodes no way crosses a third node's disc; with more, none crosses its name."""
    ring = arrange_nodes(size)
    for flight in list_flights(play_scenario(f"crowded-{size}").trace, ring):
        ends = {
            min(ring.spots, key=lambda spot: hypot(spot.x - end.x, spot.y - end.y))
            for end in (flight.start, flight.end)
        }
        for part in range(51):
            here_x = flight.start.x + (flight.end.x - flight.start.x) * part / 50
            here_y = flight.start.y + (flight.end.y - flight.start.y) * part / 50
            for spot in set(ring.spots) - ends:
                assert hypot(here_x - spot.x, here_y - spot.y) >= clear, (flight, spot)


@pytest.mark.parametrize("size", CLUSTER_SIZES)
def test_a_candidates_pips_stand_apart_and_within_its_disc(size: int) -> None:
    """The pips are counted against the majority, which dots that touch do not allow."""
    svg = parse_svg(draw_scenario(f"crowded-{size}").steps[1].cluster.svg)
    paths = [path for path in svg.iter("path") if {"raft-votes", "raft-lacking"} & set(list_classes(path))]
    dots = [dot for path in paths for dot in re.findall(r"M(\S+) (\S+)a(\S+) ", path.get("d", ""))]
    if size > 1:  # alone it leads at once
        circles = sorted((float(left) + float(radius), float(y), float(radius)) for left, y, radius in dots)
        assert len(circles) == size
        assert all(
            next_circle[0] - circle[0] >= circle[2] + next_circle[2] for circle, next_circle in pairwise(circles)
        )
        assert all(hypot(x, y) + radius <= arrange_nodes(size).radius for x, y, radius in circles)


@pytest.mark.parametrize("name", ["leader-election", "two-leaders", *CROWDED_NAMES])
def test_each_node_shows_its_name_role_and_term(name: str) -> None:
    """Style, *Styles*: colour never speaks alone."""
    for step in draw_scenario(name).steps:
        cluster = step.moment.shown_step.cluster
        svg = parse_svg(step.cluster.svg)
        for node in cluster.nodes:
            part = next(group for group in svg.iter("g") if group.get("data-part") == f"node-{node.id}")
            role = "down" if node.id in cluster.down_nodes else node.role.value
            assert ["".join(text.itertext()) for text in part.iter("text")] == [node.id, role, f"T{node.current_term}"]
            crowns = [path for path in part.iter("path") if "raft-crown" in list_classes(path)]
            assert len(crowns) == (role == "leader")


@pytest.mark.parametrize("size", range(3, 10))
def test_a_node_cut_off_from_all_others_is_behind_one_line(size: int) -> None:
    """Eight crossed links would have to be counted; one wall across them all is seen at once."""
    cluster = boot(tuple(f"S{number}" for number in range(1, size + 1)), settings=Settings(), start_term=1)
    ids = cluster.ids
    links = {(source, target) for source in ids[:1] for target in ids[1:]}
    cut = replace(cluster, cut_links=frozenset(links | {(target, source) for source, target in links}))
    path = cut_path(cut, arrange_nodes(size))

    assert path.count("M") == 1
    assert cut_path(cluster, arrange_nodes(size)) == ""
