"""Cut links: a bar across each, or one curve between two groups."""

from __future__ import annotations

from raftstep.picture.layout import Layout, Spot
from raftstep.simulation.cluster import Cluster


def cut_path(cluster: Cluster, ring: Layout) -> str:
    """A bar across each cut link, or one curve between two groups that stand side by side on the ring."""
    if not cluster.cut:
        return ""
    ids, spots = cluster.ids, ring.spots
    size = len(ids)
    borders = [place for place in range(size) if (ids[place], ids[(place + 1) % size]) in cluster.cut]
    if len(borders) == 2:
        centre = Spot(x=sum(spot.x for spot in spots) / size, y=sum(spot.y for spot in spots) / size)
        one, other = (_outward(_between(spots[place], spots[(place + 1) % size]), centre) for place in borders)
        return f"M{one.x:.1f} {one.y:.1f}Q{centre.x:.1f} {centre.y:.1f} {other.x:.1f} {other.y:.1f}"
    places = dict(zip(ids, spots, strict=True))
    return "".join(
        _bar(places[one], places[other]) for one, other in sorted(cluster.cut) if ids.index(one) < ids.index(other)
    )


def _between(one: Spot, other: Spot) -> Spot:
    return Spot(x=(one.x + other.x) / 2, y=(one.y + other.y) / 2)


def _outward(spot: Spot, centre: Spot) -> Spot:
    return Spot(x=centre.x + (spot.x - centre.x) * 1.3, y=centre.y + (spot.y - centre.y) * 1.3)


def _bar(one: Spot, other: Spot) -> str:
    middle = _between(one, other)
    length = ((other.x - one.x) ** 2 + (other.y - one.y) ** 2) ** 0.5
    aside_x, aside_y = -(other.y - one.y) / length * 12, (other.x - one.x) / length * 12
    return f"M{middle.x - aside_x:.1f} {middle.y - aside_y:.1f}L{middle.x + aside_x:.1f} {middle.y + aside_y:.1f}"
