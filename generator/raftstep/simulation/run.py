"""Running a cluster against a virtual clock. Timeouts are drawn here, latencies and losses by its network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from random import Random

from raftstep.core.inputs import (
    ChangeConfiguration,
    ClientRead,
    ClientRequest,
    Compact,
    Input,
    Outcome,
    Receive,
    Restart,
    TimerFires,
    TransferLeadership,
)
from raftstep.core.messages import Message
from raftstep.core.model import Configuration, Node, NodeId, Role
from raftstep.simulation.cluster import (
    Boot,
    Change,
    Cluster,
    Crash,
    Cut,
    Deliver,
    Event,
    Heal,
    Lose,
    Packet,
    Partition,
    Read,
    Request,
    Revive,
    Snapshot,
    Timeout,
    Timer,
    Transfer,
    event_node,
)
from raftstep.simulation.linearizability import Clients, note
from raftstep.simulation.network import Network, links_between
from raftstep.simulation.plan import LEADER, Action, Directive, Meddle, SetTimer, Setup
from raftstep.simulation.protocol import StepFunction
from raftstep.simulation.trace import Step, Trace


class PlanError(Exception):
    """A plan that cannot be carried out. ``action`` is the place of the directive in it, from 0, if it is one's."""

    def __init__(self, action: int | None, words: str) -> None:
        super().__init__(words)
        self.action = action
        self.words = words


def run(
    setup: Setup,
    *,
    seed: int,
    step_function: StepFunction | None = None,
    ends: Callable[[Step], bool] | None = None,
) -> Trace:
    """Run a set-up to its end, or to the first step that ``ends`` it. The same set-up and seed give the same trace.

    ``step_function`` stands in for the protocol's core; tests pass a broken one to see the checks raise their alarm.
    Raises :class:`PlanError` for a directive that cannot be carried out or whose moment never comes.
    """
    return _Run(setup, seed, step_function or setup.protocol.step).to_end(ends)


class _Run:
    """One run under way."""

    def __init__(self, setup: Setup, seed: int, step_function: StepFunction) -> None:
        self.setup = setup
        self.seed = seed
        self.protocol = setup.protocol
        self.step_function = step_function
        self.random = Random(seed)
        self.network = Network(setup, self.random)
        self.time_ms = 0
        self.cluster = setup.start or self.protocol.boot(
            setup.nodes,
            settings=setup.settings,
            start_term=setup.start_term,
            voters=setup.voters,
            learners=setup.learners,
        )
        self.clocks = dict(setup.clocks)
        self.reads = 0
        self.history = self.protocol.history()
        self.clients = Clients()
        self.steps: list[Step] = []
        self.set_timers = {node: list(timeouts) for node, timeouts in setup.timers}
        self.next_action = 0
        self.acted_ms: list[int] = []
        self.action_due_ms: int | None = None
        self.looked_at = 0
        self.seen = 0

    def to_end(self, ends: Callable[[Step], bool] | None) -> Trace:
        for node in self.cluster.nodes:
            if node.id not in self.cluster.down:
                self._arm(node.id)
        self._record(Boot(), None, self.cluster)
        while (upcoming := self._upcoming()) and upcoming[0] <= self.setup.until_ms:
            if len(self.steps) >= self.setup.most_events:
                raise PlanError(None, f"the run has {self.setup.most_events} events by {self.time_ms} ms")
            self.time_ms = max(self.time_ms, upcoming[0])
            upcoming[1]()
            if ends is not None and ends(self.steps[-1]):
                break
        self._complain_of_unreached()
        return Trace(
            steps=tuple(self.steps),
            seed=self.seed,
            until_ms=self.setup.until_ms,
            timeout_ms=self.setup.election_timeout_ms,
            checked=len(self.steps),
            acted_ms=tuple(self.acted_ms),
            protocol=self.protocol.name,
        )

    # what comes next: arrivals first, then directives, then timers

    def _upcoming(self) -> tuple[int, Callable[[], None]] | None:
        """When the next event is due, and what carries it out."""
        due_ms = self._action_due()
        soonest = None if due_ms is None else (due_ms, self._act)
        if self.cluster.packets:
            packet = min(self.cluster.packets, key=_arrival)
            if soonest is None or packet.due_ms <= soonest[0]:
                soonest = packet.due_ms, lambda: self._arrive(packet)
        if self.cluster.timers:
            timer = min(self.cluster.timers, key=_deadline)
            if soonest is None or timer.deadline_ms < soonest[0]:
                soonest = timer.deadline_ms, lambda: self._fire(timer.node)
        return soonest

    def _action_due(self) -> int | None:
        if self.next_action >= len(self.setup.plan):
            return None
        if self.action_due_ms is None:
            self.action_due_ms = self._look_for(self.setup.plan[self.next_action])
        return self.action_due_ms

    def _look_for(self, action: Action) -> int | None:
        if action.when is None:
            return action.at_ms or 0
        while self.looked_at < len(self.steps):
            past = self.steps[self.looked_at]
            self.looked_at += 1
            if action.when.matches(past):
                self.seen += 1
                if self.seen == action.when.times:
                    return past.time_ms + action.after_ms
        return None

    # the events

    def _arrive(self, packet: Packet) -> None:
        target = packet.message.target
        cluster = self.cluster.without_packet(packet.id)
        if packet.doomed or target in self.cluster.down or self._is_cut(packet.message):
            self._record(Lose(packet=packet), None, cluster)
            return
        self.cluster = cluster
        self._tell(target, Receive(message=packet.message, clock_ms=self._clock(target)), Deliver(packet=packet))

    def _fire(self, id: NodeId) -> None:
        self._tell(id, TimerFires(clock_ms=self._clock(id)), Timeout(node=id))

    def _act(self) -> None:
        action = self.setup.plan[self.next_action]
        if action.at_ms is not None and action.at_ms < self.time_ms:
            raise PlanError(self.next_action, f"time runs backwards: it is already {self.time_ms} ms")
        try:
            self._carry_out(self._resolve(action.directive))
        except PlanError:
            if not action.if_possible:
                raise
        self.acted_ms.append(self.time_ms)
        self.next_action += 1
        self.action_due_ms = None
        self.looked_at = len(self.steps)
        self.seen = 0

    def _carry_out(self, directive: Directive) -> None:
        match directive:
            case SetTimer(node=id, timeouts_ms=timeouts_ms):
                self.set_timers[id] = list(timeouts_ms)
            case Meddle():
                self.network.meddling.append(directive)
            case Request() | Read() | Change() | Transfer() | Snapshot():
                self._ask(directive)
            case Timeout(node=id):
                self._must_be(id, up=True)
                self._fire(id)
            case Crash(node=id):
                self._must_be(id, up=True)
                durable = self.cluster.with_node(self.protocol.crash(self.cluster.node(id))).with_timer(id, None)
                self._record(directive, None, replace(durable, down=self.cluster.down | {id}))
            case Revive(node=id):
                self._must_be(id, up=False)
                self.cluster = replace(self.cluster, down=self.cluster.down - {id})
                self._tell(id, Restart(clock_ms=self._clock(id)), directive)
            case Partition(groups=groups):
                self._record(directive, None, replace(self.cluster, cut=links_between(groups)))
            case Cut(links=links):
                self._record(directive, None, replace(self.cluster, cut=self.cluster.cut | frozenset(links)))
            case Heal():
                self._record(directive, None, replace(self.cluster, cut=frozenset()))

    def _ask(self, directive: Request | Read | Change | Transfer | Snapshot) -> None:
        """What clients and operators ask; at a node that is down nobody answers."""
        id = directive.node
        if id in self.cluster.down:
            self._record(directive, None, self.cluster)
            return
        try:
            self._tell(id, self._given(directive, self._clock(id)), directive)
        except ValueError as mistake:
            raise PlanError(self.next_action, str(mistake)) from mistake

    def _given(self, directive: Request | Read | Change | Transfer | Snapshot, clock_ms: int) -> Input:
        match directive:
            case Request(command=command, client=client, serial=serial):
                return ClientRequest(command=command, client=client, serial=serial, clock_ms=clock_ms)
            case Read(key=key):
                self.reads += 1
                return ClientRead(id=f"read {self.reads}", key=key, clock_ms=clock_ms)
            case Change(voters=voters, learners=learners):
                unknown = [one for one in (*voters, *learners) if one not in self.cluster.ids]
                if unknown:
                    raise ValueError(f"there is no node {unknown[0]}; the nodes are {', '.join(self.cluster.ids)}")
                return ChangeConfiguration(
                    configuration=Configuration(voters=voters, learners=learners), clock_ms=clock_ms
                )
            case Transfer(target=target):
                return TransferLeadership(target=target, clock_ms=clock_ms)
            case Snapshot():
                return Compact(clock_ms=clock_ms)

    def _resolve(self, directive: Directive) -> Directive:
        """Put the leader's name where a directive says ``leader``."""
        changes: dict[str, NodeId] = {}
        for name in ("node", "source", "target"):
            if getattr(directive, name, None) == LEADER:
                leader = current_leader(self.cluster)
                if leader is None:
                    raise PlanError(self.next_action, f"at {self.time_ms} ms no node leads")
                changes[name] = leader.id
        return replace(directive, **changes) if changes else directive  # type: ignore[arg-type]

    def _must_be(self, id: NodeId, *, up: bool) -> None:
        if (id in self.cluster.down) is up:
            raise PlanError(self.next_action, f"{id} is {'down' if up else 'not down'} at {self.time_ms} ms")

    def _tell(self, id: NodeId, given: Input, event: Event) -> None:
        outcome = self.step_function(self.cluster.node(id), given)
        before = self.cluster
        self.cluster = self.cluster.with_node(outcome.node)
        if outcome.rearm:
            self._arm(id)
        self._send(outcome.messages)
        after, self.cluster = self.cluster, before
        self._record(event, outcome, after)

    def _record(self, event: Event, outcome: Outcome | None, after: Cluster) -> None:
        self.history, alarms = self.protocol.observe(self.history, self.cluster, after, event_node(event))
        self.clients, stale = note(self.clients, len(self.steps), event, outcome)
        self.cluster = after
        self.steps.append(
            Step(
                number=len(self.steps),
                time_ms=self.time_ms,
                event=event,
                outcome=outcome,
                cluster=after,
                alarms=(*alarms, *stale),
            )
        )

    def _clock(self, id: NodeId) -> int:
        """What a node's own clock shows: the run's time, unless the set-up lets it run faster or slower."""
        return int(self.time_ms * self.clocks[id]) if id in self.clocks else self.time_ms

    # draws

    def _arm(self, id: NodeId) -> None:
        leads = self.protocol.leads(self.cluster.node(id))
        length_ms = self.setup.heartbeat_interval_ms if leads else self._timeout_ms(id)
        if id in self.clocks:
            length_ms = max(1, round(length_ms / self.clocks[id]))
        timer = Timer(node=id, started_ms=self.time_ms, deadline_ms=self.time_ms + length_ms, election=not leads)
        self.cluster = self.cluster.with_timer(id, timer)

    def _timeout_ms(self, id: NodeId) -> int:
        low, high = self.setup.election_timeout_ms
        drawn = low + int(self.random.random() * (high - low))
        queue = self.set_timers.get(id)
        return queue.pop(0) if queue else drawn

    def _send(self, messages: tuple[Message, ...]) -> None:
        if messages:
            cut = self.cluster.cut
            packets = [packet for one in messages for packet in self.network.packets(one, self.time_ms, cut)]
            self.cluster = replace(self.cluster, packets=(*self.cluster.packets, *packets))

    def _is_cut(self, message: Message) -> bool:
        return (message.source, message.target) in self.cluster.cut

    def _complain_of_unreached(self) -> None:
        if self.next_action < len(self.setup.plan):
            action = self.setup.plan[self.next_action]
            moment = f"at {action.at_ms} ms" if action.when is None else f"when {action.when.what}"
            raise PlanError(
                self.next_action, f"its moment, {moment}, never comes before the run ends at {self.setup.until_ms} ms"
            )


_arrival = attrgetter("due_ms", "id")
_deadline = attrgetter("deadline_ms")


def current_leader(cluster: Cluster) -> Node | None:
    """The live node that leads the newest term; ``None`` while there is none."""
    leaders = [node for node in cluster.nodes if node.role is Role.LEADER and node.id not in cluster.down]
    return max(leaders, key=lambda node: node.current_term, default=None)
