"""The rules that can be left out, one at a time: within which bounds to search, and which property then breaks.

The bounds are wide enough for a run that breaks the property and no wider, so that a search is short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.scenario.proofs.prefixes import OLD_ACKNOWLEDGEMENT, read_prefix
from raftstep.simulation.explore.bounds import Bounds

ELECTION_SAFETY, LEADER_APPEND_ONLY, LOG_MATCHING = "Election Safety", "Leader Append-Only", "Log Matching"
LEADER_COMPLETENESS, STATE_MACHINE_SAFETY, LINEARIZABILITY = (
    "Leader Completeness",
    "State Machine Safety",
    "Linearizability",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A rule to leave out, where to look, and what should break.

    Searches that take long (``is_long``) are kept as certificates.

    ``story`` says in a sentence or two what the shortest run shows.
    """

    guard: Guard
    broken_property: str
    bounds: Bounds
    story: str
    is_long: bool = False

    @property
    def broken_bounds(self) -> Bounds:
        """The bounds with the rule left out."""
        return self.bounds.without_rules(self.guard)


def _election_bounds(terms: int = 1, crashes: int = 0) -> Bounds:
    return Bounds(terms=terms, entries=0, commands=0, crashes=crashes)


ONE_ENTRY = Bounds(terms=2, entries=1, commands=1)
SINGLE_SERVER = Settings(membership=Membership.SINGLE)
EMPTY_HEARTBEATS = Settings(empty_heartbeats=True)
LEASE_WITH_DRIFT = Settings(no_op=True, leader_stickiness=True, reads=ReadMode.LEASE, drift_bound=1.25)
SIX_TERMS = Bounds(terms=6, entries=2, commands=1, start="steady", heartbeats=False)

VARIANTS = (
    Variant(
        guard=Guard.ONE_VOTE_A_TERM,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(),
        story="Two candidates start elections in the same term, and a node votes for both.",
    ),
    Variant(
        guard=Guard.PERSIST_VOTE,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(crashes=1),
        story="A voter crashes, restarts without knowing that it has voted, and votes again in the same term.",
    ),
    Variant(
        guard=Guard.PERSIST_TERM,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(crashes=1),
        story="A node crashes and forgets the term, and with it the vote it gave in that term.",
    ),
    Variant(
        guard=Guard.ELECTION_MAJORITY,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(),
        story="If one vote of three is enough, two nodes can win without meeting a common voter.",
    ),
    Variant(
        guard=Guard.IGNORE_STALE_VOTES,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(terms=2),
        story="A vote given in term 1 arrives in term 2 and is counted there, though another node has a majority.",
    ),
    Variant(
        guard=Guard.DENY_STALE_CANDIDATES,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(terms=2),
        story="A node that has moved on to term 2 still helps a candidate of term 1, which already has a leader.",
    ),
    Variant(
        guard=Guard.NEW_TERM_FOR_CANDIDACY,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(),
        story="Two nodes start elections in their current term, and each moves its vote to itself.",
    ),
    Variant(
        guard=Guard.STEP_DOWN,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(terms=2),
        story="A leader of term 1 adopts term 2 from a candidate, keeps its role, and votes for the candidate too.",
    ),
    Variant(
        guard=Guard.KEEP_VOTE_IN_TERM,
        broken_property=ELECTION_SAFETY,
        bounds=_election_bounds(terms=2),
        story="A heartbeat clears the vote of the term, and the free vote goes to a second candidate of that term.",
    ),
    Variant(
        guard=Guard.APPEND_ONLY,
        broken_property=LEADER_APPEND_ONLY,
        bounds=Bounds(terms=1, entries=2, commands=2),
        story="A leader takes a second command and writes it over the first, which is not yet committed.",
    ),
    Variant(
        guard=Guard.PREVIOUS_ENTRY,
        broken_property=LOG_MATCHING,
        bounds=Bounds(terms=2, entries=2, commands=2),
        story="A follower stores an entry without the one before it: two logs agree there and differ before.",
    ),
    Variant(
        guard=Guard.PREVIOUS_TERM,
        broken_property=LOG_MATCHING,
        bounds=Bounds(terms=3, entries=2, commands=3, start="steady", heartbeats=False),
        story="A follower checks only that there is an entry before the new one, and it is of another leader.",
        is_long=True,
    ),
    Variant(
        guard=Guard.DELETE_CONFLICTS,
        broken_property=LOG_MATCHING,
        bounds=Bounds(terms=2, entries=2, commands=3),
        story="A follower keeps an entry that conflicts, and stores the leader's next one after it.",
    ),
    Variant(
        guard=Guard.COMMIT_MAJORITY,
        broken_property=LEADER_COMPLETENESS,
        bounds=ONE_ENTRY,
        story="A leader that has been replaced commits an entry that no other node has.",
    ),
    Variant(
        guard=Guard.REJECT_STALE_ENTRIES,
        broken_property=LEADER_COMPLETENESS,
        bounds=ONE_ENTRY,
        story="A node that voted in term 2 still stores an entry for the leader of term 1, which commits it.",
    ),
    Variant(
        guard=Guard.CREDIT_WHAT_WAS_SENT,
        broken_property=LEADER_COMPLETENESS,
        bounds=ONE_ENTRY,
        story="The acknowledgement of an empty message is counted for every entry that the leader has by then.",
    ),
    Variant(
        guard=Guard.PERSIST_LOG,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=1, commands=1, crashes=1),
        story="A node acknowledges an entry, loses it in a crash, and helps elect a leader that never had it.",
    ),
    Variant(
        guard=Guard.TRUNCATE_ONLY_ON_CONFLICT,
        broken_property=LEADER_COMPLETENESS,
        bounds=ONE_ENTRY,
        story="An old, empty message arrives late and cuts off an entry that the follower has already acknowledged.",
    ),
    Variant(
        guard=Guard.UP_TO_DATE_LOG,
        broken_property=LEADER_COMPLETENESS,
        bounds=ONE_ENTRY,
        story="A node that holds an entry votes for a candidate without it; the entry is committed all the same.",
    ),
    Variant(
        guard=Guard.COMPARE_LAST_INDEX,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=2, commands=2),
        story="A candidate with one entry of term 1 wins the vote of a node with two, and the second was committed.",
    ),
    Variant(
        guard=Guard.COMPARE_LAST_TERM,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=3, entries=1, commands=2),
        story="A candidate with an older log of equal length wins the vote of a node whose newer entry was committed.",
        is_long=True,
    ),
    Variant(
        guard=Guard.COMMIT_OWN_TERM,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=4, entries=1, commands=2, start="steady", heartbeats=False),
        story="The paper's Figure 8, with three nodes: an old entry reaches a majority and is counted as "
        "committed, and a node whose last entry is of a later term is elected without it.",
        is_long=True,
    ),
    Variant(
        guard=Guard.IGNORE_STALE_ACKNOWLEDGEMENTS,
        broken_property=LEADER_COMPLETENESS,
        bounds=replace(SIX_TERMS, prefix=read_prefix(SIX_TERMS, OLD_ACKNOWLEDGEMENT)),
        story="Figure 8 continued. An entry that a node acknowledged in term 3 is replaced at its leader in term 4. "
        "In term 5 that leader puts an entry of its own at that index, and the old acknowledgement is counted for it.",
        is_long=True,
    ),
    Variant(
        guard=Guard.ONE_CHANGE_OF_ONE,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=2, commands=1, changes=1, settings=SINGLE_SERVER),
        story="Two voters are removed at once, so the old majority and the new one need not share a node.",
    ),
    Variant(
        guard=Guard.WAIT_FOR_CHANGE,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=3, commands=1, changes=2, settings=SINGLE_SERVER),
        story="A second change begins before the first is committed, and together they change two voters.",
    ),
    Variant(
        guard=Guard.JOINT_CONSENSUS,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=2, commands=1, changes=1, settings=Settings(membership=Membership.JOINT)),
        story="The cluster switches directly from three voters to one, with no time in which both majorities count.",
    ),
    Variant(
        guard=Guard.OWN_TERM_BEFORE_CHANGE,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(
            nodes=4, terms=3, entries=1, commands=0, changes=2, start="steady", heartbeats=False, settings=SINGLE_SERVER
        ),
        story="Two leaders of different terms each remove a voter from the same four. Every majority of a new "
        "configuration shares a node with every majority of the old one, but the new ones have "
        "majorities that share none.",
        is_long=True,
    ),
    Variant(
        guard=Guard.LEARNERS_DO_NOT_COUNT,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(nodes=4, learners=1, terms=2, entries=1, commands=1, heartbeats=False, settings=SINGLE_SERVER),
        story="A learner's copy is counted towards the majority, and no voter but the leader has the entry.",
    ),
    Variant(
        guard=Guard.SNAPSHOT_IS_AN_ENTRY,
        broken_property=LEADER_COMPLETENESS,
        bounds=Bounds(terms=2, entries=3, commands=3, snapshots=1, start="steady", heartbeats=False),
        story="A snapshot arrives late and discards an entry after it that the follower has already acknowledged.",
        is_long=True,
    ),
    Variant(
        guard=Guard.CLAMP_COMMIT,
        broken_property=STATE_MACHINE_SAFETY,
        bounds=Bounds(terms=2, entries=1, commands=2, settings=EMPTY_HEARTBEATS),
        story="A heartbeat without entries says how far the new leader has committed. The node it reaches has an entry "
        "of the old leader at that index, takes it as committed, and applies it.",
    ),
    Variant(
        guard=Guard.SNAPSHOT_OF_APPLIED,
        broken_property=STATE_MACHINE_SAFETY,
        bounds=Bounds(terms=2, entries=1, commands=2, snapshots=1, start="steady", heartbeats=False),
        story="A leader puts an entry that nobody else has into a snapshot. What is in a snapshot cannot be replaced: "
        "the node acknowledges the next leader's entry at that index without storing it, and keeps its own.",
    ),
    Variant(
        guard=Guard.CONFIRM_LEADERSHIP,
        broken_property=LINEARIZABILITY,
        bounds=Bounds(terms=2, entries=1, commands=1, reads=1),
        story="A leader that was replaced without noticing answers a read from its own state machine.",
    ),
    Variant(
        guard=Guard.OWN_TERM_BEFORE_READ,
        broken_property=LINEARIZABILITY,
        bounds=Bounds(terms=2, entries=1, commands=1, reads=1, start="steady", heartbeats=False),
        story="A new leader has entries that it does not know to be committed, and answers a read without them.",
    ),
    Variant(
        guard=Guard.LEASE_ALLOWS_FOR_DRIFT,
        broken_property=LINEARIZABILITY,
        bounds=Bounds(
            terms=2,
            entries=3,
            commands=1,
            reads=1,
            rounds=1,
            ticks=3,
            clocks=(("S1", 0.8),),
            start="steady",
            settings=LEASE_WITH_DRIFT,
        ),
        story="The leader's clock runs slow, by no more than the bound on drift. The others have waited an election "
        "timeout and elected another leader; by its own clock its lease still lasts, so it answers a read.",
        is_long=True,
    ),
)
"""All of them, by the property that breaks, in the order of the paper."""

VARIANTS_BY_SLUG = {variant.guard.slug: variant for variant in VARIANTS}
