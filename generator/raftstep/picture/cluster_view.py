"""The cluster on its ring: roles, terms, votes, timers, and the messages in flight at the point they have reached."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import Node, NodeId, Role
from raftstep.picture.cut import cut_path
from raftstep.picture.key import KeyLine, key_lines
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.moves import Move
from raftstep.picture.overlay import Over, Under, over, under
from raftstep.picture.regions import groups, standing
from raftstep.scenario.facts import gathered, listed
from raftstep.simulation.cluster import Cluster, Timer
from raftstep.simulation.protocols import protocol_of, stamp
from raftstep.simulation.trace import Step

LETTER = 8.0
"""Width of one letter of a badge, in user units, on the generous side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """One node as drawn, around its own centre; ``votes`` and ``lacking`` are a candidate's, a dot each.

    ``over`` is the first part of a word too long for one line. A learner is a ``hexagon``.
    """

    id: NodeId
    x: float
    y: float
    radius: int
    look: str
    word: str
    over: str
    standing: str
    hexagon: str
    term: str
    badge_x: float
    badge_y: float
    badge_left: float
    badge_top: float
    badge_width: float
    dial: float | None
    ring: str
    votes: str
    lacking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailShape:
    """All messages of one kind in flight: the ways behind them and ahead, and their glyphs' top left corners."""

    kind: str
    behind: str
    ahead: str
    glyphs: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFrame:
    """A whole cluster picture."""

    id: str
    title: str
    description: str
    width: int
    height: int
    nodes: tuple[NodeShape, ...]
    mail: tuple[MailShape, ...]
    cut: str
    key: tuple[KeyLine, ...]
    under: Under
    over: Over


def cluster_view(
    step: Step,
    ring: Layout,
    flights: tuple[Move, ...],
    *,
    time_ms: int,
    span_ms: int,
    id: str,
    title: str,
    broken: tuple[str, ...] = (),
) -> ClusterFrame:
    """The cluster after a step, at a moment no earlier than it. ``span_ms`` is a full dial.

    ``broken`` names the properties that the run has broken so far.
    """
    cluster = step.cluster
    nodes = tuple(node_shape(cluster, node, ring, time_ms=time_ms, span_ms=span_ms) for node in cluster.nodes)
    return ClusterFrame(
        id=id,
        title=title,
        description=_describe(step, broken),
        width=WIDTH,
        height=ring.height,
        nodes=nodes,
        mail=mail_at(flights, time_ms),
        cut=cut_path(cluster, ring),
        key=key_lines(step, ring, room=2 if broken else 3),
        under=under(cluster, ring),
        over=over(step, ring, broken),
    )


def node_shape(cluster: Cluster, node: Node, ring: Layout, *, time_ms: float, span_ms: int) -> NodeShape:
    """One node's look at a moment."""
    spot = ring.spots[cluster.ids.index(node.id)]
    down = node.id in cluster.down
    term = stamp(node.current_term)
    badge = badge_place(ring, cluster.ids.index(node.id))
    width = 12 + LETTER * len(term)
    votes, lacking = ("", "") if down else _pips(cluster, node)
    role = protocol_of(node).words.roles[node.role]
    stands = standing(cluster, node)
    word = "down" if down else stands if stands and node.role is Role.FOLLOWER else role
    over = "pre-" if word.startswith("pre-") else ""
    return NodeShape(
        id=node.id,
        x=spot.x,
        y=spot.y,
        radius=ring.radius,
        look="crashed" if down else node.role.value,
        word=word.removeprefix(over),
        over=over,
        standing=stands,
        hexagon=_hexagon(ring.radius) if stands == "learner" else "",
        term=term,
        badge_x=badge.x,
        badge_y=round(badge.y + 5, 1),
        badge_left=round(badge.x - width / 2, 1),
        badge_top=round(badge.y - 11, 1),
        badge_width=width,
        dial=_dial(cluster.timer(node.id), time_ms, span_ms),
        ring=_ring(ring.radius + 6),
        votes=votes,
        lacking=lacking,
    )


def badge_place(ring: Layout, place: int) -> Spot:
    """Where a node's term stands, from its own centre: on the side away from the others, clear of all messages."""
    centre = sum(spot.y for spot in ring.spots) / len(ring.spots)
    spot = ring.spots[place]
    aside = -0.88 if spot.x < WIDTH / 2 - 1 else 0.88
    down = 0.84 if spot.y > centre + ring.radius else -0.84
    return Spot(x=round(ring.radius * aside, 1), y=round(ring.radius * down, 1))


def _dial(timer: Timer | None, time_ms: float, span_ms: int) -> float | None:
    """How much of the longest possible timeout is left, from 0 to 1; no dial for a leader or a node that is down."""
    if timer is None or not timer.election:
        return None
    return round(min(1.0, max(0.0, (timer.deadline_ms - time_ms) / span_ms)), 3)


def _ring(radius: int) -> str:
    """A circle from the top round to the right, as a path: only a path may carry ``pathLength`` in valid HTML."""
    return f"M0 {-radius}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}"


def _hexagon(radius: int) -> str:
    """Six sides inside the circle, with corners to the left and the right."""
    half, height = radius / 2, round(radius * 0.866, 1)
    return f"M{-radius} 0L{-half:g} {-height}H{half:g}L{radius} 0L{half:g} {height}H{-half:g}z"


def _pips(cluster: Cluster, node: Node) -> tuple[str, str]:
    """A row of dots across a candidate's disc: one for each vote it has, then one for each it lacks."""
    if node.role not in (Role.CANDIDATE, Role.PRE_CANDIDATE):
        return "", ""
    size, low = len(cluster.nodes), 24 if node.role is Role.CANDIDATE else 29
    gap, radius = (9.0, 3.2) if size <= 5 else (42 / (size - 1), 2.4)
    first = -gap * (size - 1) / 2 - radius
    circle = f"a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"
    dots = [f"M{first + gap * place:.1f} {low}{circle}" for place in range(size)]
    return "".join(dots[: len(node.votes_granted)]), "".join(dots[len(node.votes_granted) :])


def mail_at(flights: tuple[Move, ...], time_ms: int) -> tuple[MailShape, ...]:
    """The messages in flight at a moment, by their kind."""
    kinds: dict[str, list[Move]] = {}
    for move in flights:
        if move.from_ms <= time_ms < move.to_ms:
            kinds.setdefault(move.kind, []).append(move)
    return tuple(_mail(kind, moves, time_ms) for kind, moves in kinds.items())


def _mail(kind: str, moves: list[Move], time_ms: int) -> MailShape:
    ways = [(move.start, move.at(time_ms), move.end) for move in moves]
    return MailShape(
        kind=kind,
        behind="".join(f"M{start.x:g} {start.y:g}L{here.x:g} {here.y:g}" for start, here, _ in ways),
        ahead="".join(f"M{here.x:g} {here.y:g}L{end.x:g} {end.y:g}" for _, here, end in ways),
        glyphs=tuple(here for _, here, _ in ways),
    )


def _describe(step: Step, broken: tuple[str, ...]) -> str:
    cluster = step.cluster
    known = protocol_of(cluster.nodes[0]).words
    told = gathered(
        (
            node.id,
            ("" if node.id in cluster.down else known.roles[node.role], standing(cluster, node), node.current_term),
        )
        for node in cluster.nodes
    )
    words = [
        f"{listed(ids)} {_be(role, len(ids))}{_STANDINGS[member][len(ids) > 1]} in {known.term} {term}"
        for (role, member, term), ids in told.items()
    ]
    count = len(cluster.packets)
    flying = f"{count} message{'' if count == 1 else 's'} in flight" if count else "no message is in flight"
    subject, counted = groups(cluster)
    tallies = "; ".join(group.words.replace("✓", "is a majority").replace("✗", "is none") for group in counted)
    tally = f" {subject or 'majorities'}: {tallies}." if tallies and (subject or len(counted) > 1) else ""
    breaks = f" {listed(broken)} broken." if broken else ""
    return f"{'; '.join(words)}; {flying}.{tally}{breaks}"


_STANDINGS = {
    "": ("", ""),
    "learner": (" (a learner)", " (learners)"),
    "joining": (" (joining)", " (joining)"),
    "outside": (" (outside the configuration)", " (outside the configuration)"),
}


def _be(role: str, count: int) -> str:
    """*is a leader*, *are followers*; without a role it is down."""
    if count > 1:
        return f"are {role}s" if role else "are down"
    article = "an" if role[:1] in tuple("aeiou") else "a"
    return f"is {article} {role}" if role else "is down"
