"""Two runs of one schedule, drawn to be stepped together, with the places in which they differ marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from raftstep.picture.beside_timeline import beside_axis, beside_view
from raftstep.picture.course import as_json
from raftstep.picture.difference import Difference, Told, difference
from raftstep.picture.draw import draw
from raftstep.picture.figures import Figures, StepFigures
from raftstep.picture.log_view import CELL_HEIGHT, HEADER, ROW, Grid
from raftstep.scenario.played import Played

SECOND = "beside-"
"""What the names of the second run's parts begin with, so that one film can move both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideStep:
    """One moment of both runs: their pictures, with marks, and how they differ."""

    first: StepFigures
    second: StepFigures
    difference: Difference
    clusters: tuple[str, str]
    logs: tuple[str, str]


def complaints(one: Played, other: Played) -> Iterator[str]:
    """Why two runs cannot be stepped together; nothing where they can."""
    if one.trace.start.ids != other.trace.start.ids:
        yield "their nodes are not the same; give both scenarios the same nodes"
    elif len(one.moments) != len(other.moments):
        yield f"one has {len(one.moments)} steps and the other {len(other.moments)}; give both as many"
    else:
        for first, second in zip(one.moments, other.moments, strict=True):
            if first.time_ms != second.time_ms:
                yield (
                    f"step {first.number} shows {first.time_ms} ms in one and {second.time_ms} ms in the other; "
                    'show one moment in both, with "after_ms"'
                )


class Beside:
    """Everything drawn for two scenarios that :func:`complaints` has nothing against."""

    def __init__(self, first: Figures, second: Figures) -> None:
        self.first = first
        self.second = second

    @cached_property
    def steps(self) -> tuple[BesideStep, ...]:
        """Each moment of both."""
        return tuple(self._step(*pair) for pair in zip(self.first.steps, self.second.steps, strict=True))

    @cached_property
    def timeline(self) -> str:
        """One space-time picture with the lanes of both runs, as SVG text."""
        return draw(beside_view(self.first.played, self.second.played, id=f"{self.first.prefix}-timeline"))

    @cached_property
    def film(self) -> str:
        """Both runs between the steps as JSON, safe inside a script; the second's parts have names of their own."""
        first, second = self.first.course.reel, self.second.course.reel
        changes = [*first["changes"], *(_second_change(*change) for change in second["changes"])]
        dials = [[since, until, SECOND + id, due] for since, until, id, due in second["dials"]]
        axis = beside_axis(self.first.played, self.second.played)
        reel = {
            **first,
            "axis": [list(knot) for knot in axis.knots],
            "changes": sorted(changes, key=lambda change: change[0]),
            "dials": [*first["dials"], *dials],
            "beside": {SECOND + "mail": {key: second[key] for key in ("kinds", "ways", "moves")}},
        }
        return as_json(reel)

    def _step(self, first: StepFigures, second: StepFigures) -> BesideStep:
        clusters = tuple(step.moment.shown.cluster for step in (first, second))
        answers = (_told(self.first.played, first), _told(self.second.played, second))
        found = difference(clusters[0], clusters[1], answers)
        ids = clusters[0].ids
        ring = self.first.course.ring
        circles = "".join(
            f'<circle cx="{ring.spots[ids.index(id)].x}" cy="{ring.spots[ids.index(id)].y}" r="{ring.radius + 11}"/>'
            for id in found.nodes
        )
        return BesideStep(
            first=first,
            second=second,
            difference=found,
            clusters=(_marked(first.cluster, circles), _second(_marked(second.cluster, circles))),
            logs=(
                _marked(first.log, _cells(self.first.course.columns, found, ids)),
                _second(_marked(second.log, _cells(self.second.course.columns, found, ids))),
            ),
        )


def _told(played: Played, step: StepFigures) -> Told:
    """What clients have been told by the moment shown."""
    past = played.trace.steps[: step.moment.shown.number + 1]
    return tuple((one.outcome.node.id, answer) for one in past if one.outcome for answer in one.outcome.answers)


def _second(markup: str) -> str:
    """The markup of a part, or of a whole picture, under the names of the second run."""
    return markup.replace('data-part="', f'data-part="{SECOND}').replace('data-dial="', f'data-dial="{SECOND}')


def _second_change(at_ms: float, part: str, look: str | int) -> list[str | float]:
    return [at_ms, SECOND + part, _second(look) if isinstance(look, str) else look]


def _cells(columns: Grid, found: Difference, ids: tuple[str, ...]) -> str:
    return "".join(
        f'<rect x="{columns.left(index) - 2}" y="{HEADER + ids.index(id) * ROW}" width="{columns.cell}" '
        f'height="{CELL_HEIGHT + 4}" rx="5"/>'
        for id, index in found.places
        if index <= columns.columns
    )


def _marked(svg: str, shapes: str) -> str:
    """A picture with marks around what they are about, and under it, so that they hide nothing."""
    if not shapes:
        return svg
    before, end, after = svg.partition("</desc>")
    return f'{before}{end}<g class="raft-differs">{shapes}</g>{after}'
