"""Every transition a node of Multi-Paxos can make, each with its sentence and where it is stated.

*2001* is Lamport's *Paxos Made Simple*; the algorithm itself is that of his *The Part-Time Parliament* (1998). A rule
that does for Paxos what one of Raft's does has that rule's name, so that one pattern finds both.
"""

from __future__ import annotations

from enum import Enum, unique

from raftstep.core.rules import Wording


@unique  # two rules with the same wording would silently become one member
class Rule(Enum):
    """A named rule. ``slug`` is how scenarios and addresses write it: ``give-promise``."""

    START_BALLOT = Wording(
        "A node that hears from no leader for an election timeout picks a ballot higher than any it knows, "
        "and asks all nodes for a promise (1a).",
        "2001 §2.2, §2.5",
    )
    GIVE_PROMISE = Wording(
        "A node asked with a ballot no lower than any it has promised accepts nothing below that ballot from now on, "
        "and reports what it has accepted in the slots asked about (1b).",
        "2001 §2.2",
    )
    REFUSE_BALLOT = Wording(
        "A node asked with a ballot below its promise refuses, and names the ballot that it has promised.",
        "2001 §2.2",
    )
    YIELD_TO_BALLOT = Wording(
        "A proposer that learns of a higher ballot gives up its own.",
        "2001 §2.2",
    )
    COUNT_PROMISE = Wording(
        "A proposer counts each node that promised its ballot once.",
        "2001 §2.2",
    )
    BECOME_LEADER = Wording(
        "With the promises of a majority, a node leads its ballot, whatever its own log contains.",
        "2001 §3",
    )
    ADOPT_VALUE = Wording(
        "For each open slot in which a promise reports a value, the new leader proposes the value of the highest "
        "ballot among them, under its own ballot.",
        "2001 §2.2, §3",
    )
    FILL_GAP = Wording(
        "A slot that no promise reports a value for, below one that has one, is filled with a no-op.",
        "2001 §3",
    )
    PROPOSE_COMMAND = Wording(
        "A leader gives a client's command the next free slot and asks all nodes to accept it (2a).",
        "2001 §3",
    )
    REDIRECT_CLIENT = Wording(
        "A node that does not lead names the leader it knows of.",
        "2001 §3",
    )
    SEND_HEARTBEAT = Wording(
        "A leader sends all nodes a heartbeat at regular intervals, which says up to which slot all values are "
        "chosen, and repeats the proposals that they have not accepted.",
        "2001 §2.4, §3",
    )
    ACCEPT_VALUE = Wording(
        "A node accepts a proposal unless it has promised a higher ballot; each slot is decided by itself (2b).",
        "2001 §2.2",
    )
    HEAR_LEADER = Wording(
        "A node regards the sender of a heartbeat as the leader, unless it has promised a higher ballot.",
        "2001 §2.4",
    )
    COUNT_ACCEPTANCE = Wording(
        "A leader counts each node that accepted a slot in its ballot once.",
        "2001 §2.2",
    )
    CHOOSE_VALUE = Wording(
        "A value that a majority has accepted in one ballot is chosen, whatever the slots around it contain.",
        "2001 §2.1, §2.3",
    )
    EXECUTE = Wording(
        "Chosen commands are executed in the order of their slots, up to the first slot still open.",
        "2001 §3",
    )
    LEARN_CHOSEN = Wording(
        "What a node has accepted in its leader's own ballot is chosen once the leader says that the slot is.",
        "2001 §2.3",
    )
    ASK_FOR_CHOSEN = Wording(
        "A node that lacks a slot which the leader says is chosen asks for it.",
        "2001 §2.3",
    )
    TEACH_CHOSEN = Wording(
        "A leader that is asked sends the chosen values themselves.",
        "2001 §2.3",
    )
    IGNORE_STALE = Wording(
        "A response for a ballot that is no longer the node's own is dropped.",
        "2001 §2.2",
    )
    RESTART = Wording(
        "A node that restarts keeps its promise and what it has accepted; which values are chosen it learns again.",
        "2001 §2.5",
    )

    @property
    def sentence(self) -> str:
        """The rule as one sentence."""
        return self.value.sentence

    @property
    def source(self) -> str:
        """Where it is stated."""
        return self.value.source

    @property
    def slug(self) -> str:
        """The rule's name as scenarios write it, such as ``give-promise``."""
        return self.name.lower().replace("_", "-")
