"""The runs that are held against the specification: all shipped ones that can be exported, random ones, broken ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from raftstep.core.guards import Guard
from raftstep.core.model import FIGURE_2
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.chaos import draw_setup
from raftstep.simulation.features import Feature
from raftstep.simulation.plan import Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Step, Trace
from raftstep.tla.exportable import check_exportable

SEEDS = (*range(19), 49)
"""Those of the random runs. In that of 49 an old request arrives that would lower a commit index."""

FEATURES = (Feature.NO_OP, Feature.STICKINESS, Feature.READ_INDEX, Feature.SESSIONS)
"""What random runs switch on beyond Figure 2 and can still be exported; each run has another choice of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a random run is drawn from."""

    seed: int
    nodes: int
    until_ms: int = 1500
    faults: int = 40
    loss: float = 0.15

    def make_setup(self) -> Setup:
        setup = draw_setup(self.nodes, seed=self.seed, until_ms=self.until_ms, faults=self.faults, loss=self.loss)
        return replace(setup, start_term=1)


LEFT_OUT = {
    Guard.ONE_VOTE_A_TERM: Draw(seed=1, nodes=4),
    Guard.PERSIST_VOTE: Draw(seed=1, nodes=4),
    Guard.PERSIST_TERM: Draw(seed=1, nodes=4),
    Guard.ELECTION_MAJORITY: Draw(seed=1, nodes=4),
    Guard.COMMIT_MAJORITY: Draw(seed=2, nodes=2),
    Guard.IGNORE_STALE_VOTES: Draw(seed=14, nodes=2),
    Guard.DENY_STALE_CANDIDATES: Draw(seed=6, nodes=3),
    Guard.NEW_TERM_FOR_CANDIDACY: Draw(seed=1, nodes=4),
    Guard.STEP_DOWN: Draw(seed=3, nodes=3),
    Guard.KEEP_VOTE_IN_TERM: Draw(seed=2, nodes=2),
    Guard.REJECT_STALE_ENTRIES: Draw(seed=5, nodes=2),
    Guard.CREDIT_WHAT_WAS_SENT: Draw(seed=6, nodes=3),
    Guard.PERSIST_LOG: Draw(seed=2, nodes=2),
    Guard.TRUNCATE_ONLY_ON_CONFLICT: Draw(seed=6, nodes=3),
    Guard.DELETE_CONFLICTS: Draw(seed=43, nodes=3),
    Guard.UP_TO_DATE_LOG: Draw(seed=18, nodes=3),
    Guard.COMPARE_LAST_INDEX: Draw(seed=46, nodes=3),
    Guard.PREVIOUS_ENTRY: Draw(seed=36, nodes=3),
    Guard.COMMIT_OWN_TERM: Draw(seed=14, nodes=2),
    Guard.APPEND_ONLY: Draw(seed=6, nodes=3),
    Guard.COMPARE_LAST_TERM: Draw(seed=8, nodes=3, until_ms=3000, faults=120, loss=0.25),
    Guard.PREVIOUS_TERM: Draw(seed=8, nodes=3, until_ms=3000, faults=120, loss=0.25),
    Guard.IGNORE_STALE_ACKNOWLEDGEMENTS: Draw(seed=224, nodes=3, until_ms=3000, faults=120, loss=0.25),
}
"""Rules of Figure 2, each with a random run in which it matters that the rule is kept."""


def exportable_shipped_runs() -> dict[str, Trace]:
    """Every shipped run that can be exported, by its scenario."""
    traces = {}
    for id in list_scenario_ids():
        played = play_shipped(id)
        try:
            check_exportable(played.trace)
        except ValueError:
            continue
        traces[id] = played.trace
    return traces


def random_runs() -> dict[str, Trace]:
    """Random runs of two to five nodes: messages lost, duplicated and late, crashes, and links that are cut."""
    traces = {}
    for number in SEEDS:
        features = frozenset(feature for bit, feature in enumerate(FEATURES) if number >> bit & 1)
        setup = draw_setup(2 + number % 4, seed=number, until_ms=700, faults=25, loss=0.15, features=features)
        traces[f"random-{number}"] = run(replace(setup, start_term=1), seed=number)
    return traces


def broken_run(guard: Guard) -> Trace:
    """A run without a rule, up to the first step that the rule would have forbidden.

    That is the first at which it differs from the same run with the rule.
    """
    draw = LEFT_OUT[guard]
    setup = draw.make_setup()
    whole, broken = run(setup, seed=draw.seed), run(_without(setup, guard), seed=draw.seed)
    last = next(number for number in count() if _contents(whole.steps[number]) != _contents(broken.steps[number]))
    return replace(broken, steps=broken.steps[: last + 1])


def _without(setup: Setup, guard: Guard) -> Setup:
    return replace(setup, settings=replace(setup.settings, without=frozenset({guard})))


def _contents(step: Step) -> tuple[object, ...]:
    """What a step leaves behind, whatever the settings."""
    nodes = tuple(replace(node, settings=FIGURE_2) for node in step.cluster.nodes)
    return nodes, tuple(packet.message for packet in step.cluster.packets)


def module_name(name: str) -> str:
    """A name for a module: letters, digits and underscores."""
    return name.replace("-", "_")
