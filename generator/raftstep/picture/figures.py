"""All the pictures of one played scenario, drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from raftstep.core.model import Node, Reads, Settings
from raftstep.picture.cluster_view import cluster_view
from raftstep.picture.course import Course
from raftstep.picture.draw import draw
from raftstep.picture.entries import snapshot_of
from raftstep.picture.log_view import log_view
from raftstep.picture.overlay import broken_by
from raftstep.picture.regions import has_members, standing
from raftstep.picture.timeline_view import timeline_view
from raftstep.scenario.played import Moment, Played
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import configuration_words, entry_words, snapshot_words
from raftstep.simulation.protocols import protocol_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node in the table that stands for a picture."""

    id: str
    role: str
    term: str
    vote: str
    log: str
    commit_index: int
    timer: str
    configuration: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step: its moment, its pictures as SVG text, and its state as a table."""

    moment: Moment
    cluster: str
    log: str
    rows: tuple[Row, ...]


class Figures:
    """Everything drawn for one scenario, each part when it is first asked for.

    Every id in it begins with ``prefix``; what has none is the ``course``'s, and made once for all prefixes.
    """

    def __init__(self, course: Course, *, prefix: str) -> None:
        self.course = course
        self.played = course.played
        self.prefix = prefix

    @cached_property
    def steps(self) -> tuple[StepFigures, ...]:
        """The pictures of each step."""
        return tuple(
            StepFigures(moment=moment, cluster=self.cluster(moment), log=self.log(moment), rows=_rows(moment))
            for moment in self.played.moments
        )

    @cached_property
    def timeline(self) -> str:
        """The space-time picture of the whole run, as SVG text."""
        return draw(timeline_view(self.played, id=f"{self.prefix}-timeline"))

    def cluster(self, moment: Moment) -> str:
        """The cluster at one step, as SVG text."""
        return draw(
            cluster_view(
                moment.shown,
                self.course.ring,
                self.course.flights,
                time_ms=moment.time_ms,
                span_ms=self.played.trace.timeout_ms[1],
                id=f"{self.prefix}-{moment.number}-cluster",
                title=f"The cluster at {moment.time_ms} ms",
                broken=broken_by(self.played.trace, moment.shown.number),
            )
        )

    def log(self, moment: Moment) -> str:
        """The logs at one step, as SVG text."""
        return draw(
            log_view(
                moment.shown.cluster,
                self.course.columns,
                id=f"{self.prefix}-{moment.number}-logs",
                title=f"The logs at {moment.time_ms} ms",
            )
        )


def figures(played: Played, *, prefix: str) -> Figures:
    """What to draw a scenario with."""
    return Figures(Course(played), prefix=prefix)


def _rows(moment: Moment) -> tuple[Row, ...]:
    cluster = moment.shown.cluster
    rows = []
    for node in cluster.nodes:
        timer = cluster.timer(node.id)
        left = f"{max(0, timer.deadline_ms - moment.time_ms)} ms" if timer else "–"
        rows.append(
            Row(
                id=node.id,
                role=_role_words(cluster, node),
                term=str(node.current_term),
                vote=node.voted_for or "none",
                log=_log_words(node),
                commit_index=node.commit_index,
                timer=left,
                configuration=_configuration_words(node) if has_members(cluster) else "",
                state=_state_words(node) if _keeps_state(cluster) else "",
            )
        )
    return tuple(rows)


def _log_words(node: Node) -> str:
    snapshot = snapshot_of(node)
    held = [snapshot_words(snapshot)] if snapshot.index else []
    return ", ".join([*held, *(entry_words(entry) for entry in node.log)]) or "empty"


def _role_words(cluster: Cluster, node: Node) -> str:
    if node.id in cluster.down:
        return "down"
    role, member = protocol_of(node).words.roles[node.role], standing(cluster, node)
    return f"{role} ({member})" if member else role


def _configuration_words(node: Node) -> str:
    return configuration_words(node.configuration) if node.configuration.members else "none"


def _keeps_state(cluster: Cluster) -> bool:
    """Whether what the state machines hold is worth a column: for Figure 2 alone the logs say it."""
    settings = getattr(cluster.nodes[0], "settings", None)
    if not isinstance(settings, Settings):
        return False
    asked = settings.sessions or settings.reads is not Reads.OFF
    return asked or any(node.snapshot.index for node in cluster.nodes)


def _state_words(node: Node) -> str:
    return " ".join(f"{key}={value}" for key, value in node.machine.pairs) or "empty"
