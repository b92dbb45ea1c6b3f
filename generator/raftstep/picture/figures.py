"""All the pictures of one played scenario, drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from raftstep.core.model import Node, ReadMode
from raftstep.picture.cluster_view import build_cluster_frame
from raftstep.picture.draw import draw
from raftstep.picture.log_view import build_log_frame
from raftstep.picture.overlay import list_broken_properties
from raftstep.picture.regions import find_standing, has_members
from raftstep.picture.run_pictures import RunPictures
from raftstep.picture.timeline_view import build_timeline_frame
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
    """One step: its moment, its pictures as SVG text, and its state as a table."""

    moment: Moment
    cluster_svg: str
    log_svg: str
    rows: tuple[TableRow, ...]


class Figures:
    """Everything drawn for one scenario, each part when it is first asked for.

    Every id in it begins with ``prefix``; what has none is the ``run_pictures``'s, and made once for all prefixes.
    """

    def __init__(self, run_pictures: RunPictures, *, prefix: str) -> None:
        self.run_pictures = run_pictures
        self.played = run_pictures.played
        self.prefix = prefix

    @cached_property
    def steps(self) -> tuple[StepFigures, ...]:
        """The pictures of each step."""
        return tuple(
            StepFigures(
                moment=moment,
                cluster_svg=self.draw_cluster(moment),
                log_svg=self.draw_log(moment),
                rows=_build_rows(moment),
            )
            for moment in self.played.moments
        )

    @cached_property
    def timeline(self) -> str:
        """The space-time picture of the whole run, as SVG text."""
        return draw(build_timeline_frame(self.played, id=f"{self.prefix}-timeline"))

    def draw_cluster(self, moment: Moment) -> str:
        """The cluster at one step, as SVG text."""
        return draw(
            build_cluster_frame(
                moment.shown_step,
                self.run_pictures.ring,
                self.run_pictures.flights,
                time_ms=moment.time_ms,
                span_ms=self.played.trace.timeout_ms[1],
                id=f"{self.prefix}-{moment.number}-cluster",
                title=f"The cluster at {moment.time_ms} ms",
                broken_properties=list_broken_properties(self.played.trace, moment.shown_step.number),
            )
        )

    def draw_log(self, moment: Moment) -> str:
        """The logs at one step, as SVG text."""
        return draw(
            build_log_frame(
                moment.shown_step.cluster,
                self.run_pictures.log_grid,
                id=f"{self.prefix}-{moment.number}-logs",
                title=f"The logs at {moment.time_ms} ms",
            )
        )


def make_figures(played: PlayedScenario, *, prefix: str) -> Figures:
    """What to draw a scenario with."""
    return Figures(RunPictures(played), prefix=prefix)


def _build_rows(moment: Moment) -> tuple[TableRow, ...]:
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
                configuration=_describe_configuration(node) if has_members(cluster) else "",
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
