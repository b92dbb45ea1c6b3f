"""No input makes it raise: some hundred inputs of each kind, and each that ever failed."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.running import REGRESSIONS, TooLongError, find_failure, regression_path, run_target, time_limit
from tests.fuzz.targets import TARGETS

EXAMPLES = 60

SOURCES = st.randoms(use_true_random=False)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_makes_it_raise(name: str) -> None:
    """Issue 16: no input raises anything but what is documented, or takes longer than a bound."""

    @settings(max_examples=EXAMPLES if settings().max_examples <= 100 else settings().max_examples)
    @given(SOURCES)
    def try_one(random: Random) -> None:
        run_target(name, TARGETS[name].make(random))

    try_one()


@pytest.mark.parametrize("path", sorted(REGRESSIONS.glob("*.input")), ids=lambda path: path.stem)
def test_what_failed_once_does_not_fail_again(path: Path) -> None:
    """Issue 16: each failing input is kept as a regression."""
    run_target(path.stem.split("-")[0], path.read_bytes())


def test_the_same_seed_gives_the_same_inputs() -> None:
    """``make fuzz`` prints its seed, and whoever has it can look again."""
    for target in TARGETS.values():
        inputs = [[target.make(Random(f"7/{number}")) for number in range(20)] for _ in range(2)]
        assert inputs[0] == inputs[1]


def test_the_fuzzer_sees_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that cannot fail checks nothing."""
    monkeypatch.setattr("tests.fuzz.targets.load_and_play", lambda *_: 1 / 0)

    failure = find_failure("scenario", b"title: x\n")

    assert failure
    assert failure.strip().endswith("ZeroDivisionError: division by zero")
    assert regression_path("scenario", b"title: x\n").stem.startswith("scenario-")


@pytest.mark.parametrize(
    "words",
    [
        "'raftstep.scenario.node_facts.NodeFacts object' has no \"match_index\"",
        "'NodeFacts' object has no attribute 'match_index'",
        "it is damaged (KeyError: 'digest')",
        "Traceback (most recent call last):",
    ],
)
def test_the_fuzzer_sees_a_message_in_the_words_of_python(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that cannot fail checks nothing."""
    monkeypatch.setattr("raftstep.document.problem.Problems.show", lambda _: words)

    failure = find_failure("scenario", b"title: x\n")

    assert failure
    assert "is a word of Python" in failure


def test_the_fuzzer_stops_what_takes_too_long() -> None:
    """A check that cannot fail checks nothing."""
    with pytest.raises(TooLongError), time_limit(0.1):
        waste_seconds(5)


def waste_seconds(seconds: float) -> None:
    start_s = time.process_time()
    while time.process_time() - start_s < seconds:
        pass
