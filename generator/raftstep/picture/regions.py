"""Who belongs to the cluster: a region for each majority that decides, with its count, and each node's standing.

Nothing is drawn where every node votes and nothing else is in sight, as in the whole of the paper's Figure 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

from raftstep.core.model import Membership, Node, NodeId, Role
from raftstep.core.quorum import majority
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.log_view import last_index_of
from raftstep.simulation.cluster import Cluster

CANDIDATE_ROLES = (Role.CANDIDATE, Role.PRE_CANDIDATE)
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
class VoterGroup:
    """The nodes of one majority, and those of them who count for what ``subject`` wants."""

    name: str
    voters: tuple[NodeId, ...]
    agreeing_ids: tuple[NodeId, ...]

    @property
    def words(self) -> str:
        """How many there are, and whether they are enough."""
        size, count = len(self.voters), len(self.agreeing_ids)
        return f"{self.name}{count} of {size} {'✓' if count >= majority(size) else '✗'}"


def shows_membership(cluster: Cluster) -> bool:
    """Whether it matters who belongs: the configuration may change, or some node is not a voter."""
    node = cluster.nodes[0]
    if node.settings.membership is not Membership.FIXED:
        return True
    voters, everyone = cluster.configuration.voters, cluster.ids
    return voters != everyone and set(voters) != set(everyone)


def find_standing(cluster: Cluster, node: Node) -> str:
    """``learner``, ``joining`` or ``outside`` for a node that does not vote; nothing for a voter."""
    if not shows_membership(cluster):
        return ""
    configurations = [decider.configuration for decider in _find_deciders(cluster)]
    if any(node.id in configuration.electorate for configuration in configurations):
        return ""
    if any(node.id in configuration.learners for configuration in configurations):
        return "learner"
    catch_up_configurations = [
        member.leader_state.catch_up.configuration for member in cluster.nodes if member.leader_state.catch_up
    ]
    return "joining" if any(node.id in configuration.voters for configuration in catch_up_configurations) else "outside"


def _find_deciders(cluster: Cluster) -> list[Node]:
    """Leaders and then candidates, of the newest terms first; without any, the node with the newest log."""
    alive = [node for node in cluster.nodes if node.id not in cluster.down_nodes]
    leaders = [node for node in alive if node.role is Role.LEADER]
    candidates = [node for node in alive if node.role in CANDIDATE_ROLES]
    deciders = [
        *sorted(leaders, key=lambda node: -node.current_term),
        *sorted(candidates, key=lambda node: -node.current_term),
    ]
    newest = next((node for node in cluster.nodes if node.configuration == cluster.configuration), cluster.nodes[0])
    return deciders or [newest]


def find_groups(cluster: Cluster) -> tuple[str, list[VoterGroup]]:
    """What is being counted, and the groups that count it: two while joint, or where two nodes disagree."""
    if not shows_membership(cluster):
        return "", []
    deciders = _find_deciders(cluster)
    first = deciders[0]
    if first.configuration.is_joint:
        named_halves = (("old ", first.configuration.outgoing), ("new ", first.configuration.voters))
        return _name_subject(first), [_build_group(name, voters, first) for name, voters in named_halves]
    rivals = [decider for decider in deciders[1:] if decider.configuration.voters != first.configuration.voters]
    if rivals:
        disagreeing = [first, rivals[0]]
        return "", [_build_group(f"{decider.id}: ", decider.configuration.voters, decider) for decider in disagreeing]
    return _name_subject(first), [_build_group("", first.configuration.voters, first)]


def _name_subject(node: Node) -> str:
    """What is counted: votes, or the copies of its last entry that a leader knows of, of which there may be more."""
    if node.role in CANDIDATE_ROLES:
        return f"{'pre-votes' if node.role is Role.PRE_CANDIDATE else 'votes'} for {node.id}"
    knows_copies = node.role is Role.LEADER and last_index_of(node)
    return f"entry {last_index_of(node)} known on" if knows_copies else ""


def _build_group(name: str, voters: tuple[NodeId, ...], decider: Node) -> VoterGroup:
    if decider.role in CANDIDATE_ROLES:
        agreeing_ids = decider.votes_granted
    else:
        last = last_index_of(decider)
        own_mark = decider.written_index if getattr(decider, "disk_is_slow", False) else last
        marks = {decider.id: own_mark, **{progress.peer: progress.match_index for progress in decider.progress}}
        agreeing_ids = frozenset(id for id, mark in marks.items() if mark >= last)
    return VoterGroup(name=name, voters=voters, agreeing_ids=tuple(id for id in voters if id in agreeing_ids))


def build_regions(cluster: Cluster, ring: Layout) -> tuple[Region, ...]:
    """The outlines of the groups and their counts, in the picture's upper right corner."""
    subject, counted_groups = find_groups(cluster)
    has_tally = _has_tally(cluster)
    has_heading = bool(subject and has_tally) and len(cluster.ids) <= 6
    shapes = []
    for index, group in enumerate(counted_groups[:MOST_REGIONS]):
        look = "old" if len(counted_groups) > 1 and index == 0 else "new"
        pad = ring.radius + (9 if look == "old" or len(counted_groups) == 1 else 10.5)
        y = 15.0 + 17 * (index + has_heading)
        shapes.append(
            Region(
                look=look,
                outline=_outline_path(
                    [ring.spots[cluster.ids.index(id)] for id in group.voters], pad, ring, cluster, group
                ),
                words=group.words if has_tally or len(counted_groups) > 1 else "",
                y=y,
                sample=f"M{TALLY_RIGHT - 18} {y - 5:g}h18" if has_tally or len(counted_groups) > 1 else "",
            )
        )
    return tuple(shapes)


def build_tally_heading(cluster: Cluster) -> str:
    """What the counts are of, where there is room to say it."""
    subject, _ = find_groups(cluster)
    return subject if _has_tally(cluster) and len(cluster.ids) <= 6 else ""


def _has_tally(cluster: Cluster) -> bool:
    """Whether there is a leader or a candidate, so that there is something to count."""
    return shows_membership(cluster) and any(
        node.role is Role.LEADER or node.role in CANDIDATE_ROLES for node in _find_deciders(cluster)
    )


def _outline_path(spots: list[Spot], pad: float, ring: Layout, cluster: Cluster, group: VoterGroup) -> str:
    """A band around the group's nodes; a circle around each where the band would touch a node that is not of it."""
    hull = _order_corners(spots)
    other_spots = [ring.spots[index] for index, id in enumerate(cluster.ids) if id not in group.voters]
    if len(spots) == len(ring.spots) and len(spots) > 1:
        return _band_path(hull, pad)
    if any(_distance_to_hull(hull, other_spot) < pad + ring.radius + 3 for other_spot in other_spots):
        return "".join(_circle_path(spot, pad) for spot in spots)
    return _band_path(hull, pad)


def _order_corners(spots: list[Spot]) -> list[Spot]:
    """The corners around a centre, in turn: on a ring, every node of a group is one."""
    x, y = sum(spot.x for spot in spots) / len(spots), sum(spot.y for spot in spots) / len(spots)
    return sorted(spots, key=lambda spot: atan2(spot.y - y, spot.x - x) % (2 * pi))


def _band_path(hull: list[Spot], pad: float) -> str:
    """Straight sides at a distance, with round corners; the corners run clockwise."""
    if len(hull) == 1:
        return _circle_path(hull[0], pad)
    path = ""
    for index, spot in enumerate(hull):
        next_spot = hull[(index + 1) % len(hull)]
        length = hypot(next_spot.x - spot.x, next_spot.y - spot.y)
        aside_x, aside_y = (next_spot.y - spot.y) / length * pad, -(next_spot.x - spot.x) / length * pad
        start = f"{spot.x + aside_x:.1f} {spot.y + aside_y:.1f}"
        path += f"A{pad:g} {pad:g} 0 0 1 {start}" if path else f"M{start}"
        path += f"L{next_spot.x + aside_x:.1f} {next_spot.y + aside_y:.1f}"
    first = path[1 : path.index("L")]
    return f"{path}A{pad:g} {pad:g} 0 0 1 {first}z"


def _circle_path(spot: Spot, radius: float) -> str:
    arc = f"a{radius:g} {radius:g} 0 1 1"
    return f"M{spot.x - radius:.1f} {spot.y:g}{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0z"


def _distance_to_hull(hull: list[Spot], spot: Spot) -> float:
    """How far a spot is from the nearest side of a hull; 0 inside it."""
    if len(hull) == 1:
        return hypot(spot.x - hull[0].x, spot.y - hull[0].y)
    sides = list(zip(hull, [*hull[1:], hull[0]], strict=True))
    crosses = [(end.x - start.x) * (spot.y - start.y) - (end.y - start.y) * (spot.x - start.x) for start, end in sides]
    if len(hull) > 2 and all(cross >= 0 for cross in crosses):
        return 0.0
    return min(_distance_to_side(start, end, spot) for start, end in sides)


def _distance_to_side(start: Spot, end: Spot, spot: Spot) -> float:
    fraction = ((spot.x - start.x) * (end.x - start.x) + (spot.y - start.y) * (end.y - start.y)) / (
        (end.x - start.x) ** 2 + (end.y - start.y) ** 2
    )
    part = min(1.0, max(0.0, fraction))
    return hypot(spot.x - start.x - (end.x - start.x) * part, spot.y - start.y - (end.y - start.y) * part)
