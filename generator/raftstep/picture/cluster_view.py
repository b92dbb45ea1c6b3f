"""The cluster on its ring: roles, terms, votes, timers, and the messages in flight at the point they have reached."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import Node, NodeId, Role
from raftstep.picture.caption_lines import CaptionLine, build_caption_lines
from raftstep.picture.flights import Flight
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.overlay import Overlay, Underlay, build_overlay, build_underlay, cut_path
from raftstep.picture.regions import find_groups, find_standing
from raftstep.scenario.facts import group_equal
from raftstep.simulation.cluster import Cluster, Timer
from raftstep.simulation.protocols import protocol_of, term_label
from raftstep.simulation.short_words import count_words, join_and
from raftstep.simulation.trace import Step

LETTER_WIDTH = 8.0
"""Width of one letter of a badge, in user units, on the generous side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """One node as drawn, around its own centre; ``votes`` and ``missing_votes`` are a candidate's, a dot each.

    ``word_prefix`` is the first part of a word too long for one line. A learner is a ``hexagon``. A node that is
    paused keeps the look of its role, and that it is paused is its ``standing``.
    """

    id: NodeId
    x: float
    y: float
    radius: int
    look: str
    word: str
    word_prefix: str
    standing: str
    hexagon: str
    term: str
    badge_x: float
    badge_y: float
    badge_left: float
    badge_top: float
    badge_width: float
    dial: float | None
    dial_path: str
    votes: str
    missing_votes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailShape:
    """All messages of one kind in flight: the ways behind them and ahead, and their glyphs' top left corners."""

    kind: str
    trail_path: str
    ahead_path: str
    glyphs: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFrame:
    """A whole cluster picture.

    The names of its parts, by which a film moves them, begin with ``part_prefix``. ``marked_spots`` are the nodes
    around which a mark is drawn: there the picture differs from the one next to it.
    """

    id: str
    title: str
    description: str
    width: int
    height: int
    nodes: tuple[NodeShape, ...]
    mail: tuple[MailShape, ...]
    cut: str
    caption_lines: tuple[CaptionLine, ...]
    underlay: Underlay
    overlay: Overlay
    part_prefix: str = ""
    marked_spots: tuple[Spot, ...] = ()
    mark_radius: int = 0

    @property
    def is_tall(self) -> bool:
        """Whether it needs more height than most, as a large ring does, for its letters to be read on a phone."""
        return self.height > self.width

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of messages whose glyphs are in the picture."""
        return frozenset(shape.kind for shape in self.mail)


def build_cluster_frame(
    step: Step,
    ring: Layout,
    flights: tuple[Flight, ...],
    *,
    time_ms: int,
    span_ms: int,
    id: str,
    title: str,
    speaking: Step | None = None,
    broken_properties: tuple[str, ...] = (),
) -> ClusterFrame:
    """The cluster after a step, at a moment no earlier than it. ``span_ms`` is a full dial.

    ``speaking`` is the step whose client still shows, if it is not this one; ``broken_properties`` names the
    properties that the run has broken so far.
    """
    cluster = step.cluster
    nodes = tuple(build_node_shape(cluster, node, ring, time_ms=time_ms, span_ms=span_ms) for node in cluster.nodes)
    return ClusterFrame(
        id=id,
        title=title,
        description=_describe(step, broken_properties),
        width=WIDTH,
        height=ring.height,
        nodes=nodes,
        mail=build_mail(flights, time_ms),
        cut=cut_path(cluster, ring),
        caption_lines=build_caption_lines(step, ring, speaking=speaking, room=2 if broken_properties else 3),
        underlay=build_underlay(cluster, ring),
        overlay=build_overlay(speaking or step, ring, broken_properties),
    )


def build_node_shape(cluster: Cluster, node: Node, ring: Layout, *, time_ms: float, span_ms: int) -> NodeShape:
    """One node's look at a moment."""
    spot = ring.spots[cluster.ids.index(node.id)]
    is_down = node.id in cluster.down_nodes
    term = term_label(node.current_term)
    badge = place_badge(ring, cluster.ids.index(node.id))
    width = 12 + LETTER_WIDTH * len(term)
    votes, missing_votes = ("", "") if is_down else _build_vote_dots(cluster, node)
    role = protocol_of(node).words.roles[node.role]
    node_standing = find_standing(cluster, node)
    word = "down" if is_down else node_standing if node_standing and node.role is Role.FOLLOWER else role
    if cluster.is_paused(node.id):
        word = node_standing = "paused"
    word_prefix = "pre-" if word.startswith("pre-") else ""
    return NodeShape(
        id=node.id,
        x=spot.x,
        y=spot.y,
        radius=ring.radius,
        look="crashed" if is_down else node.role.value,
        word=word.removeprefix(word_prefix),
        word_prefix=word_prefix,
        standing=node_standing,
        hexagon=_hexagon_path(ring.radius) if node_standing == "learner" else "",
        term=term,
        badge_x=badge.x,
        badge_y=round(badge.y + 5, 1),
        badge_left=round(badge.x - width / 2, 1),
        badge_top=round(badge.y - 11, 1),
        badge_width=width,
        dial=_measure_dial(cluster.timer(node.id), time_ms, span_ms),
        dial_path=_circle_path(ring.radius + 6),
        votes=votes,
        missing_votes=missing_votes,
    )


def place_badge(ring: Layout, node_index: int) -> Spot:
    """Where a node's term is, from its own centre: on the side away from the others, clear of all messages."""
    centre = sum(spot.y for spot in ring.spots) / len(ring.spots)
    spot = ring.spots[node_index]
    x_share = -0.88 if spot.x < WIDTH / 2 - 1 else 0.88
    y_share = 0.84 if spot.y > centre + ring.radius else -0.84
    return Spot(x=round(ring.radius * x_share, 1), y=round(ring.radius * y_share, 1))


def _measure_dial(timer: Timer | None, time_ms: float, span_ms: int) -> float | None:
    """How much of the longest possible timeout is left, from 0 to 1; no dial for a leader or a node that is down."""
    if timer is None or not timer.is_election_timeout:
        return None
    return round(min(1.0, max(0.0, (timer.deadline_ms - time_ms) / span_ms)), 3)


def _circle_path(radius: int) -> str:
    """A circle from the top round to the right, as a path: only a path may carry ``pathLength`` in valid HTML."""
    return f"M0 {-radius}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}"


def _hexagon_path(radius: int) -> str:
    """Six sides inside the circle, with corners to the left and the right."""
    half, height = radius / 2, round(radius * 0.866, 1)
    return f"M{-radius} 0L{-half:g} {-height}H{half:g}L{radius} 0L{half:g} {height}H{-half:g}z"


def _build_vote_dots(cluster: Cluster, node: Node) -> tuple[str, str]:
    """A row of dots across a candidate's disc: one for each vote it has, then one for each it lacks."""
    if node.role not in (Role.CANDIDATE, Role.PRE_CANDIDATE):
        return "", ""
    size, low = len(cluster.nodes), 24 if node.role is Role.CANDIDATE else 29
    gap, radius = (9.0, 3.2) if size <= 5 else (42 / (size - 1), 2.4)
    first = -gap * (size - 1) / 2 - radius
    circle = f"a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"
    dots = [f"M{first + gap * index:.1f} {low}{circle}" for index in range(size)]
    return "".join(dots[: len(node.votes_granted)]), "".join(dots[len(node.votes_granted) :])


def build_mail(flights: tuple[Flight, ...], time_ms: int) -> tuple[MailShape, ...]:
    """The messages in flight at a moment, by their kind."""
    flights_by_kind: dict[str, list[Flight]] = {}
    for flight in flights:
        if flight.from_ms <= time_ms < flight.to_ms:
            flights_by_kind.setdefault(flight.kind, []).append(flight)
    return tuple(_build_mail_shape(kind, flights_of_kind, time_ms) for kind, flights_of_kind in flights_by_kind.items())


def _build_mail_shape(kind: str, flights: list[Flight], time_ms: int) -> MailShape:
    ways = [(flight.start, flight.position_at(time_ms), flight.end) for flight in flights]
    return MailShape(
        kind=kind,
        trail_path="".join(f"M{start.x:g} {start.y:g}L{here.x:g} {here.y:g}" for start, here, _ in ways),
        ahead_path="".join(f"M{here.x:g} {here.y:g}L{end.x:g} {end.y:g}" for _, here, end in ways),
        glyphs=tuple(here for _, here, _ in ways),
    )


def _describe(step: Step, broken_properties: tuple[str, ...]) -> str:
    cluster = step.cluster
    protocol_words = protocol_of(cluster.nodes[0]).words
    ids_by_state = group_equal(
        (
            node.id,
            (
                "" if node.id in cluster.down_nodes else protocol_words.roles[node.role],
                "paused" if cluster.is_paused(node.id) else find_standing(cluster, node),
                node.current_term,
            ),
        )
        for node in cluster.nodes
    )
    words = [
        f"{join_and(ids)} {_say_role(role, len(ids))}{_STANDING_WORDS[member][len(ids) > 1]} in "
        f"{protocol_words.term} {term}"
        for (role, member, term), ids in ids_by_state.items()
    ]
    count = len(cluster.packets)
    flight_words = f"{count} message{'' if count == 1 else 's'} in flight" if count else "no message is in flight"
    if cluster.waiting_packets:
        flight_words += f"; {count_words(len(cluster.waiting_packets), 'message')} waiting"
    subject, counted_groups = find_groups(cluster)
    tallies = "; ".join(
        group.words.replace("✓", "is a majority").replace("✗", "is no majority") for group in counted_groups
    )
    tally = f" {subject or 'majorities'}: {tallies}." if tallies and (subject or len(counted_groups) > 1) else ""
    broken_words = f" {join_and(broken_properties)} broken." if broken_properties else ""
    return f"{'; '.join(words)}; {flight_words}.{tally}{broken_words}"


_STANDING_WORDS = {
    "": ("", ""),
    "learner": (" (a learner)", " (learners)"),
    "joining": (" (joining)", " (joining)"),
    "paused": (" (paused)", " (paused)"),
    "outside": (" (outside the configuration)", " (outside the configuration)"),
}


def _say_role(role: str, count: int) -> str:
    """*is a leader*, *are followers*; without a role it is down."""
    if count > 1:
        return f"are {role}s" if role else "are down"
    article = "an" if role[:1] in tuple("aeiou") else "a"
    return f"is {article} {role}" if role else "is down"
