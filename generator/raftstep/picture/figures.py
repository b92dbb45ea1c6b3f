"""All the pictures of one played scenario, drawn once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from raftstep.core.model import Node, Reads, Role, Settings
from raftstep.picture.cluster_view import cluster_view
from raftstep.picture.draw import draw
from raftstep.picture.entries import is_change, snapshot_of
from raftstep.picture.film import film
from raftstep.picture.key import KINDS
from raftstep.picture.layout import layout
from raftstep.picture.log_view import grid, log_view
from raftstep.picture.moves import moves
from raftstep.picture.overlay import broken_by
from raftstep.picture.regions import groups, has_members, standing
from raftstep.picture.timeline_view import timeline_view
from raftstep.picture.vocabulary import PAXOS_KINDS, PAXOS_WORDS, RAFT_WORDS
from raftstep.scenario.played import Moment, Played
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import configuration_words, entry_words, snapshot_words
from raftstep.simulation.multi_paxos import MULTI_PAXOS
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

    Every id in it begins with ``prefix``.
    """

    def __init__(self, played: Played, *, prefix: str) -> None:
        self.played = played
        self.prefix = prefix
        trace = played.trace
        self._ring = layout(len(trace.start.nodes))
        self._columns = grid(trace, played.moments[-1].shown.number)
        self._flights = moves(trace, self._ring)

    @cached_property
    def steps(self) -> tuple[StepFigures, ...]:
        """The pictures of each step."""
        return tuple(
            StepFigures(moment=moment, cluster=self.cluster(moment), log=self.log(moment), rows=_rows(moment))
            for moment in self.played.moments
        )

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of messages that can be seen in this run, in words, in the order of the legend."""
        last_ms = self.played.moments_ms[-1]
        seen = {move.kind for move in self._flights if move.from_ms <= last_ms}
        known = PAXOS_KINDS if self._is_paxos else KINDS
        return {kind: words for kind, words in known.items() if kind in seen}

    @cached_property
    def signs(self) -> tuple[tuple[str, str], ...]:
        """What the legend says beside the ordinary: a swatch's look and its words, for what this run has."""
        clusters = [moment.shown.cluster for moment in self.played.moments]
        nodes = [node for cluster in clusters for node in cluster.nodes]
        entries = [entry for node in nodes for entry in node.log]
        known = (
            ("pre-candidate", "pre-candidate: dotted ring", any(node.role is Role.PRE_CANDIDATE for node in nodes)),
            *(
                (look, words, any(standing(cluster, node) == look for cluster in clusters for node in cluster.nodes))
                for look, words in STANDINGS
            ),
            ("new", "who decides: an outline, and how many of them so far", any(map(has_members, clusters))),
            ("old", "another group that decides: dashed outline", any(len(groups(one)[1]) > 1 for one in clusters)),
            ("snapshot", "snapshot in place of entries", any(snapshot_of(node).index for node in nodes)),
            ("configuration", "entry with a configuration: a bar", any(map(is_change, entries))),
        )
        return tuple((look, words) for look, words, seen in known if seen)

    @property
    def words(self) -> dict[str, str]:
        """What the run's protocol calls what tables and legends name."""
        return PAXOS_WORDS if self._is_paxos else RAFT_WORDS

    @property
    def _is_paxos(self) -> bool:
        return self.played.trace.protocol == MULTI_PAXOS.name

    @cached_property
    def timeline(self) -> str:
        """The space-time picture of the whole run, as SVG text."""
        return draw(timeline_view(self.played, id=f"{self.prefix}-timeline"))

    @cached_property
    def film(self) -> str:
        """The run between the steps as JSON, safe inside a script element."""
        return as_json(self.reel)

    @cached_property
    def reel(self) -> dict[str, Any]:
        """The same as plain data."""
        return film(self.played, self._ring, self._columns, self._flights)

    def cluster(self, moment: Moment) -> str:
        """The cluster at one step, as SVG text."""
        return draw(
            cluster_view(
                moment.shown,
                self._ring,
                self._flights,
                time_ms=moment.time_ms,
                span_ms=self.played.trace.timeout_ms[1],
                id=f"{self.prefix}-{moment.number}-cluster",
                title=f"Step {moment.number}, {moment.name}: the cluster at {moment.time_ms} ms",
                broken=broken_by(self.played.trace, moment.shown.number),
            )
        )

    def log(self, moment: Moment) -> str:
        """The logs at one step, as SVG text."""
        return draw(
            log_view(
                moment.shown.cluster,
                self._columns,
                id=f"{self.prefix}-{moment.number}-logs",
                title=f"Step {moment.number}, {moment.name}: the logs at {moment.time_ms} ms",
            )
        )


def as_json(reel: dict[str, Any]) -> str:
    """A film as a script element may hold it."""
    return json.dumps(reel, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def figures(played: Played, *, prefix: str) -> Figures:
    """What to draw a scenario with."""
    return Figures(played, prefix=prefix)


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


STANDINGS = (
    ("learner", "learner: six sides; it is sent the log and does not vote"),
    ("joining", "joining: dotted; it is sent the log before it may vote"),
    ("outside", "outside the configuration: dotted"),
)


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
