"""A scenario as loaded: what to run, where to stop and what to say there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from raftstep.core.model import Index, NodeId, Term
from raftstep.document.markdown_text import read_markdown
from raftstep.document.problem import Place
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.plan import Pattern, Setup
from raftstep.simulation.short_words import count_words, shorten_words
from raftstep.simulation.trace import Step, Trace, broken_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Words with holes that the run fills, and where they are; ``raw`` is how they were typed."""

    text: str
    place: Place
    raw: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedConfiguration:
    """Who must belong to a configuration; ``None`` where nothing is said."""

    voters: frozenset[NodeId] | None = None
    outgoing: frozenset[NodeId] | None = None
    learners: frozenset[NodeId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be true at a moment of the run. Only what is named is compared.

    ``leader`` is a node's name, or ``none``. ``logs`` are entries as written in scenarios: ``x=7@2`` is the command
    ``x=7`` of term 2, ``no-op@2`` a no-op, and ``2`` any entry of term 2. ``roles`` may also be ``down``. ``machines``
    are (node, key, value). ``conditions`` are in the language of captions: ``committed("x=7")``,
    ``holders(1) | length == 2``. ``broken`` names the properties that the run breaks on purpose since the step before;
    no others may break.
    """

    place: Place
    leader: str | None = None
    terms: tuple[tuple[NodeId, Term], ...] = ()
    roles: tuple[tuple[NodeId, str], ...] = ()
    votes: tuple[tuple[NodeId, str], ...] = ()
    logs: tuple[tuple[NodeId, tuple[str, ...]], ...] = ()
    commit_index: tuple[tuple[NodeId, Index], ...] = ()
    answered_commands: tuple[str, ...] = ()
    unanswered_commands: tuple[str, ...] = ()
    configurations: tuple[tuple[NodeId, ExpectedConfiguration], ...] = ()
    snapshots: tuple[tuple[NodeId, Index], ...] = ()
    machines: tuple[tuple[NodeId, str, str], ...] = ()
    reads: tuple[str, ...] | None = None
    conditions: tuple[Sentence, ...] = ()
    broken_properties: tuple[str, ...] = ()


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

    parent_id: str
    step: int
    question: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """One directive of a schedule, such as ``{"timeout": "S1"}``, where it is, what is said of it and expected."""

    directive: Mapping[str, Any]
    say: Sentence | None
    why: Sentence | None
    expect: Expectation | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Every event in its order, from the ``boot`` of the cluster, from a ``steady`` leader, or from a given state.

    A given state is in the scenario's set-up, and ``start`` is then ``boot``.
    """

    start: str
    lines: tuple[ScheduleLine, ...]

    def __repr__(self) -> str:
        return f"<Schedule: {count_words(len(self.lines), 'directive')} from {self.start}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, complete and consistent, though not yet run. ``subject`` is the group it is listed in.

    Where ``schedule`` is set it is a schedule: nothing is left to chance, and its waypoints are known once it has run.
    ``end_place`` is where the end of the run is written, if it is.
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
    schedule: Schedule | None = None
    end_place: Place | None = None

    def __repr__(self) -> str:
        origin = f"seed {self.seed}" if self.schedule is None else "a schedule"
        size = f"{count_words(len(self.setup.nodes), 'node')}, {origin}, {count_words(len(self.waypoints), 'step')}"
        return f'<Scenario {shorten_words(self.id, 40)}: "{shorten_words(self.title, 80)}", {size}>'

    @property
    def broken_properties(self) -> tuple[str, ...]:
        """The properties that this scenario is meant to break, by name, in the order of its steps."""
        expectations = [*(waypoint.expect for waypoint in self.waypoints), self.expect]
        return tuple(dict.fromkeys(name for expect in expectations if expect for name in expect.broken_properties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A waypoint reached: the event that did it, the moment shown, and the words about it.

    The words are Markdown in which values of the run are escaped; ``raftstep.document.markdown_text.read_markdown``
    makes text of them.
    ``alarms`` are those raised since the waypoint before, where the scenario is meant to raise some.
    """

    number: int
    name: str
    event_step: Step
    shown_step: Step
    time_ms: int
    title: str
    say: str
    why: str | None
    alarms: tuple[Alarm, ...] = ()

    @property
    def plain_title(self) -> str:
        """The title as text, for places that show no Markdown."""
        return read_markdown(self.title)

    def __repr__(self) -> str:
        name = f'{self.number} "{shorten_words(self.name, 60)}"'
        return f"<Moment {name}: {self.time_ms} ms, after event {self.event_step.number}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedScenario:
    """A scenario and the run it made. Everything on a page is read from here."""

    scenario: Scenario
    trace: Trace
    moments: tuple[Moment, ...]

    def __repr__(self) -> str:
        trace = self.trace
        size = f"{count_words(len(self.moments), 'step')} of {count_words(len(trace.steps) - 1, 'event')}"
        name = f'{shorten_words(self.scenario.id, 40)}: "{shorten_words(self.scenario.title, 40)}"'
        return f"<PlayedScenario {name}, {size}, {broken_words(trace.alarms)}>"

    @property
    def moments_ms(self) -> tuple[int, ...]:
        """The time that each step shows."""
        return tuple(moment.time_ms for moment in self.moments)

    @property
    def action_times_ms(self) -> tuple[int, ...]:
        """When each action of the plan was carried out."""
        return self.trace.action_times_ms
