"""The record of measured elections, the charts made from it, and what the page says about them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from raftstep.simulation.timing import Experiment, run_trial, split_vote_probability
from raftstep.simulation.timing_trials import (
    CLUSTER_SIZES,
    LATENCY_SHARES,
    LENGTH_EXPERIMENTS,
    SPREAD_EXPERIMENTS,
    all_experiments,
    find_disagreements,
    format_record,
    measure,
    parse_record,
)
from raftstep.site.timing import exhibits, failure_rate, read_measurements

RECORD = Path(__file__).resolve().parents[2] / "docs" / "data" / "timing.json"
KNOWN = parse_record(json.loads(RECORD.read_text(encoding="utf-8")))


def test_a_trial_is_the_same_whenever_it_is_run() -> None:
    """Style, *The shapes*: all chance comes from the seed."""
    assert run_trial(Experiment(), 7) == run_trial(Experiment(), 7)
    assert run_trial(Experiment(), 7) != run_trial(Experiment(), 8)


def test_a_trial_counts_from_the_crash_not_from_the_last_heartbeat() -> None:
    """The leader dies up to half the shortest timeout after the heartbeat; the rest of the timeout must still pass."""
    shortest = min(run_trial(Experiment(), number).leaderless_ms or 0 for number in range(50))

    assert shortest >= 75 + 2 * 7


def test_the_record_is_what_the_present_simulator_gives() -> None:
    """Renew it with ``make timing``."""
    assert find_disagreements(KNOWN) == []
    assert set(KNOWN) == set(all_experiments())


def test_a_record_that_lies_is_refused(tmp_path: Path) -> None:
    """A check that cannot fail checks nothing."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    line = next(one for one in record["lines"] if one["experiment"]["timeout_ms"] == [150, 300])
    line["sample"][0][0] += 1
    path = tmp_path / "timing.json"
    path.write_text(format_record(record), encoding="utf-8")

    with pytest.raises(ValueError, match=r"timing.json is not what the simulator gives .*: make timing"):
        read_measurements(path)


def test_a_record_that_lacks_a_line_is_refused() -> None:
    """A check that cannot fail checks nothing: a chart with a missing point would look finished."""
    assert find_disagreements({}) == [f"no line for {experiment}" for experiment in all_experiments()]


def test_a_line_gives_its_trials_in_order() -> None:
    """A cumulative curve rises; those who gave up count, but have no time."""
    line = measure(replace(SPREAD_EXPERIMENTS[-1], behind=0), 40)

    assert list(line.quantiles_ms) == sorted(time for time in line.quantiles_ms if time is not None)
    assert (line.trials, line.given_up, len(line.quantiles_ms)) == (40, 0, 101)


@pytest.mark.parametrize(("nodes", "survivors"), CLUSTER_SIZES)
def test_measured_split_votes_agree_with_the_dissertations_formula(nodes: int, survivors: int) -> None:
    """Dissertation §9.2, within four standard errors of the measured rate."""
    for share in LATENCY_SHARES:
        computed = split_vote_probability(nodes, survivors, share)
        error = (computed * (1 - computed) / 2000) ** 0.5

        assert abs(failure_rate(KNOWN, nodes, survivors, share) - computed) <= 4 * error + 0.001


# what the page says in words


def test_without_chance_nobody_wins_and_a_little_of_it_does_most() -> None:
    """§9.3, Figure 16: without randomness elections did not end; 5 ms of it helped most."""
    medians = [KNOWN[one].median_ms for one in SPREAD_EXPERIMENTS]

    assert KNOWN[SPREAD_EXPERIMENTS[0]].given_up == KNOWN[SPREAD_EXPERIMENTS[0]].trials
    assert medians[1] is not None
    assert medians[1] > 1000, "one millisecond: seconds without a leader"
    assert medians[2] is not None
    assert medians[3] is not None
    assert medians[1] > medians[2] > medians[3]
    assert medians[5] > medians[4] > medians[3], "then the wait itself grows"
    assert all(line.first_failed >= 0.49 * line.trials for line in map(KNOWN.get, SPREAD_EXPERIMENTS) if line)


def test_shorter_timeouts_find_the_dead_leader_sooner() -> None:
    """§9.3, Figure 16, lower graph: downtime falls with the election timeout."""
    medians = [KNOWN[one].median_ms for one in LENGTH_EXPERIMENTS]

    assert medians == sorted(medians, key=lambda median: median or 0)


def test_a_bare_majority_splits_one_time_in_four_where_one_more_splits_one_in_twenty() -> None:
    """The page on timing states both numbers, and they have to be the record's."""
    assert failure_rate(KNOWN, 5, 3, 0.1) == pytest.approx(0.25, abs=0.03)
    assert failure_rate(KNOWN, 5, 4, 0.1) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("name", exhibits(RECORD))
def test_a_chart_comes_with_its_numbers_as_a_table(name: str) -> None:
    """CONTRIBUTING, *Adding an exhibit*: for those who cannot see it."""
    shown = exhibits(RECORD)[name](lambda address: address)

    assert shown.count("<svg") == shown.count("<table") == shown.count("<figcaption") == 1
    assert f'id="{name}-t"' in shown
