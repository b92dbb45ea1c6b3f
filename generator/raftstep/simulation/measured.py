"""Thousands of elections, measured once and recorded; and the check that the record is what this code would give.

The record holds for each line of a chart its quantiles and its first trials. The build runs those first trials again:
a record that the present simulator does not bear out is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from raftstep.simulation.timing import Experiment, Trial, trials

TRIALS = 1000
MORE_TRIALS = 2000
SAMPLE = 5
LATENCY_MS = (2, 3)

RANDOMNESS = tuple(
    Experiment(behind=2, latency_ms=LATENCY_MS, timeout_ms=(150, high)) for high in (150, 151, 155, 175, 200, 300)
)
"""How much the timeouts must differ; as in the upper half of the paper's Figure 16."""

SHORTNESS = tuple(
    Experiment(behind=2, latency_ms=LATENCY_MS, timeout_ms=(low, 2 * low)) for low in (12, 25, 50, 100, 150)
)
"""How short they may be; as in the lower half of the paper's Figure 16."""

SHARES = (0.01, 0.02, 0.033, 0.05, 0.067, 0.1, 0.15, 0.2)
"""One-way latencies as shares of the range that timeouts are drawn from."""

CLUSTERS = ((3, 2), (5, 4), (9, 8), (5, 3), (9, 5))
"""(nodes, survivors): after one crash, and with a bare majority left."""

SPLITS = tuple(
    Experiment(nodes=nodes, survivors=survivors, latency_ms=(150 * share, 150 * share))
    for nodes, survivors in CLUSTERS
    for share in SHARES
)
"""How often the first election fails, by latency and cluster; all logs are equal here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
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


def measure(experiment: Experiment, count: int = TRIALS) -> Line:
    """Run the trials of one experiment."""
    made = list(trials(experiment, count))
    ordered = sorted(one.leaderless_ms for one in made if one.leaderless_ms is not None)
    given_up = count - len(ordered)
    whole: list[float | None] = [*ordered, *[None] * given_up]
    return Line(
        experiment=experiment,
        trials=count,
        given_up=given_up,
        first_failed=sum(one.terms > 1 or one.leaderless_ms is None for one in made),
        quantiles_ms=tuple(whole[min(count - 1, share * count // 100)] for share in range(101)),
        sample=_sample(made),
    )


def _sample(made: Sequence[Trial]) -> tuple[tuple[float | None, int], ...]:
    return tuple((one.leaderless_ms, one.terms) for one in made[:SAMPLE])


def everything() -> tuple[Experiment, ...]:
    """Every experiment of the record, each once."""
    return tuple(dict.fromkeys((*RANDOMNESS, *SHORTNESS, *SPLITS)))


def record(progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Measure everything, as plain values for a file; ``progress`` is told how many lines of how many are done."""
    made = []
    for number, experiment in enumerate(everything(), 1):
        made.append(asdict(measure(experiment, _count(experiment))))
        progress(number, len(everything()))
    return {"lines": made}


def _count(experiment: Experiment) -> int:
    """Rates need more trials than medians do; without any randomness no trial ends, and a few say as much as many."""
    if experiment.timeout_ms[0] == experiment.timeout_ms[1]:
        return 100
    return MORE_TRIALS if experiment in SPLITS else TRIALS


def lines(recorded: dict[str, Any]) -> dict[Experiment, Line]:
    """The record's lines by their experiments."""
    result = {}
    for one in recorded["lines"]:
        experiment = Experiment(**{name: _tupled(value) for name, value in one["experiment"].items()})
        rest = {name: value for name, value in one.items() if name not in ("experiment", "quantiles_ms", "sample")}
        result[experiment] = Line(
            experiment=experiment,
            quantiles_ms=tuple(one["quantiles_ms"]),
            sample=tuple((leaderless_ms, terms) for leaderless_ms, terms in one["sample"]),
            **rest,
        )
    return result


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def disagreements(known: dict[Experiment, Line]) -> list[str]:
    """Where the record is not what the present simulator gives: lines that lack, and first trials that differ."""
    found = [f"no line for {experiment}" for experiment in everything() if experiment not in known]
    for experiment, line in known.items():
        if _quick(line) and _sample(list(trials(experiment, SAMPLE))) != line.sample:
            found.append(f"other trials than recorded for {experiment}")
    return found


def _quick(line: Line) -> bool:
    """Whether running the first trials again takes little: a trial of many terms has very many events."""
    return all(leaderless_ms is not None and terms < 20 for leaderless_ms, terms in line.sample)
