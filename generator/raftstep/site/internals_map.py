"""The map of *Consensus internals*: which page builds on which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros

WIDTH, BOX, HEIGHT, ROW = 400, 122, 52, 92
COLUMNS = (64, 200, 336)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One page on the map: its label in lines, its address, its place, and the pages it builds on."""

    id: str
    lines: tuple[str, ...]
    address: str
    column: int
    row: int
    needs: tuple[str, ...] = ()


STOPS = (
    Stop(id="steps", lines=("The eight steps",), address="", column=1, row=0),
    Stop(
        id="compaction",
        lines=("Log", "compaction"),
        address="internals/log-compaction/",
        column=0,
        row=1,
        needs=("steps",),
    ),
    Stop(id="safety", lines=("Safety", "arguments"), address="internals/safety/", column=1, row=1, needs=("steps",)),
    Stop(id="timing", lines=("How long", "to wait"), address="internals/timing/", column=2, row=1, needs=("steps",)),
    Stop(
        id="paxos",
        lines=("Multi-Paxos", "vs Raft"),
        address="internals/multi-paxos/",
        column=0,
        row=2,
        needs=("safety",),
    ),
    Stop(
        id="configuration",
        lines=("Configuration", "changes"),
        address="internals/configuration-changes/",
        column=1,
        row=2,
        needs=("safety",),
    ),
    Stop(
        id="practice",
        lines=("In practice",),
        address="internals/in-practice/",
        column=2,
        row=2,
        needs=("timing", "configuration"),
    ),
)


def exhibits() -> dict[str, Exhibit]:
    """The map as an exhibit."""
    return {"internals-map": _map}


_macros = partial(macros, "internals_map.svg.jinja")


def _map(href: Href) -> str:
    known = {stop.id: stop for stop in STOPS}
    boxes = [
        {
            "href": href(stop.address),
            "x": COLUMNS[stop.column] - BOX / 2,
            "y": _top(stop),
            "middle": COLUMNS[stop.column],
            "lines": _lines(stop),
        }
        for stop in STOPS
    ]
    ways = [_way(known[need], stop) for stop in STOPS for need in stop.needs]
    words = "; ".join(
        f"{' '.join(stop.lines)} builds on {' and '.join(' '.join(known[need].lines) for need in stop.needs)}"
        for stop in STOPS
        if stop.needs
    )
    height = 4 + 2 * ROW + HEIGHT + 4
    shape = {"width": WIDTH, "height": height, "box": BOX, "tall": HEIGHT, "boxes": boxes, "ways": ways, "words": words}
    return str(_macros().map(shape))


def _top(stop: Stop) -> int:
    return 4 + stop.row * ROW


def _lines(stop: Stop) -> list[tuple[float, str]]:
    first = _top(stop) + HEIGHT / 2 + 5 - 9 * (len(stop.lines) - 1)
    return [(first + 18 * number, line) for number, line in enumerate(stop.lines)]


def _way(start: Stop, end: Stop) -> str:
    """From one page to one that builds on it: down, or across where they stand in one row."""
    if start.row == end.row:
        return f"M{COLUMNS[start.column] + BOX / 2} {_top(start) + HEIGHT / 2}H{COLUMNS[end.column] - BOX / 2 - 3}"
    bottom, top = _top(start) + HEIGHT, _top(end) - 3
    middle = (bottom + top) / 2
    x, to = COLUMNS[start.column], COLUMNS[end.column]
    return f"M{x} {bottom}C{x} {middle} {to} {middle} {to} {top}"
