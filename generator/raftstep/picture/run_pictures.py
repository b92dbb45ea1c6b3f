"""What all pictures of one run have in common, whatever their ids begin with."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from raftstep.core.model import Role
from raftstep.picture.film import build_film
from raftstep.picture.flights import Flight, list_flights
from raftstep.picture.layout import Layout, arrange_nodes
from raftstep.picture.log_view import Grid, is_change, measure_grid
from raftstep.picture.regions import find_groups, find_standing, shows_membership
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.protocol import Protocol
from raftstep.simulation.protocols import PROTOCOLS

STANDING_SIGNS = (
    ("learner", "learner: hexagon; it receives the log and does not vote"),
    ("joining", "joining: dotted; it receives the log before it may vote"),
    ("outside", "outside the configuration: dotted"),
)


class RunPictures:
    """A played scenario as pictures need it, each part made when it is first asked for."""

    def __init__(self, played: PlayedScenario) -> None:
        self.played = played

    def __repr__(self) -> str:
        return f"<RunPictures of {self.played!r}>"

    @cached_property
    def ring(self) -> Layout:
        """Where the nodes are."""
        return arrange_nodes(len(self.played.trace.start.nodes))

    @cached_property
    def log_grid(self) -> Grid:
        """Where the entries are."""
        return measure_grid(self.played.trace, self.played.moments[-1].shown_step.number)

    @cached_property
    def flights(self) -> tuple[Flight, ...]:
        """The ways of all messages."""
        return list_flights(self.played.trace, self.ring)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of messages that can be seen in this run, in words, in the order of the legend."""
        last_ms = self.played.moments_ms[-1]
        visible_kinds = {flight.kind for flight in self.flights if flight.from_ms <= last_ms}
        return {kind: words for kind, words in self.protocol.kind_names.items() if kind in visible_kinds}

    @cached_property
    def signs(self) -> tuple[tuple[str, str], ...]:
        """The further entries that this run's legend needs: the look of a swatch, and its words."""
        clusters = [moment.shown_step.cluster for moment in self.played.moments]
        nodes = [node for cluster in clusters for node in cluster.nodes]
        entries = [entry for node in nodes for entry in node.log]
        all_signs = (
            ("pre-candidate", "pre-candidate: dotted ring", any(node.role is Role.PRE_CANDIDATE for node in nodes)),
            *(
                (
                    look,
                    words,
                    any(find_standing(cluster, node) == look for cluster in clusters for node in cluster.nodes),
                )
                for look, words in STANDING_SIGNS
            ),
            (
                "new",
                "voters: an outline, and how many have voted or acknowledged",
                any(map(shows_membership, clusters)),
            ),
            (
                "old",
                "second group of voters: dashed outline",
                any(len(find_groups(cluster)[1]) > 1 for cluster in clusters),
            ),
            ("snapshot", "snapshot in place of entries", any(node.snapshot.index for node in nodes)),
            ("configuration", "entry with a configuration: a bar", any(map(is_change, entries))),
        )
        return tuple((look, words) for look, words, occurs in all_signs if occurs)

    @property
    def words(self) -> dict[str, str]:
        """What the run's protocol calls what tables and legends name."""
        return self.protocol.words.labels

    @property
    def protocol(self) -> Protocol:
        """The run's protocol."""
        return PROTOCOLS[self.played.trace.protocol]

    @cached_property
    def film_json(self) -> str:
        """The run between the steps as JSON, safe inside a script element."""
        return encode_film(self.build_film())

    def build_film(self, part_prefix: str = "") -> dict[str, Any]:
        """The same as plain data; the names of the parts that it moves begin with ``part_prefix``."""
        return build_film(self.played, self.ring, self.log_grid, self.flights, part_prefix)


def encode_film(film_data: dict[str, Any]) -> str:
    """A film as a script element may hold it."""
    return json.dumps(film_data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
