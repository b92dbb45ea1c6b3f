"""Multi-Paxos in words: its messages, slots and nodes, for transcripts, scenarios and pictures.

In pictures each phase has the look of its counterpart in Raft.
"""

from __future__ import annotations

from collections.abc import Iterable

from raftstep.core.model import Role
from raftstep.core.paxos.messages import (
    Accept,
    Accepted,
    AskForChosen,
    Chosen,
    Heartbeat,
    Message,
    Prepare,
    Promise,
    Refusal,
)
from raftstep.core.paxos.model import Node, Proposal, Slot

ROLE_NAMES = {
    Role.FOLLOWER: "acceptor",
    Role.PRE_CANDIDATE: "acceptor",
    Role.CANDIDATE: "proposer",
    Role.LEADER: "leader",
}

KIND_NAMES = {
    "vote-request": "Prepare (1a)",
    "vote-granted": "Promise (1b)",
    "vote-denied": "refusal",
    "append": "Accept (2a), or what is chosen",
    "heartbeat": "heartbeat",
    "append-accepted": "Accepted (2b)",
    "append-rejected": "asks what is chosen",
    "lost": "lost",
}
"""Each kind of message in words, in the order of the legend; a kind is a look, and has the name of Raft's."""

_KINDS_AND_NAMES: dict[type[Message], tuple[str, str]] = {
    Prepare: ("vote-request", "Prepare (1a)"),
    Promise: ("vote-granted", "Promise (1b)"),
    Refusal: ("vote-denied", "refusal"),
    Accept: ("append", "Accept (2a)"),
    Accepted: ("append-accepted", "Accepted (2b)"),
    Heartbeat: ("heartbeat", "heartbeat"),
    AskForChosen: ("append-rejected", "asks what is chosen"),
    Chosen: ("append", "what is chosen"),
}


def message_kind(message: Message) -> str:
    """The message's kind, as glyphs and classes name it."""
    return _KINDS_AND_NAMES[type(message)][0]


def message_name(message: Message) -> str:
    """What a line of a picture calls the message; two messages share a look."""
    return _KINDS_AND_NAMES[type(message)][1]


def message_words(message: Message) -> str:
    """A message by its name, its ballot and what it carries."""
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


def node_words(node: Node) -> str:
    """One node's state on one line."""
    slots = ", ".join(slot_words(slot) for slot in node.slots)
    role = ROLE_NAMES[node.role]
    return f"{node.id}: {role}, promised {node.promised_ballot}, slots [{slots}], chosen up to {node.chosen_index}"


def slot_words(slot: Slot) -> str:
    """A slot as transcripts write it: its value and ballot, ``!`` where it is known to be chosen, ``-`` for a hole."""
    if slot.is_hole:
        return "-"
    return f"{slot.command or 'no-op'}@{slot.ballot}{'!' if slot.is_chosen else ''}"


def entry_words(slot: Slot) -> str:
    """A slot as scenarios write an entry: ``x=7@2.S1``; ``-`` for a hole."""
    return "-" if slot.is_hole else f"{entry_content(slot)}@{slot.ballot}"


def entry_content(slot: Slot) -> str:
    """What a slot holds: a command, or nothing."""
    return "nothing" if slot.is_hole else slot.command or "no-op"


def _proposal_words(proposals: Iterable[Proposal]) -> str:
    words = ", ".join(
        f"{proposal.index}: {proposal.value.command or 'no-op'}@{proposal.ballot}" for proposal in proposals
    )
    return f"[{words}]"


def _value_words(proposals: Iterable[Proposal]) -> str:
    return "[" + ", ".join(f"{proposal.index}: {proposal.value.command or 'no-op'}" for proposal in proposals) + "]"


def _join_indexes(indexes: Iterable[int]) -> str:
    return ", ".join(map(str, indexes))
