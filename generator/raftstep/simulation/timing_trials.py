"""Thousands of elections, measured once and recorded; and the check that the record is what this code would give.

The record holds for each line of a chart its quantiles and its first trials. The build runs those first trials again:
a record that the present simulator does not bear out is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from raftstep.simulation.timing import Experiment, Trial, run_trials

TRIALS = 1000
MORE_TRIALS = 2000
CHUNK_SIZE = 100
SAMPLE_SIZE = 5
LATENCY_MS = (2, 3)

SPREAD_EXPERIMENTS = tuple(
    Experiment(behind=2, latency_ms=LATENCY_MS, timeout_ms=(150, high)) for high in (150, 151, 155, 175, 200, 300)
)
"""How much the timeouts must differ; as in the upper half of the paper's Figure 16."""

LENGTH_EXPERIMENTS = tuple(
    Experiment(behind=2, latency_ms=LATENCY_MS, timeout_ms=(low, 2 * low)) for low in (12, 25, 50, 100, 150)
)
"""How short they may be; as in the lower half of the paper's Figure 16."""

LATENCY_SHARES = (0.01, 0.02, 0.033, 0.05, 0.067, 0.1, 0.15, 0.2)
"""One-way latencies as shares of the range that timeouts are drawn from."""

CLUSTER_SIZES = ((3, 2), (5, 4), (9, 8), (5, 3), (9, 5))
"""(nodes, survivors): after one crash, and with a bare majority left."""

SPLIT_VOTE_EXPERIMENTS = tuple(
    Experiment(nodes=nodes, survivors=survivors, latency_ms=(150 * share, 150 * share))
    for nodes, survivors in CLUSTER_SIZES
    for share in LATENCY_SHARES
)
"""How often the first election fails, by latency and cluster; all logs are equal here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentResult:
    """What one experiment gave. ``quantiles_ms`` are the 0th to the 100th hundredth; ``None``: no leader by the end.

    ``first_failed`` counts the trials in which the first election had no winner, ``given_up`` those without any.
    """

    experiment: Experiment
    trials: int
    given_up: int
    first_failed: int
    quantiles_ms: tuple[float | None, ...]
    sample: tuple[tuple[float | None, int], ...]

    @property
    def median_ms(self) -> float | None:
        """Half of the trials had a leader by then."""
        return self.quantiles_ms[len(self.quantiles_ms) // 2]

    @property
    def worst_ms(self) -> float | None:
        """The longest of all trials; ``None`` where one was given up."""
        return self.quantiles_ms[-1]


def measure(experiment: Experiment, count: int = TRIALS) -> ExperimentResult:
    """Run the trials of one experiment."""
    return summarize(experiment, list(run_trials(experiment, count)))


def summarize(experiment: Experiment, all_trials: Sequence[Trial]) -> ExperimentResult:
    """What the trials of one experiment, in the order of their numbers, come to."""
    count = len(all_trials)
    sorted_times_ms = sorted(trial.leaderless_ms for trial in all_trials if trial.leaderless_ms is not None)
    given_up = count - len(sorted_times_ms)
    times_ms: list[float | None] = [*sorted_times_ms, *[None] * given_up]
    return ExperimentResult(
        experiment=experiment,
        trials=count,
        given_up=given_up,
        first_failed=sum(trial.terms > 1 or trial.leaderless_ms is None for trial in all_trials),
        quantiles_ms=tuple(times_ms[min(count - 1, share * count // 100)] for share in range(101)),
        sample=_take_sample(all_trials),
    )


def _take_sample(all_trials: Sequence[Trial]) -> tuple[tuple[float | None, int], ...]:
    return tuple((trial.leaderless_ms, trial.terms) for trial in all_trials[:SAMPLE_SIZE])


def all_experiments() -> tuple[Experiment, ...]:
    """Every experiment of the record, each once."""
    return tuple(dict.fromkeys((*SPREAD_EXPERIMENTS, *LENGTH_EXPERIMENTS, *SPLIT_VOTE_EXPERIMENTS)))


Chunk = tuple[Experiment, int, int]
"""Some trials of an experiment, by the number of the first and how many: a part that can be run anywhere."""


def list_chunks() -> list[Chunk]:
    """All that the record needs, cut up in a way that does not depend on how many workers there are."""
    return [
        (experiment, first, min(CHUNK_SIZE, count - first))
        for experiment in all_experiments()
        for count in [_trial_count(experiment)]
        for first in range(0, count, CHUNK_SIZE)
    ]


def run_chunk(experiment: Experiment, first: int, count: int) -> list[Trial]:
    """Run the trials of a chunk."""
    return list(run_trials(experiment, count, first))


def make_record(chunks: Iterable[tuple[Chunk, list[Trial]]]) -> dict[str, Any]:
    """What all chunks with their trials, in order, come to, as plain values for a file."""
    return {
        "lines": [
            asdict(summarize(experiment, [trial for _, trials in group for trial in trials]))
            for experiment, group in groupby(chunks, key=lambda chunk: chunk[0][0])
        ]
    }


def format_record(record: dict[str, Any]) -> str:
    """The record as text, an experiment a line, so that a diff shows which of them changed."""
    lines = ",\n".join(json.dumps(line, separators=(", ", ": ")) for line in record["lines"])
    return f'{{"lines": [\n{lines}\n]}}\n'


def _trial_count(experiment: Experiment) -> int:
    """Rates need more trials than medians do; without any randomness no trial ends, and a few say as much as many."""
    if experiment.timeout_ms[0] == experiment.timeout_ms[1]:
        return 100
    return MORE_TRIALS if experiment in SPLIT_VOTE_EXPERIMENTS else TRIALS


def parse_record(record: dict[str, Any]) -> dict[Experiment, ExperimentResult]:
    """The record's lines by their experiments."""
    results = {}
    for line in record["lines"]:
        experiment = Experiment(**{name: _list_to_tuple(value) for name, value in line["experiment"].items()})
        other_fields = {
            name: value for name, value in line.items() if name not in ("experiment", "quantiles_ms", "sample")
        }
        results[experiment] = ExperimentResult(
            experiment=experiment,
            quantiles_ms=tuple(line["quantiles_ms"]),
            sample=tuple((leaderless_ms, terms) for leaderless_ms, terms in line["sample"]),
            **other_fields,
        )
    return results


def _list_to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def find_disagreements(results: dict[Experiment, ExperimentResult]) -> list[str]:
    """Where the record is not what the present simulator gives: missing lines, and first trials that differ."""
    problems = [f"no line for {experiment}" for experiment in all_experiments() if experiment not in results]
    for experiment, result in results.items():
        if _is_quick(result) and _take_sample(list(run_trials(experiment, SAMPLE_SIZE))) != result.sample:
            problems.append(f"other trials than recorded for {experiment}")
    return problems


def _is_quick(result: ExperimentResult) -> bool:
    """Whether running the first trials again takes little: a trial of many terms has very many events."""
    return all(leaderless_ms is not None and terms < 20 for leaderless_ms, terms in result.sample)
