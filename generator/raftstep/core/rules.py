"""Every transition a node can make, each with its sentence and where it is stated.

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
        "A response from an earlier term, or to a role that the node has since given up, is dropped.",
        "§5.1",
    )
    START_ELECTION = Wording(
        "A node that hears from no leader for an election timeout starts a new term, votes for itself and asks every "
        "other voter for its vote.",
        "§5.2",
    )
    GRANT_VOTE = Wording(
        "A node gives one vote in each term, to the first candidate whose log is at least as up to date as its own.",
        "§5.2, §5.4.1",
    )
    DENY_STALE_CANDIDATE = Wording(
        "A candidate of an older term gets no vote, and the refusal carries the newer term.",
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
        "A candidate counts each node that voted for it once, however many copies of the vote arrive.",
        "§5.2",
    )
    BECOME_LEADER = Wording(
        "A candidate with the votes of a majority of all voters leads the term.",
        "§5.2",
    )
    APPEND_NO_OP = Wording(
        "A new leader may begin its term with a no-op entry, so that it has an entry of its own term to commit.",
        "§8",
    )
    RECOGNISE_LEADER = Wording(
        "A candidate that hears from the leader of its own term becomes a follower.",
        "§5.2",
    )
    SEND_HEARTBEAT = Wording(
        "A leader sends every follower a heartbeat at each interval, with the entries that the follower may lack, "
        "unless heartbeats are set to be empty.",
        "§5.2, §5.3",
    )
    APPEND_COMMAND = Wording(
        "A leader appends a client's command to its own log, then sends it to the followers.",
        "§5.3",
    )
    REDIRECT_CLIENT = Wording(
        "A node that does not lead redirects the client to the leader it knows of.",
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
        "A follower that hears from the leader of its term restarts its election timeout.",
        "§5.2",
    )
    ACCEPT_ENTRIES = Wording(
        "A follower whose log agrees up to the entries sent stores those that it lacks, then acknowledges them.",
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
        "A leader records up to which index a follower's log is known to agree with its own; this index never moves "
        "back.",
        "§5.3",
    )
    BACK_UP = Wording(
        "A leader whose entries were refused retries one entry earlier.",
        "§5.3",
    )
    COMMIT = Wording(
        "An entry of the leader's own term is committed once a majority stores it, and with it every entry before it.",
        "§5.3, §5.4.2",
    )
    HOLD_OLD_TERM = Wording(
        "An entry of an earlier term is not committed by counting copies, even when a majority stores it.",
        "§5.4.2",
    )
    APPLY = Wording(
        "Committed entries are applied to the state machine one by one, in the order of the log.",
        "§5.3",
    )
    ANSWER_CLIENT = Wording(
        "A leader answers the client once the command is applied.",
        "§5.3",
    )
    RESTART = Wording(
        "A node that restarts keeps its term, its vote and its log; its role and commit index are lost.",
        "§5.2, Figure 2 (State)",
    )

    COUNT_OWN_WRITE = Wording(
        "A leader counts its own copy of an entry once its disk holds it; a majority of the others may have committed "
        "the entry before.",
        "dissertation §10.2.1",
    )
    GIVE_CONFLICT_HINT = Wording(
        "A follower that refuses entries says which term its own entry there has and where that term begins in its "
        "log, or where its log ends.",
        "§5.3",
    )
    FOLLOW_CONFLICT_HINT = Wording(
        "A leader whose entries were refused with a hint goes back there at once, past every entry of the "
        "conflicting term.",
        "§5.3",
    )

    ASK_PRE_VOTE = Wording(
        "Before it starts a new term, a node asks whether it would get the votes; asking changes neither term nor "
        "vote.",
        "dissertation §9.6",
    )
    GRANT_PRE_VOTE = Wording(
        "A node that knows of no live leader grants the pre-vote to a candidate whose log is at least as up to date "
        "as its own; the grant is no promise.",
        "dissertation §9.6",
    )
    DENY_PRE_VOTE = Wording(
        "A node denies the pre-vote for a term that it has already reached, or to a log that is behind its own.",
        "dissertation §9.6",
    )
    DENY_PRE_VOTE_LEADER_ALIVE = Wording(
        "A follower that has heard from its leader within the shortest election timeout denies the pre-vote, and so "
        "does a leader.",
        "dissertation §4.2.3, §9.6",
    )
    COUNT_PRE_VOTE = Wording(
        "A node starts the new term only when a majority has granted the pre-vote.",
        "dissertation §9.6",
    )
    IGNORE_DISRUPTIVE_CANDIDATE = Wording(
        "A node that has just heard from its leader ignores requests for votes: it neither votes nor adopts the "
        "newer term.",
        "§6, dissertation §4.2.3",
    )
    STEP_DOWN_WITHOUT_QUORUM = Wording(
        "A leader that has not heard from a majority for an election timeout gives up its role, in the same term.",
        "dissertation §6.2",
    )
    TAKE_SNAPSHOT = Wording(
        "A node saves the state that it has applied, with the index and term of the last applied entry, and discards "
        "the log up to there.",
        "§7",
    )
    SEND_SNAPSHOT = Wording(
        "A leader that no longer has the entries a follower lacks sends its snapshot.",
        "§7",
    )
    INSTALL_SNAPSHOT = Wording(
        "A follower whose log does not reach the snapshot's end discards its log and takes the snapshot's state.",
        "§7, Figure 13",
    )
    KEEP_SUFFIX = Wording(
        "A follower whose log holds the snapshot's last entry keeps what follows it.",
        "§7, Figure 13 (step 6)",
    )
    IGNORE_OLD_SNAPSHOT = Wording(
        "A snapshot that reaches no further than what a follower has committed changes nothing.",
        "§7",
    )
    RESTORE_SNAPSHOT = Wording(
        "A node that restarts takes its state from its snapshot, and what the snapshot covers is committed.",
        "§7",
    )
    APPEND_JOINT = Wording(
        "A leader appends the old and the new configuration as one; from then on each needs its own majority.",
        "§6",
    )
    LEAVE_JOINT = Wording(
        "Once the joint configuration is committed, the leader appends the new one alone.",
        "§6",
    )
    APPEND_CONFIGURATION = Wording(
        "A leader appends the new configuration, and every node uses it as soon as it is in its log.",
        "§6, dissertation §4.1",
    )
    ADOPT_CONFIGURATION = Wording(
        "A node uses the latest configuration in its log, committed or not.",
        "§6",
    )
    REVERT_CONFIGURATION = Wording(
        "Where the entry with the latest configuration is removed, the one before it is in force again.",
        "dissertation §4.1",
    )
    START_CATCH_UP = Wording(
        "New nodes are first sent the log without having a vote, so that they delay no commit.",
        "§6, dissertation §4.2.1",
    )
    NEXT_CATCH_UP_ROUND = Wording(
        "While a round of catching up takes an election timeout or longer, another follows.",
        "dissertation §4.2.1",
    )
    GIVE_UP_CATCH_UP = Wording(
        "After ten rounds that were too slow, or ten election timeouts within one round, the leader gives up the "
        "change.",
        "dissertation §4.2.1",
    )
    REFUSE_SECOND_CHANGE = Wording(
        "A leader refuses a change of the configuration while another one is in progress.",
        "§6, dissertation §4.1",
    )
    REFUSE_EARLY_CHANGE = Wording(
        "A leader refuses a change of the configuration until it has committed an entry of its own term.",
        "Ongaro 2015, dissertation errata",
    )
    REFUSE_CHANGE_OF_SEVERAL = Wording(
        "Without joint consensus, a leader adds or removes one voter at a time.",
        "dissertation §4.1",
    )
    REFUSE_PROMOTION = Wording(
        "A learner that lacks committed entries is not made a voter.",
        "dissertation §4.2.1",
    )
    STEP_DOWN_REMOVED = Wording(
        "A leader that is no voter of the new configuration steps down once it is committed.",
        "§6, dissertation §4.2.2",
    )
    STAY_PASSIVE = Wording(
        "A node with no vote in its latest configuration starts no election, unless the configuration before gave it a "
        "vote and the latest may still be uncommitted.",
        "dissertation §4.2.1, §4.2.2, §4.4",
    )
    START_TRANSFER = Wording(
        "A leader that transfers its leadership takes no more commands and brings the target's log up to its own.",
        "dissertation §3.10",
    )
    SEND_TIMEOUT_NOW = Wording(
        "Once the target stores every entry, the leader asks it to start an election at once.",
        "dissertation §3.10",
    )
    CAMPAIGN_NOW = Wording(
        "A node that its leader asks to starts an election without waiting, and voters do not ignore it because they "
        "have just heard from that leader.",
        "dissertation §3.10, §4.2.3",
    )
    REFUSE_DURING_TRANSFER = Wording(
        "A leader that is transferring its leadership refuses new commands, and does not start the same transfer "
        "again.",
        "dissertation §3.10",
    )
    REFUSE_TRANSFER = Wording(
        "A leader transfers its leadership only to another voter.",
        "dissertation §3.10",
    )
    ABANDON_TRANSFER = Wording(
        "A leader that still leads an election timeout later, or is asked to stay leader, takes commands again.",
        "dissertation §3.10",
    )
    WAIT_FOR_OWN_COMMIT = Wording(
        "A leader that has committed nothing in its own term does not know yet which entries a read must see.",
        "§8, dissertation §6.4",
    )
    START_READ_ROUND = Wording(
        "A leader records its commit index and sends a round of heartbeats before it answers a read.",
        "§8, dissertation §6.4",
    )
    CONFIRM_LEADERSHIP = Wording(
        "Responses from a majority to heartbeats sent after the read arrived confirm that no newer leader had been "
        "elected by then.",
        "§8, dissertation §6.4",
    )
    EXTEND_LEASE = Wording(
        "When a majority has answered a round of heartbeats, no other node can be elected for an election timeout "
        "from the moment it was sent, if clocks run at the same rate.",
        "dissertation §6.4.1",
    )
    READ_BY_LEASE = Wording(
        "While its lease lasts, a leader answers reads without a round of heartbeats.",
        "dissertation §6.4.1",
    )
    ANSWER_READ = Wording(
        "A read is answered from the state machine once the entry at the recorded index is applied.",
        "§8, dissertation §6.4",
    )
    SKIP_REPEATED = Wording(
        "A command whose serial number the client's session has already reached is a duplicate and is not applied "
        "again.",
        "§8, dissertation §6.3",
    )
    EXPIRE_SESSION = Wording(
        "Where only so many sessions are kept, the one that was used longest ago is removed, on every node at the same "
        "entry of the log.",
        "dissertation §6.3",
    )
    REFUSE_EXPIRED_SESSION = Wording(
        "A command of a client whose session has expired is not applied, because it may have been applied before.",
        "dissertation §6.3",
    )

    @property
    def sentence(self) -> str:
        """The rule as one sentence."""
        return self.value.sentence

    @property
    def source(self) -> str:
        """Where it is stated: in the paper, the dissertation, or their errata."""
        return self.value.source

    @property
    def slug(self) -> str:
        """The rule's name as scenarios write it, such as ``grant-vote``."""
        return self.name.lower().replace("_", "-")
