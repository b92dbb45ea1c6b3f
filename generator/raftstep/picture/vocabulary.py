"""How messages of Multi-Paxos look and are called: each phase has the look of its counterpart in Raft."""

from __future__ import annotations

from raftstep.core.messages import Message
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

RAFT_WORDS = {
    "term": "Term",
    "vote": "Vote",
    "log": "Log",
    "commit_index": "Commit index",
    "follower": "follower",
    "candidate": "candidate",
    "leader": "leader",
    "each_vote": "a dot for each vote",
    "settled": "entry this node knows to be committed",
    "open": "entry it does not",
    "signs": "T2 means term 2. A dot in a cell is the leader’s match index, a wedge its next index.",
}
"""The words of tables and legends for Raft."""

PAXOS_WORDS = {
    "term": "Ballot",
    "vote": "Promised to",
    "log": "Slots",
    "commit_index": "Chosen up to",
    "follower": "acceptor",
    "candidate": "proposer",
    "leader": "leader",
    "each_vote": "a dot for each promise",
    "settled": "value this node knows to be chosen",
    "open": "value it has accepted, and knows no more",
    "signs": "B2.S1 is S1’s ballot of round 2: on a node the highest it has promised, in a slot the one in which it "
    "accepted the value. An empty slot before a full one is a hole.",
}
"""The same for Multi-Paxos."""

PAXOS_KINDS = {
    "vote-request": "Prepare (1a)",
    "vote-granted": "Promise (1b)",
    "vote-denied": "refusal",
    "append": "Accept (2a), or what is chosen",
    "heartbeat": "heartbeat",
    "append-accepted": "Accepted (2b)",
    "append-rejected": "asks what is chosen",
    "lost": "lost",
}
"""The kinds that Multi-Paxos has, by the same looks."""

_PAXOS_MESSAGES: dict[type, tuple[str, str]] = {
    Prepare: ("vote-request", "Prepare (1a)"),
    Promise: ("vote-granted", "Promise (1b)"),
    Refusal: ("vote-denied", "refusal"),
    Accept: ("append", "Accept (2a)"),
    Accepted: ("append-accepted", "Accepted (2b)"),
    Heartbeat: ("heartbeat", "heartbeat"),
    AskForChosen: ("append-rejected", "asks what is chosen"),
    Chosen: ("append", "what is chosen"),
}


def paxos_look(message: Message) -> str | None:
    """The look of a message of Multi-Paxos; ``None`` for one of Raft."""
    look_and_name = _PAXOS_MESSAGES.get(type(message))
    return look_and_name[0] if look_and_name else None


def paxos_name(message: Message) -> str | None:
    """What a message of Multi-Paxos is called; ``None`` for one of Raft."""
    look_and_name = _PAXOS_MESSAGES.get(type(message))
    return look_and_name[1] if look_and_name else None
