"""The searches of Multi-Paxos that the site shows: each rule left out in turn, and none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from raftstep.core.paxos.guards import Guard
from raftstep.simulation.explore.paxos import PaxosBounds, paxos_model
from raftstep.simulation.explore.result import Exploration
from raftstep.simulation.explore.search import Limits, explore

TWO_PROPOSERS = ("S1", "S2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One search: its bounds, which property breaks (any, where none is named), and where it gives up."""

    bounds: PaxosBounds
    broken_property: str = ""
    most_states: int = 3_000_000

    @property
    def slug(self) -> str:
        """The rule left out; *all-rules* where none is."""
        return " ".join(sorted(guard.slug for guard in self.bounds.without)) or "all-rules"

    def search(self) -> Exploration:
        """The search itself; some seconds to a minute."""
        properties = (self.broken_property,) if self.broken_property else ()
        return explore(paxos_model(self.bounds), Limits(states=self.most_states, properties=properties))


def _bounds_without(guard: Guard, **bounds: Any) -> PaxosBounds:
    return PaxosBounds(without=frozenset({guard}), **bounds)


CASES = (
    Case(bounds=_bounds_without(Guard.PREPARE_MAJORITY)),
    Case(bounds=_bounds_without(Guard.ACCEPT_MAJORITY)),
    Case(bounds=_bounds_without(Guard.ADOPT_REPORTED)),
    Case(bounds=_bounds_without(Guard.KEEP_PROMISE)),
    Case(
        bounds=_bounds_without(Guard.DURABLE_ACCEPTANCE, crashes=1, proposers=TWO_PROPOSERS),
        broken_property="Agreement",
    ),
    Case(
        bounds=_bounds_without(Guard.DURABLE_PROMISE, crashes=1, proposers=TWO_PROPOSERS), broken_property="Agreement"
    ),
    Case(bounds=_bounds_without(Guard.HIGHEST_BALLOT), broken_property="Agreement"),
    Case(bounds=PaxosBounds(rounds=1)),
    Case(bounds=PaxosBounds()),
)
"""Shortest counterexamples first; then the protocol whole."""
