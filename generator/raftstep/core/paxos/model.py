"""What a node of Multi-Paxos is: acceptor, proposer and learner in one (Lamport, *Paxos Made Simple*, 2001, §2 and §3).

Frozen and hashable, as in Raft's core. Slots start at 1; a ballot of round 0 means *none yet*.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.machine import apply_entry
from raftstep.core.model import (
    FIGURE_2,
    NO_CONFIGURATION,
    NO_LEADER_STATE,
    NO_SNAPSHOT,
    Configuration,
    Entry,
    Index,
    LeaderState,
    NodeId,
    Progress,
    Role,
    Settings,
    Snapshot,
    StateMachine,
)
from raftstep.core.paxos.guards import NO_GUARDS, Guard


@dataclass(frozen=True, slots=True, order=True)
class Ballot:
    """A ballot number: a round and its owner, so that no two nodes ever use the same one.

    >>> Ballot(2, "S1") < Ballot(2, "S3") < Ballot(3, "S1")
    True
    >>> str(Ballot(2, "S3"))
    '2.S3'
    """

    round: int = 0
    node: NodeId = ""

    def __str__(self) -> str:
        return f"{self.round}.{self.node}" if self.node else str(self.round)

    def __int__(self) -> int:
        return self.round


NO_BALLOT = Ballot()


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a slot may hold: a client's command, or nothing to be done (``command`` is ``None``, a no-op)."""

    command: str | None = None
    client: str | None = None
    serial: int = 0


NO_OP = Value()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot as a node has it: the value it accepted last, in which ballot, and whether it knows it to be chosen.

    ``ballot`` is *none* for a hole.
    """

    ballot: Ballot = NO_BALLOT
    value: Value = NO_OP
    is_chosen: bool = False

    @property
    def is_hole(self) -> bool:
        """Whether nothing has been accepted here."""
        return self.ballot == NO_BALLOT

    # under the names of Raft's entries

    @property
    def term(self) -> Ballot:
        """The ballot of the last acceptance; an entry of Raft keeps the term of its creation instead."""
        return self.ballot

    @property
    def command(self) -> str | None:
        """The client's command."""
        return self.value.command

    @property
    def client(self) -> str | None:
        """Who asked for it."""
        return self.value.client

    @property
    def serial(self) -> int:
        """Under which number."""
        return self.value.serial

    @property
    def configuration(self) -> None:
        """The set of nodes is fixed here."""
        return


HOLE = Slot()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value for a slot, as messages carry it; ``ballot`` says in which it was accepted, where one is reported."""

    index: Index
    value: Value
    ballot: Ballot = NO_BALLOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One promise as its proposer keeps it: who gave it, and what that node had accepted."""

    source: NodeId
    accepted_proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A slot that a leader has proposed and not all have accepted: who has, and whether a client waits for it."""

    index: Index
    accepted_by: frozenset[NodeId]
    has_waiting_client: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. Its promise and what it has accepted survive a crash; all the rest is lost in it.

    ``promised_ballot`` is the highest ballot it has promised; a proposer's own is always that. ``slots`` holds slot 1
    first, with holes. ``reports`` are the promises of a ballot being prepared, from slot ``first_index`` on;
    ``tallies`` the proposals in progress.
    """

    id: NodeId
    configuration: Configuration
    without: frozenset[Guard] = NO_GUARDS

    promised_ballot: Ballot = NO_BALLOT
    slots: tuple[Slot, ...] = ()

    role: Role = Role.FOLLOWER
    leader: NodeId | None = None
    first_index: Index = 1
    reports: tuple[Report, ...] = ()
    tallies: tuple[Tally, ...] = ()

    @property
    def peers(self) -> tuple[NodeId, ...]:
        """The other nodes."""
        return tuple(node for node in self.configuration.voters if node != self.id)

    @property
    def chosen_index(self) -> Index:
        """Up to which slot the node knows all to be chosen."""
        return next((position for position, slot in enumerate(self.slots) if not slot.is_chosen), len(self.slots))

    def keeps(self, guard: Guard) -> bool:
        """Whether this rule of Paxos is kept; a run can leave one out to show what it is for."""
        return guard not in self.without

    def slot(self, index: Index) -> Slot:
        """One slot; a hole where nothing has been accepted."""
        return self.slots[index - 1] if index <= len(self.slots) else HOLE

    def with_slot(self, index: Index, slot: Slot) -> Node:
        """The node with one slot replaced, and holes before it where there was nothing yet."""
        slots = self.slots + (HOLE,) * (index - len(self.slots))
        return replace(self, slots=(*slots[: index - 1], slot, *slots[index:]))

    # under the names that the simulator and the pictures know from Raft

    @property
    def bootstrap(self) -> Configuration:
        """The set of nodes never changes, so no node is given a first one."""
        return NO_CONFIGURATION

    @property
    def current_term(self) -> Ballot:
        """The highest ballot it has promised."""
        return self.promised_ballot

    @property
    def voted_for(self) -> NodeId | None:
        """Whose ballot it has promised."""
        return self.promised_ballot.node or None

    @property
    def log(self) -> tuple[Slot, ...]:
        """The slots."""
        return self.slots

    @property
    def commit_index(self) -> Index:
        """Up to which slot it knows all to be chosen."""
        return self.chosen_index

    @property
    def last_applied(self) -> Index:
        """Up to which slot it has executed: all that it may."""
        return self.chosen_index

    @property
    def machine(self) -> StateMachine:
        """The state after what it has executed."""
        machine = StateMachine()
        for slot in self.slots[: self.chosen_index]:
            machine = apply_entry(machine, Entry(term=slot.ballot.round, command=slot.command))
        return machine

    @property
    def votes_granted(self) -> frozenset[NodeId]:
        """Who has promised the ballot that it prepares."""
        return frozenset(report.source for report in self.reports)

    @property
    def progress(self) -> tuple[Progress, ...]:
        """A leader of Paxos keeps no next and match index: slots are accepted one by one."""
        return ()

    @property
    def leader_state(self) -> LeaderState:
        """Reads, hand-overs and changes of the cluster are not part of it."""
        return NO_LEADER_STATE

    @property
    def settings(self) -> Settings:
        """Nothing of Raft beyond Figure 2 is switched on."""
        return FIGURE_2

    @property
    def snapshot(self) -> Snapshot:
        """No slots are ever dropped here."""
        return NO_SNAPSHOT
