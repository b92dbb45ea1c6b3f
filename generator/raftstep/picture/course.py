"""What all pictures of one run have in common, whatever their ids begin with."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from raftstep.core.model import Role
from raftstep.picture.entries import is_change, snapshot_of
from raftstep.picture.film import film
from raftstep.picture.key import KINDS
from raftstep.picture.layout import Layout, layout
from raftstep.picture.log_view import Grid, grid
from raftstep.picture.moves import Move, moves
from raftstep.picture.regions import groups, has_members, standing
from raftstep.picture.vocabulary import PAXOS_KINDS, PAXOS_WORDS, RAFT_WORDS
from raftstep.scenario.played import Played
from raftstep.simulation.multi_paxos import MULTI_PAXOS

STANDINGS = (
    ("learner", "learner: six sides; it is sent the log and does not vote"),
    ("joining", "joining: dotted; it is sent the log before it may vote"),
    ("outside", "outside the configuration: dotted"),
)


class Course:
    """A played scenario as pictures need it, each part made when it is first asked for."""

    def __init__(self, played: Played) -> None:
        self.played = played

    @cached_property
    def ring(self) -> Layout:
        """Where the nodes are."""
        return layout(len(self.played.trace.start.nodes))

    @cached_property
    def columns(self) -> Grid:
        """Where the entries are."""
        return grid(self.played.trace, self.played.moments[-1].shown.number)

    @cached_property
    def flights(self) -> tuple[Move, ...]:
        """The ways of all messages."""
        return moves(self.played.trace, self.ring)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of messages that can be seen in this run, in words, in the order of the legend."""
        last_ms = self.played.moments_ms[-1]
        seen = {move.kind for move in self.flights if move.from_ms <= last_ms}
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
    def film(self) -> str:
        """The run between the steps as JSON, safe inside a script element."""
        return as_json(self.reel)

    @cached_property
    def reel(self) -> dict[str, Any]:
        """The same as plain data."""
        return film(self.played, self.ring, self.columns, self.flights)


def as_json(reel: dict[str, Any]) -> str:
    """A film as a script element may hold it."""
    return json.dumps(reel, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
