"""A scenario as loaded: what to run, where to stop and what to say there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from raftstep.core.model import Index, NodeId, Term
from raftstep.simulation.plan import Pattern, Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Words with holes that the run fills, and where they stand."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationExpected:
    """Who must belong to a configuration; ``None`` where nothing is said."""

    voters: frozenset[NodeId] | None = None
    outgoing: frozenset[NodeId] | None = None
    learners: frozenset[NodeId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be true at a moment of the run. Only what is named is compared.

    ``leader`` is a node's name, or ``none``. ``logs`` are entries as written in scenarios: ``x=7@2`` is the command
    ``x=7`` of term 2, ``no-op@2`` a no-op. ``roles`` may also be ``down``. ``machines`` are (node, key, value).
    ``broken`` names the properties that the run breaks on purpose since the step before; no others may break.
    """

    place: Place
    leader: str | None = None
    terms: tuple[tuple[NodeId, Term], ...] = ()
    roles: tuple[tuple[NodeId, str], ...] = ()
    votes: tuple[tuple[NodeId, str], ...] = ()
    logs: tuple[tuple[NodeId, tuple[str, ...]], ...] = ()
    commit_index: tuple[tuple[NodeId, Index], ...] = ()
    answered: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    configurations: tuple[tuple[NodeId, ConfigurationExpected], ...] = ()
    snapshots: tuple[tuple[NodeId, Index], ...] = ()
    machines: tuple[tuple[NodeId, str, str], ...] = ()
    reads: tuple[str, ...] | None = None
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """One step of the explanation: the event that reaches it, and its words.

    ``when`` is ``None`` for the start. The picture shows the moment ``after_ms`` past the event, so that messages
    just sent can be seen on their way.
    """

    name: str
    title: Sentence
    say: Sentence
    why: Sentence | None
    when: Pattern | None
    after_ms: int
    expect: Expectation | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A scenario that follows another one up to a step, then goes its own way; ``question`` is what it answers."""

    of: str
    step: int
    question: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """One directive of a schedule, such as ``{"timeout": "S1"}``, where it stands, and what is said of it."""

    directive: Mapping[str, Any]
    say: Sentence | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Every event in its order, from the ``boot`` of the cluster or from a ``steady`` leader."""

    start: str
    events: tuple[Scripted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, complete and consistent, though not yet run. ``subject`` is the group it is listed in.

    Where ``script`` is set it is a schedule: nothing is left to chance, and its waypoints are known once it has run.
    """

    id: str
    path: str
    source: str
    title: str
    summary: str
    setup: Setup
    seed: int
    action_places: tuple[Place, ...]
    waypoints: tuple[Waypoint, ...]
    expect: Expectation | None
    fork: Fork | None
    subject: str | None = None
    script: Script | None = None

    @property
    def breaks(self) -> tuple[str, ...]:
        """The properties that this scenario is meant to break, by name, in the order of its steps."""
        said = [*(waypoint.expect for waypoint in self.waypoints), self.expect]
        return tuple(dict.fromkeys(name for expect in said if expect for name in expect.broken))
