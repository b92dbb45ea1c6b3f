"""The charts and tables of the page on timing, made from the recorded trials."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from raftstep.document.damage import describe_damage
from raftstep.document.files import read_file
from raftstep.document.reading import UnreadableError
from raftstep.picture.curves import ChartAxis, Curve, CurvesFrame, build_curves_frame
from raftstep.simulation.timing import Experiment, split_vote_probability
from raftstep.simulation.timing_trials import (
    CLUSTER_SIZES,
    LATENCY_MS,
    LATENCY_SHARES,
    LENGTH_EXPERIMENTS,
    MORE_TRIALS,
    SPREAD_EXPERIMENTS,
    TRIALS,
    ExperimentResult,
    find_disagreements,
    parse_record,
)
from raftstep.site.chart import TableRows, draw_chart
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.numbers import Number
from raftstep.site.search_records import RECORD_FILE

MEASURE_COMMAND = "make timing"
"""The command that measures everything again."""

Measurements = dict[Experiment, ExperimentResult]

ELECTION_EXPERIMENTS = tuple(dict.fromkeys((*SPREAD_EXPERIMENTS, *LENGTH_EXPERIMENTS)))
"""The lines of the two charts that show how long elections take."""

_PERCENT_AXIS = ChartAxis(
    low=0, high=100, ticks=((0, "0"), (25, "25"), (50, "50"), (75, "75"), (100, "100 %")), name=""
)
_LATENCY_AXIS = ChartAxis(
    low=0, high=0.2, ticks=((0, "0"), (0.05, "5 %"), (0.1, "10 %"), (0.15, "15 %"), (0.2, "20 %")), name=""
)


def read_measurements(path: Path) -> Measurements:
    """The record. Raises :class:`ValueError` where the present simulator would give another."""
    try:
        measurements, differences = _compare_record(read_file(path, RECORD_FILE))
    except (UnreadableError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{path.name} cannot be read ({describe_damage(error)}); measure again with: {MEASURE_COMMAND}"
        ) from error
    if differences:
        raise ValueError(
            f"{path.name} is not what the simulator gives ({differences[0]}); measure again with: {MEASURE_COMMAND}"
        )
    return measurements


@lru_cache(maxsize=1)
def _compare_record(text: bytes) -> tuple[Measurements, Sequence[str]]:
    """What a record says, and where it is not so; many exhibits ask for the same."""
    measurements = parse_record(json.loads(text))
    return measurements, find_disagreements(measurements)


def randomness_chart(measurements: Measurements, id: str) -> CurvesFrame:
    """Time without a leader by how much the timeouts differ: the upper half of the paper's Figure 16."""
    return _cumulative_chart(
        id,
        "Time without a leader, by the width of the random range",
        [
            measurements[experiment]
            for experiment in SPREAD_EXPERIMENTS
            if experiment.timeout_ms[0] != experiment.timeout_ms[1]
        ],
        (50, 100, 200, 500, 1000, 2000, 5000, 10_000),
    )


def shortness_chart(measurements: Measurements, id: str) -> CurvesFrame:
    """Time without a leader by how short the timeouts are: the lower half of the paper's Figure 16."""
    ticks = (10, 20, 50, 100, 200, 500, 1000)
    return _cumulative_chart(
        id,
        "Time without a leader, by the length of the timeouts",
        [measurements[experiment] for experiment in LENGTH_EXPERIMENTS],
        ticks,
    )


def _cumulative_chart(id: str, title: str, results: Sequence[ExperimentResult], ticks: Sequence[int]) -> CurvesFrame:
    x_axis = ChartAxis(
        low=ticks[0],
        high=ticks[-1],
        ticks=tuple((tick, f"{tick:,}" if tick not in (2000, ticks[-1]) else "") for tick in ticks),
        name="ms without a leader (logarithmic)",
        logarithmic=True,
    )
    words = "; ".join(f"{range_words(result.experiment)} half by {_ms_words(result.median_ms)}" for result in results)
    return build_curves_frame(
        id,
        title=title,
        description=f"The share of elections over by a time, for each range of timeouts: {words}.",
        x_axis=x_axis,
        y_axis=_PERCENT_AXIS,
        curves=[_curve(result) for result in results],
    )


def _curve(line: ExperimentResult) -> Curve:
    points = tuple((ms, share) for share, ms in enumerate(line.quantiles_ms) if ms is not None)
    marks = tuple(points[share] for share in (10, 30, 50, 70, 90) if share < len(points))
    return Curve(name=f"{range_words(line.experiment)} ms", points=points, marks=marks)


def split_votes_chart(measurements: Measurements, id: str) -> CurvesFrame:
    """How often the first election fails: measured signs on the computed curves."""
    curves = []
    for nodes, survivors in CLUSTER_SIZES:
        shares = [step / 200 for step in range(41)]
        computed_points = tuple((share, 100 * split_vote_probability(nodes, survivors, share)) for share in shares)
        measured_points = tuple(
            (share, 100 * failure_rate(measurements, nodes, survivors, share)) for share in LATENCY_SHARES
        )
        curves.append(Curve(name=f"{survivors} of {nodes} up", points=computed_points, marks=measured_points))
    return build_curves_frame(
        id,
        title="Elections that fail because the vote is split",
        description="For each cluster the share of first elections without a winner, as it grows with the latency; "
        "signs are measured, lines computed, and they agree.",
        x_axis=ChartAxis(
            low=0, high=0.2, ticks=_LATENCY_AXIS.ticks, name="one-way latency, as a share of the random range"
        ),
        y_axis=ChartAxis(low=0, high=75, ticks=((0, "0"), (25, "25"), (50, "50"), (75, "75 %")), name=""),
        curves=curves,
    )


def failure_rate(measurements: Measurements, nodes: int, survivors: int, share: float) -> float:
    """The measured share of first elections without a winner."""
    return _failed_share(
        measurements[Experiment(nodes=nodes, survivors=survivors, latency_ms=(150 * share, 150 * share))]
    )


def election_times_table(measurements: Measurements, experiments: Sequence[Experiment]) -> TableRows:
    """Rows for a table: the range, the trials, the median, the 99th percentile, the worst, first elections lost."""
    rows = [["Timeouts (ms)", "Trials", "Half by", "99 % by", "Worst", "First election failed"]]
    for experiment in experiments:
        line = measurements[experiment]
        times = [_ms_words(line.median_ms), _ms_words(line.quantiles_ms[99]), _ms_words(line.worst_ms)]
        rows.append([range_words(experiment), f"{line.trials:,}", *times, _percent_words(_failed_share(line))])
    return rows


def split_votes_table(measurements: Measurements) -> TableRows:
    """Rows for a table: for each cluster, measured and computed."""
    rows = [["Cluster", *(f"{100 * share:.3g} %" for share in LATENCY_SHARES)]]
    for nodes, survivors in CLUSTER_SIZES:
        cells = [
            f"{100 * failure_rate(measurements, nodes, survivors, share):.1f} / "
            f"{100 * split_vote_probability(nodes, survivors, share):.1f}"
            for share in LATENCY_SHARES
        ]
        rows.append([f"{survivors} of {nodes} up", *cells])
    return rows


def range_words(experiment: Experiment) -> str:
    """A range of timeouts: ``150–300``."""
    low, high = experiment.timeout_ms
    return f"{low:g}–{high:g}"


def _ms_words(time_ms: float | None) -> str:
    return "over 10 s" if time_ms is None else f"{time_ms:,.0f} ms"


CHARTS: dict[str, tuple[Callable[[Measurements, str], CurvesFrame], Callable[[Measurements], TableRows], str]] = {
    "timing-randomness": (
        randomness_chart,
        lambda measurements: election_times_table(measurements, SPREAD_EXPERIMENTS),
        (
            f"How soon a new leader was elected, in {TRIALS:,} crashes a curve. Five nodes, four up, two of the four "
            f"unable to win; messages take {LATENCY_MS[0]} to {LATENCY_MS[1]} ms."
        ),
    ),
    "timing-shortness": (
        shortness_chart,
        lambda measurements: election_times_table(measurements, LENGTH_EXPERIMENTS),
        "The same cluster with shorter timeouts, each drawn from a range that ends at twice its beginning.",
    ),
    "timing-splits": (
        split_votes_chart,
        split_votes_table,
        (
            "How often the first election fails. Lines are computed, marks are measured in "
            f"{MORE_TRIALS:,} crashes each; all logs are equal here."
        ),
    ),
}
"""The charts by name: what draws them, their numbers, their caption."""


def numbers(path: Path) -> dict[str, Number]:
    """What sentences can say of the record, by name. It is read when the first number is asked for.

    ``timing-150-300-median``, ``-slowest`` (99 % are over by then), ``-worst`` and ``-failed`` are of the elections
    with these timeouts; ``timing-split-2-of-3-at-10`` is how often the first election fails in a cluster of 3 with 2
    up, where the one-way latency is 10 % of the range. ``timing-least-failed`` is the least of all ``-failed``,
    ``timing-soonest`` the shortest time in the chart on randomness, ``timing-latency`` that of a message there.
    """
    words: dict[str, Callable[[Measurements], str]] = {
        "timing-least-failed": _least_failed,
        "timing-soonest": _soonest,
        "timing-latency": lambda _: f"{LATENCY_MS[0]} to {LATENCY_MS[1]} ms",
    }
    for experiment in ELECTION_EXPERIMENTS:
        for name, line_words in _ELECTION_NUMBERS.items():
            low_to_high = range_words(experiment).replace("–", "-")
            words[f"timing-{low_to_high}-{name}"] = partial(_election_number, experiment, line_words)
    for nodes, survivors in CLUSTER_SIZES:
        for share in LATENCY_SHARES:
            name = f"timing-split-{survivors}-of-{nodes}-at-{f'{100 * share:.3g}'.replace('.', '-')}"
            words[name] = partial(_split_number, nodes, survivors, share)
    return {name: partial(_read_number, path, number_words) for name, number_words in words.items()}


_ELECTION_NUMBERS: dict[str, Callable[[ExperimentResult], str]] = {
    "median": lambda line: _ms_words(line.median_ms),
    "slowest": lambda line: _ms_words(line.quantiles_ms[99]),
    "worst": lambda line: _ms_words(line.worst_ms),
    "failed": lambda line: _percent_words(_failed_share(line)),
}


def _least_failed(measurements: Measurements) -> str:
    return _percent_words(min(_failed_share(measurements[experiment]) for experiment in ELECTION_EXPERIMENTS))


def _soonest(measurements: Measurements) -> str:
    times = (measurements[experiment].quantiles_ms[0] for experiment in SPREAD_EXPERIMENTS)
    return _ms_words(min(time for time in times if time is not None))


def _election_number(
    experiment: Experiment, words: Callable[[ExperimentResult], str], measurements: Measurements
) -> str:
    return words(measurements[experiment])


def _split_number(nodes: int, survivors: int, share: float, measurements: Measurements) -> str:
    return _percent_words(failure_rate(measurements, nodes, survivors, share))


def _read_number(path: Path, words: Callable[[Measurements], str]) -> str:
    return words(read_measurements(path))


def _failed_share(line: ExperimentResult) -> float:
    return line.first_failed / line.trials


def _percent_words(share: float) -> str:
    """With one decimal, so that 499 of 1,000 does not look like a half; a whole number without it."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def exhibits(path: Path) -> dict[str, Exhibit]:
    """Each chart as an exhibit. The record is read when the first is asked for."""
    return {name: _make_exhibit(path, name, *parts) for name, parts in CHARTS.items()}


def _make_exhibit(
    path: Path,
    name: str,
    draw_frame: Callable[[Measurements, str], CurvesFrame],
    table_rows: Callable[[Measurements], TableRows],
    caption: str,
) -> Exhibit:
    def render_chart(_: LinkTo) -> str:
        measurements = read_measurements(path)
        return draw_chart(draw_frame(measurements, name), table_rows(measurements), caption)

    return render_chart
