"""All the pictures of one played scenario, drawn once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from raftstep.core.model import Node, ReadMode
from raftstep.picture.cluster_view import ClusterFrame, build_cluster_frame
from raftstep.picture.draw import Figure, draw_figure
from raftstep.picture.log_view import LogFrame, build_log_frame
from raftstep.picture.overlay import find_speaking_step, list_broken_properties
from raftstep.picture.regions import find_standing, shows_membership
from raftstep.picture.run_pictures import RunPictures
from raftstep.picture.timeline_view import TimelineFrame, build_timeline_frame
from raftstep.scenario.model import Moment, PlayedScenario
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_words
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.raft_words import configuration_words, snapshot_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
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
    """One step: its moment, its two pictures, and its state as a table."""

    moment: Moment
    cluster: Figure
    log: Figure
    rows: tuple[TableRow, ...]

    def __repr__(self) -> str:
        return f"<StepFigures of {self.moment!r}>"


class Figures:
    """The pictures of one run on one page, each drawn when it is first asked for.

    Every id in them begins with ``prefix``. The names of the parts that a film moves begin with ``part_prefix``, so
    that two runs can be moved by one film. What has no id is the ``run_pictures``'s, and made once for all pages.
    """

    def __init__(self, run_pictures: RunPictures, *, prefix: str, part_prefix: str = "") -> None:
        self.run_pictures = run_pictures
        self.played = run_pictures.played
        self.prefix = prefix
        self.part_prefix = part_prefix

    def __repr__(self) -> str:
        return f"<Figures of {self.played!r}>"

    @cached_property
    def steps(self) -> tuple[StepFigures, ...]:
        """The pictures of each step."""
        return tuple(
            StepFigures(
                moment=moment,
                cluster=self.draw_cluster(moment.number),
                log=self.draw_log(moment.number),
                rows=build_rows(moment),
            )
            for moment in self.played.moments
        )

    @cached_property
    def timeline(self) -> Figure:
        """The space-time picture of the whole run."""
        return draw_figure(self.build_timeline())

    @property
    def film_json(self) -> str:
        """The run between the steps as JSON, safe inside a script element."""
        return self.run_pictures.film_json

    def moment(self, number: int) -> Moment:
        """The step of this number."""
        return next(moment for moment in self.played.moments if moment.number == number)

    def draw_cluster(self, number: int) -> Figure:
        """The cluster at the step of this number, where no other picture is wanted."""
        return draw_figure(self.build_cluster(number))

    def draw_log(self, number: int) -> Figure:
        """The logs at the step of this number, likewise."""
        return draw_figure(self.build_log(number))

    def build_cluster(self, number: int) -> ClusterFrame:
        """The cluster at the step of this number, to be drawn."""
        moment = self.moment(number)
        frame = build_cluster_frame(
            moment.shown_step,
            self.run_pictures.ring,
            self.run_pictures.flights,
            time_ms=moment.time_ms,
            span_ms=self.played.trace.timeout_ms[1],
            id=f"{self.prefix}-{number}-cluster",
            title=f"The cluster at {moment.time_ms} ms",
            speaking=find_speaking_step(self.played.trace, moment.shown_step),
            broken_properties=list_broken_properties(self.played.trace, moment.shown_step.number),
        )
        return replace(frame, part_prefix=self.part_prefix)

    def build_log(self, number: int) -> LogFrame:
        """The logs at the step of this number, to be drawn."""
        moment = self.moment(number)
        frame = build_log_frame(
            moment.shown_step.cluster,
            self.run_pictures.log_grid,
            id=f"{self.prefix}-{number}-logs",
            title=f"The logs at {moment.time_ms} ms",
        )
        return replace(frame, part_prefix=self.part_prefix)

    def build_timeline(self, current_step: int = 1) -> TimelineFrame:
        """The whole run in space and time, with a mark at one step, to be drawn."""
        return build_timeline_frame(self.played, id=f"{self.prefix}-timeline", current_step=current_step)


def make_figures(played: PlayedScenario, *, prefix: str) -> Figures:
    """What to draw a scenario with."""
    return Figures(RunPictures(played), prefix=prefix)


def build_rows(moment: Moment) -> tuple[TableRow, ...]:
    """The state of every node at one step, as a table."""
    cluster = moment.shown_step.cluster
    rows = []
    for node in cluster.nodes:
        timer = cluster.timer(node.id)
        time_left = f"{max(0, timer.deadline_ms - moment.time_ms)} ms" if timer else "–"
        rows.append(
            TableRow(
                id=node.id,
                role=_describe_role(cluster, node),
                term=str(node.current_term),
                vote=node.voted_for or "none",
                log=_describe_log(node),
                commit_index=node.commit_index,
                timer=time_left,
                configuration=_describe_configuration(node) if shows_membership(cluster) else "",
                state=_describe_state(node) if _has_state_column(cluster) else "",
            )
        )
    return tuple(rows)


def _describe_log(node: Node) -> str:
    snapshot = node.snapshot
    snapshot_parts = [snapshot_words(snapshot)] if snapshot.index else []
    return ", ".join([*snapshot_parts, *(entry_words(entry) for entry in node.log)]) or "empty"


def _describe_role(cluster: Cluster, node: Node) -> str:
    if node.id in cluster.down_nodes:
        return "down"
    role, member_standing = protocol_of(node).words.roles[node.role], find_standing(cluster, node)
    if cluster.is_paused(node.id):
        return f"{role} (paused)"
    return f"{role} ({member_standing})" if member_standing else role


def _describe_configuration(node: Node) -> str:
    return configuration_words(node.configuration) if node.configuration.members else "none"


def _has_state_column(cluster: Cluster) -> bool:
    """Whether what the state machines hold is worth a column: for Figure 2 alone the logs say it."""
    settings = cluster.nodes[0].settings
    serves_clients = settings.sessions or settings.reads is not ReadMode.OFF
    return serves_clients or any(node.snapshot.index for node in cluster.nodes)


def _describe_state(node: Node) -> str:
    return " ".join(f"{key}={value}" for key, value in node.machine.pairs) or "empty"
