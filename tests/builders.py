"""Small builders of whole values, so that a test can say what it expects in one line.

Nodes are S1, S2, S3, …; where it does not matter, the node under test is S1 of three.
Pairs such as ``last`` and ``previous`` are (index, term), index first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from raftstep.core.inputs import ClientRequest, Input, NodeRestarts, Outcome, Receive, TimerFires
from raftstep.core.messages import AppendEntries, AppendEntriesResponse, Message, RequestVote, RequestVoteResponse
from raftstep.core.model import Configuration, Entry, Index, Node, NodeId, Progress, Role, Settings, Term
from raftstep.core.step import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIMER = TimerFires()
RESTART = NodeRestarts()


# Logs


def entries(*terms: Term, after: Index = 0) -> tuple[Entry, ...]:
    """Entries of these terms, the first of them at the index behind ``after``.

    Index and term name an entry (§5.3, Log Matching), so its command is made of nothing else.
    """
    return tuple(
        Entry(term=term, command=f"command {index} of term {term}") for index, term in enumerate(terms, after + 1)
    )


def no_op(term: Term) -> Entry:
    """The entry that does nothing, with which a leader may begin its term (§8)."""
    return Entry(term=term, command=None)


def terms(log: Iterable[Entry]) -> list[Term]:
    """A log as its list of terms."""
    return [entry.term for entry in log]


# Nodes


def follower(
    name: NodeId = "S1",
    *,
    nodes: int = 3,
    term: Term = 0,
    voted_for: NodeId | None = None,
    log: tuple[Entry, ...] = (),
    commit: Index = 0,
    leader: NodeId | None = None,
    no_op: bool = False,
) -> Node:
    """A follower that has applied all it knows to be committed."""
    return Node(
        id=name,
        bootstrap=full_configuration(nodes),
        configuration=full_configuration(nodes),
        settings=Settings(no_op=no_op),
        current_term=term,
        voted_for=voted_for,
        log=log,
        leader=leader,
        commit_index=commit,
        last_applied=commit,
    )


def candidate(
    name: NodeId = "S1",
    *,
    nodes: int = 3,
    term: Term,
    votes: Iterable[NodeId] = (),
    log: tuple[Entry, ...] = (),
    commit: Index = 0,
    no_op: bool = False,
) -> Node:
    """A candidate with its own vote, and those of ``votes``."""
    return Node(
        id=name,
        bootstrap=full_configuration(nodes),
        configuration=full_configuration(nodes),
        settings=Settings(no_op=no_op),
        current_term=term,
        voted_for=name,
        log=log,
        role=Role.CANDIDATE,
        commit_index=commit,
        last_applied=commit,
        votes_granted=frozenset({name, *votes}),
    )


def leader(
    name: NodeId = "S1",
    *,
    nodes: int = 3,
    term: Term,
    log: tuple[Entry, ...] = (),
    commit: Index = 0,
    votes: Iterable[NodeId] | None = None,
    progress: Mapping[NodeId, tuple[Index, Index]] | None = None,
    no_op: bool = False,
) -> Node:
    """A leader. ``progress`` gives (next index, match index); a peer it leaves out is as at the election.

    It was elected by the votes of ``votes``, or of the first peers that make a majority.
    """
    peers = _peers(name, nodes)
    progress_by_peer = progress or {}
    return Node(
        id=name,
        bootstrap=full_configuration(nodes),
        configuration=full_configuration(nodes),
        settings=Settings(no_op=no_op),
        current_term=term,
        voted_for=name,
        log=log,
        role=Role.LEADER,
        leader=name,
        commit_index=commit,
        last_applied=commit,
        votes_granted=frozenset({name, *(peers[: nodes // 2] if votes is None else votes)}),
        progress=tuple(_progress(peer, *progress_by_peer.get(peer, (len(log) + 1, 0))) for peer in peers),
    )


def full_configuration(nodes: int) -> Configuration:
    """A cluster of this many voters: S1, S2, S3, …"""
    return Configuration(voters=tuple(f"S{number}" for number in range(1, nodes + 1)))


def _peers(own_id: NodeId, nodes: int) -> tuple[NodeId, ...]:
    return tuple(name for name in full_configuration(nodes).voters if name != own_id)


def _progress(peer: NodeId, next_index: Index, match_index: Index) -> Progress:
    return Progress(peer=peer, next_index=next_index, match_index=match_index)


# Messages


def request_vote(source: NodeId, target: NodeId, *, term: Term, last: tuple[Index, Term] = (0, 0)) -> RequestVote:
    """A request for a vote; ``last`` is where the candidate's log ends."""
    return RequestVote(source=source, target=target, term=term, last_log_index=last[0], last_log_term=last[1])


def vote_granted(source: NodeId, target: NodeId, *, term: Term) -> RequestVoteResponse:
    """A vote."""
    return RequestVoteResponse(source=source, target=target, term=term, vote_granted=True)


def vote_denied(source: NodeId, target: NodeId, *, term: Term) -> RequestVoteResponse:
    """A refusal to vote."""
    return RequestVoteResponse(source=source, target=target, term=term, vote_granted=False)


def append_entries(
    source: NodeId,
    target: NodeId,
    *,
    term: Term,
    previous: tuple[Index, Term] = (0, 0),
    new: tuple[Entry, ...] = (),
    commit: Index = 0,
) -> AppendEntries:
    """AppendEntries; ``previous`` is the entry just before the ``new`` ones, and with none it is a heartbeat."""
    return AppendEntries(
        source=source,
        target=target,
        term=term,
        previous_index=previous[0],
        previous_term=previous[1],
        entries=new,
        leader_commit=commit,
    )


def append_accepted(source: NodeId, target: NodeId, *, term: Term, match: Index) -> AppendEntriesResponse:
    """The logs agree up to ``match``."""
    return AppendEntriesResponse(source=source, target=target, term=term, success=True, match_index=match)


def append_rejected(source: NodeId, target: NodeId, *, term: Term) -> AppendEntriesResponse:
    """AppendEntries was refused."""
    return AppendEntriesResponse(source=source, target=target, term=term, success=False, match_index=0)


# Inputs, and many of them


def receive(message: Message) -> Receive:
    """This message arrives."""
    return Receive(message=message)


def client_request(command: str) -> ClientRequest:
    """A client sends this command."""
    return ClientRequest(command=command)


def run_steps(node: Node, *inputs: Input) -> tuple[Outcome, ...]:
    """One outcome for each input, each from the node the one before it left."""
    outcomes = []
    for step_input in inputs:
        outcome = step(node, step_input)
        outcomes.append(outcome)
        node = outcome.node
    return tuple(outcomes)


def receive_all(node: Node, *messages: Message) -> Node:
    """The node after these messages, in this order."""
    for message in messages:
        node = step(node, receive(message)).node
    return node
