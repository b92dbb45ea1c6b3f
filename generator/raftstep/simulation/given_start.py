"""A cluster in a given state: who leads, terms, votes, logs and commit indexes, as figures in papers print them.

A run can then begin in the middle of a story. What no run of Raft could have led to is found first, each with the part
of a node's state that is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from raftstep.core.log import Log
from raftstep.core.machine import apply_entry
from raftstep.core.model import Entry, Index, Node, NodeId, Progress, Role, Settings, StateMachine, Term
from raftstep.core.quorum import majority
from raftstep.simulation.cluster import Cluster, boot
from raftstep.simulation.invariants import CommittedEntry, History

KEYS = "xyzuvwpqr"
"""What the entries of a term write to, where only their terms are given: x in term 1, y in term 2 and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNode:
    """A node's state at the start; of a node that ``is_down`` only term, vote and log are there."""

    id: NodeId
    term: Term = 0
    vote: NodeId | None = None
    log: Log = ()
    commit_index: Index = 0
    is_leader: bool = False
    is_down: bool = False

    @property
    def last(self) -> tuple[Term, Index]:
        """What a vote compares: the term of the last entry, then how long the log is (§5.4.1)."""
        return (self.log[-1].term if self.log else 0, len(self.log))


class Contradiction(NamedTuple):
    """What cannot be, at which node and in which part of its state: ``term``, ``vote``, ``log`` and so on."""

    node: NodeId
    part: str
    words: str


def entry_of_term(term: Term, index: Index) -> Entry:
    """The entry that a bare term in a log means: the same for all nodes with that term at that index.

    >>> entry_of_term(4, 5).command
    'u=5'
    """
    return Entry(term=term, command=f"{KEYS[(term - 1) % len(KEYS)]}={index}")


def make_cluster(
    given_nodes: Sequence[GivenNode],
    *,
    settings: Settings,
    voters: tuple[NodeId, ...] = (),
    learners: tuple[NodeId, ...] = (),
) -> Cluster:
    """The cluster in the given state. No message is in flight, and a leader knows of no other node's log."""
    ids = tuple(given.id for given in given_nodes)
    booted = boot(ids, settings=settings, start_term=0, voters=voters, learners=learners)
    nodes = tuple(_fill_node(node, given) for node, given in zip(booted.nodes, given_nodes, strict=True))
    return Cluster(nodes=nodes, down_nodes=frozenset(given.id for given in given_nodes if given.is_down))


def _fill_node(node: Node, given: GivenNode) -> Node:
    durable = replace(node, current_term=given.term, voted_for=given.vote, log=given.log)
    if given.is_down:
        return durable
    machine = StateMachine()
    for entry in given.log[: given.commit_index]:
        machine = apply_entry(machine, entry, sessions=node.settings.sessions)
    live_node = replace(durable, commit_index=given.commit_index, last_applied=given.commit_index, machine=machine)
    if not given.is_leader:
        return live_node
    next_index = len(given.log) + 1
    progress = tuple(Progress(peer=peer, next_index=next_index, match_index=0) for peer in node.peers)
    return replace(live_node, role=Role.LEADER, leader=node.id, progress=progress)


def history_of(cluster: Cluster) -> History:
    """What an observer would remember who had seen how the cluster came into its state."""
    leaders = tuple(sorted((node.current_term, node.id) for node in cluster.nodes if node.role is Role.LEADER))
    most_applied = max(cluster.nodes, key=lambda node: node.last_applied)
    if not most_applied.last_applied or most_applied.snapshot.index:
        return History(leaders=leaders)
    applied_entries = most_applied.log[: most_applied.last_applied]
    commit_term = _find_commit_term(applied_entries, [node.log for node in cluster.nodes], _least_quorum(cluster))
    committed_entries = tuple(
        CommittedEntry(entry=entry, commit_term=commit_term or entry.term) for entry in applied_entries
    )
    return History(leaders=leaders, committed_entries=committed_entries, applied_entries=applied_entries)


def _least_quorum(cluster: Cluster) -> int:
    return majority(len(cluster.configuration.voters))


def find_contradictions(given_nodes: Sequence[GivenNode], voters: tuple[NodeId, ...] = ()) -> Iterator[Contradiction]:
    """All that no run of Raft can have led to, in the order of the nodes."""
    electorate = [given for given in given_nodes if not voters or given.id in voters]
    checks = (
        (contradiction for given in given_nodes for contradiction in _check_alone(given)),
        _check_logs(given_nodes),
        _check_votes(given_nodes),
        _check_elections(given_nodes, electorate),
        (
            contradiction
            for leader in given_nodes
            if leader.is_leader
            for contradiction in _check_leader(leader, given_nodes, electorate)
        ),
        _check_commits(given_nodes, electorate),
    )
    for check in checks:
        contradictions = list(check)
        yield from contradictions
        if contradictions:
            return  # each check rests on those before it


def _check_alone(given: GivenNode) -> Iterator[Contradiction]:
    for index, (earlier, later) in enumerate(pairwise(given.log), 2):
        if later.term < earlier.term:
            words = f"entry {index} of {given.id} is of term {later.term}, after one of term {earlier.term}"
            yield Contradiction(given.id, "log", f"{words}; terms never decrease along a log, so write them in order")
            return
    last_term = given.last[0]
    if last_term > given.term:
        words = f"{given.id} is in term {given.term} and holds an entry of term {last_term}"
        yield Contradiction(given.id, "term", f"{words}; write term: {last_term}, or a later one")
    if given.commit_index > len(given.log):
        words = f"{given.id} has {_entries(len(given.log))}, so it cannot have committed up to {given.commit_index}"
        yield Contradiction(given.id, "commit_index", f"{words}; write {len(given.log)} or less")
    if given.is_leader and given.vote not in (None, given.id):
        words = f"{given.id} leads term {given.term}, so it has voted for itself"
        yield Contradiction(given.id, "vote", f"{words}; write vote: {given.id}, or leave it out")
    if given.is_leader and given.term == 0:
        words = "nobody leads term 0, because each election begins a new term"
        yield Contradiction(given.id, "term", f"{words}; write term: 1, or a later one")
    if given.vote is not None and given.term == 0 and not given.is_leader:
        words = "nobody votes in term 0, because each election begins a new term"
        yield Contradiction(given.id, "vote", f"{words}; remove it, or write term: 1, or a later one")


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _check_logs(given_nodes: Sequence[GivenNode]) -> Iterator[Contradiction]:
    """All entries of a term are from the one log of its leader, each with all the entries before it there (§5.3)."""
    for number, later in enumerate(given_nodes):
        for earlier in given_nodes[:number]:
            difference = _find_difference(earlier.log, later.log)
            if difference is not None:
                term, index = difference
                words = f"{earlier.id} and {later.id} both hold entries of term {term}, and differ at or before index"
                remedy = "the logs must be the same up to there, because one leader wrote those entries"
                yield Contradiction(later.id, "log", f"{words} {index}; {remedy}")
                break


def _find_difference(first_log: Log, second_log: Log) -> tuple[Term, Index] | None:
    """A term that two logs share, and the index up to which they should be the same and are not."""
    first_ends = {entry.term: index for index, entry in enumerate(first_log, 1)}
    second_ends = {entry.term: index for index, entry in enumerate(second_log, 1)}
    for term in sorted(first_ends.keys() & second_ends.keys()):
        index = min(first_ends[term], second_ends[term])
        if first_log[:index] != second_log[:index]:
            return term, index
    return None


def _check_elections(given_nodes: Sequence[GivenNode], electorate: Sequence[GivenNode]) -> Iterator[Contradiction]:
    """An entry of a term is there because somebody led that term, with the votes of a majority (§5.2)."""
    first_holders = {entry.term: given for given in reversed(given_nodes) for entry in given.log}
    needed = majority(len(electorate))
    for term, holder in sorted(first_holders.items()):
        candidates = [given for given in given_nodes if given.term > term or given.vote == given.id]
        most_votes = max(
            (sum(_may_have_chosen(given, candidate, term) for given in electorate) for candidate in candidates),
            default=0,
        )
        if most_votes < needed:
            words = f"{holder.id} holds an entry of term {term}, and no node can have led that term"
            remedy = f"give {needed} of {len(electorate)} nodes that term and a vote for its leader, or a later term"
            yield Contradiction(holder.id, "log", f"{words}; {remedy}")


def _may_have_chosen(voter: GivenNode, candidate: GivenNode, term: Term) -> bool:
    """Whether a node can have voted for another in a term; once it is in a later one, nobody knows."""
    return voter.term > term or (voter.term == term and voter.vote == candidate.id)


def _check_votes(given_nodes: Sequence[GivenNode]) -> Iterator[Contradiction]:
    """Who has a vote in a term has campaigned in it, and has voted for itself (§5.2)."""
    by_id = {given.id: given for given in given_nodes}
    for given in given_nodes:
        candidate = by_id.get(given.vote or "")
        if candidate is None or candidate is given:
            continue
        if candidate.term < given.term:
            words = f"{given.id} has voted for {candidate.id} in term {given.term}, and {candidate.id} is in term"
            remedy = f"give it term: {given.term} or a later one"
            yield Contradiction(given.id, "vote", f"{words} {candidate.term}; {remedy}")
        elif candidate.term == given.term and candidate.vote != candidate.id:
            words = f"{given.id} has voted for {candidate.id} in term {given.term}, and a candidate votes for itself"
            yield Contradiction(candidate.id, "vote", f"{words}; write vote: {candidate.id}")


def _check_leader(
    leader: GivenNode, given_nodes: Sequence[GivenNode], electorate: Sequence[GivenNode]
) -> Iterator[Contradiction]:
    """A leader is the only one of its term, won a majority, and holds every entry of its term."""
    other_leader = next((other for other in given_nodes if other.is_leader and other.term == leader.term), leader)
    if other_leader is not leader:
        words = f"{other_leader.id} and {leader.id} both lead term {leader.term}"
        yield Contradiction(leader.id, "role", f"{words}; a term has one leader, so give one of them another")
        return
    if leader not in electorate:
        words = f"{leader.id} leads term {leader.term}, and is no voter of the cluster"
        yield Contradiction(leader.id, "role", f"{words}; name it under voters, or let a voter lead")
        return
    possible_voters = [given for given in electorate if _may_have_voted(given, leader)]
    needed = majority(len(electorate))
    if len(possible_voters) < needed:
        words = f"{leader.id} leads term {leader.term}, and only {len(possible_voters)} of {len(electorate)} nodes can"
        remedy = f"give {needed} of them term: {leader.term} and vote: {leader.id}, or a later term"
        yield Contradiction(leader.id, "role", f"{words} have voted for it; {remedy}")
    for given in given_nodes:
        extra = next((entry for entry in given.log if entry.term == leader.term and entry not in leader.log), None)
        if extra is not None:
            words = f"{given.id} holds an entry of term {leader.term} that {leader.id}, its leader, does not"
            yield Contradiction(given.id, "log", f"{words}; only a leader makes entries of its term, so add it there")


def _may_have_voted(voter: GivenNode, leader: GivenNode) -> bool:
    """Whether a node can have voted for a leader: it is past that term, or its vote is there and its log allowed it.

    A log without an entry of the term has not been written to since the vote.
    """
    if voter is leader or voter.term > leader.term:
        return True
    log_when_elected = tuple(entry for entry in leader.log if entry.term < leader.term)
    last_when_elected = (log_when_elected[-1].term if log_when_elected else 0, len(log_when_elected))
    has_voted = voter.term == leader.term and voter.vote == leader.id
    return has_voted and (voter.last[0] == leader.term or voter.last <= last_when_elected)


def _check_commits(given_nodes: Sequence[GivenNode], electorate: Sequence[GivenNode]) -> Iterator[Contradiction]:
    """What a node knows to be committed is the same for all, and is there where every later leader must find it."""
    knower = max(given_nodes, key=lambda given: given.commit_index)
    committed_entries = knower.log[: knower.commit_index]
    if not committed_entries:
        return
    for given in given_nodes:
        if given.log[: given.commit_index] != committed_entries[: given.commit_index]:
            words = f"{given.id} and {knower.id} have committed different entries up to index {given.commit_index}"
            yield Contradiction(given.id, "commit_index", f"{words}; what is committed is the same for all")
            return
    for leader in (given for given in given_nodes if given.is_leader):
        for given in (given for given in given_nodes if given.term <= leader.term):
            if leader.log[: given.commit_index] != committed_entries[: given.commit_index]:
                words = f"{leader.id} leads term {leader.term} without what {given.id} knows to be committed"
                remedy = f"give it the same log up to index {given.commit_index}"
                yield Contradiction(leader.id, "log", f"{words}; {remedy}")
                return
    logs = [given.log for given in given_nodes]
    voter_logs = [given.log for given in electorate]
    if _find_commit_term(committed_entries, logs, majority(len(electorate)), voter_logs) is None:
        words = f"entry {knower.commit_index} of {knower.id} cannot be committed: there is no entry at or after it that"
        words += " a majority holds and that every log of a later term has"
        yield Contradiction(knower.id, "commit_index", f"{words}; write a lower index, or change the logs")


def _find_commit_term(
    committed_entries: Log, logs: Sequence[Log], quorum: int, voter_logs: Sequence[Log] | None = None
) -> Term | None:
    """The earliest term whose leader can have committed these entries; ``None`` where none can.

    It committed an entry of its own term, at or after their end, that a majority held and so holds still (§5.4.2). A
    leader of a later term had that entry, and so has every log with an entry of a later term (§5.4.3).
    """
    count = len(committed_entries)
    holders = [log for log in logs if log[:count] == committed_entries]
    ends = {(log[index - 1].term, index): log[:index] for log in holders for index in range(count, len(log) + 1)}
    for (term, index), prefix in sorted(ends.items(), key=lambda end: end[0]):
        copies = sum(log[:index] == prefix for log in (logs if voter_logs is None else voter_logs))
        if copies >= quorum and all(log[:index] == prefix for log in logs if log and log[-1].term > term):
            return term
    return None
