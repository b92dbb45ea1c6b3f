"""Two runs of one schedule, drawn to be stepped together, with the places in which they differ marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from raftstep.picture.comparison_timeline import build_comparison_frame, build_shared_axis
from raftstep.picture.difference import ClientAnswers, Difference, compare_clusters
from raftstep.picture.draw import draw
from raftstep.picture.figures import Figures, StepFigures
from raftstep.picture.log_view import CELL_HEIGHT, HEADER_HEIGHT, ROW_HEIGHT, Grid
from raftstep.picture.run_pictures import encode_film
from raftstep.scenario.model import PlayedScenario

SECOND_PREFIX = "beside-"
"""What the names of the second run's parts begin with, so that one film can move both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonStep:
    """One moment of both runs: their pictures, with marks, and how they differ."""

    first: StepFigures
    second: StepFigures
    difference: Difference
    cluster_svgs: tuple[str, str]
    log_svgs: tuple[str, str]


def list_mismatches(first_run: PlayedScenario, second_run: PlayedScenario) -> Iterator[str]:
    """Why two runs cannot be stepped together; nothing where they can."""
    if first_run.trace.start.ids != second_run.trace.start.ids:
        yield "their nodes are not the same; give both scenarios the same nodes"
    elif len(first_run.moments) != len(second_run.moments):
        yield f"one has {len(first_run.moments)} steps and the other {len(second_run.moments)}; give both as many"
    else:
        for first_moment, second_moment in zip(first_run.moments, second_run.moments, strict=True):
            if first_moment.time_ms != second_moment.time_ms:
                yield (
                    f"step {first_moment.number} shows {first_moment.time_ms} ms in one and "
                    f"{second_moment.time_ms} ms in the other; "
                    'show one moment in both, with "after_ms"'
                )


class Comparison:
    """Everything drawn for two scenarios that :func:`list_mismatches` has nothing against."""

    def __init__(self, first: Figures, second: Figures) -> None:
        self.first = first
        self.second = second

    @cached_property
    def steps(self) -> tuple[ComparisonStep, ...]:
        """Each moment of both."""
        return tuple(self._build_step(*pair) for pair in zip(self.first.steps, self.second.steps, strict=True))

    @cached_property
    def timeline(self) -> str:
        """One space-time picture with the lanes of both runs, as SVG text."""
        return draw(build_comparison_frame(self.first.played, self.second.played, id=f"{self.first.prefix}-timeline"))

    @cached_property
    def film_json(self) -> str:
        """Both runs between the steps as JSON, safe inside a script; the second's parts have names of their own."""
        first_film, second_film = self.first.run_pictures.film_data, self.second.run_pictures.film_data
        changes = [*first_film["changes"], *(_prefix_change(*change) for change in second_film["changes"])]
        dials = [[since, until, SECOND_PREFIX + id, due] for since, until, id, due in second_film["dials"]]
        axis = build_shared_axis(self.first.played, self.second.played)
        film_data = {
            **first_film,
            "axis": [list(knot) for knot in axis.knots],
            "changes": sorted(changes, key=lambda change: change[0]),
            "dials": [*first_film["dials"], *dials],
            "beside": {SECOND_PREFIX + "mail": {key: second_film[key] for key in ("kinds", "ways", "moves")}},
        }
        return encode_film(film_data)

    def _build_step(self, first: StepFigures, second: StepFigures) -> ComparisonStep:
        clusters = tuple(step.moment.shown_step.cluster for step in (first, second))
        answers = (_collect_answers(self.first.played, first), _collect_answers(self.second.played, second))
        differences = compare_clusters(clusters[0], clusters[1], answers)
        ids = clusters[0].ids
        ring = self.first.run_pictures.ring
        circles = "".join(
            f'<circle cx="{ring.spots[ids.index(id)].x}" cy="{ring.spots[ids.index(id)].y}" r="{ring.radius + 11}"/>'
            for id in differences.nodes
        )
        return ComparisonStep(
            first=first,
            second=second,
            difference=differences,
            cluster_svgs=(
                _insert_marks(first.cluster_svg, circles),
                _prefix_parts(_insert_marks(second.cluster_svg, circles)),
            ),
            log_svgs=(
                _insert_marks(first.log_svg, _mark_cells(self.first.run_pictures.log_grid, differences, ids)),
                _prefix_parts(
                    _insert_marks(second.log_svg, _mark_cells(self.second.run_pictures.log_grid, differences, ids))
                ),
            ),
        )


def _collect_answers(played: PlayedScenario, step: StepFigures) -> ClientAnswers:
    """What clients have been told by the moment shown."""
    past_steps = played.trace.steps[: step.moment.shown_step.number + 1]
    return tuple(
        (past_step.outcome.node.id, answer)
        for past_step in past_steps
        if past_step.outcome
        for answer in past_step.outcome.answers
    )


def _prefix_parts(markup: str) -> str:
    """The markup of a part, or of a whole picture, under the names of the second run."""
    return markup.replace('data-part="', f'data-part="{SECOND_PREFIX}').replace(
        'data-dial="', f'data-dial="{SECOND_PREFIX}'
    )


def _prefix_change(at_ms: float, part: str, look: str | int) -> list[str | float]:
    return [at_ms, SECOND_PREFIX + part, _prefix_parts(look) if isinstance(look, str) else look]


def _mark_cells(log_grid: Grid, differences: Difference, ids: tuple[str, ...]) -> str:
    return "".join(
        f'<rect x="{log_grid.left_edge(index) - 2}" '
        f'y="{HEADER_HEIGHT + ids.index(id) * ROW_HEIGHT}" width="{log_grid.cell_width}" '
        f'height="{CELL_HEIGHT + 4}" rx="5"/>'
        for id, index in differences.log_positions
        if index <= log_grid.column_count
    )


def _insert_marks(svg: str, shapes: str) -> str:
    """A picture with marks around what they are about, and under it, so that they hide nothing."""
    if not shapes:
        return svg
    before, end, after = svg.partition("</desc>")
    return f'{before}{end}<g class="raft-differs">{shapes}</g>{after}'
