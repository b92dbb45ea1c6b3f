"""What lies over and under the ring: who belongs, who speaks from outside, and which promise the run has broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

from raftstep.core.model import NodeId
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.regions import TALLY_RIGHT, Region, build_regions, build_tally_heading, shows_membership
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import event_node, verb_of
from raftstep.simulation.short_words import number_word
from raftstep.simulation.trace import Step, Trace
from raftstep.simulation.verb import Speaker

LINGERING_MS = 12
"""How long after its words a client is still in the picture."""

BANNER_LETTER = 8.9
BANNER_HEIGHT = 17.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client, round, or an operator, square, in the middle of the ring, and the way of a request or a reply."""

    x: float
    y: float
    left: float
    top: float
    corner: int
    line_path: str
    head_path: str


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
class Underlay:
    """What lies under the nodes: the regions and their counts."""

    regions: tuple[Region, ...]
    heading: str
    heading_x: float
    words_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What lies over them: who speaks from outside, and what is broken."""

    caller: Caller | None
    banner: Banner | None


_EMPTY_UNDERLAY = Underlay(regions=(), heading="", heading_x=TALLY_RIGHT, words_x=TALLY_RIGHT - 24)


def build_underlay(cluster: Cluster, ring: Layout) -> Underlay:
    """The regions at one moment; in most runs there are none at any."""
    if not shows_membership(cluster):
        return _EMPTY_UNDERLAY
    return replace(_EMPTY_UNDERLAY, regions=build_regions(cluster, ring), heading=build_tally_heading(cluster))


def build_overlay(step: Step, ring: Layout, broken_properties: tuple[str, ...]) -> Overlay:
    """Who speaks in this step, and which properties the run has broken so far."""
    return Overlay(caller=_build_caller(step, ring), banner=_build_banner(ring, broken_properties))


def find_speaking_step(trace: Trace, step: Step) -> Step:
    """The step in which somebody outside asks or is answered, if that was a moment ago; the step itself otherwise.

    A client that shows for a single millisecond would be seen by nobody.
    """
    for earlier in reversed(trace.steps[: step.number + 1]):
        if step.time_ms - earlier.time_ms > LINGERING_MS:
            break
        if _find_caller(earlier)[1]:
            return earlier
    return step


def list_broken_properties(trace: Trace, number: int) -> tuple[str, ...]:
    """The properties that a run has broken up to and with a step, in order."""
    return tuple(dict.fromkeys(alarm.property for step in trace.steps[: number + 1] for alarm in step.alarms))


def _find_centre(ring: Layout) -> Spot:
    """The middle of the ring; next to a node that is alone, or between two."""
    size = len(ring.spots)
    y = sum(spot.y for spot in ring.spots) / size
    return Spot(x=WIDTH / 2 - (110 if size < 3 else 0), y=y)


def _build_caller(step: Step, ring: Layout) -> Caller | None:
    """Who asks in this step, or is answered in it; a question that is answered at once shows the answer's way."""
    caller_kind, node = _find_caller(step)
    if not node:
        return None
    caller_spot = _find_centre(ring)
    node_spot = ring.spots[step.cluster.ids.index(node)]
    length = max(1.0, hypot(node_spot.x - caller_spot.x, node_spot.y - caller_spot.y))
    along_x, along_y = (node_spot.x - caller_spot.x) / length, (node_spot.y - caller_spot.y) / length
    caller_end = Spot(x=caller_spot.x + along_x * 20, y=caller_spot.y + along_y * 20)
    node_end = Spot(x=node_spot.x - along_x * (ring.radius + 12), y=node_spot.y - along_y * (ring.radius + 12))
    is_answer = bool(step.outcome and step.outcome.answers)
    start, end, direction = (node_end, caller_end, -1) if is_answer else (caller_end, node_end, 1)
    return Caller(
        x=round(caller_spot.x, 1),
        y=round(caller_spot.y, 1),
        left=round(caller_spot.x - 14, 1),
        top=round(caller_spot.y - 14, 1),
        corner=14 if caller_kind == Speaker.CLIENT else 5,
        line_path=f"M{start.x:.1f} {start.y:.1f}L{end.x:.1f} {end.y:.1f}",
        head_path=_arrow_head_path(end, along_x * direction, along_y * direction),
    )


def _arrow_head_path(end: Spot, along_x: float, along_y: float) -> str:
    left = Spot(x=end.x - along_x * 9 - along_y * 5.5, y=end.y - along_y * 9 + along_x * 5.5)
    right = Spot(x=end.x - along_x * 9 + along_y * 5.5, y=end.y - along_y * 9 - along_x * 5.5)
    return f"M{left.x:.1f} {left.y:.1f}L{end.x:.1f} {end.y:.1f}L{right.x:.1f} {right.y:.1f}"


def _find_caller(step: Step) -> tuple[str, NodeId]:
    speaker = verb_of(step.event).speaker
    if speaker:
        return speaker, event_node(step.event) or ""
    if step.outcome and step.outcome.answers:
        return Speaker.CLIENT, step.outcome.node.id
    return "", ""


def _build_banner(ring: Layout, broken_properties: tuple[str, ...]) -> Banner | None:
    if not broken_properties:
        return None
    words = f"{', '.join(broken_properties)} broken"
    if BANNER_LETTER * len(words) > WIDTH - 20:
        words = f"{broken_properties[0]} and {number_word(len(broken_properties) - 1)} more broken"
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


def cut_path(cluster: Cluster, ring: Layout) -> str:
    """A bar across each cut link, or one curve between two groups that are side by side on the ring."""
    if not cluster.cut_links:
        return ""
    ids, spots = cluster.ids, ring.spots
    size = len(ids)
    borders = [index for index in range(size) if (ids[index], ids[(index + 1) % size]) in cluster.cut_links]
    if len(borders) == 2:
        centre = Spot(x=sum(spot.x for spot in spots) / size, y=sum(spot.y for spot in spots) / size)
        start, end = (_push_outward(_midpoint(spots[index], spots[(index + 1) % size]), centre) for index in borders)
        return f"M{start.x:.1f} {start.y:.1f}Q{centre.x:.1f} {centre.y:.1f} {end.x:.1f} {end.y:.1f}"
    spot_by_id = dict(zip(ids, spots, strict=True))
    return "".join(
        _bar_path(spot_by_id[source], spot_by_id[target])
        for source, target in sorted(cluster.cut_links)
        if ids.index(source) < ids.index(target)
    )


def _midpoint(start: Spot, end: Spot) -> Spot:
    return Spot(x=(start.x + end.x) / 2, y=(start.y + end.y) / 2)


def _push_outward(spot: Spot, centre: Spot) -> Spot:
    return Spot(x=centre.x + (spot.x - centre.x) * 1.3, y=centre.y + (spot.y - centre.y) * 1.3)


def _bar_path(start: Spot, end: Spot) -> str:
    middle = _midpoint(start, end)
    length = ((end.x - start.x) ** 2 + (end.y - start.y) ** 2) ** 0.5
    aside_x, aside_y = -(end.y - start.y) / length * 12, (end.x - start.x) / length * 12
    return f"M{middle.x - aside_x:.1f} {middle.y - aside_y:.1f}L{middle.x + aside_x:.1f} {middle.y + aside_y:.1f}"
