"""The rules that can be left out one at a time, to see what each of them is for.

A guard is asked about in one place of the core, with :meth:`~raftstep.core.model.Node.keeps`.
``raftstep explore --without`` and the page on safety read this list.
"""

from __future__ import annotations

from enum import Enum, unique


@unique
class Guard(Enum):
    """One rule of Raft; its value says what it demands. Left out, the core does not keep it."""

    ONE_VOTE_A_TERM = "A node votes for at most one candidate in a term."
    PERSIST_VOTE = "A vote survives a crash."
    PERSIST_TERM = "The current term survives a crash."
    ELECTION_MAJORITY = "A leader needs the votes of more than half of the nodes, not of half rounded down."
    COMMIT_MAJORITY = "An entry is committed on more than half of the nodes, not on half rounded down."
    IGNORE_STALE_VOTES = "A vote given in an earlier term does not count."
    DENY_STALE_CANDIDATES = "A request for a vote from an older term is denied."
    NEW_TERM_FOR_CANDIDACY = "A candidate starts a new term."
    STEP_DOWN = "A leader that sees a newer term gives up its role."
    KEEP_VOTE_IN_TERM = "Hearing from a leader does not free a node's vote in that term."
    REJECT_STALE_ENTRIES = "Entries from a leader of an older term are refused."
    CREDIT_WHAT_WAS_SENT = "An acknowledgement counts for the entries that its message carried, and for no later ones."
    PERSIST_LOG = "Entries are durable before they are acknowledged."
    TRUNCATE_ONLY_ON_CONFLICT = "A follower shortens its log only where an entry conflicts."
    DELETE_CONFLICTS = "A follower removes entries that conflict with the leader's."
    UP_TO_DATE_LOG = "A candidate whose log is behind the voter's gets no vote."
    COMPARE_LAST_INDEX = "Of two logs that end in the same term, the shorter is behind."
    COMPARE_LAST_TERM = "Of two logs, the one that ends in the older term is behind, however long it is."
    PREVIOUS_ENTRY = "Entries are stored only after an entry that the leader has too."
    PREVIOUS_TERM = "The entry before the new ones must have the same term as the leader's, and not only exist."
    CLAMP_COMMIT = "A follower's commit index goes no further than the last entry that it has just checked."
    COMMIT_OWN_TERM = "Only an entry of the leader's own term is committed by counting copies."
    APPEND_ONLY = "A leader only appends to its own log."
    IGNORE_STALE_ACKNOWLEDGEMENTS = "An acknowledgement from an earlier term does not count."
    ONE_CHANGE_OF_ONE = "Without joint consensus, one voter is added or removed at a time."
    WAIT_FOR_CHANGE = "A change of the configuration waits until the one before it is committed."
    JOINT_CONSENSUS = "A change of several voters goes through a joint configuration, which needs both majorities."
    OWN_TERM_BEFORE_CHANGE = "A leader commits an entry of its own term before it changes the configuration."
    LEARNERS_DO_NOT_COUNT = "A learner's copy does not count towards a majority."
    CAUGHT_UP_BEFORE_VOTING = "A node becomes a voter only when its log has caught up."
    SNAPSHOT_IS_AN_ENTRY = "The end of a snapshot counts as a matching entry, so an old snapshot discards nothing."
    SNAPSHOT_OF_APPLIED = "A snapshot covers only applied entries."
    CONFIRM_LEADERSHIP = "A leader hears from a majority before it answers a read."
    OWN_TERM_BEFORE_READ = "A leader commits an entry of its own term before it answers a read."
    LEASE_ALLOWS_FOR_DRIFT = "A lease is shorter than the election timeout by the bound on clock drift."

    @property
    def sentence(self) -> str:
        """What the rule demands."""
        return self.value

    @property
    def slug(self) -> str:
        """The guard's name as the command line and scenarios write it, such as ``up-to-date-log``."""
        return self.name.lower().replace("_", "-")


NO_GUARDS: frozenset[Guard] = frozenset()
