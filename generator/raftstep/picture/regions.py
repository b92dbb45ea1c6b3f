"""Who belongs to the cluster: a region for each majority that decides, with its count, and each node's standing.

Nothing is drawn where every node votes and nothing else is in sight, as in the whole of the paper's Figure 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

from raftstep.core.model import Membership, Node, NodeId, Role
from raftstep.core.quorum import majority
from raftstep.picture.entries import last_held
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import protocol_of

STANDS = (Role.CANDIDATE, Role.PRE_CANDIDATE)
TALLY_RIGHT = WIDTH - 6
MOST_REGIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One group that needs a majority of its own: its outline, and who of it counts so far, in words."""

    look: str
    outline: str
    words: str
    y: float
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The nodes of one majority, and those of them who count for what ``subject`` wants."""

    name: str
    voters: tuple[NodeId, ...]
    counted: tuple[NodeId, ...]

    @property
    def words(self) -> str:
        """How many there are, and whether they are enough."""
        size, count = len(self.voters), len(self.counted)
        return f"{self.name}{count} of {size} {'✓' if count >= majority(size) else '✗'}"


def has_members(cluster: Cluster) -> bool:
    """Whether it matters who belongs: the configuration may change, or some node is not a voter."""
    node = cluster.nodes[0]
    if protocol_of(node) is not RAFT:
        return False
    if node.settings.membership is not Membership.FIXED:
        return True
    voters, everyone = cluster.configuration.voters, cluster.ids
    return voters != everyone and set(voters) != set(everyone)


def standing(cluster: Cluster, node: Node) -> str:
    """``learner``, ``joining`` or ``outside`` for a node that does not vote; nothing for a voter."""
    if not has_members(cluster):
        return ""
    known = [one.configuration for one in _deciders(cluster)]
    if any(node.id in configuration.electorate for configuration in known):
        return ""
    if any(node.id in configuration.learners for configuration in known):
        return "learner"
    catching_up = [one.office.catch_up.configuration for one in cluster.nodes if one.office.catch_up]
    return "joining" if any(node.id in configuration.voters for configuration in catching_up) else "outside"


def _deciders(cluster: Cluster) -> list[Node]:
    """Leaders and then those who stand, of the newest terms first; without any, the node with the newest log."""
    alive = [node for node in cluster.nodes if node.id not in cluster.down]
    leaders = [node for node in alive if node.role is Role.LEADER]
    standing = [node for node in alive if node.role in STANDS]
    found = [
        *sorted(leaders, key=lambda node: -node.current_term),
        *sorted(standing, key=lambda node: -node.current_term),
    ]
    newest = next((node for node in cluster.nodes if node.configuration == cluster.configuration), cluster.nodes[0])
    return found or [newest]


def groups(cluster: Cluster) -> tuple[str, list[Group]]:
    """What is being counted, and the groups that count it: two while joint, or where two nodes disagree."""
    if not has_members(cluster):
        return "", []
    deciders = _deciders(cluster)
    first = deciders[0]
    if first.configuration.joint:
        halves = (("old ", first.configuration.outgoing), ("new ", first.configuration.voters))
        return _subject(first), [_group(name, voters, first) for name, voters in halves]
    others = [one for one in deciders[1:] if one.configuration.voters != first.configuration.voters]
    if others:
        named = [first, others[0]]
        return "", [_group(f"{one.id}: ", one.configuration.voters, one) for one in named]
    return _subject(first), [_group("", first.configuration.voters, first)]


def _subject(node: Node) -> str:
    if node.role in STANDS:
        return f"votes for {node.id}"
    return f"entry {last_held(node)} is on" if node.role is Role.LEADER and last_held(node) else ""


def _group(name: str, voters: tuple[NodeId, ...], decider: Node) -> Group:
    if decider.role in STANDS:
        counted = decider.votes_granted
    else:
        last = last_held(decider)
        counted = frozenset({decider.id, *(one.peer for one in decider.progress if one.match_index >= last)})
    return Group(name=name, voters=voters, counted=tuple(id for id in voters if id in counted))


def regions(cluster: Cluster, ring: Layout) -> tuple[Region, ...]:
    """The outlines of the groups and their counts, in the picture's upper right corner."""
    subject, found = groups(cluster)
    counts = _counts(cluster)
    heading = bool(subject and counts) and len(cluster.ids) <= 6
    shapes = []
    for place, group in enumerate(found[:MOST_REGIONS]):
        look = "old" if len(found) > 1 and place == 0 else "new"
        pad = ring.radius + (9 if look == "old" or len(found) == 1 else 10.5)
        y = 15.0 + 17 * (place + heading)
        shapes.append(
            Region(
                look=look,
                outline=_outline([ring.spots[cluster.ids.index(id)] for id in group.voters], pad, ring, cluster, group),
                words=group.words if counts or len(found) > 1 else "",
                y=y,
                sample=f"M{TALLY_RIGHT - 18} {y - 5:g}h18" if counts or len(found) > 1 else "",
            )
        )
    return tuple(shapes)


def tally_heading(cluster: Cluster) -> str:
    """What the counts are of, where there is room to say it."""
    subject, _ = groups(cluster)
    return subject if _counts(cluster) and len(cluster.ids) <= 6 else ""


def _counts(cluster: Cluster) -> bool:
    """Whether somebody leads or stands, so that there is something to count."""
    return has_members(cluster) and any(node.role is Role.LEADER or node.role in STANDS for node in _deciders(cluster))


def _outline(spots: list[Spot], pad: float, ring: Layout, cluster: Cluster, group: Group) -> str:
    """A band around the group's nodes; a circle around each where the band would touch a node that is not of it."""
    hull = _hull(spots)
    strangers = [ring.spots[place] for place, id in enumerate(cluster.ids) if id not in group.voters]
    if len(spots) == len(ring.spots) and len(spots) > 1:
        return _band(hull, pad)
    if any(_distance(hull, other) < pad + ring.radius + 3 for other in strangers):
        return "".join(_circle(spot, pad) for spot in spots)
    return _band(hull, pad)


def _hull(spots: list[Spot]) -> list[Spot]:
    """The corners around a centre, in turn: on a ring, every node of a group is one."""
    x, y = sum(spot.x for spot in spots) / len(spots), sum(spot.y for spot in spots) / len(spots)
    return sorted(spots, key=lambda spot: atan2(spot.y - y, spot.x - x) % (2 * pi))


def _band(hull: list[Spot], pad: float) -> str:
    """Straight sides at a distance, with round corners; the corners run clockwise."""
    if len(hull) == 1:
        return _circle(hull[0], pad)
    path = ""
    for place, spot in enumerate(hull):
        after = hull[(place + 1) % len(hull)]
        length = hypot(after.x - spot.x, after.y - spot.y)
        aside_x, aside_y = (after.y - spot.y) / length * pad, -(after.x - spot.x) / length * pad
        start = f"{spot.x + aside_x:.1f} {spot.y + aside_y:.1f}"
        path += f"A{pad:g} {pad:g} 0 0 1 {start}" if path else f"M{start}"
        path += f"L{after.x + aside_x:.1f} {after.y + aside_y:.1f}"
    first = path[1 : path.index("L")]
    return f"{path}A{pad:g} {pad:g} 0 0 1 {first}z"


def _circle(spot: Spot, radius: float) -> str:
    arc = f"a{radius:g} {radius:g} 0 1 1"
    return f"M{spot.x - radius:.1f} {spot.y:g}{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0z"


def _distance(hull: list[Spot], spot: Spot) -> float:
    """How far a spot is from the nearest side of a hull; 0 inside it."""
    if len(hull) == 1:
        return hypot(spot.x - hull[0].x, spot.y - hull[0].y)
    sides = list(zip(hull, [*hull[1:], hull[0]], strict=True))
    crosses = [(b.x - a.x) * (spot.y - a.y) - (b.y - a.y) * (spot.x - a.x) for a, b in sides]
    if len(hull) > 2 and all(cross >= 0 for cross in crosses):
        return 0.0
    return min(_to_side(a, b, spot) for a, b in sides)


def _to_side(a: Spot, b: Spot, spot: Spot) -> float:
    along = ((spot.x - a.x) * (b.x - a.x) + (spot.y - a.y) * (b.y - a.y)) / ((b.x - a.x) ** 2 + (b.y - a.y) ** 2)
    part = min(1.0, max(0.0, along))
    return hypot(spot.x - a.x - (b.x - a.x) * part, spot.y - a.y - (b.y - a.y) * part)
