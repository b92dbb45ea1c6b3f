"""The charts and tables of the page on timing, made from the recorded trials."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from raftstep.picture.curves import Axis, Curve, CurvesFrame, curves_frame
from raftstep.simulation.measured import (
    CLUSTERS,
    LATENCY_MS,
    MORE_TRIALS,
    RANDOMNESS,
    SHARES,
    SHORTNESS,
    TRIALS,
    Line,
    disagreements,
    lines,
)
from raftstep.simulation.timing import Experiment, split_vote_probability
from raftstep.site.chart import Rows, chart
from raftstep.site.exhibit import Exhibit, Href

RENEW = "make timing"
"""The command that measures everything again."""

Lines = dict[Experiment, Line]

_PERCENT = Axis(low=0, high=100, ticks=((0, "0"), (25, "25"), (50, "50"), (75, "75"), (100, "100 %")), name="")
_LATENCY = Axis(low=0, high=0.2, ticks=((0, "0"), (0.05, "5 %"), (0.1, "10 %"), (0.15, "15 %"), (0.2, "20 %")), name="")


@cache
def recorded(path: Path) -> Lines:
    """The record, read once a build. Raises :class:`ValueError` where the present simulator would give another."""
    known = lines(json.loads(path.read_text(encoding="utf-8")))
    if found := disagreements(known):
        raise ValueError(f"{path.name} is not what the simulator gives ({found[0]}); measure again with: {RENEW}")
    return known


def randomness(known: Lines, id: str) -> CurvesFrame:
    """Time without a leader by how much the timeouts differ: the upper half of the paper's Figure 16."""
    return _cumulative(
        id,
        "Time without a leader, by the width of the random range",
        [known[one] for one in RANDOMNESS if one.timeout_ms[0] != one.timeout_ms[1]],
        (50, 100, 200, 500, 1000, 2000, 5000, 10_000),
    )


def shortness(known: Lines, id: str) -> CurvesFrame:
    """Time without a leader by how short the timeouts are: the lower half of the paper's Figure 16."""
    ticks = (10, 20, 50, 100, 200, 500, 1000)
    return _cumulative(
        id, "Time without a leader, by the length of the timeouts", [known[one] for one in SHORTNESS], ticks
    )


def _cumulative(id: str, title: str, measured: Sequence[Line], ticks: Sequence[int]) -> CurvesFrame:
    across = Axis(
        low=ticks[0],
        high=ticks[-1],
        ticks=tuple((one, f"{one:,}" if one not in (2000, ticks[-1]) else "") for one in ticks),
        name="ms without a leader (logarithmic)",
        logarithmic=True,
    )
    words = "; ".join(f"{range_words(one.experiment)} half by {_ms(one.median_ms)}" for one in measured)
    return curves_frame(
        id,
        title=title,
        description=f"The share of elections over by a time, for each range of timeouts: {words}.",
        across=across,
        up=_PERCENT,
        curves=[_curve(one) for one in measured],
    )


def _curve(line: Line) -> Curve:
    points = tuple((ms, share) for share, ms in enumerate(line.quantiles_ms) if ms is not None)
    marks = tuple(points[share] for share in (10, 30, 50, 70, 90) if share < len(points))
    return Curve(name=f"{range_words(line.experiment)} ms", points=points, marks=marks)


def splits(known: Lines, id: str) -> CurvesFrame:
    """How often the first election fails: measured signs on the computed curves."""
    curves = []
    for nodes, survivors in CLUSTERS:
        shares = [step / 200 for step in range(41)]
        computed = tuple((share, 100 * split_vote_probability(nodes, survivors, share)) for share in shares)
        measured = tuple((share, 100 * rate(known, nodes, survivors, share)) for share in SHARES)
        curves.append(Curve(name=f"{survivors} of {nodes} up", points=computed, marks=measured))
    return curves_frame(
        id,
        title="Elections that fail because the vote is split",
        description="For each cluster the share of first elections without a winner, as it grows with the latency; "
        "signs are measured, lines computed, and they agree.",
        across=Axis(low=0, high=0.2, ticks=_LATENCY.ticks, name="one-way latency, as a share of the random range"),
        up=Axis(low=0, high=75, ticks=((0, "0"), (25, "25"), (50, "50"), (75, "75 %")), name=""),
        curves=curves,
    )


def rate(known: Lines, nodes: int, survivors: int, share: float) -> float:
    """The measured share of first elections without a winner."""
    line = known[Experiment(nodes=nodes, survivors=survivors, latency_ms=(150 * share, 150 * share))]
    return line.first_failed / line.trials


def times_table(known: Lines, chosen: Sequence[Experiment]) -> Rows:
    """Rows for a table: the range, the trials, the median, the 99th percentile, the worst, first elections lost."""
    rows = [["Timeouts (ms)", "Trials", "Half by", "99 % by", "Worst", "First election failed"]]
    for one in chosen:
        line = known[one]
        failed = f"{100 * line.first_failed / line.trials:.0f} %"
        times = [_ms(line.median_ms), _ms(line.quantiles_ms[99]), _ms(line.worst_ms)]
        rows.append([range_words(one), f"{line.trials:,}", *times, failed])
    return rows


def splits_table(known: Lines) -> Rows:
    """Rows for a table: for each cluster, measured and computed."""
    rows = [["Cluster", *(f"{100 * share:.3g} %" for share in SHARES)]]
    for nodes, survivors in CLUSTERS:
        cells = [
            f"{100 * rate(known, nodes, survivors, share):.1f} / "
            f"{100 * split_vote_probability(nodes, survivors, share):.1f}"
            for share in SHARES
        ]
        rows.append([f"{survivors} of {nodes} up", *cells])
    return rows


def range_words(experiment: Experiment) -> str:
    """A range of timeouts: ``150–300``."""
    low, high = experiment.timeout_ms
    return f"{low:g}–{high:g}"


def _ms(time_ms: float | None) -> str:
    return "over 10 s" if time_ms is None else f"{time_ms:,.0f} ms"


CHARTS: dict[str, tuple[Callable[[Lines, str], CurvesFrame], Callable[[Lines], Rows], str]] = {
    "timing-randomness": (
        randomness,
        lambda known: times_table(known, RANDOMNESS),
        (
            f"How soon a new leader was elected, in {TRIALS:,} crashes a curve. Five nodes, four up, two of the four "
            f"unable to win; messages take {LATENCY_MS[0]} to {LATENCY_MS[1]} ms."
        ),
    ),
    "timing-shortness": (
        shortness,
        lambda known: times_table(known, SHORTNESS),
        "The same cluster with shorter timeouts, each drawn from a range that ends at twice its beginning.",
    ),
    "timing-splits": (
        splits,
        splits_table,
        (
            "How often the first election fails. Lines are computed, signs are measured in "
            f"{MORE_TRIALS:,} crashes each; all logs are equal here."
        ),
    ),
}
"""The charts by name: what draws them, their numbers, their caption."""


def exhibits(path: Path) -> dict[str, Exhibit]:
    """Each chart as an exhibit. The record is read when the first is asked for."""
    return {name: _exhibit(path, name, *parts) for name, parts in CHARTS.items()}


def _exhibit(
    path: Path, name: str, drawn: Callable[[Lines, str], CurvesFrame], numbers: Callable[[Lines], Rows], caption: str
) -> Exhibit:
    def made(_: Href) -> str:
        known = recorded(path)
        return chart(drawn(known, name), numbers(known), caption)

    return made
