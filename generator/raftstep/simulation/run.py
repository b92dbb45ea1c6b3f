"""Running a cluster against a virtual clock. Timeouts are drawn here, latencies and losses by its network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from operator import attrgetter
from random import Random

from raftstep.core.inputs import Outcome
from raftstep.core.log import last_index
from raftstep.core.messages import Message
from raftstep.core.model import Node, NodeId, Role
from raftstep.limits import ENTRIES, EVENTS
from raftstep.simulation.cluster import Cluster, Timer
from raftstep.simulation.events import (
    Boot,
    ChangeRequest,
    Crash,
    Cut,
    Deliver,
    Event,
    Heal,
    Lose,
    NodeEvent,
    Partition,
    RequestEvent,
    Restart,
    Timeout,
    make_input,
)
from raftstep.simulation.network import Network, links_between
from raftstep.simulation.plan import LEADER, Action, MessageFault, PlanError, PlannedEvent, SetTimer, Setup
from raftstep.simulation.protocol import StepFunction
from raftstep.simulation.record import Recorder
from raftstep.simulation.trace import Step, Trace


def run(
    setup: Setup,
    *,
    seed: int,
    step_function: StepFunction | None = None,
    is_end: Callable[[Step], bool] | None = None,
) -> Trace:
    """Run a set-up to its end, or to the first step for which ``is_end`` holds.

    The same set-up and seed give the same trace.

    ``step_function`` replaces the protocol's core; tests pass a broken one to see the checks raise their alarm.
    Raises :class:`PlanError` for a directive that cannot be carried out or whose moment never comes.
    """
    return _Run(setup, seed, step_function or setup.protocol.step).run_to_end(is_end)


class _Run:
    """One run in progress."""

    def __init__(self, setup: Setup, seed: int, step_function: StepFunction) -> None:
        self.setup = setup
        self.seed = seed
        self.protocol = setup.protocol
        self.step_function = step_function
        self.random = Random(seed)
        self.time_ms = 0
        self.cluster = setup.start or self.protocol.boot(
            setup.nodes,
            settings=setup.settings,
            start_term=setup.start_term,
            voters=setup.voters,
            learners=setup.learners,
        )
        self.network = Network(setup, self.random, self.cluster.packets)
        self.clock_speeds = dict(setup.clock_speeds)
        self.request_counts: Counter[str] = Counter()
        self.recorder = Recorder(self.protocol, self.cluster)
        self.steps = self.recorder.steps
        self.preset_timeouts = {node: list(timeouts) for node, timeouts in setup.timers}
        self.next_action = 0
        self.action_times_ms: list[int] = []
        self.action_due_ms: int | None = None
        self.searched_steps = 0
        self.match_count = 0

    def run_to_end(self, is_end: Callable[[Step], bool] | None) -> Trace:
        for node in self.cluster.nodes:
            if node.id not in self.cluster.down_nodes:
                self._arm_timer(node.id)
        self._record(Boot(), None, self.cluster)
        while (upcoming := self._next_event()) and upcoming[0] <= self.setup.until_ms:
            if len(self.steps) >= self.setup.most_events:
                words = f"the run has {self.setup.most_events:,} events by {self.time_ms} ms, and more would follow"
                raise PlanError(None, words, EVENTS)
            self.time_ms = max(self.time_ms, upcoming[0])
            upcoming[1]()
            if is_end is not None and is_end(self.steps[-1]):
                break
        else:
            self._check_plan_finished()
        return Trace(
            steps=tuple(self.steps),
            seed=self.seed,
            until_ms=self.setup.until_ms,
            timeout_ms=self.setup.election_timeout_ms,
            states_checked=len(self.steps),
            action_times_ms=tuple(self.action_times_ms),
            protocol=self.protocol.name,
        )

    # what comes next: arrivals first, then directives, then timers

    def _next_event(self) -> tuple[int, Callable[[], None]] | None:
        """When the next event is due, and what carries it out."""
        due_ms = self._find_action_due()
        soonest = None if due_ms is None else (due_ms, self._run_next_action)
        packet = self.network.next_packet
        if packet is not None and (soonest is None or packet.due_ms <= soonest[0]):
            soonest = packet.due_ms, self._deliver_next_packet
        if self.cluster.timers:
            timer = min(self.cluster.timers, key=_deadline_key)
            if soonest is None or timer.deadline_ms < soonest[0]:
                soonest = timer.deadline_ms, lambda: self._step_node(Timeout(node=timer.node))
        return soonest

    def _find_action_due(self) -> int | None:
        if self.next_action >= len(self.setup.plan):
            return None
        if self.action_due_ms is None:
            self.action_due_ms = self._look_for(self.setup.plan[self.next_action])
        return self.action_due_ms

    def _look_for(self, action: Action) -> int | None:
        if action.when is None:
            return action.at_ms or 0
        while self.searched_steps < len(self.steps):
            step = self.steps[self.searched_steps]
            self.searched_steps += 1
            if action.when.matches(step):
                self.match_count += 1
                if self.match_count == action.when.occurrence:
                    return step.time_ms + action.after_ms
        return None

    # the events

    def _deliver_next_packet(self) -> None:
        packet = self.network.take_next_packet()
        target = packet.message.target
        cluster = self.cluster.without_packet(packet.id)
        if packet.will_be_lost or target in self.cluster.down_nodes or self._is_cut(packet.message):
            self._record(Lose(packet=packet), None, cluster)
            return
        self.cluster = cluster
        self._step_node(Deliver(packet=packet))

    def _run_next_action(self) -> None:
        action = self.setup.plan[self.next_action]
        first_own_step = len(self.steps)
        if action.at_ms is not None and action.at_ms < self.time_ms:
            raise PlanError(self.next_action, f"time runs backwards: it is already {self.time_ms} ms")
        try:
            self._carry_out(self._resolve_leader(action.directive))
        except PlanError as error:
            if error.limit:
                error.action_index = self.next_action
            if error.limit or not action.if_possible:
                raise
        self.action_times_ms.append(self.time_ms)
        self.next_action += 1
        self.action_due_ms = None
        self.searched_steps = first_own_step
        self.match_count = 0

    def _carry_out(self, directive: PlannedEvent) -> None:
        match directive:
            case SetTimer(node=id, timeouts_ms=timeouts_ms):
                self.preset_timeouts[id] = list(timeouts_ms)
            case MessageFault():
                self.network.message_faults.append(directive)
            case Timeout(node=id):
                self._must_be(id, up=True)
                self._step_node(directive)
            case Crash(node=id):
                self._must_be(id, up=True)
                durable = self.cluster.with_node(self.protocol.crash(self.cluster.node(id))).with_timer(id, None)
                self._record(directive, None, replace(durable, down_nodes=self.cluster.down_nodes | {id}))
            case Restart(node=id):
                self._must_be(id, up=False)
                self.cluster = replace(self.cluster, down_nodes=self.cluster.down_nodes - {id})
                self._step_node(directive)
            case Partition(groups=groups):
                self._record(directive, None, replace(self.cluster, cut_links=links_between(groups)))
            case Cut(links=links):
                self._record(
                    directive, None, replace(self.cluster, cut_links=self.cluster.cut_links | frozenset(links))
                )
            case Heal():
                self._record(directive, None, replace(self.cluster, cut_links=frozenset()))
            case _:
                self._send_request(directive)

    def _send_request(self, request: RequestEvent) -> None:
        """What clients and operators ask; at a node that is down nobody answers."""
        if request.node in self.cluster.down_nodes:
            self._record(request, None, self.cluster)
            return
        if isinstance(request, ChangeRequest):
            self._check_members(request)
        try:
            self._step_node(request)
        except ValueError as error:
            raise PlanError(self.next_action, str(error)) from error

    def _new_id(self, kind: str) -> str:
        self.request_counts[kind] += 1
        return f"{kind} {self.request_counts[kind]}"

    def _check_members(self, change: ChangeRequest) -> None:
        unknown_nodes = [node for node in (*change.voters, *change.learners) if node not in self.cluster.ids]
        if unknown_nodes:
            words = f"there is no node {unknown_nodes[0]}; the nodes are {', '.join(self.cluster.ids)}"
            raise PlanError(self.next_action, words)

    def _resolve_leader(self, directive: PlannedEvent) -> PlannedEvent:
        """Put the leader's name where a directive says ``leader``."""
        changes: dict[str, NodeId] = {}
        for name in (field.name for field in fields(directive) if field.name in ("node", "source", "target")):
            if getattr(directive, name) == LEADER:
                leader = current_leader(self.cluster)
                if leader is None:
                    raise PlanError(self.next_action, f"at {self.time_ms} ms no node leads")
                changes[name] = leader.id
        return replace(directive, **changes) if changes else directive  # type: ignore[arg-type]

    def _must_be(self, id: NodeId, *, up: bool) -> None:
        if (id in self.cluster.down_nodes) is up:
            raise PlanError(self.next_action, f"{id} is {'down' if up else 'not down'} at {self.time_ms} ms")

    def _step_node(self, event: NodeEvent | Deliver) -> None:
        id = event.node
        outcome = self.step_function(self.cluster.node(id), make_input(event, self._clock_ms(id), self._new_id))
        if last_index(outcome.node) > self.setup.most_entries:
            words = f"the log of {id} has more than {self.setup.most_entries:,} entries at {self.time_ms} ms"
            raise PlanError(None, words, ENTRIES)
        self.cluster = self.cluster.with_node(outcome.node)
        if outcome.rearm:
            self._arm_timer(id)
        self._send(outcome.messages)
        self._record(event, outcome, self.cluster)

    def _record(self, event: Event, outcome: Outcome | None, after: Cluster) -> None:
        self.recorder.record(self.time_ms, event, outcome, after)
        self.cluster = after

    def _clock_ms(self, id: NodeId) -> int:
        """What a node's own clock shows: the run's time, unless the set-up lets it run faster or slower."""
        return int(self.time_ms * self.clock_speeds[id]) if id in self.clock_speeds else self.time_ms

    # draws

    def _arm_timer(self, id: NodeId) -> None:
        is_leader = self.protocol.is_leader(self.cluster.node(id))
        length_ms = self.setup.heartbeat_interval_ms if is_leader else self._draw_timeout_ms(id)
        if id in self.clock_speeds:
            length_ms = max(1, round(length_ms / self.clock_speeds[id]))
        timer = Timer(
            node=id, started_ms=self.time_ms, deadline_ms=self.time_ms + length_ms, is_election_timeout=not is_leader
        )
        self.cluster = self.cluster.with_timer(id, timer)

    def _draw_timeout_ms(self, id: NodeId) -> int:
        low, high = self.setup.election_timeout_ms
        timeout_ms = low + int(self.random.random() * (high - low))
        preset_queue = self.preset_timeouts.get(id)
        return preset_queue.pop(0) if preset_queue else timeout_ms

    def _send(self, messages: tuple[Message, ...]) -> None:
        if messages:
            cut_links = self.cluster.cut_links
            packets = [packet for message in messages for packet in self.network.send(message, self.time_ms, cut_links)]
            self.cluster = self.cluster.with_packets(packets)

    def _is_cut(self, message: Message) -> bool:
        return (message.source, message.target) in self.cluster.cut_links

    def _check_plan_finished(self) -> None:
        if self.next_action < len(self.setup.plan):
            action = self.setup.plan[self.next_action]
            moment = f"at {action.at_ms} ms" if action.when is None else f"when {action.when.name}"
            raise PlanError(
                self.next_action, f"its moment, {moment}, never comes before the run ends at {self.setup.until_ms} ms"
            )


_deadline_key = attrgetter("deadline_ms")


def current_leader(cluster: Cluster) -> Node | None:
    """The live node that leads the newest term; ``None`` while there is none."""
    leaders = [node for node in cluster.nodes if node.role is Role.LEADER and node.id not in cluster.down_nodes]
    return max(leaders, key=lambda node: node.current_term, default=None)
