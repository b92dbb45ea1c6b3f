"""Random faults from a seed.

Faults are crashes, restarts, cut links, delays, loss and duplicates; meanwhile clients write and read, and operators
change the configuration, hand leadership over and have snapshots taken, where the schedule's features allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from raftstep.core.model import Membership, NodeId, Reads, Settings
from raftstep.simulation import cluster
from raftstep.simulation.cluster import Change, Crash, Cut, Heal, Partition, Read, Request, Revive, Timeout, Transfer
from raftstep.simulation.features import FIGURE_2, Feature
from raftstep.simulation.plan import LEADER, Action, Directive, Meddle, Setup

DRIFT_BOUND = 1.25
SPEEDS = (0.92, 1.08)
"""Clocks run no further apart than the bound that leases allow for, with room for whole milliseconds."""
KEYS = ("x", "y", "z")
CLIENTS = ("A", "B")


def chaos(
    size: int,
    *,
    seed: int,
    until_ms: int = 3000,
    faults: int = 20,
    loss: float = 0.1,
    features: frozenset[Feature] = FIGURE_2,
) -> Setup:
    """A lossy cluster of ``size`` nodes under ``faults`` faults and requests at random moments."""
    random = Random(f"chaos {seed}")
    nodes = tuple(f"S{number}" for number in range(1, size + 1))
    moments = sorted(int(random.random() * until_ms) for _ in range(faults))
    drawing = _Drawing(random, nodes, features)
    plan = tuple(
        Action(at_ms=moment, directive=drawing.directive(number), if_possible=True)
        for number, moment in enumerate(moments)
    )
    return Setup(
        nodes=nodes,
        voters=drawing.first_voters,
        learners=drawing.first_learners,
        settings=_settings(random, features),
        latency_ms=(1, 40),
        loss=loss,
        duplicate=loss,
        clocks=drawing.clocks() if Feature.DRIFT in features else (),
        plan=plan,
        until_ms=until_ms,
    )


def _settings(random: Random, features: frozenset[Feature]) -> Settings:
    membership = Membership.SINGLE if Feature.SINGLE in features else Membership.FIXED
    reads = Reads.READ_INDEX if Feature.READ_INDEX in features else Reads.OFF
    return Settings(
        no_op=Feature.NO_OP in features,
        empty_heartbeats=Feature.EMPTY_HEARTBEATS in features,
        pre_vote=Feature.PRE_VOTE in features,
        check_quorum=Feature.CHECK_QUORUM in features,
        leader_stickiness=Feature.STICKINESS in features,
        membership=Membership.JOINT if Feature.JOINT in features else membership,
        reads=Reads.LEASE if Feature.LEASE in features else reads,
        sessions=Feature.SESSIONS in features,
        snapshot_after=1 + int(random.random() * 6) if Feature.SNAPSHOTS in features else 0,
        drift_bound=DRIFT_BOUND if Feature.DRIFT in features else 1.0,
    )


class _Drawing:
    """Draws one directive after another. ``base`` is the configuration that changes are drawn around."""

    def __init__(self, random: Random, nodes: tuple[NodeId, ...], features: frozenset[Feature]) -> None:
        self.random = random
        self.nodes = nodes
        self.features = features
        self.changes = bool({Feature.JOINT, Feature.SINGLE} & features)
        some = self.changes or Feature.LEARNERS in features
        self.first_voters = self._some(nodes) if some else ()
        self.first_learners = self._learners(self.first_voters)
        self.base = self.first_voters
        self.serials = dict.fromkeys(CLIENTS, 0)
        self.sent: dict[str, str] = {}
        self.kinds = self._kinds()

    def _kinds(self) -> list[tuple[float, Callable[[int], Directive]]]:
        """What may happen, and how often one against the other."""
        features = self.features
        kinds: list[tuple[float, Callable[[int], Directive]]] = [
            (3, lambda _: Crash(node=self._node(0.3))),
            (5, lambda _: Revive(node=self._node(0))),
            (4, lambda _: self._partition()),
            (1, lambda _: Cut(links=((self._node(0), self._node(0)),))),
            (3, lambda _: Heal()),
            (1, lambda _: Meddle(count=2, delay_ms=100 + int(self.random.random() * 500))),
            (14, self._request),
        ]
        if Feature.LEASE not in features:  # a lease trusts every node to wait for its election timeout
            kinds.append((1, lambda _: Timeout(node=self._node(0))))
        if self.changes:
            kinds.append((6, lambda _: self._change()))
        if Feature.TRANSFERS in features:
            kinds.append((3, lambda _: Transfer(node=LEADER, target=self._node(0))))
        if Feature.SNAPSHOTS in features:
            kinds.append((2, lambda _: cluster.Snapshot(node=self._node(0.5))))
        if {Feature.READ_INDEX, Feature.LEASE} & features:
            kinds.append((8, lambda _: Read(node=self._node(0.7), key=self._one(KEYS))))
        return kinds

    def directive(self, number: int) -> Directive:
        """The next directive; ``number`` makes the value it may write one of its own."""
        draw = self.random.random() * sum(weight for weight, _ in self.kinds)
        for weight, make in self.kinds:
            draw -= weight
            if draw < 0:
                return make(number)
        raise AssertionError("the weights add up to more than was drawn")

    def clocks(self) -> tuple[tuple[NodeId, float], ...]:
        """Each clock's speed, within the bound."""
        low, high = SPEEDS
        return tuple((node, round(low + self.random.random() * (high - low), 3)) for node in self.nodes)

    def _one(self, choices: tuple[str, ...]) -> str:
        return choices[int(self.random.random() * len(choices))]

    def _some(self, choices: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        """At least one of these."""
        return tuple(one for one in choices if self.random.random() < 0.6) or (self._one(choices),)

    def _node(self, leader: float) -> NodeId:
        """The leader, as often as said, or any node."""
        return LEADER if self.random.random() < leader else self._one(self.nodes)

    def _learners(self, voters: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        if Feature.LEARNERS not in self.features:
            return ()
        return tuple(one for one in self.nodes if one not in voters and self.random.random() < 0.5)

    def _partition(self) -> Partition:
        left = tuple(one for one in self.nodes if self.random.random() < 0.5)
        return Partition(groups=(left, tuple(one for one in self.nodes if one not in left)))

    def _request(self, number: int) -> Request:
        """A new command, or with sessions often the client's last one again, as if no answer had come."""
        client = self._one(CLIENTS)
        again = client in self.sent and self.random.random() < 0.5
        if not again:
            self.serials[client] += 1
            self.sent[client] = f"{self._one(KEYS)}{self._one(('=', '+='))}{number}"
        node = self._node(0.7)
        if Feature.SESSIONS not in self.features:
            return Request(node=node, command=f"{self._one(KEYS)}={number}")
        return Request(node=node, command=self.sent[client], client=client, serial=self.serials[client])

    def _change(self) -> Change:
        """Anything at all with joint consensus; otherwise the base with one voter more or less, or the base again."""
        if Feature.JOINT in self.features and self.random.random() < 0.6:
            voters = self._some(self.nodes)
        else:
            voters = self._neighbour() if self.random.random() < 0.6 else self.base
        if self.random.random() < 0.5:
            self.base = voters
        return Change(node=LEADER, voters=voters, learners=self._learners(voters))

    def _neighbour(self) -> tuple[NodeId, ...]:
        changed = self._one(self.nodes)
        neighbour = tuple(one for one in self.nodes if (one in self.base) != (one == changed))
        return neighbour or self.base
