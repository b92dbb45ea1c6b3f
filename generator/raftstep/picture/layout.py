"""Where the nodes are: an ellipse with equal walking distance between neighbours, first node on top."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, pi, sin

WIDTH = 400
CAPTION_HEIGHT = 56
CROWN_ROOM = 66
SIDE_ROOM = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The centre of a node, in user units."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The frame of a cluster picture: its height, the nodes' radius and their places."""

    height: int
    radius: int
    spots: tuple[Spot, ...]


@lru_cache
def arrange_nodes(size: int) -> Layout:
    """Room for 1 to 9 nodes; larger rings are taller, so that text keeps its size on a phone."""
    height = 366 if size <= 5 else 430 if size <= 7 else 520
    radius = 42 if size <= 5 else 39 if size <= 7 else 36
    bottom = height - CAPTION_HEIGHT - radius - 8
    half_width, half_height = WIDTH / 2 - SIDE_ROOM, (bottom - CROWN_ROOM) / 2
    if size in (3, 5):
        half_height = (bottom - CROWN_ROOM) / (1 + cos(pi / size))
    centre = Spot(x=WIDTH / 2, y=CROWN_ROOM + half_height)
    if size == 1:
        return Layout(height=height, radius=radius, spots=(Spot(x=centre.x, y=(CROWN_ROOM + bottom) / 2),))
    return Layout(height=height, radius=radius, spots=_space_evenly(centre, half_width, half_height, size))


def _space_evenly(centre: Spot, half_width: float, half_height: float, size: int) -> tuple[Spot, ...]:
    resolution = 3600
    points = [
        Spot(
            x=centre.x + half_width * sin(2 * pi * turn / resolution),
            y=centre.y - half_height * cos(2 * pi * turn / resolution),
        )
        for turn in range(resolution + 1)
    ]
    distances = [0.0]
    for point, next_point in pairwise(points):
        distances.append(distances[-1] + hypot(next_point.x - point.x, next_point.y - point.y))
    spots = []
    index = 0
    for number in range(size):
        while distances[index] < distances[-1] * number / size:
            index += 1
        spots.append(Spot(x=round(points[index].x, 1), y=round(points[index].y, 1)))
    return tuple(spots)
