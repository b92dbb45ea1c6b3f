"""Random faults from a seed.

Faults are crashes, restarts, pauses, slow disks, cut links, delays, loss and duplicates; meanwhile clients write and
read, and operators change the configuration, hand leadership over and have snapshots taken, where the schedule's
features allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from raftstep.core.model import Membership, NodeId, ReadMode, Settings
from raftstep.simulation.events import (
    ChangeRequest,
    Crash,
    Cut,
    Heal,
    Partition,
    Pause,
    ReadRequest,
    Request,
    Restart,
    Resume,
    SnapshotRequest,
    Timeout,
    TransferRequest,
)
from raftstep.simulation.features import NO_FEATURES, Feature
from raftstep.simulation.plan import LEADER, Action, MessageFault, PlannedEvent, Setup

DRIFT_BOUND = 1.25
CLOCK_SPEEDS = (0.92, 1.08)
"""Clocks run no further apart than the bound that leases allow for, with room for whole milliseconds."""
KEYS = ("x", "y", "z")
CLIENTS = ("A", "B")


def draw_setup(
    size: int,
    *,
    seed: int,
    until_ms: int = 3000,
    faults: int = 20,
    loss: float = 0.1,
    features: frozenset[Feature] = NO_FEATURES,
) -> Setup:
    """A lossy cluster of ``size`` nodes under ``faults`` faults and requests at random moments."""
    random = Random(f"chaos {seed}")
    nodes = tuple(f"S{number}" for number in range(1, size + 1))
    moments = sorted(int(random.random() * until_ms) for _ in range(faults))
    generator = _DirectiveGenerator(random, nodes, features)
    plan = tuple(
        Action(at_ms=moment, directive=generator.draw_directive(number), if_possible=True)
        for number, moment in enumerate(moments)
    )
    return Setup(
        nodes=nodes,
        voters=generator.first_voters,
        learners=generator.first_learners,
        settings=_draw_settings(random, features),
        latency_ms=(1, 40),
        loss=loss,
        duplication=loss,
        clock_speeds=generator.draw_clock_speeds() if Feature.DRIFT in features else (),
        disks=generator.draw_disks() if Feature.SLOW_DISKS in features else (),
        plan=plan,
        until_ms=until_ms,
    )


def _draw_settings(random: Random, features: frozenset[Feature]) -> Settings:
    membership = Membership.SINGLE if Feature.SINGLE in features else Membership.FIXED
    reads = ReadMode.READ_INDEX if Feature.READ_INDEX in features else ReadMode.OFF
    return Settings(
        no_op=Feature.NO_OP in features,
        empty_heartbeats=Feature.EMPTY_HEARTBEATS in features,
        pre_vote=Feature.PRE_VOTE in features,
        check_quorum=Feature.CHECK_QUORUM in features,
        leader_stickiness=Feature.STICKINESS in features,
        membership=Membership.JOINT if Feature.JOINT in features else membership,
        reads=ReadMode.LEASE if Feature.LEASE in features else reads,
        sessions=Feature.SESSIONS in features,
        snapshot_after=1 + int(random.random() * 6) if Feature.SNAPSHOTS in features else 0,
        drift_bound=DRIFT_BOUND if Feature.DRIFT in features else 1.0,
        conflict_hints=Feature.CONFLICT_HINTS in features,
        entries_per_message=1 if Feature.ONE_ENTRY in features else 0,
        explicit_leave=Feature.EXPLICIT_LEAVE in features,
        session_limit=1 if Feature.SESSION_LIMIT in features else 0,
    )


class _DirectiveGenerator:
    """Draws one directive after another. ``base_voters`` is the configuration that changes are drawn around."""

    def __init__(self, random: Random, nodes: tuple[NodeId, ...], features: frozenset[Feature]) -> None:
        self.random = random
        self.nodes = nodes
        self.features = features
        self.has_changes = bool({Feature.JOINT, Feature.SINGLE} & features)
        draws_members = self.has_changes or Feature.LEARNERS in features
        self.first_voters = self._pick_some(nodes) if draws_members else ()
        self.first_learners = self._pick_learners(self.first_voters)
        self.base_voters = self.first_voters
        self.serials = dict.fromkeys(CLIENTS, 0)
        self.last_commands: dict[str, str] = {}
        self.weighted_makers = self._weigh_makers()

    def _weigh_makers(self) -> list[tuple[float, Callable[[int], PlannedEvent]]]:
        """What may happen, and how often one against the other."""
        features = self.features
        weighted_makers: list[tuple[float, Callable[[int], PlannedEvent]]] = [
            (3, lambda _: Crash(node=self._pick_node(0.3))),
            (5, lambda _: Restart(node=self._pick_node(0))),
            (4, lambda _: self._draw_partition()),
            (1, lambda _: Cut(links=((self._pick_node(0), self._pick_node(0)),))),
            (3, lambda _: Heal()),
            (1, lambda _: MessageFault(count=2, delay_ms=100 + int(self.random.random() * 500))),
            (14, self._draw_request),
        ]
        if Feature.LEASE not in features:  # a lease trusts every node to wait for its election timeout
            weighted_makers.append((1, lambda _: Timeout(node=self._pick_node(0))))
        if self.has_changes:
            weighted_makers.append((6, lambda _: self._draw_change()))
        if Feature.TRANSFERS in features:
            weighted_makers.append((3, lambda _: TransferRequest(node=LEADER, target=self._pick_node(0))))
        if Feature.SNAPSHOTS in features:
            weighted_makers.append((2, lambda _: SnapshotRequest(node=self._pick_node(0.5))))
        if {Feature.READ_INDEX, Feature.LEASE} & features:
            weighted_makers.append((8, lambda _: ReadRequest(node=self._pick_node(0.7), key=self._pick(KEYS))))
        if Feature.PAUSES in features and Feature.LEASE not in features:  # a lease trusts every clock to go on
            weighted_makers.append((3, lambda _: Pause(node=self._pick_node(0.5))))
            weighted_makers.append((4, lambda _: Resume(node=self._pick_node(0))))
        return weighted_makers

    def draw_directive(self, number: int) -> PlannedEvent:
        """The next directive; ``number`` makes the value it may write one of its own."""
        remaining_weight = self.random.random() * sum(weight for weight, _ in self.weighted_makers)
        for weight, make_directive in self.weighted_makers:
            remaining_weight -= weight
            if remaining_weight < 0:
                return make_directive(number)
        raise AssertionError("the weights add up to more than was drawn")

    def draw_clock_speeds(self) -> tuple[tuple[NodeId, float], ...]:
        """Each clock's speed, within the bound."""
        low, high = CLOCK_SPEEDS
        return tuple((node, round(low + self.random.random() * (high - low), 3)) for node in self.nodes)

    def draw_disks(self) -> tuple[tuple[NodeId, int], ...]:
        """Some of the disks are slow."""
        return tuple((node, 1 + int(self.random.random() * 80)) for node in self.nodes if self.random.random() < 0.5)

    def _pick(self, choices: tuple[str, ...]) -> str:
        return choices[int(self.random.random() * len(choices))]

    def _pick_some(self, choices: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        """At least one of these."""
        return tuple(choice for choice in choices if self.random.random() < 0.6) or (self._pick(choices),)

    def _pick_node(self, leader_share: float) -> NodeId:
        """The leader, as often as said, or any node."""
        return LEADER if self.random.random() < leader_share else self._pick(self.nodes)

    def _pick_learners(self, voters: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        if Feature.LEARNERS not in self.features:
            return ()
        return tuple(node for node in self.nodes if node not in voters and self.random.random() < 0.5)

    def _draw_partition(self) -> Partition:
        first_group = tuple(node for node in self.nodes if self.random.random() < 0.5)
        return Partition(groups=(first_group, tuple(node for node in self.nodes if node not in first_group)))

    def _draw_request(self, number: int) -> Request:
        """A new command, or with sessions often the client's last one again, as if no answer had come."""
        client = self._pick(CLIENTS)
        is_retry = client in self.last_commands and self.random.random() < 0.5
        if not is_retry:
            self.serials[client] += 1
            self.last_commands[client] = f"{self._pick(KEYS)}{self._pick(('=', '+='))}{number}"
            if Feature.SESSION_LIMIT in self.features and self.serials[client] == 1:
                self.last_commands[client] = "hello"  # it begins the session, and may be sent again at any time
        node = self._pick_node(0.7)
        if Feature.SESSIONS not in self.features:
            return Request(node=node, command=f"{self._pick(KEYS)}={number}")
        return Request(node=node, command=self.last_commands[client], client=client, serial=self.serials[client])

    def _draw_change(self) -> ChangeRequest:
        """Anything at all with joint consensus; otherwise the base with one voter more or less, or the base again."""
        if Feature.JOINT in self.features and self.random.random() < 0.6:
            voters = self._pick_some(self.nodes)
        else:
            voters = self._pick_neighbour() if self.random.random() < 0.6 else self.base_voters
        if self.random.random() < 0.5:
            self.base_voters = voters
        return ChangeRequest(node=LEADER, voters=voters, learners=self._pick_learners(voters))

    def _pick_neighbour(self) -> tuple[NodeId, ...]:
        changed_node = self._pick(self.nodes)
        neighbour = tuple(node for node in self.nodes if (node in self.base_voters) != (node == changed_node))
        return neighbour or self.base_voters
