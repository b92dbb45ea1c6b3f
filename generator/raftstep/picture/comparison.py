"""Two runs of one schedule, drawn to be stepped together, with the places in which they differ marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from raftstep.picture.comparison_timeline import build_comparison_frame, build_shared_axis
from raftstep.picture.difference import ClientAnswers, Difference, compare_clusters
from raftstep.picture.draw import Figure, draw_figure
from raftstep.picture.figures import Figures, StepFigures, build_rows
from raftstep.picture.log_view import mark_cell
from raftstep.picture.run_pictures import RunPictures, encode_film
from raftstep.scenario.model import Moment, PlayedScenario

SECOND_PREFIX = "beside-"
"""What the names of the second run's parts begin with, so that one film can move both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonStep:
    """One moment of both runs: their pictures, with marks, and how they differ."""

    first: StepFigures
    second: StepFigures
    difference: Difference


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
    """Two runs that :func:`list_mismatches` has nothing against, drawn to be stepped together.

    Every id in their pictures begins with ``prefix``.
    """

    def __init__(self, first: RunPictures, second: RunPictures, *, prefix: str) -> None:
        self.prefix = prefix
        self.first = Figures(first, prefix=prefix)
        self.second = Figures(second, prefix=f"{prefix}-beside", part_prefix=SECOND_PREFIX)

    @cached_property
    def steps(self) -> tuple[ComparisonStep, ...]:
        """Each moment of both."""
        moments = zip(self.first.played.moments, self.second.played.moments, strict=True)
        return tuple(self._draw_step(*pair) for pair in moments)

    @cached_property
    def timeline(self) -> Figure:
        """One space-time picture with the lanes of both runs."""
        return draw_figure(build_comparison_frame(self.first.played, self.second.played, id=f"{self.prefix}-timeline"))

    @cached_property
    def film_json(self) -> str:
        """Both runs between the steps as JSON, safe inside a script; the second's parts have names of their own."""
        first_film, second_film = (
            self.first.run_pictures.build_film(),
            self.second.run_pictures.build_film(SECOND_PREFIX),
        )
        axis = build_shared_axis(self.first.played, self.second.played)
        film = {
            **first_film,
            "axis": [list(knot) for knot in axis.knots],
            "changes": sorted([*first_film["changes"], *second_film["changes"]], key=lambda change: change[0]),
            "dials": [*first_film["dials"], *second_film["dials"]],
            "beside": {SECOND_PREFIX + "mail": {key: second_film[key] for key in ("kinds", "ways", "moves")}},
        }
        return encode_film(film)

    def _draw_step(self, first: Moment, second: Moment) -> ComparisonStep:
        difference = compare_clusters(
            first.shown_step.cluster,
            second.shown_step.cluster,
            (_collect_answers(self.first.played, first), _collect_answers(self.second.played, second)),
        )
        return ComparisonStep(
            first=_draw_marked(self.first, first, difference),
            second=_draw_marked(self.second, second, difference),
            difference=difference,
        )


def _draw_marked(figures: Figures, moment: Moment, difference: Difference) -> StepFigures:
    """One run's pictures at a moment, with marks around what differs, and under it, so that they hide nothing."""
    ids = moment.shown_step.cluster.ids
    ring, log_grid = figures.run_pictures.ring, figures.run_pictures.log_grid
    cluster = replace(
        figures.build_cluster(moment.number),
        marked_spots=tuple(ring.spots[ids.index(id)] for id in difference.nodes),
        mark_radius=ring.radius + 11,
    )
    log = replace(
        figures.build_log(moment.number),
        marked_cells=tuple(
            mark_cell(log_grid, ids.index(id), index)
            for id, index in difference.log_positions
            if index <= log_grid.column_count
        ),
    )
    return StepFigures(moment=moment, cluster=draw_figure(cluster), log=draw_figure(log), rows=build_rows(moment))


def _collect_answers(played: PlayedScenario, moment: Moment) -> ClientAnswers:
    """What clients have been answered by the moment shown."""
    past_steps = played.trace.steps[: moment.shown_step.number + 1]
    return tuple(
        (past_step.outcome.node.id, answer)
        for past_step in past_steps
        if past_step.outcome
        for answer in past_step.outcome.answers
    )
