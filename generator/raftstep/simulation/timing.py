"""How long a cluster is without a leader after a crash: one trial, and many (paper §9.3, Figure 16; dissertation §9).

A trial begins at the worst moment, as the paper's does: all survivors have just heard the same heartbeat, so their
election timeouts start together, and the leader crashes at a random moment before the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb
from random import Random

from raftstep.core.model import Configuration, Entry, Role, new_node
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.plan import Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Step

TICKS_PER_MS = 10
"""The simulator's clock ticks ten times a millisecond here, or narrow ranges of timeouts would hold few values."""

GIVE_UP_MS = 10_000
"""A trial without a leader by then is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What one line of a chart measures. Times in ms; ``survivors`` of ``nodes`` are up after the crash.

    ``behind`` of the survivors lack the last entry, so they cannot win against those that hold it (§5.4.1).
    """

    nodes: int = 5
    survivors: int = 4
    behind: int = 0
    timeout_ms: tuple[float, float] = (150, 300)
    latency_ms: tuple[float, float] = (7, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One crash. ``leaderless_ms`` from the crash to the next election won, ``None`` where it was given up.

    ``terms`` is how many terms it took: 1 where the first election was won.
    """

    leaderless_ms: float | None
    terms: int


def run_trial(experiment: Experiment, number: int) -> Trial:
    """Crash the leader once and wait for the next. The same number gives the same trial; no two share their chances."""
    low, high = (round(bound * TICKS_PER_MS) for bound in experiment.timeout_ms)
    random = Random(f"{experiment} {number}")
    crash_tick = random.random() * low / 2
    setup = Setup(
        nodes=_node_ids(experiment.nodes),
        start=_cluster_after_crash(experiment),
        election_timeout_ms=(low, high),
        heartbeat_interval_ms=max(1, low // 2),
        latency_ms=(round(experiment.latency_ms[0] * TICKS_PER_MS), round(experiment.latency_ms[1] * TICKS_PER_MS)),
        until_ms=GIVE_UP_MS * TICKS_PER_MS,
    )
    trace = run(setup, seed=int(random.random() * 2**52), is_end=_has_leader)
    last_step = trace.steps[-1]
    terms = max(node.current_term for node in last_step.cluster.nodes) - 1
    if not _has_leader(last_step):
        return Trial(leaderless_ms=None, terms=terms)
    return Trial(leaderless_ms=round((last_step.time_ms - crash_tick) / TICKS_PER_MS, 1), terms=terms)


def run_trials(experiment: Experiment, count: int, first: int = 0) -> Iterator[Trial]:
    """So many trials, from the number ``first`` on."""
    return (run_trial(experiment, number) for number in range(first, first + count))


def split_vote_probability(nodes: int, survivors: int, latency: float) -> float:
    """How likely the first election fails because votes split (dissertation §9.2), for equal logs.

    ``latency`` is one way, as a share of the range that timeouts are drawn from. The first to time out loses if too
    many others time out before its request reaches them: their votes are gone, and the rest is no majority.

    >>> round(split_vote_probability(5, 4, 0.1), 3)
    0.052
    """
    needed = survivors - nodes // 2
    return sum(comb(survivors, k) * latency**k * (1 - latency) ** (survivors - k) for k in range(needed, survivors + 1))


def _has_leader(step: Step) -> bool:
    return any(node.role is Role.LEADER for node in step.cluster.nodes)


def _node_ids(nodes: int) -> tuple[str, ...]:
    return tuple(f"S{number}" for number in range(1, nodes + 1))


def _cluster_after_crash(experiment: Experiment) -> Cluster:
    """Term 1, its leader S1 gone; all who are up voted for it, and some lack its last entry."""
    ids = _node_ids(experiment.nodes)
    log = (Entry(term=1, command="x=1"), Entry(term=1, command="x=2"))
    down = frozenset((ids[0], *ids[experiment.survivors + 1 :]))
    nodes = []
    for index, name in enumerate(ids):
        lacks_last_entry = index > experiment.survivors - experiment.behind
        node = new_node(name, Configuration(voters=ids), term=1)
        nodes.append(replace(node, voted_for=ids[0], log=log[:1] if lacks_last_entry else log))
    return Cluster(nodes=tuple(nodes), down_nodes=down)
