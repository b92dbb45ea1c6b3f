"""Runs held against ``RaftSteps.tla`` by TLC: what is allowed, what is not, and that all was looked at."""

import re
from dataclasses import dataclass

import pytest

from raftstep.simulation.plan import Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from raftstep.tla.check_files import CHECK, write_check_files
from tests.tla.runs import LEFT_OUT, SEEDS, broken_run, exportable_shipped_runs, module_name, random_runs
from tests.tla.tlc import Findings, Tlc, run_tlc

FORGED = Setup(nodes=("S1", "S2", "S3"), start_term=1, until_ms=100)


@dataclass(frozen=True)
class Check:
    """All runs, held against the specification in one call of TLC, which costs more to start than to use."""

    sound_runs: dict[str, Trace]
    broken_runs: dict[str, Trace]
    findings: Findings

    @property
    def refused_steps(self) -> dict[str, list[int]]:
        """The steps that are not allowed, by the run; each by the number of the state before it, from 1."""
        refused: dict[str, list[int]] = {}
        for line in self.findings.printed:
            if match := re.fullmatch(r'<<"not allowed", "(\w+)", (\d+), \d+>>', line):
                refused.setdefault(match[1], []).append(int(match[2]))
        return refused


@pytest.fixture(scope="module")
def check(tlc: Tlc) -> Check:
    sound_runs = {module_name(name): trace for name, trace in (exportable_shipped_runs() | random_runs()).items()}
    broken_runs = {f"without_{module_name(guard.slug)}": broken_run(guard) for guard in LEFT_OUT}
    files = write_check_files({**sound_runs, **broken_runs, "forged_start": run(FORGED, seed=1)})
    forged = files["forged_start.tla"]
    files["forged_start.tla"] = forged.replace("commitIndex |-> [S1 |-> 0,", "commitIndex |-> [S1 |-> 1,", 1)
    assert files["forged_start.tla"] != forged
    return Check(sound_runs, broken_runs, run_tlc(tlc, files, CHECK))


def test_runs_are_behaviours_of_the_specification_unless_a_rule_is_left_out(check: Check) -> None:
    """RaftSteps.tla, Next: each step of each shipped and each random run is one of its own.

    A check that cannot fail checks nothing: where the core leaves a rule of Figure 2 out, the step that the rule would
    have forbidden is refused, and no other.
    """
    assert check.findings.has_finished, check.findings.output[-3000:]
    assert len(check.sound_runs) > len(SEEDS)
    assert check.refused_steps == {name: [len(trace.steps) - 1] for name, trace in check.broken_runs.items()}


def test_every_state_is_looked_at_and_a_start_that_is_none_is_refused(check: Check) -> None:
    """TLC counts as many states as the runs have. RaftSteps.tla, Init: no server boots with an entry committed."""
    runs = [*check.sound_runs.values(), *check.broken_runs.values(), run(FORGED, seed=1)]

    assert check.findings.states == sum(len(trace.steps) for trace in runs)
    assert [line for line in check.findings.printed if "not a start" in line] == ['<<"not a start", "forged_start">>']
