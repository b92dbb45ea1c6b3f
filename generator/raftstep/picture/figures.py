"""All the pictures of one played scenario, drawn once."""

from __future__ import annotations

import json
from dataclasses import dataclass

from raftstep.picture.cluster_view import cluster_view
from raftstep.picture.draw import draw
from raftstep.picture.film import film
from raftstep.picture.layout import layout
from raftstep.picture.log_view import grid, log_view
from raftstep.picture.moves import moves
from raftstep.picture.timeline_view import timeline_view
from raftstep.scenario.expect import role_of
from raftstep.scenario.play import Moment, Played
from raftstep.simulation.describe import entry_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node in the table that stands for a picture."""

    id: str
    role: str
    term: int
    vote: str
    log: str
    commit_index: int
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step: its moment, its pictures as SVG text, and its state as a table."""

    moment: Moment
    cluster: str
    log: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything drawn for one scenario. ``film`` is JSON, safe inside a script element."""

    played: Played
    steps: tuple[StepFigures, ...]
    timeline: str
    film: str


def figures(played: Played, *, prefix: str) -> Figures:
    """Draw a scenario; every id in it begins with ``prefix``."""
    trace = played.trace
    ring = layout(len(trace.start.nodes))
    columns = grid(trace, played.moments[-1].shown.number)
    flights = moves(trace, ring)
    steps = []
    for moment in played.moments:
        cluster = cluster_view(
            moment.shown,
            ring,
            flights,
            time_ms=moment.time_ms,
            span_ms=trace.timeout_ms[1],
            id=f"{prefix}-{moment.number}-cluster",
            title=f"Step {moment.number}, {moment.name}: the cluster at {moment.time_ms} ms",
        )
        log = log_view(
            moment.shown.cluster,
            columns,
            id=f"{prefix}-{moment.number}-logs",
            title=f"Step {moment.number}, {moment.name}: the logs at {moment.time_ms} ms",
        )
        steps.append(StepFigures(moment=moment, cluster=draw(cluster), log=draw(log), rows=_rows(moment)))
    reel = json.dumps(film(played, ring, columns, flights), ensure_ascii=False, separators=(",", ":"))
    return Figures(
        played=played,
        steps=tuple(steps),
        timeline=draw(timeline_view(played, id=f"{prefix}-timeline")),
        film=reel.replace("</", "<\\/"),
    )


def _rows(moment: Moment) -> tuple[Row, ...]:
    cluster = moment.shown.cluster
    rows = []
    for node in cluster.nodes:
        timer = cluster.timer(node.id)
        left = f"{max(0, timer.deadline_ms - moment.time_ms)} ms" if timer else "–"
        rows.append(
            Row(
                id=node.id,
                role=role_of(cluster, node),
                term=node.current_term,
                vote=node.voted_for or "none",
                log=", ".join(entry_words(entry) for entry in node.log) or "empty",
                commit_index=node.commit_index,
                timer=left,
            )
        )
    return tuple(rows)
