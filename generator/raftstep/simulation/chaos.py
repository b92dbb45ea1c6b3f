"""Random faults from a seed: the schedules that property tests, soak runs and ``raftstep chaos`` share."""

from __future__ import annotations

from random import Random

from raftstep.core.model import NodeId, Settings
from raftstep.simulation.cluster import Crash, Heal, Partition, Request, Revive
from raftstep.simulation.plan import Action, Directive, Setup


def chaos(size: int, *, seed: int, until_ms: int = 3000, faults: int = 20, loss: float = 0.1) -> Setup:
    """A lossy cluster of ``size`` nodes under crashes, restarts, partitions and client requests at random moments."""
    random = Random(f"chaos {seed}")
    nodes = tuple(f"S{number}" for number in range(1, size + 1))
    moments = sorted(int(random.random() * until_ms) for _ in range(faults))
    down: list[NodeId] = []
    plan = tuple(
        Action(at_ms=moment, directive=_directive(random, nodes, down, number)) for number, moment in enumerate(moments)
    )
    return Setup(
        nodes=nodes,
        settings=Settings(no_op=random.random() < 0.5),
        latency_ms=(1, 40),
        loss=loss,
        duplicate=loss,
        plan=plan,
        until_ms=until_ms,
    )


def _directive(random: Random, nodes: tuple[NodeId, ...], down: list[NodeId], number: int) -> Directive:
    draw = random.random()
    node = nodes[int(random.random() * len(nodes))]
    if draw < 0.2 and node not in down:
        down.append(node)
        return Crash(node=node)
    if draw < 0.4 and down:
        return Revive(node=down.pop(int(random.random() * len(down))))
    if draw < 0.5:
        left = tuple(one for one in nodes if random.random() < 0.5)
        return Partition(groups=(left, tuple(one for one in nodes if one not in left)))
    if draw < 0.6:
        return Heal()
    return Request(node=node, command=f"x={number}")
