"""The logs: one row a node, one column an index; committed entries solid, the others dashed."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.log import configuration_at
from raftstep.core.model import NO_CONFIGURATION, Configuration, Entry, Index, Node, NodeId, Snapshot
from raftstep.scenario.facts import group_equal
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocols import protocol_of, term_label
from raftstep.simulation.raft_words import snapshot_words
from raftstep.simulation.run import current_leader
from raftstep.simulation.short_words import join_and
from raftstep.simulation.trace import Trace

WIDTH = 400
NAME_WIDTH = 38
HEADER_HEIGHT = 20
ROW_HEIGHT = 27
CELL_HEIGHT = 22
LETTER_WIDTH = 9.4
BAR_ROOM = 12
"""Room for the bar of a configuration on both sides of its words."""

SIGN_ROOM = 24
"""Room for the sign of a snapshot on either side of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The columns of a log picture: how many, how wide, and what is drawn in all.

    ``first_configuration`` is the configuration that the cluster began with.
    """

    column_count: int
    cell_width: int
    row_count: int
    first_configuration: Configuration = NO_CONFIGURATION

    @property
    def width(self) -> int:
        """The whole picture's width; more than the usual one only for long logs."""
        return max(WIDTH, NAME_WIDTH + self.column_count * self.cell_width + 4)

    @property
    def height(self) -> int:
        """The whole picture's height."""
        return HEADER_HEIGHT + self.row_count * ROW_HEIGHT

    def left_edge(self, index: Index) -> int:
        """The left edge of a column."""
        return NAME_WIDTH + (index - 1) * self.cell_width


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShape:
    """One entry: what its leader put there, and whether this node knows it to be committed.

    ``has_bar`` marks a configuration.
    """

    x: int
    width: int
    command: str
    term: str
    look: str
    text_x: float
    has_bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRowShape:
    """One node's log: the snapshot that stands for its beginning, if there is one, and the entries behind it."""

    id: NodeId
    y: int
    snapshot: CellShape | None
    cells: tuple[CellShape, ...]
    empty_cells: str
    match_mark: str
    next_mark: str
    is_down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMark:
    """A mark around a cell in which a log differs from the same node's log in another picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFrame:
    """A whole log picture.

    The names of its parts, by which a film moves them, begin with ``part_prefix``.
    """

    id: str
    title: str
    description: str
    width: int
    height: int
    index_labels: tuple[tuple[float, int], ...]
    rows: tuple[LogRowShape, ...]
    is_wide: bool
    part_prefix: str = ""
    marked_cells: tuple[CellMark, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of messages whose glyphs are in the picture: a snapshot in a log looks as one on its way."""
        return frozenset({"snapshot"} if any(row.snapshot for row in self.rows) else ())

    @property
    def least_width(self) -> int:
        """How many pixels wide it must be at least for its letters, of 14.2 units, to be 11 px high."""
        return round(self.width * 11.1 / 14.2)

    @property
    def digits(self) -> str:
        """The indexes of one digit, as one text in which each has its own place."""
        return "".join(str(index) for _, index in self.index_labels[:9])

    @property
    def digit_x(self) -> str:
        """Those places."""
        return " ".join(f"{x:g}" for x, _ in self.index_labels[:9])


def mark_cell(log_grid: Grid, row_number: int, index: Index) -> CellMark:
    """A mark around one cell of a node's row, counted from 0."""
    return CellMark(
        x=log_grid.left_edge(index) - 2,
        y=HEADER_HEIGHT + row_number * ROW_HEIGHT,
        width=log_grid.cell_width,
        height=CELL_HEIGHT + 4,
    )


def measure_grid(trace: Trace, until: int) -> Grid:
    """Columns that serve the whole run up to a step, so that nothing moves from step to step."""
    nodes = [node for step in trace.steps[: until + 1] for node in step.cluster.nodes]
    longest = max(last_index_of(node) for node in nodes)
    first_configuration = next(
        (node.bootstrap for node in trace.start.nodes if node.bootstrap.voters), NO_CONFIGURATION
    )
    distinct_nodes = {(id(node.log), id(node.snapshot)): node for node in nodes}
    width = max((_measure_column(node, first_configuration) for node in distinct_nodes.values()), default=0)
    cell_width = max(70, int(width) + 1)
    column_count = max(longest, (WIDTH - NAME_WIDTH) // cell_width)
    return Grid(
        column_count=column_count,
        cell_width=cell_width,
        row_count=len(trace.start.nodes),
        first_configuration=first_configuration,
    )


def _measure_column(node: Node, first_configuration: Configuration) -> float:
    """How wide a column must be for what this node holds; a snapshot has as many columns as it replaced entries."""
    snapshot = node.snapshot
    widths = [
        18
        + BAR_ROOM * is_change(entry)
        + LETTER_WIDTH * (len(label_entry(node, index, entry, first_configuration)) + len(term_label(entry.term)))
        for index, entry in enumerate(node.log, snapshot.index + 1)
    ]
    if snapshot.index:
        letters = len(label_snapshot(snapshot)) + len(term_label(snapshot.term))
        widths.append((4 + 2 * SIGN_ROOM + LETTER_WIDTH * letters) / snapshot.index)
    return max(widths, default=0)


def build_log_frame(cluster: Cluster, log_grid: Grid, *, id: str, title: str) -> LogFrame:
    """All logs at one moment."""
    return LogFrame(
        id=id,
        title=title,
        description=_describe_logs(cluster),
        width=log_grid.width,
        height=log_grid.height,
        index_labels=tuple(
            (log_grid.left_edge(index) + (log_grid.cell_width - 4) / 2, index)
            for index in range(1, log_grid.column_count + 1)
        ),
        rows=tuple(build_log_row(cluster, node, log_grid) for node in cluster.nodes),
        is_wide=log_grid.width > WIDTH,
    )


def is_hole(entry: Entry) -> bool:
    """Whether there is no entry here: only Multi-Paxos leaves holes."""
    return protocol_of(entry).is_hole(entry)


def is_settled(node: Node, index: Index) -> bool:
    """Whether a node knows that the entry at an index will never change."""
    return protocol_of(node).is_settled(node, index)


def build_log_row(cluster: Cluster, node: Node, log_grid: Grid) -> LogRowShape:
    """One node's row; marks for the leader's next and match index are under the cells."""
    width = log_grid.cell_width - 4
    snapshot_index, last_index = node.snapshot.index, last_index_of(node)
    cells = tuple(
        CellShape(
            x=log_grid.left_edge(index),
            width=width,
            command=label_entry(node, index, entry, log_grid.first_configuration),
            term=term_label(entry.term),
            look="committed" if is_settled(node, index) else "uncommitted",
            text_x=log_grid.left_edge(index) + width / 2,
            has_bar=is_change(entry),
        )
        for index, entry in enumerate(node.log, snapshot_index + 1)
        if not is_hole(entry)
    )
    empty_cells = "".join(
        f"M{log_grid.left_edge(index)} {(ROW_HEIGHT - CELL_HEIGHT) // 2}h{width}v{CELL_HEIGHT}h-{width}z"
        for index in range(snapshot_index + 1, log_grid.column_count + 1)
        if index > last_index or is_hole(node.log[index - 1 - snapshot_index])
    )
    match_mark, next_mark = _build_marks(cluster, node, log_grid)
    return LogRowShape(
        id=node.id,
        y=HEADER_HEIGHT + cluster.ids.index(node.id) * ROW_HEIGHT,
        snapshot=_build_snapshot_cell(node.snapshot, log_grid),
        cells=cells,
        empty_cells=empty_cells,
        match_mark=match_mark,
        next_mark=next_mark,
        is_down=node.id in cluster.down_nodes,
    )


def _build_snapshot_cell(snapshot: Snapshot, log_grid: Grid) -> CellShape | None:
    """One block in place of all the entries that a snapshot replaced."""
    if not snapshot.index:
        return None
    width = snapshot.index * log_grid.cell_width - 4
    return CellShape(
        x=log_grid.left_edge(1),
        width=width,
        command=label_snapshot(snapshot),
        term=term_label(snapshot.term),
        look="snapshot",
        text_x=log_grid.left_edge(1) + width / 2,
    )


def _build_marks(cluster: Cluster, node: Node, log_grid: Grid) -> tuple[str, str]:
    """A dot at the cell the leader knows to match, a wedge where its next message to this follower starts."""
    leader = current_leader(cluster)
    if leader is None:
        return "", ""
    for progress in leader.progress:
        if progress.peer == node.id:
            match_mark = ""
            if progress.match_index:
                x = log_grid.left_edge(progress.match_index) + log_grid.cell_width - 4
                match_mark = f"M{x - 3} {ROW_HEIGHT - 5}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"
            x = log_grid.left_edge(min(progress.next_index, log_grid.column_count + 1)) - 2
            return match_mark, f"M{x} 1l4 0l-4 7l-4 -7z"
    return "", ""


def _describe_logs(cluster: Cluster) -> str:
    words = []
    for contents, ids in group_equal((node.id, _describe_log(node)) for node in cluster.nodes).items():
        is_single = len(ids) == 1
        verb = ("holds " if is_single else "hold ") if contents else ("is empty" if is_single else "are empty")
        words.append(f"{join_and(ids)} {verb}{contents}")
    return "; ".join(words) + "."


def _describe_log(node: Node) -> str:
    """What is in a node's log, and how much of it is settled; nothing for an empty one."""
    protocol_words = protocol_of(node).words
    snapshot = node.snapshot
    parts = [f"a {snapshot_words(snapshot)}"] if snapshot.index else []
    parts += [
        f"{index}: {_describe_entry(entry)} of {protocol_words.term} {entry.term}"
        for index, entry in enumerate(node.log, snapshot.index + 1)
        if not is_hole(entry)
    ]
    return ", ".join([*parts, f"{protocol_words.commit_index} {node.commit_index}"]) if parts else ""


def _describe_entry(entry: Entry) -> str:
    """An entry in full, with who sent it where that is known."""
    return entry_content(entry) + (f" ({entry.client}, number {entry.serial})" if entry.client else "")


LONGEST_COMMAND = 9
LONGEST_SNAPSHOT = 16


def last_index_of(node: Node) -> Index:
    """The last index of a node's log, whether a snapshot holds it or an entry."""
    return node.snapshot.index + len(node.log)


def label_entry(node: Node, index: Index, entry: Entry, first_configuration: Configuration = NO_CONFIGURATION) -> str:
    """An entry in at most nine letters or so: its command and the client's number for it, or what it changes.

    ``first_configuration`` is the configuration the cluster began with: a node that joins later has never received it.
    """
    if entry.configuration is not None:
        before = configuration_at(node, index - 1)
        return _label_change(before if before.voters else first_configuration, entry.configuration)
    command = entry.command or "no-op"
    client_number = f" #{entry.serial}" if entry.client else ""
    return shorten_text(command, LONGEST_COMMAND - len(client_number)) + client_number


def is_change(entry: Entry) -> bool:
    """Whether an entry holds a configuration; those of Multi-Paxos never do."""
    return entry.configuration is not None


def _label_change(before: Configuration, after: Configuration) -> str:
    """A configuration as the paper names it while two are joint, else what it changes: ``C +S4``.

    A learner that joins is in brackets: it is sent the log and does not vote.
    """
    if after.is_joint:
        return "C-old,new"
    if before.is_joint:
        return "C-new"
    changes = [
        *(f"+{id}" for id in after.voters if id not in before.voters),
        *(f"(+{id})" for id in after.learners if id not in before.members),
        *(f"−{id}" for id in before.members if id not in after.members),
    ]
    return " ".join(["C", *changes])


def label_snapshot(snapshot: Snapshot) -> str:
    """What a snapshot holds, as long as its block is wide."""
    pairs = " ".join(f"{key}={value}" for key, value in snapshot.machine.pairs) or "empty"
    return shorten_text(pairs, LONGEST_COMMAND if snapshot.index == 1 else LONGEST_SNAPSHOT)


def shorten_text(text: str, longest: int) -> str:
    """As much of a text as there is room for."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
