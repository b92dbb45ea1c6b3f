"""Random faults find nothing wrong with the true core, and soon something with a broken one.

``pytest tests/simulation --hypothesis-profile=long`` searches for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raftstep.command import main
from raftstep.core.step import step
from raftstep.simulation.chaos import chaos
from raftstep.simulation.describe import transcript
from raftstep.simulation.invariants import PROPERTIES
from raftstep.simulation.run import StepFunction, run
from tests.simulation import broken
from tests.simulation.schedules import fingerprint

if TYPE_CHECKING:
    from raftstep.simulation.trace import Alarm

KNOBS = {
    "seed": st.integers(min_value=0, max_value=2**32),
    "until_ms": st.integers(min_value=200, max_value=4000),
    "faults": st.integers(min_value=0, max_value=40),
    "percent": st.integers(min_value=0, max_value=50),
}


def alarms(size: int, seed: int, until_ms: int, faults: int, loss: float, core: StepFunction = step) -> list[Alarm]:
    """What goes wrong in one random schedule."""
    setup = chaos(size, seed=seed, until_ms=until_ms, faults=faults, loss=loss)
    return list(run(setup, seed=seed, step_function=core).alarms)


def command(size: int, seed: int, until_ms: int, faults: int, loss: float) -> str:
    """The line that repeats a schedule."""
    return f"raftstep chaos --nodes {size} --seed {seed} --until {until_ms} --faults {faults} --loss {loss}"


@pytest.mark.parametrize("size", [3, 5, 7])
@given(**KNOBS)
@settings(deadline=None)
def test_random_faults_break_none_of_the_five_properties(
    size: int, seed: int, until_ms: int, faults: int, percent: int
) -> None:
    """Figure 3, under crashes, restarts, partitions, loss, delay, reordering and duplicates."""
    loss = percent / 100
    found = alarms(size, seed, until_ms, faults, loss)

    assert not found, f"{found[0].property} broken: {found[0].words}; {command(size, seed, until_ms, faults, loss)}"


@pytest.mark.parametrize(
    "core",
    [
        broken.votes_twice,
        broken.ignores_the_log_when_voting,
        broken.never_truncates,
        broken.commits_alone,
        broken.obeys_a_deposed_leader,
    ],
    ids=lambda core: core.__name__,
)
def test_random_faults_soon_break_a_broken_core(core: StepFunction) -> None:
    """A search that cannot find anything has searched nothing."""
    found = next(filter(None, (alarms(5, seed, 3000, 20, 0.1, core) for seed in range(100))), [])

    assert {alarm.property for alarm in found} & set(PROPERTIES)


def test_the_printed_command_repeats_the_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    """style.md: a failing random test prints the line that repeats it."""
    knobs = (3, 41, 700, 9, 0.07)
    size, seed, until_ms, faults, loss = knobs

    assert main(command(*knobs).split()[1:]) == 0
    again = run(chaos(size, seed=seed, until_ms=until_ms, faults=faults, loss=loss), seed=seed)
    assert capsys.readouterr().out == transcript(again)


def test_the_same_seed_gives_the_same_schedule() -> None:
    """So that the printed command repeats the failure."""
    assert chaos(5, seed=7, until_ms=2000, faults=30, loss=0.2) == chaos(5, seed=7, until_ms=2000, faults=30, loss=0.2)


def test_another_seed_gives_another_run() -> None:
    """Or a few hundred seeds would be one."""
    prints = {fingerprint(run(chaos(5, seed=seed, until_ms=500), seed=seed)) for seed in range(5)}

    assert len(prints) == 5


def test_schedules_hold_every_kind_of_fault() -> None:
    """What is never tried is never found."""
    kinds = {type(action.directive).__name__ for seed in range(20) for action in chaos(5, seed=seed).plan}

    assert kinds == {"Crash", "Revive", "Partition", "Heal", "Request"}


@pytest.mark.parametrize("size", [3, 5, 7])
def test_much_is_committed_in_spite_of_the_faults(size: int) -> None:
    """A cluster that does nothing is safe too."""
    runs = (run(chaos(size, seed=seed), seed=seed) for seed in range(12))
    answered = [len(trace.answered(trace.steps[-1])) for trace in runs]

    assert sum(count > 0 for count in answered) >= 4
