"""A random run as a few knobs: drawn by property tests, counted through by a soak, repeated by ``raftstep chaos``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.features import NO_FEATURES, Feature, resolve_conflicts
from raftstep.simulation.plan import Setup
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.recovery import RECOVERY_MS, add_recovery, find_stall, has_recovered
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomRun:
    """All that decides a random run, and so all that repeats it.

    ``loss`` is the share of messages lost, ``slowest_ms`` the longest latency of one that is not delayed. Election
    timeouts are drawn from a range that is ``spread_ms`` wide. With ``recovery_ms`` the faults end at ``until_ms``, and
    the cluster is given so long to elect a leader.
    """

    nodes: int
    seed: int
    until_ms: int = 3000
    faults: int = 20
    loss: float = 0.1
    slowest_ms: int = 40
    spread_ms: int = 150
    recovery_ms: int = 0
    features: frozenset[Feature] = NO_FEATURES
    protocol: str = RAFT.name

    @property
    def command(self) -> str:
        """The line that repeats it."""
        features = "".join(f" --with {feature}" for feature in Feature if feature in self.features)
        protocol = "" if self.protocol == RAFT.name else f" --protocol {self.protocol}"
        run_options = f"--nodes {self.nodes} --seed {self.seed}"
        fault_options = f"--until {self.until_ms} --faults {self.faults} --loss {self.loss}"
        time_options = f"--slowest {self.slowest_ms} --spread {self.spread_ms}"
        time_options += f" --recover {self.recovery_ms}" if self.recovery_ms else ""
        return f"raftstep chaos {run_options} {fault_options} {time_options}{features}{protocol}"

    def make_setup(self) -> Setup:
        """The run it stands for."""
        setup = draw_setup(
            self.nodes,
            seed=self.seed,
            until_ms=self.until_ms,
            faults=self.faults,
            loss=self.loss,
            features=self.features,
        )
        timeout_ms = setup.settings.minimum_timeout_ms
        setup = replace(
            setup,
            latency_ms=(1, self.slowest_ms),
            election_timeout_ms=(timeout_ms, timeout_ms + self.spread_ms),
            protocol=PROTOCOLS[self.protocol],
        )
        return add_recovery(setup, seed=self.seed, recovery_ms=self.recovery_ms) if self.recovery_ms else setup

    def make_trace(self) -> Trace:
        """The run itself; with ``recovery_ms`` up to the moment at which the cluster has recovered."""
        is_end = has_recovered if self.recovery_ms else None
        return run(self.make_setup(), seed=self.seed, is_end=is_end)

    def find_stall(self, trace: Trace) -> str | None:
        """What the run owes once its faults have ended: progress, where it was given time for it."""
        return find_stall(trace, self.features, since_ms=self.until_ms) if self.recovery_ms else None


def draw_run(number: int) -> RandomRun:
    """The schedule of this number in a long search: size, faults and features are all drawn."""
    random = Random(f"schedule {number}")
    share = random.random()
    return RandomRun(
        nodes=1 + int(random.random() * 7),
        seed=number,
        until_ms=1000 + int(random.random() * 4000),
        faults=int(random.random() * 120),
        loss=round(random.random() * 0.3, 2),
        slowest_ms=(20, 40, 100)[int(random.random() * 3)],
        spread_ms=(150, 150, 20)[int(random.random() * 3)],
        features=resolve_conflicts(feature for feature in Feature if random.random() < share),
    )


def draw_recovery_run(number: int, recovery_ms: int = RECOVERY_MS) -> RandomRun:
    """The run of this number in a search for clusters that make no progress once their faults have ended.

    The configuration changes in each of them. A message takes 40 ms at most, so that a round trip is shorter than the
    shortest election timeout, and timeouts differ by more than that: progress depends on both (§5.6).
    """
    drawn_run = draw_run(number)
    membership = (Feature.SINGLE, Feature.JOINT)[number % 2]
    features = (drawn_run.features - {Feature.JOINT, Feature.SINGLE}) | {membership}
    return replace(drawn_run, slowest_ms=40, spread_ms=150, features=features, recovery_ms=recovery_ms)
