"""A trace: a starting cluster and the steps taken from it. Pictures, captions, checks and tables read nothing else."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from raftstep.core.inputs import CommandApplied, Outcome
from raftstep.core.model import Node, NodeId
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Event


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A run. ``seed`` is ``None`` where every step was chosen, not drawn.

    ``states_checked`` is the number of states in which all the protocol's safety properties were checked;
    ``action_times_ms`` tells when each action of the plan was carried out.
    """

    steps: tuple[Step, ...]
    seed: int | None
    until_ms: int
    timeout_ms: tuple[int, int]
    states_checked: int
    action_times_ms: tuple[int, ...] = ()
    protocol: str = "raft"

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
        """The commands that clients have been told were applied, up to and with this step, in order."""
        return tuple(
            answer.command
            for earlier_step in self.steps[: step.number + 1]
            if earlier_step.outcome
            for answer in earlier_step.outcome.answers
            if isinstance(answer, CommandApplied)
        )
