"""A trace: a starting cluster and the steps taken from it. Pictures, captions, checks and tables read nothing else."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from raftstep.core.inputs import CommandApplied, Outcome
from raftstep.core.model import Node, NodeId
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Event, event_name, event_node
from raftstep.simulation.short_words import count_words


def broken_words(alarms: tuple[Alarm, ...]) -> str:
    """The properties that broke, each named once, and three of them at most."""
    names = list(dict.fromkeys(alarm.property for alarm in alarms))
    more_words = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more_words} broken" if names else "nothing broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event: when it happened, what the node concerned did, and the cluster after it.

    ``outcome`` is ``None`` where no node acted (a crash, a lost message, a healed link).
    """

    number: int
    time_ms: int
    event: Event
    outcome: Outcome | None
    cluster: Cluster
    alarms: tuple[Alarm, ...] = ()

    def __repr__(self) -> str:
        node = event_node(self.event)
        place = f" at {node}" if node else ""
        rules = ", ".join(rule.slug for rule in self.outcome.rules[:3]) if self.outcome else ""
        return (
            f"<Step {self.number} at {self.time_ms} ms: {event_name(self.event)}{place}"
            f"{f', {rules}' if rules else ''}{f', {broken_words(self.alarms)}' if self.alarms else ''}>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A run. ``seed`` is ``None`` where every step was chosen, not drawn.

    ``states_checked`` is the number of states in which all the protocol's safety properties were checked;
    ``action_times_ms`` says when each action of the plan was carried out.
    """

    steps: tuple[Step, ...]
    seed: int | None
    until_ms: int
    timeout_ms: tuple[int, int]
    states_checked: int
    action_times_ms: tuple[int, ...] = ()
    protocol: str = "raft"

    def __repr__(self) -> str:
        seed_words = "" if self.seed is None else f"seed {self.seed}, "
        return (
            f"<Trace: {count_words(len(self.steps) - 1, 'event')}, {count_words(len(self.start.nodes), 'node')}, "
            f"{seed_words}{self.until_ms} ms, {broken_words(self.alarms)}>"
        )

    @property
    def start(self) -> Cluster:
        """The cluster before anything happened."""
        return self.steps[0].cluster

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """All that broke, in order."""
        return tuple(alarm for step in self.steps for alarm in step.alarms)

    def step_at(self, time_ms: int) -> Step:
        """The last step at or before a moment."""
        return self.steps[max(0, bisect_right(self.steps, time_ms, key=lambda step: step.time_ms) - 1)]

    def cluster_before(self, step: Step) -> Cluster:
        """The cluster as it was just before a step."""
        return self.steps[max(0, step.number - 1)].cluster

    def node_before(self, step: Step, id: NodeId) -> Node:
        """One node as it was just before a step."""
        return self.cluster_before(step).node(id)

    def answered_commands(self, step: Step) -> tuple[str, ...]:
        """The commands whose clients have a reply that they were applied, up to and with this step, in order."""
        return tuple(
            answer.command
            for earlier_step in self.steps[: step.number + 1]
            if earlier_step.outcome
            for answer in earlier_step.outcome.answers
            if isinstance(answer, CommandApplied)
        )
