"""The logs: one row a node, one column an index; committed entries solid, the others dashed."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import NOBODY, Configuration, Entry, Index, Node, NodeId, Snapshot
from raftstep.picture.entries import is_change, label, last_held, snapshot_label, snapshot_of
from raftstep.scenario.facts import gathered, listed
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content, snapshot_words
from raftstep.simulation.protocols import protocol_of, stamp
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Trace

WIDTH = 400
NAME_WIDTH = 38
HEADER = 20
ROW = 27
CELL_HEIGHT = 22
LETTER = 9.4
BAR = 12
"""Room for the bar of a configuration on both sides of its words."""

SIGN = 24
"""Room for the sign of a snapshot on either side of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The columns of a log picture: how many, how wide, and what is drawn in all.

    ``first`` is the configuration that the cluster began with.
    """

    columns: int
    cell: int
    rows: int
    first: Configuration = NOBODY

    @property
    def width(self) -> int:
        """The whole picture's width; more than the usual one only for long logs."""
        return max(WIDTH, NAME_WIDTH + self.columns * self.cell + 4)

    @property
    def height(self) -> int:
        """The whole picture's height."""
        return HEADER + self.rows * ROW

    def left(self, index: Index) -> int:
        """The left edge of a column."""
        return NAME_WIDTH + (index - 1) * self.cell


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShape:
    """One entry: what its leader put there, and whether this node knows it to be committed.

    A ``bar`` marks a configuration.
    """

    x: int
    width: int
    command: str
    term: str
    look: str
    text_x: float
    bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShape:
    """One node's log: the snapshot that stands for its beginning, if there is one, and the entries behind it."""

    id: NodeId
    y: int
    snapshot: CellShape | None
    cells: tuple[CellShape, ...]
    empty: str
    match: str
    next: str
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFrame:
    """A whole log picture."""

    id: str
    title: str
    description: str
    width: int
    height: int
    columns: tuple[tuple[float, int], ...]
    rows: tuple[RowShape, ...]
    wide: bool

    @property
    def least_width(self) -> int:
        """How many pixels wide it must be at least for its letters, of 14.2 units, to be 11 px high."""
        return round(self.width * 11.1 / 14.2)

    @property
    def digits(self) -> str:
        """The indexes of one digit, as one text in which each has its own place."""
        return "".join(str(index) for _, index in self.columns[:9])

    @property
    def digit_x(self) -> str:
        """Those places."""
        return " ".join(f"{x:g}" for x, _ in self.columns[:9])


def grid(trace: Trace, until: int) -> Grid:
    """Columns that serve the whole run up to a step, so that nothing moves from step to step."""
    nodes = [node for step in trace.steps[: until + 1] for node in step.cluster.nodes]
    longest = max(last_held(node) for node in nodes)
    first = next((node.bootstrap for node in trace.start.nodes if _began(node)), NOBODY)
    held = {(id(node.log), id(snapshot_of(node))): node for node in nodes}
    width = max((_widest(node, first) for node in held.values()), default=0)
    cell = max(70, int(width) + 1)
    columns = max(longest, (WIDTH - NAME_WIDTH) // cell)
    return Grid(columns=columns, cell=cell, rows=len(trace.start.nodes), first=first)


def _began(node: Node) -> bool:
    """Whether a node was told of a configuration when it was first started; Multi-Paxos has none to tell."""
    return bool(getattr(node, "bootstrap", NOBODY).voters)


def _widest(node: Node, first: Configuration) -> float:
    """How wide a column must be for what this node holds; a snapshot has as many columns as it replaced entries."""
    snapshot = snapshot_of(node)
    widths = [
        18 + BAR * is_change(entry) + LETTER * (len(label(node, index, entry, first)) + len(stamp(entry.term)))
        for index, entry in enumerate(node.log, snapshot.index + 1)
    ]
    if snapshot.index:
        letters = len(snapshot_label(snapshot)) + len(stamp(snapshot.term))
        widths.append((4 + 2 * SIGN + LETTER * letters) / snapshot.index)
    return max(widths, default=0)


def log_view(cluster: Cluster, columns: Grid, *, id: str, title: str) -> LogFrame:
    """All logs at one moment."""
    return LogFrame(
        id=id,
        title=title,
        description=_describe(cluster),
        width=columns.width,
        height=columns.height,
        columns=tuple((columns.left(index) + (columns.cell - 4) / 2, index) for index in range(1, columns.columns + 1)),
        rows=tuple(row_shape(cluster, node, columns) for node in cluster.nodes),
        wide=columns.width > WIDTH,
    )


def is_hole(entry: Entry) -> bool:
    """Whether nothing stands here: only Multi-Paxos leaves holes."""
    return bool(getattr(entry, "hole", False))


def is_settled(node: Node, index: Index) -> bool:
    """Whether a node knows that an entry will never change; Multi-Paxos knows it of each slot by itself."""
    entry = node.log[index - 1 - snapshot_of(node).index]
    return bool(getattr(entry, "chosen", index <= node.commit_index))


def row_shape(cluster: Cluster, node: Node, columns: Grid) -> RowShape:
    """One node's row; marks for the leader's next and match index stand under the cells."""
    width = columns.cell - 4
    start, last = snapshot_of(node).index, last_held(node)
    cells = tuple(
        CellShape(
            x=columns.left(index),
            width=width,
            command=label(node, index, entry, columns.first),
            term=stamp(entry.term),
            look="committed" if is_settled(node, index) else "uncommitted",
            text_x=columns.left(index) + width / 2,
            bar=is_change(entry),
        )
        for index, entry in enumerate(node.log, start + 1)
        if not is_hole(entry)
    )
    empty = "".join(
        f"M{columns.left(index)} {(ROW - CELL_HEIGHT) // 2}h{width}v{CELL_HEIGHT}h-{width}z"
        for index in range(start + 1, columns.columns + 1)
        if index > last or is_hole(node.log[index - 1 - start])
    )
    match, following = _marks(cluster, node, columns)
    return RowShape(
        id=node.id,
        y=HEADER + cluster.ids.index(node.id) * ROW,
        snapshot=_block(snapshot_of(node), columns),
        cells=cells,
        empty=empty,
        match=match,
        next=following,
        down=node.id in cluster.down,
    )


def _block(snapshot: Snapshot, columns: Grid) -> CellShape | None:
    """One block in place of all the entries that a snapshot replaced."""
    if not snapshot.index:
        return None
    width = snapshot.index * columns.cell - 4
    return CellShape(
        x=columns.left(1),
        width=width,
        command=snapshot_label(snapshot),
        term=stamp(snapshot.term),
        look="snapshot",
        text_x=columns.left(1) + width / 2,
    )


def _marks(cluster: Cluster, node: Node, columns: Grid) -> tuple[str, str]:
    """A dot at the cell the leader knows to match, a wedge where its next message to this follower starts."""
    leader = current_leader(cluster)
    if leader is None:
        return "", ""
    for progress in leader.progress:
        if progress.peer == node.id:
            match = ""
            if progress.match_index:
                x = columns.left(progress.match_index) + columns.cell - 4
                match = f"M{x - 3} {ROW - 5}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"
            x = columns.left(min(progress.next_index, columns.columns + 1)) - 2
            return match, f"M{x} 1l4 0l-4 7l-4 -7z"
    return "", ""


def _describe(cluster: Cluster) -> str:
    words = []
    for held, ids in gathered((node.id, _held(node)) for node in cluster.nodes).items():
        one = len(ids) == 1
        verb = ("holds " if one else "hold ") if held else ("is empty" if one else "are empty")
        words.append(f"{listed(ids)} {verb}{held}")
    return "; ".join(words) + "."


def _held(node: Node) -> str:
    """What is in a node's log, and how much of it is settled; nothing for an empty one."""
    known = protocol_of(node).words
    snapshot = snapshot_of(node)
    held = [f"a {snapshot_words(snapshot)}"] if snapshot.index else []
    held += [
        f"{index}: {_told(entry)} of {known.term} {entry.term}"
        for index, entry in enumerate(node.log, snapshot.index + 1)
        if not is_hole(entry)
    ]
    return ", ".join([*held, f"{known.committed} to {node.commit_index}"]) if held else ""


def _told(entry: Entry) -> str:
    """An entry in full, with who sent it where that is known."""
    client = getattr(entry, "client", None)
    return entry_content(entry) + (f" ({client}, number {entry.serial})" if client else "")
