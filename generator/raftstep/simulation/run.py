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
from raftstep.limits import ENTRIES, EVENTS, MESSAGES
from raftstep.simulation.cluster import Cluster, Link, Timer
from raftstep.simulation.disks import Disks, Write, find_common_end
from raftstep.simulation.events import (
    Boot,
    ChangeRequest,
    Crash,
    Cut,
    Deliver,
    Event,
    Heal,
    Lose,
    LoseDisk,
    NodeEvent,
    Partition,
    Pause,
    RequestEvent,
    Restart,
    Resume,
    Timeout,
    Wait,
    WriteDone,
    make_input,
)
from raftstep.simulation.given_start import history_of
from raftstep.simulation.network import Network, cut_links_after
from raftstep.simulation.packets import Packet
from raftstep.simulation.plan import LEADER, Action, MessageFault, PlanError, PlannedEvent, SetLink, SetTimer, Setup
from raftstep.simulation.protocol import RAFT, StepFunction
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
        has_history = setup.start is not None and setup.protocol is RAFT
        self.recorder = Recorder(self.protocol, self.cluster, history_of(self.cluster) if has_history else None)
        self.steps = self.recorder.steps
        self.preset_timeouts = {node: list(timeouts) for node, timeouts in setup.timers}
        self.paused_timers: dict[NodeId, Timer] = {}
        self.disks = Disks(dict(setup.disks))
        self._mark_slow_disks()
        self.next_action = 0
        self.action_times_ms: list[int] = []
        self.action_due_ms: int | None = None
        self.searched_steps = 0
        self.match_count = 0

    def _mark_slow_disks(self) -> None:
        if self.setup.disks and self.protocol is not RAFT:
            raise ValueError("slow disks are of Raft alone; leave disks out")
        for id, _ in self.setup.disks:
            node = self.cluster.node(id)
            self.cluster = self.cluster.with_node(replace(node, disk_is_slow=True, written_index=last_index(node)))

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
        packet_ms = self.network.next_due_ms
        if packet_ms is not None and (soonest is None or packet_ms <= soonest[0]):
            soonest = packet_ms, self._deliver_next_packet
        write = self.disks.next_write(self.cluster)
        if write is not None and (soonest is None or write.done_ms <= soonest[0]):
            soonest = write.done_ms, lambda: self._end_write(write)
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
        if packet.will_be_lost or target in self.cluster.down_nodes or self._is_cut(packet):
            self._record(Lose(packet=packet), None, cluster)
            return
        if self.cluster.is_paused(target):
            self._let_wait(packet, cluster)
            return
        self.cluster = cluster
        self._step_node(Deliver(packet=packet))

    def _let_wait(self, packet: Packet, cluster: Cluster) -> None:
        """A packet has arrived at a paused node."""
        waiting_packets = cluster.waiting_packets.with_packets([packet])
        if len(waiting_packets) > self.setup.most_messages:
            words = f"more than {self.setup.most_messages:,} messages wait at paused nodes at {self.time_ms} ms"
            raise PlanError(None, words, MESSAGES)
        self._record(Wait(packet=packet), None, replace(cluster, waiting_packets=waiting_packets))

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
            case SetLink():
                self.network.set_link(directive)
            case MessageFault():
                self.network.message_faults.append(directive)
            case Timeout(node=id):
                self._must_run(id)
                self._step_node(directive)
            case Crash(node=id):
                self._must_be(id, up=True)
                self._crash(directive)
            case LoseDisk(node=id):
                self._must_be(id, up=False)
                self._record(directive, None, self.cluster.with_node(self.protocol.wipe(self.cluster.node(id))))
            case Pause(node=id):
                self._must_run(id)
                if timer := self.cluster.timer(id):
                    self.paused_timers[id] = timer
                self._record(directive, None, self.cluster.with_pause(id, self.time_ms))
            case Resume(node=id):
                self._must_be(id, up=True)
                self._resume(directive)
            case Restart(node=id):
                self._must_be(id, up=False)
                self.cluster = replace(self.cluster, down_nodes=self.cluster.down_nodes - {id})
                self._step_node(directive)
            case Partition() | Cut() | Heal():
                self._must_be_cut(directive.links if isinstance(directive, Heal) else ())
                cut_links = cut_links_after(self.cluster.cut_links, directive)
                self._record(directive, None, replace(self.cluster, cut_links=cut_links))
            case _:
                self._send_request(directive)

    def _crash(self, crash: Crash) -> None:
        """The node is down; what waited at it, and what its disk had not written, is lost."""
        id, cluster = crash.node, self.cluster
        lost_packets = [packet for packet in cluster.waiting_packets if packet.message.target == id]
        if cluster.is_paused(id):
            cluster = cluster.without_pause(id, self.time_ms)
        durable_node = self.protocol.crash(self.disks.crash(cluster.node(id), self.time_ms))
        cluster = cluster.with_node(durable_node).with_timer(id, None)
        self._record(crash, None, replace(cluster, down_nodes=cluster.down_nodes | {id}))
        for packet in lost_packets:
            self._record(Lose(packet=packet), None, self.cluster)

    def _resume(self, resume: Resume) -> None:
        """The node goes on: its timer has as much left as it had, and what waited is handled from the next ms on."""
        id, since_ms = resume.node, dict(self.cluster.paused_since).get(resume.node)
        if since_ms is None:
            raise PlanError(self.next_action, f"{id} is not paused at {self.time_ms} ms")
        waiting_packets = [packet for packet in self.cluster.waiting_packets if packet.message.target == id]
        cluster = self.cluster.without_pause(id, self.time_ms)
        timer, pause_ms = self.paused_timers.pop(id), self.time_ms - since_ms
        later_timer = replace(
            timer, started_ms=timer.started_ms + pause_ms, deadline_ms=timer.deadline_ms + max(1, pause_ms)
        )
        cluster = cluster.with_timer(id, later_timer).with_packets(waiting_packets)
        self._record(resume, None, cluster)
        self.network.release(waiting_packets, self.time_ms + 1)

    def _end_write(self, write: Write) -> None:
        """A slow disk has written: what had to wait for that is sent, and a leader may count its own copy."""
        self.disks.end_write(write)
        index = find_common_end(self.cluster.node(write.node.id), write.node)
        self._send(write.messages)
        self._step_node(WriteDone(node=write.node.id, index=index))

    def _send_request(self, request: RequestEvent) -> None:
        """What clients and operators ask; at a node that is down or paused nobody answers."""
        if request.node in self.cluster.down_nodes or self.cluster.is_paused(request.node):
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

    def _must_be_cut(self, links: tuple[Link, ...]) -> None:
        for source, target in links:
            if (source, target) not in self.cluster.cut_links:
                raise PlanError(self.next_action, f"the link from {source} to {target} is not cut at {self.time_ms} ms")

    def _must_be(self, id: NodeId, *, up: bool) -> None:
        if (id in self.cluster.down_nodes) is up:
            raise PlanError(self.next_action, f"{id} is {'down' if up else 'not down'} at {self.time_ms} ms")

    def _must_run(self, id: NodeId) -> None:
        self._must_be(id, up=True)
        if self.cluster.is_paused(id):
            raise PlanError(self.next_action, f"{id} is paused at {self.time_ms} ms")

    def _step_node(self, event: NodeEvent | WriteDone | Deliver) -> None:
        id = event.node
        before = self.cluster.node(id)
        outcome = self.step_function(before, make_input(event, self._clock_ms(id), self._new_id))
        if last_index(outcome.node) > self.setup.most_entries:
            words = f"the log of {id} has more than {self.setup.most_entries:,} entries at {self.time_ms} ms"
            raise PlanError(None, words, ENTRIES)
        self.cluster = self.cluster.with_node(outcome.node)
        if outcome.rearm:
            self._arm_timer(id)
        self._send(self.disks.hold_back(before, outcome, self.time_ms))
        self._record(event, outcome, self.cluster)

    def _record(self, event: Event, outcome: Outcome | None, after: Cluster) -> None:
        self.recorder.record(self.time_ms, event, outcome, after)
        self.cluster = after

    def _clock_ms(self, id: NodeId) -> int:
        """What a node's own clock shows: the run's time, unless the set-up lets it run faster or slower."""
        run_ms = self.cluster.clock_time_ms(id, self.time_ms) if self.cluster.missed_ms else self.time_ms
        return int(run_ms * self.clock_speeds[id]) if id in self.clock_speeds else run_ms

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

    def _is_cut(self, packet: Packet) -> bool:
        link = packet.message.source, packet.message.target
        return link in self.cluster.cut_links and not self.network.has_arrived(packet)

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
