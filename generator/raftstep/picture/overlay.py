"""What lies over and under the ring: who belongs, who speaks from outside, and which promise the run has broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

from raftstep.core.model import NodeId
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.regions import TALLY_RIGHT, Region, has_members, regions, tally_heading
from raftstep.scenario.facts import in_words
from raftstep.simulation.cluster import Change, Cluster, Read, Request, Snapshot, Transfer
from raftstep.simulation.trace import Step, Trace

BANNER_LETTER = 8.9
BANNER_HEIGHT = 17.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client, round, or an operator, square, in the middle of the ring, and the way of what it asks or is told."""

    x: float
    y: float
    left: float
    top: float
    corner: int
    way: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The names of the broken properties on a plate at the foot of the picture."""

    x: float
    y: float
    width: float
    height: float
    words: str
    words_x: float
    words_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """What lies under the nodes: the regions and their counts."""

    regions: tuple[Region, ...]
    heading: str
    heading_x: float
    words_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What lies over them: who speaks from outside, and what is broken."""

    caller: Caller | None
    banner: Banner | None


_NOTHING = Under(regions=(), heading="", heading_x=TALLY_RIGHT, words_x=TALLY_RIGHT - 24)


def under(cluster: Cluster, ring: Layout) -> Under:
    """The regions at one moment; in most runs there are none at any."""
    if not has_members(cluster):
        return _NOTHING
    return replace(_NOTHING, regions=regions(cluster, ring), heading=tally_heading(cluster))


def over(step: Step, ring: Layout, broken: tuple[str, ...]) -> Over:
    """Who speaks in this step, and which properties the run has broken so far."""
    return Over(caller=_caller(step, ring), banner=_banner(ring, broken))


def broken_by(trace: Trace, number: int) -> tuple[str, ...]:
    """The properties that a run has broken up to and with a step, in order."""
    return tuple(dict.fromkeys(alarm.property for step in trace.steps[: number + 1] for alarm in step.alarms))


def _centre(ring: Layout) -> Spot:
    """The middle of the ring; beside a node that is alone, or between two."""
    size = len(ring.spots)
    y = sum(spot.y for spot in ring.spots) / size
    return Spot(x=WIDTH / 2 - (110 if size < 3 else 0), y=y)


def _caller(step: Step, ring: Layout) -> Caller | None:
    """Who asks in this step, or is answered in it; a question that is answered at once shows the answer's way."""
    word, node = _who(step)
    if not node:
        return None
    here = _centre(ring)
    there = ring.spots[step.cluster.ids.index(node)]
    length = max(1.0, hypot(there.x - here.x, there.y - here.y))
    along_x, along_y = (there.x - here.x) / length, (there.y - here.y) / length
    near = Spot(x=here.x + along_x * 20, y=here.y + along_y * 20)
    far = Spot(x=there.x - along_x * (ring.radius + 12), y=there.y - along_y * (ring.radius + 12))
    answered = bool(step.outcome and step.outcome.answers)
    start, end, turn = (far, near, -1) if answered else (near, far, 1)
    return Caller(
        x=round(here.x, 1),
        y=round(here.y, 1),
        left=round(here.x - 14, 1),
        top=round(here.y - 14, 1),
        corner=14 if word == "client" else 5,
        way=f"M{start.x:.1f} {start.y:.1f}L{end.x:.1f} {end.y:.1f}",
        head=_head(end, along_x * turn, along_y * turn),
    )


def _head(end: Spot, along_x: float, along_y: float) -> str:
    left = Spot(x=end.x - along_x * 9 - along_y * 5.5, y=end.y - along_y * 9 + along_x * 5.5)
    right = Spot(x=end.x - along_x * 9 + along_y * 5.5, y=end.y - along_y * 9 - along_x * 5.5)
    return f"M{left.x:.1f} {left.y:.1f}L{end.x:.1f} {end.y:.1f}L{right.x:.1f} {right.y:.1f}"


def _who(step: Step) -> tuple[str, NodeId]:
    match step.event:
        case Request(node=node) | Read(node=node):
            return "client", node
        case Change(node=node) | Transfer(node=node) | Snapshot(node=node):
            return "operator", node
    if step.outcome and step.outcome.answers:
        return "client", step.outcome.node.id
    return "", ""


def _banner(ring: Layout, broken: tuple[str, ...]) -> Banner | None:
    if not broken:
        return None
    words = f"{', '.join(broken)} broken"
    if BANNER_LETTER * len(words) > WIDTH - 20:
        words = f"{broken[0]} and {in_words(len(broken) - 1)} more broken"
    width = round(BANNER_LETTER * len(words) + 16, 1)
    top = ring.height - BANNER_HEIGHT - 1.6  # its edge is drawn on both sides of the line
    return Banner(
        x=round((WIDTH - width) / 2, 1),
        y=top,
        width=width,
        height=BANNER_HEIGHT,
        words=words,
        words_x=WIDTH / 2,
        words_y=round(top + 13.5, 1),
    )
