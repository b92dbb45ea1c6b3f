"""Where the nodes stand: an ellipse with equal walking distance between neighbours, first node on top."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, pi, sin

WIDTH = 400
KEY_HEIGHT = 56
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
def layout(size: int) -> Layout:
    """Room for 1 to 9 nodes; larger rings are taller, so that text keeps its size on a phone."""
    height = 366 if size <= 5 else 430 if size <= 7 else 520
    radius = 42 if size <= 5 else 39 if size <= 7 else 36
    bottom = height - KEY_HEIGHT - radius - 8
    half_width, half_height = WIDTH / 2 - SIDE_ROOM, (bottom - CROWN_ROOM) / 2
    if size in (3, 5):
        half_height = (bottom - CROWN_ROOM) / (1 + cos(pi / size))
    centre = Spot(x=WIDTH / 2, y=CROWN_ROOM + half_height)
    if size == 1:
        return Layout(height=height, radius=radius, spots=(Spot(x=centre.x, y=(CROWN_ROOM + bottom) / 2),))
    return Layout(height=height, radius=radius, spots=_around(centre, half_width, half_height, size))


def _around(centre: Spot, half_width: float, half_height: float, size: int) -> tuple[Spot, ...]:
    fine = 3600
    points = [
        Spot(
            x=centre.x + half_width * sin(2 * pi * turn / fine),
            y=centre.y - half_height * cos(2 * pi * turn / fine),
        )
        for turn in range(fine + 1)
    ]
    walked = [0.0]
    for one, other in pairwise(points):
        walked.append(walked[-1] + hypot(other.x - one.x, other.y - one.y))
    spots = []
    place = 0
    for number in range(size):
        while walked[place] < walked[-1] * number / size:
            place += 1
        spots.append(Spot(x=round(points[place].x, 1), y=round(points[place].y, 1)))
    return tuple(spots)
