"""What a node is (Raft paper, Figure 2, *State*).

Every value is frozen and hashable, so that states can be compared, shared and kept in sets.
Indexes and terms start at 1; 0 means *before the first*. Messages are in
:mod:`raftstep.core.messages`, inputs and answers in :mod:`raftstep.core.inputs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from raftstep.core.guards import NO_GUARDS, Guard

NodeId = str
Term = int
Index = int


@unique
class Role(StrEnum):
    """What a node is at the moment (§5.1). A pre-candidate asks whether it would win (dissertation §9.6)."""

    FOLLOWER = "follower"
    PRE_CANDIDATE = "pre-candidate"
    CANDIDATE = "candidate"
    LEADER = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Who belongs to the cluster (§6). ``outgoing`` are the voters of the old one while two are joint (C-old,new).

    Learners are sent the log but count in no majority (dissertation §4.2.1).
    """

    voters: tuple[NodeId, ...]
    outgoing: tuple[NodeId, ...] = ()
    learners: tuple[NodeId, ...] = ()

    @property
    def is_joint(self) -> bool:
        """Whether both an old and a new majority are needed."""
        return bool(self.outgoing)

    @property
    def electorate(self) -> tuple[NodeId, ...]:
        """All who vote: the voters, and while joint also those of the old configuration."""
        if not self.outgoing:
            return self.voters
        return (*self.outgoing, *(node for node in self.voters if node not in self.outgoing))

    @property
    def members(self) -> tuple[NodeId, ...]:
        """All who are sent the log."""
        return (*self.electorate, *(node for node in self.learners if node not in self.electorate))


NO_CONFIGURATION = Configuration(voters=())
"""The configuration of a node that has not received any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One log entry: a command for the state machine, and the term of the leader that created it (§5.3).

    ``command`` is ``None`` for the no-op that a leader may append when its term begins (§8), and for an entry that
    holds a ``configuration`` (§6). ``client`` and ``serial`` distinguish a retried command from a new one
    (dissertation §6.3).
    """

    term: Term
    command: str | None
    configuration: Configuration | None = None
    client: str | None = None
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """The state machine: a small key-value store. ``pairs`` are (key, value), ``sessions`` (client, last serial).

    Where only so many sessions are kept, the one that was used last is at the end.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    sessions: tuple[tuple[str, int], ...] = ()

    def value(self, key: str) -> str | None:
        """The value of a key; ``None`` where it was never set."""
        return next((value for name, value in self.pairs if name == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What replaces the log up to ``index`` (§7): the term there, the state, and the configuration as of then."""

    index: Index = 0
    term: Term = 0
    machine: StateMachine = StateMachine()
    configuration: Configuration | None = None


NO_SNAPSHOT = Snapshot()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a leader knows about one peer's log (Figure 2, *volatile state on leaders*).

    ``last_heard_ms`` is when it last answered, by the leader's own clock; ``acked_round`` the latest round of
    heartbeats it has answered. Both stay 0 unless a setting needs them.
    """

    peer: NodeId
    next_index: Index
    match_index: Index
    last_heard_ms: int = 0
    acked_round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRead:
    """A read that waits for its leader to be confirmed. ``index`` is 0 until the leader knows how far to read."""

    id: str
    key: str
    index: Index = 0
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """A change of configuration whose new nodes still lack entries (dissertation §4.2.1), and its present round."""

    configuration: Configuration
    target_index: Index
    round_number: int
    started_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTransfer:
    """A leader is transferring its leadership to ``target`` (dissertation §3.10)."""

    target: NodeId
    started_ms: int
    timeout_now_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderState:
    """What a leader keeps beyond Figure 2.

    ``unconfirmed_rounds`` are (round, when it was sent) for those still unconfirmed.

    ``lease_given_up``: it has asked another node to start an election, so it takes no lease in this term any more.
    """

    round: int = 0
    unconfirmed_rounds: tuple[tuple[int, int], ...] = ()
    lease_until_ms: int = 0
    lease_given_up: bool = False
    pending_reads: tuple[PendingRead, ...] = ()
    catch_up: CatchUp | None = None
    transfer: PendingTransfer | None = None


NO_LEADER_STATE = LeaderState()


@unique
class Membership(StrEnum):
    """How the configuration may change: not at all, by joint consensus (§6), or one voter at a time."""

    FIXED = "fixed"
    JOINT = "joint"
    SINGLE = "single"


@unique
class ReadMode(StrEnum):
    """How a leader answers a read (§8, dissertation §6.4): not at all, after a round of heartbeats, or by a lease."""

    OFF = "off"
    READ_INDEX = "read-index"
    LEASE = "lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which parts beyond Figure 2 are switched on; all are off by default. ``without`` leaves rules out.

    With ``empty_heartbeats`` a heartbeat carries no entries, as the paper has it (§5.2), and the answer of a follower
    that lacks some has them sent; without, it carries all that the follower is not known to hold.

    With ``conflict_hints`` a follower that refuses entries says where its own log differs, and the leader goes back
    there at once (§5.3). A message carries ``entries_per_message`` at most, or as many as there are where that is 0.
    With ``explicit_leave`` the leader stays in a committed joint configuration until an operator asks again for the
    configuration that it leads to.

    State machines keep ``session_limit`` sessions at most, or all where that is 0. A client whose session is gone gets
    no answer but a refusal, unless its command is its first; with ``renew_sessions`` any command begins a new session.
    """

    no_op: bool = False
    empty_heartbeats: bool = False
    pre_vote: bool = False
    check_quorum: bool = False
    leader_stickiness: bool = False
    membership: Membership = Membership.FIXED
    reads: ReadMode = ReadMode.OFF
    sessions: bool = False
    snapshot_after: int = 0
    minimum_timeout_ms: int = 150
    drift_bound: float = 1.0
    conflict_hints: bool = False
    entries_per_message: int = 0
    explicit_leave: bool = False
    session_limit: int = 0
    renew_sessions: bool = False
    without: frozenset[Guard] = NO_GUARDS

    @property
    def conflict(self) -> str | None:
        """Why these settings cannot work together, and what to do, or nothing.

        A lease rests on voters that ignore candidates while they hear from their leader (dissertation §6.4.1).
        """
        if self.reads is ReadMode.LEASE and not self.leader_stickiness:
            return (
                "a lease needs leader_stickiness, or another leader may be elected while the lease lasts; "
                "switch it on, or read with read-index"
            )
        return None

    @property
    def tracks_contact(self) -> bool:
        """Whether a node notes when it last heard from others, by its own clock."""
        return self.pre_vote or self.check_quorum or self.leader_stickiness or self.reads is not ReadMode.OFF

    @property
    def is_figure_2(self) -> bool:
        """Whether nothing is on that a step of Figure 2 must be followed up for."""
        return (
            self.membership is Membership.FIXED
            and self.reads is ReadMode.OFF
            and not self.snapshot_after
            and not self.check_quorum
        )


FIGURE_2 = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. Term, vote, log and snapshot survive a crash; all the rest is lost in it.

    ``log`` holds the entries behind the snapshot. ``configuration`` is the latest in log or snapshot, committed or
    not (§6), else ``bootstrap``, what the node was started with. ``machine`` is the state after ``last_applied``.

    Of a node whose ``disk_is_slow`` the disk holds the log up to ``written_index`` (dissertation §10.2.1); of any other
    it holds all.
    """

    id: NodeId
    bootstrap: Configuration
    settings: Settings = FIGURE_2

    current_term: Term = 0
    voted_for: NodeId | None = None
    log: tuple[Entry, ...] = ()
    snapshot: Snapshot = NO_SNAPSHOT
    disk_is_slow: bool = False
    written_index: Index = 0

    configuration: Configuration
    role: Role = Role.FOLLOWER
    leader: NodeId | None = None
    commit_index: Index = 0
    last_applied: Index = 0
    machine: StateMachine = StateMachine()
    votes_granted: frozenset[NodeId] = frozenset()
    progress: tuple[Progress, ...] = ()
    last_heard_ms: int | None = None
    leader_state: LeaderState = NO_LEADER_STATE

    @property
    def peers(self) -> tuple[NodeId, ...]:
        """The other members of its configuration."""
        return tuple(node for node in self.configuration.members if node != self.id)

    def keeps(self, guard: Guard) -> bool:
        """Whether this rule of Raft is kept; a run can leave one out to show what it is for."""
        return guard not in self.settings.without


def new_node(id: NodeId, configuration: Configuration, settings: Settings = FIGURE_2, *, term: Term = 0) -> Node:
    """A node just started for the first time: a follower with an empty log."""
    return Node(id=id, bootstrap=configuration, configuration=configuration, settings=settings, current_term=term)
