"""Recording a run step by step, with what each step breaks; runs and replays alike."""

from __future__ import annotations

from typing import Any

from raftstep.core.inputs import Outcome
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Event, event_node
from raftstep.simulation.invariants import History
from raftstep.simulation.linearizability import ClientHistory, observe_clients, start_clients
from raftstep.simulation.protocol import Protocol
from raftstep.simulation.trace import Step


class Recorder:
    """The steps of one run so far. An observer outside the nodes holds the properties after each of them.

    ``history`` is what the observer remembers beyond the cluster: nothing yet, unless something has happened before.
    """

    def __init__(self, protocol: Protocol, start: Cluster, history: Any = None) -> None:
        self.steps: list[Step] = []
        self._protocol = protocol
        self._cluster = start
        self._history = protocol.new_history() if history is None else history
        self._client_history = ClientHistory()
        if isinstance(history, History):
            committed_entries = tuple(committed.entry for committed in history.committed_entries)
            self._client_history = start_clients((node.log for node in start.nodes), committed_entries)

    def record(self, time_ms: int, event: Event, outcome: Outcome | None, after: Cluster) -> Step:
        """Add the step that an event made: the ``outcome`` at its node, if one acted, and the cluster ``after`` it."""
        number = len(self.steps)
        self._history, alarms = self._protocol.observe(self._history, self._cluster, after, event_node(event))
        self._client_history, read_alarms = observe_clients(self._client_history, number, event, outcome)
        self._cluster = after
        step = Step(
            number=number,
            time_ms=time_ms,
            event=event,
            outcome=outcome,
            cluster=after,
            alarms=(*alarms, *read_alarms),
        )
        self.steps.append(step)
        return step
