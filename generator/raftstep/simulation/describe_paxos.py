"""Multi-Paxos in words: its messages and nodes, for transcripts."""

from __future__ import annotations

from collections.abc import Iterable

from raftstep.core.paxos.messages import (
    Accept,
    Accepted,
    AskForChosen,
    Chosen,
    Heartbeat,
    Prepare,
    Promise,
    Refusal,
)
from raftstep.core.paxos.model import Node, Proposal, Slot
from raftstep.simulation.multi_paxos import MULTI_PAXOS


def message_words(message: object) -> str | None:
    """A message by its name, its ballot and what it carries; ``None`` for one that is not of Multi-Paxos."""
    match message:
        case Prepare():
            return f"Prepare(ballot {message.ballot}, from slot {message.first_index})"
        case Promise():
            return f"Promise(ballot {message.ballot}, accepted {_proposal_words(message.accepted_proposals)})"
        case Refusal():
            return f"refusal(promised {message.ballot})"
        case Accept():
            value_words = _value_words(message.proposals)
            return f"Accept(ballot {message.ballot}, {value_words}, chosen up to {message.chosen_index})"
        case Accepted():
            return f"Accepted(ballot {message.ballot}, slot {_join_indexes(message.indexes)})"
        case Heartbeat():
            return f"heartbeat(ballot {message.ballot}, chosen up to {message.chosen_index})"
        case AskForChosen():
            return f"question(ballot {message.ballot}, what is chosen for slot {_join_indexes(message.indexes)})"
        case Chosen():
            return f"Chosen(ballot {message.ballot}, {_proposal_words(message.proposals)})"
    return None


def node_words(node: object) -> str | None:
    """One node's state on one line; ``None`` for one that is not of Multi-Paxos."""
    if not isinstance(node, Node):
        return None
    slots = ", ".join(slot_words(slot) for slot in node.slots)
    role = MULTI_PAXOS.words.roles[node.role]
    return f"{node.id}: {role}, promised {node.promised_ballot}, slots [{slots}], chosen up to {node.chosen_index}"


def slot_words(slot: Slot) -> str:
    """A slot as transcripts write it: its value and ballot, ``!`` where it is known to be chosen, ``-`` for a hole."""
    if slot.is_hole:
        return "-"
    return f"{slot.command or 'no-op'}@{slot.ballot}{'!' if slot.is_chosen else ''}"


def _proposal_words(proposals: Iterable[Proposal]) -> str:
    words = ", ".join(
        f"{proposal.index}: {proposal.value.command or 'no-op'}@{proposal.ballot}" for proposal in proposals
    )
    return f"[{words}]"


def _value_words(proposals: Iterable[Proposal]) -> str:
    return "[" + ", ".join(f"{proposal.index}: {proposal.value.command or 'no-op'}" for proposal in proposals) + "]"


def _join_indexes(indexes: Iterable[int]) -> str:
    return ", ".join(map(str, indexes))
