"""The map of *Consensus internals*: which page builds on which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros

WIDTH, BOX_WIDTH, BOX_HEIGHT, ROW_HEIGHT = 400, 122, 52, 92
COLUMN_CENTERS = (64, 200, 336)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPage:
    """One page on the map: its label in lines, its address, its place, and the pages it builds on."""

    id: str
    label_lines: tuple[str, ...]
    address: str
    column: int
    row: int
    builds_on: tuple[str, ...] = ()


MAP_PAGES = (
    MapPage(id="steps", label_lines=("The eight steps",), address="", column=1, row=0),
    MapPage(
        id="compaction",
        label_lines=("Log", "compaction"),
        address="internals/log-compaction/",
        column=0,
        row=1,
        builds_on=("steps",),
    ),
    MapPage(
        id="safety",
        label_lines=("Safety", "arguments"),
        address="internals/safety/",
        column=1,
        row=1,
        builds_on=("steps",),
    ),
    MapPage(
        id="timing",
        label_lines=("How long", "to wait"),
        address="internals/timing/",
        column=2,
        row=1,
        builds_on=("steps",),
    ),
    MapPage(
        id="paxos",
        label_lines=("Multi-Paxos", "vs Raft"),
        address="internals/multi-paxos/",
        column=0,
        row=2,
        builds_on=("safety",),
    ),
    MapPage(
        id="configuration",
        label_lines=("Configuration", "changes"),
        address="internals/configuration-changes/",
        column=1,
        row=2,
        builds_on=("safety",),
    ),
    MapPage(
        id="practice",
        label_lines=("In practice",),
        address="internals/in-practice/",
        column=2,
        row=2,
        builds_on=("timing", "configuration"),
    ),
)


def exhibits() -> dict[str, Exhibit]:
    """The map as an exhibit."""
    return {"internals-map": _draw_map}


_macros = partial(load_macros, "internals_map.svg.jinja")


def _draw_map(link_to: LinkTo) -> str:
    pages_by_id = {page.id: page for page in MAP_PAGES}
    boxes = [
        {
            "href": link_to(page.address),
            "x": COLUMN_CENTERS[page.column] - BOX_WIDTH / 2,
            "y": _top_y(page),
            "middle": COLUMN_CENTERS[page.column],
            "lines": _label_positions(page),
        }
        for page in MAP_PAGES
    ]
    arrow_paths = [_arrow_path(pages_by_id[need], page) for page in MAP_PAGES for need in page.builds_on]
    description = "; ".join(
        f"{' '.join(page.label_lines)} builds on "
        f"{' and '.join(' '.join(pages_by_id[need].label_lines) for need in page.builds_on)}"
        for page in MAP_PAGES
        if page.builds_on
    )
    height = 4 + 2 * ROW_HEIGHT + BOX_HEIGHT + 4
    shape = {
        "width": WIDTH,
        "height": height,
        "box": BOX_WIDTH,
        "tall": BOX_HEIGHT,
        "boxes": boxes,
        "ways": arrow_paths,
        "words": description,
    }
    return str(_macros().map(shape))


def _top_y(page: MapPage) -> int:
    return 4 + page.row * ROW_HEIGHT


def _label_positions(page: MapPage) -> list[tuple[float, str]]:
    first_y = _top_y(page) + BOX_HEIGHT / 2 + 5 - 9 * (len(page.label_lines) - 1)
    return [(first_y + 18 * number, line) for number, line in enumerate(page.label_lines)]


def _arrow_path(start: MapPage, end: MapPage) -> str:
    """From one page to one that builds on it: down, or across where they are in one row."""
    if start.row == end.row:
        return (
            f"M{COLUMN_CENTERS[start.column] + BOX_WIDTH / 2} "
            f"{_top_y(start) + BOX_HEIGHT / 2}H{COLUMN_CENTERS[end.column] - BOX_WIDTH / 2 - 3}"
        )
    bottom, top = _top_y(start) + BOX_HEIGHT, _top_y(end) - 3
    middle_y = (bottom + top) / 2
    start_x, end_x = COLUMN_CENTERS[start.column], COLUMN_CENTERS[end.column]
    return f"M{start_x} {bottom}C{start_x} {middle_y} {end_x} {middle_y} {end_x} {top}"
