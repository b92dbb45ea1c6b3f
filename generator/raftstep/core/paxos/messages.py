"""The messages between nodes of Multi-Paxos, by the paper's phases (Lamport 2001, §2.2 and §3)."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.model import Index, NodeId
from raftstep.core.paxos.model import Ballot, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotMessage:
    """Every message has a sender, a receiver and a ballot."""

    source: NodeId
    target: NodeId
    ballot: Ballot

    @property
    def term(self) -> Ballot:
        """The ballot, under the name that the simulator and the pictures know from Raft."""
        return self.ballot


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(BallotMessage):
    """Phase 1a: promise my ballot, and report what you have accepted from slot ``first_index`` on.

    One message stands for phase 1 of all slots from there on, without end (§3).
    """

    first_index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(BallotMessage):
    """Phase 1b: I accept nothing below this ballot, and this is what I have accepted so far."""

    accepted_proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(BallotMessage):
    """I have promised this ballot, which is higher than yours. It saves time; safety does not need it (§2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(BallotMessage):
    """Phase 2a: accept these values in my ballot. ``chosen_index`` says up to which slot all is chosen."""

    proposals: tuple[Proposal, ...]
    chosen_index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(BallotMessage):
    """Phase 2b: I have accepted these slots in this ballot."""

    indexes: tuple[Index, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat(BallotMessage):
    """I still lead this ballot, and up to ``chosen_index`` all is chosen."""

    chosen_index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForChosen(BallotMessage):
    """You say these slots are chosen: what is in them?"""

    indexes: tuple[Index, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(BallotMessage):
    """These values are chosen; each with the ballot in which its sender has it."""

    proposals: tuple[Proposal, ...]


Message = Prepare | Promise | Refusal | Accept | Accepted | Heartbeat | AskForChosen | Chosen
