"""The cluster's ring: for 1 to 9 nodes nothing overlaps, nothing leaves the frame, and words tell all that flies."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import hypot

import pytest

from raftstep.core.model import Settings
from raftstep.picture.cluster_view import LETTER, badge_place
from raftstep.picture.cut import cut_path
from raftstep.picture.key import ASKS, key_lines
from raftstep.picture.layout import WIDTH, Layout, layout
from raftstep.picture.moves import kind_of, moves
from raftstep.scenario.facts import in_words
from raftstep.simulation.cluster import boot
from tests.picture.runs import ALL, CROWDED, NAMES, SIZES, classes, drawn, parsed, played

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


def boxes(ring: Layout, place: int, term: str) -> list[Box]:
    """A node's badge and crown, as the template draws them."""
    spot, radius = ring.spots[place], ring.radius
    half = (12 + LETTER * len(term)) / 2
    badge = badge_place(ring, place)
    x, y = spot.x + badge.x, spot.y + badge.y
    crown = Box(spot.x - 18, spot.y - radius - 22, spot.x + 18, spot.y - radius - 3)
    return [Box(x - half, y - 11, x + half, y + 11), crown]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("term", ["T1", "T99"])
def test_no_two_nodes_touch(size: int, term: str) -> None:
    """Discs with their dials, badges and crowns: whoever leads, and in whatever term."""
    ring = layout(size)
    reach = ring.radius + 8  # the dial's outer edge
    for one, other in combinations(range(size), 2):
        a, b = ring.spots[one], ring.spots[other]
        assert hypot(a.x - b.x, a.y - b.y) >= 2 * reach, (one, other)
        for mine in boxes(ring, one, term):
            assert not mine.meets_circle(b.x, b.y, reach), (one, other)
            assert not any(mine.meets(its) for its in boxes(ring, other, term)), (one, other)
        for its in boxes(ring, other, term):
            assert not its.meets_circle(a.x, a.y, reach), (one, other)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_leaves_the_frame(size: int) -> None:
    ring = layout(size)
    reach = ring.radius + 8
    for place, spot in enumerate(ring.spots):
        assert reach <= spot.x <= WIDTH - reach
        assert reach <= spot.y <= ring.height - reach
        for box in boxes(ring, place, "T99"):
            assert box.left >= 0
            assert box.top >= 0
            assert box.right <= WIDTH


@pytest.mark.parametrize("size", SIZES)
def test_the_first_node_stands_on_top_and_the_ring_is_even(size: int) -> None:
    ring = layout(size)

    assert len(set(ring.spots)) == size
    assert ring.spots[0].x == WIDTH / 2
    assert ring.spots[0].y == min(spot.y for spot in ring.spots)
    for place in range(1, size):
        assert abs(ring.spots[place].x + ring.spots[-place].x - WIDTH) < 1, "left mirrors right"


@pytest.mark.parametrize("size", SIZES)
def test_the_key_stands_below_the_nodes(size: int) -> None:
    ring = layout(size)

    lowest = max(spot.y for spot in ring.spots) + ring.radius + 8  # the dial's outer edge

    for picture in (step.cluster for step in drawn(f"crowded-{size}").steps):
        for line in parsed(picture).iter("text"):
            if line.get("x") == "200":
                assert lowest < float(line.get("y", 0)) - 12
                assert float(line.get("y", 0)) + 4 <= ring.height


@pytest.mark.parametrize("name", ALL)
def test_the_words_of_the_key_fit_the_picture(name: str) -> None:
    too_long = [
        line.text
        for step in drawn(name).steps
        for line in parsed(step.cluster).iter("text")
        if line.get("x") == "200" and len(line.text or "") * CHARACTER > WIDTH
    ]

    assert too_long == []


@pytest.mark.parametrize("name", NAMES)
def test_the_key_names_or_counts_every_group_of_messages_in_flight(name: str) -> None:
    for step in played(name).trace.steps:
        groups: Counter[object] = Counter()
        for packet in step.cluster.packets:
            message = packet.message
            end = message.source if kind_of(message) in ASKS else message.target
            groups[type(message), kind_of(message), message.term, end] += 1
        lines = [line.words for line in key_lines(step, layout(5)) if line.kind != "client"]
        more = [found[1] for line in lines if (found := re.match(r"and (\w+) more messages", line))]
        left = list(groups.values())[len(lines) - len(more) :]
        assert more == ([in_words(sum(left))] if left else []), (step.number, lines)


def test_the_key_counts_nodes_not_messages() -> None:
    """Eight messages on their way to one node are no eight nodes."""
    step = played("catch-up-too-slow").moments[-1].shown
    lines = [line.words for line in key_lines(step, layout(4))]

    assert lines == ["AppendEntries, term 2: S1 to S4", "heartbeat, term 2: S1 to S2, S3"]


@pytest.mark.parametrize("name", ALL)
def test_messages_start_and_end_outside_the_nodes(name: str) -> None:
    run = played(name)
    ring = layout(len(run.trace.start.ids))
    for move in moves(run.trace, ring):
        for end in (move.start, move.end):
            for spot in ring.spots:
                assert hypot(end.x - spot.x, end.y - spot.y) >= ring.radius, move


@pytest.mark.parametrize("size", range(2, 8))
def test_no_message_passes_over_a_term(size: int) -> None:
    """Up to seven nodes: the glyph, 20 wide, and the badge of a term of one digit or two, wherever the message is."""
    ring = layout(size)
    badges = [boxes(ring, place, "T9")[0] for place in range(size)]
    for move in moves(played(f"crowded-{size}").trace, ring):
        for part in range(51):
            x = move.start.x + (move.end.x - move.start.x) * part / 50
            y = move.start.y + (move.end.y - move.start.y) * part / 50
            assert not any(badge.meets_circle(x, y, 8) for badge in badges), move


@pytest.mark.parametrize(("size", "clear"), [(3, 42), (4, 42), (5, 42), (6, 39), (7, 39), (8, 20), (9, 20)])
def test_messages_pass_third_nodes_by(size: int, clear: float) -> None:
    """Up to seven nodes no way crosses a third node's disc; with more, none crosses its name."""
    ring = layout(size)
    for move in moves(played(f"crowded-{size}").trace, ring):
        ends = {
            min(ring.spots, key=lambda spot: hypot(spot.x - end.x, spot.y - end.y)) for end in (move.start, move.end)
        }
        for part in range(51):
            here_x = move.start.x + (move.end.x - move.start.x) * part / 50
            here_y = move.start.y + (move.end.y - move.start.y) * part / 50
            for spot in set(ring.spots) - ends:
                assert hypot(here_x - spot.x, here_y - spot.y) >= clear, (move, spot)


@pytest.mark.parametrize("size", SIZES)
def test_a_candidates_pips_stand_apart_and_within_its_disc(size: int) -> None:
    svg = parsed(drawn(f"crowded-{size}").steps[1].cluster)
    paths = [path for path in svg.iter("path") if {"raft-votes", "raft-lacking"} & set(classes(path))]
    dots = [dot for path in paths for dot in re.findall(r"M(\S+) (\S+)a(\S+) ", path.get("d", ""))]
    if size > 1:  # alone it leads at once
        places = sorted((float(left) + float(radius), float(y), float(radius)) for left, y, radius in dots)
        assert len(places) == size
        assert all(other[0] - one[0] >= one[2] + other[2] for one, other in pairwise(places))
        assert all(hypot(x, y) + radius <= layout(size).radius for x, y, radius in places)


@pytest.mark.parametrize("name", ["leader-election", "two-leaders", *CROWDED])
def test_each_node_shows_its_name_role_and_term(name: str) -> None:
    for step in drawn(name).steps:
        cluster = step.moment.shown.cluster
        svg = parsed(step.cluster)
        for node in cluster.nodes:
            part = next(group for group in svg.iter("g") if group.get("data-part") == f"node-{node.id}")
            role = "down" if node.id in cluster.down else node.role.value
            assert ["".join(text.itertext()) for text in part.iter("text")] == [node.id, role, f"T{node.current_term}"]
            crowns = [path for path in part.iter("path") if "raft-crown" in classes(path)]
            assert len(crowns) == (role == "leader")


@pytest.mark.parametrize("size", range(3, 10))
def test_a_node_cut_off_from_all_others_is_behind_one_line(size: int) -> None:
    cluster = boot(tuple(f"S{number}" for number in range(1, size + 1)), settings=Settings(), start_term=1)
    ids = cluster.ids
    links = {(one, other) for one in ids[:1] for other in ids[1:]}
    cut = replace(cluster, cut=frozenset(links | {(other, one) for one, other in links}))
    path = cut_path(cut, layout(size))

    assert path.count("M") == 1
    assert cut_path(cluster, layout(size)) == ""
