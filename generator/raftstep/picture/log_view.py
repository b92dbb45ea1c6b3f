"""The logs: one row a node, one column an index; committed entries solid, the others dashed."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import Entry, Index, Node, NodeId
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.protocols import protocol_of, stamp
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Trace

WIDTH = 400
NAME_WIDTH = 38
HEADER = 20
ROW = 27
CELL_HEIGHT = 22
LETTER = 9.4
LONGEST_COMMAND = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The columns of a log picture: how many, how wide, and what is drawn in all."""

    columns: int
    cell: int
    rows: int

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
    """One entry: what its leader put there, and whether this node knows it to be committed."""

    x: int
    width: int
    command: str
    term: str
    look: str
    text_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShape:
    """One node's log."""

    id: NodeId
    y: int
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
    def digits(self) -> str:
        """The indexes of one digit, as one text in which each has its own place."""
        return "".join(str(index) for _, index in self.columns[:9])

    @property
    def digit_x(self) -> str:
        """Those places."""
        return " ".join(f"{x:g}" for x, _ in self.columns[:9])


def grid(trace: Trace, until: int) -> Grid:
    """Columns that serve the whole run up to a step, so that nothing moves from step to step."""
    logs = [node.log for step in trace.steps[: until + 1] for node in step.cluster.nodes]
    longest = max(len(log) for log in logs)
    width = max((_width(entry) for log in {id(log): log for log in logs}.values() for entry in log), default=0)
    cell = max(70, int(width) + 1)
    columns = max(longest, (WIDTH - NAME_WIDTH) // cell)
    return Grid(columns=columns, cell=cell, rows=len(trace.start.nodes))


def _width(entry: Entry) -> float:
    return 18 + LETTER * (len(_command(entry)) + len(stamp(entry.term)))


def _command(entry: Entry) -> str:
    command = entry.command or "no-op"
    return command if len(command) <= LONGEST_COMMAND else command[: LONGEST_COMMAND - 1] + "…"


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
    return bool(getattr(node.log[index - 1], "chosen", index <= node.commit_index))


def row_shape(cluster: Cluster, node: Node, columns: Grid) -> RowShape:
    """One node's row; marks for the leader's next and match index stand under the cells."""
    width = columns.cell - 4
    cells = tuple(
        CellShape(
            x=columns.left(index),
            width=width,
            command=_command(entry),
            term=stamp(entry.term),
            look="committed" if is_settled(node, index) else "uncommitted",
            text_x=columns.left(index) + width / 2,
        )
        for index, entry in enumerate(node.log, 1)
        if not is_hole(entry)
    )
    empty = "".join(
        f"M{columns.left(index)} {(ROW - CELL_HEIGHT) // 2}h{width}v{CELL_HEIGHT}h-{width}z"
        for index in range(1, columns.columns + 1)
        if index > len(node.log) or is_hole(node.log[index - 1])
    )
    match, following = _marks(cluster, node, columns)
    return RowShape(
        id=node.id,
        y=HEADER + cluster.ids.index(node.id) * ROW,
        cells=cells,
        empty=empty,
        match=match,
        next=following,
        down=node.id in cluster.down,
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
    known = protocol_of(cluster.nodes[0]).words
    for node in cluster.nodes:
        entries = ", ".join(
            f"{index}: {_command(entry)} of {known.term} {entry.term}"
            for index, entry in enumerate(node.log, 1)
            if not is_hole(entry)
        )
        settled = f"{known.committed} to {node.commit_index}"
        words.append(f"{node.id} holds {entries}, {settled}" if entries else f"{node.id} is empty")
    return "; ".join(words) + "."
