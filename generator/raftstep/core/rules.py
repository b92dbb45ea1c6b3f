"""Every transition a node can make, each with its sentence and its place in the Raft paper.

Captions, transcripts, the rules table and the tests read this one list.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import NamedTuple


class Wording(NamedTuple):
    """One rule in words."""

    sentence: str
    source: str


@unique  # two rules with the same wording would silently become one member
class Rule(Enum):
    """A named rule. ``slug`` is how scenarios and addresses write it: ``grant-vote``."""

    ADOPT_NEWER_TERM = Wording(
        "A node that sees a newer term in any message takes that term, forgets its vote and becomes a follower.",
        "§5.1, Figure 2 (All Servers)",
    )
    IGNORE_STALE_RESPONSE = Wording(
        "An answer to a question of an earlier term, or of a role since given up, is dropped.",
        "§5.1",
    )
    START_ELECTION = Wording(
        "A node that hears from no leader for an election timeout starts a new term, votes for itself "
        "and asks every other node for its vote.",
        "§5.2",
    )
    GRANT_VOTE = Wording(
        "A node votes once a term, for the first candidate whose log is at least as up to date as its own.",
        "§5.2, §5.4.1",
    )
    DENY_STALE_CANDIDATE = Wording(
        "A candidate of an older term gets no vote, and learns the newer term from the refusal.",
        "§5.1",
    )
    DENY_SECOND_VOTE = Wording(
        "A node that has voted for another candidate in this term does not vote again.",
        "§5.2",
    )
    DENY_OLDER_LOG = Wording(
        "A candidate whose last entry is of an older term, or of the same term at a lower index, gets no vote.",
        "§5.4.1",
    )
    COUNT_VOTE = Wording(
        "A candidate counts who voted for it, each node once.",
        "§5.2",
    )
    BECOME_LEADER = Wording(
        "A candidate with the votes of a majority of the whole cluster leads the term.",
        "§5.2",
    )
    APPEND_NO_OP = Wording(
        "A new leader may begin its term with an entry that does nothing, so that it has one of its own to commit.",
        "§8",
    )
    RECOGNISE_LEADER = Wording(
        "A candidate that hears from the leader of its own term becomes a follower.",
        "§5.2",
    )
    SEND_HEARTBEAT = Wording(
        "A leader writes to every follower at each heartbeat interval, with whatever entries that follower may lack.",
        "§5.2, §5.3",
    )
    APPEND_COMMAND = Wording(
        "A leader appends a client's command to its own log, then sends it to the followers.",
        "§5.3",
    )
    REDIRECT_CLIENT = Wording(
        "A node that does not lead sends the client on to the leader it knows of.",
        "§8",
    )
    REJECT_STALE_LEADER = Wording(
        "Entries from a leader of an older term are refused, and the refusal carries the newer term.",
        "§5.1",
    )
    REJECT_GAP = Wording(
        "A follower refuses entries when its log has no entry of the right term just before them.",
        "§5.3",
    )
    ACCEPT_HEARTBEAT = Wording(
        "A follower that hears from the leader of its term starts its election timeout anew.",
        "§5.2",
    )
    ACCEPT_ENTRIES = Wording(
        "A follower whose log agrees up to the entries sent stores those it lacks, then says so.",
        "§5.3",
    )
    TRUNCATE_CONFLICT = Wording(
        "Where a follower's entry has another term than the leader's, it and all that follow it are removed.",
        "§5.3",
    )
    FOLLOW_COMMIT = Wording(
        "A follower takes the leader's commit index, but never past the last entry it has just checked.",
        "§5.3, Figure 2 (AppendEntries, step 5)",
    )
    RECORD_MATCH = Wording(
        "A leader notes how far a follower's log is known to agree with its own; the mark never moves back.",
        "§5.3",
    )
    BACK_UP = Wording(
        "A leader whose entries were refused tries again one entry earlier.",
        "§5.3",
    )
    COMMIT = Wording(
        "An entry of the leader's own term is committed once a majority of the cluster holds it, "
        "and with it every entry before it.",
        "§5.3, §5.4.2",
    )
    HOLD_OLD_TERM = Wording(
        "An entry of an earlier term is not committed by counting copies, even when a majority holds it.",
        "§5.4.2",
    )
    APPLY = Wording(
        "Committed entries go to the state machine, one by one, in the order of the log.",
        "§5.3",
    )
    ANSWER_CLIENT = Wording(
        "A leader answers the client once the command is applied.",
        "§5.3",
    )
    RESTART = Wording(
        "A node that restarts has its term, its vote and its log; role and commit index are gone.",
        "§5.2, Figure 2 (State)",
    )

    @property
    def sentence(self) -> str:
        """The rule as one sentence."""
        return self.value.sentence

    @property
    def source(self) -> str:
        """Where the Raft paper states it."""
        return self.value.source

    @property
    def slug(self) -> str:
        """The rule's name as scenarios write it, such as ``grant-vote``."""
        return self.name.lower().replace("_", "-")
