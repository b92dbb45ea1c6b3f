"""Small builders of whole values, so that a test can say what it expects in one line.

Nodes are S1, S2, S3, …; where it does not matter, the node under test is S1 of three.
Pairs such as ``last`` and ``previous`` are (index, term), index first.
Where many nodes matter, they are named by their digits: ``members("123")`` is S1, S2 and S3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from raftstep.core.inputs import (
    ChangeConfiguration,
    ClientRead,
    ClientRequest,
    Input,
    NodeRestarts,
    Outcome,
    Receive,
    TimerFires,
)
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
    RequestPreVote,
    RequestPreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)
from raftstep.core.model import (
    Configuration,
    Entry,
    Index,
    Membership,
    Node,
    NodeId,
    Progress,
    Role,
    Settings,
    Snapshot,
    StateMachine,
    Term,
)
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


# Beyond Figure 2: configurations, snapshots, settings and clocks


def node_ids(digits: str) -> tuple[NodeId, ...]:
    """``node_ids("13")`` is S1 and S3."""
    return tuple(f"S{digit}" for digit in digits)


def members(voters: str, *, old: str = "", learners: str = "") -> Configuration:
    """A configuration; with ``old`` voters it is joint."""
    return Configuration(voters=node_ids(voters), outgoing=node_ids(old), learners=node_ids(learners))


def configuration_entry(term: Term, configuration: Configuration) -> Entry:
    """The entry that holds a configuration."""
    return Entry(term=term, command=None, configuration=configuration)


def with_settings(node: Node, **settings: object) -> Node:
    """The node with these settings switched on."""
    return replace(node, settings=replace(node.settings, **settings))  # type: ignore[arg-type]


def with_configuration(
    node: Node,
    configuration: Configuration,
    *,
    membership: Membership = Membership.JOINT,
    progress: Mapping[NodeId, tuple[Index, Index]] | None = None,
) -> Node:
    """The node as a member of another cluster; ``progress`` as a leader knows it, (next index, match index)."""
    progress_by_peer = progress or {}
    next_index = node.snapshot.index + len(node.log) + 1
    member = replace(with_settings(node, membership=membership), bootstrap=configuration, configuration=configuration)
    if not node.progress:
        return member
    peers = tuple(Progress(peer=p, next_index=n, match_index=m) for p, (n, m) in progress_by_peer.items())
    other_progress = tuple(
        Progress(peer=peer, next_index=next_index, match_index=0)
        for peer in member.peers
        if peer not in progress_by_peer
    )
    return replace(member, progress=peers + other_progress)


def with_heard_moments(node: Node, **moments: int) -> Node:
    """A leader that heard from each follower at this moment of its clock: ``with_heard_moments(node, S2=40)``."""
    return replace(
        node,
        progress=tuple(
            replace(progress, last_heard_ms=moments.get(progress.peer, progress.last_heard_ms))
            for progress in node.progress
        ),
    )


# Snapshots


def snapshot(index: Index, term: Term, *, configuration: Configuration | None = None, **pairs: str) -> Snapshot:
    """A snapshot up to ``index``; its state machine holds the ``pairs``."""
    return Snapshot(
        index=index, term=term, machine=StateMachine(pairs=tuple(sorted(pairs.items()))), configuration=configuration
    )


def with_snapshot(node: Node, new_snapshot: Snapshot) -> Node:
    """The node with the beginning of its log replaced by a snapshot."""
    return replace(
        node,
        log=node.log[new_snapshot.index :],
        snapshot=new_snapshot,
        commit_index=max(node.commit_index, new_snapshot.index),
        last_applied=max(node.last_applied, new_snapshot.index),
        machine=new_snapshot.machine,
    )


def install_snapshot(source: NodeId, target: NodeId, *, term: Term, sent_snapshot: Snapshot) -> InstallSnapshot:
    """A leader sends its snapshot."""
    return InstallSnapshot(source=source, target=target, term=term, snapshot=sent_snapshot)


def snapshot_installed(source: NodeId, target: NodeId, *, term: Term, match: Index) -> InstallSnapshotResponse:
    """The follower agrees with the leader up to ``match``."""
    return InstallSnapshotResponse(source=source, target=target, term=term, match_index=match)


# Messages and inputs


def request_pre_vote(
    source: NodeId, target: NodeId, *, term: Term, last: tuple[Index, Term] = (0, 0)
) -> RequestPreVote:
    """A question about ``term``, which has not begun."""
    return RequestPreVote(source=source, target=target, term=term, last_log_index=last[0], last_log_term=last[1])


def pre_vote_response(source: NodeId, target: NodeId, *, term: Term, granted: bool) -> RequestPreVoteResponse:
    """The answer to it."""
    return RequestPreVoteResponse(source=source, target=target, term=term, vote_granted=granted)


def timeout_now(source: NodeId, target: NodeId, *, term: Term) -> TimeoutNow:
    """A leader tells another node to stand."""
    return TimeoutNow(source=source, target=target, term=term)


def receive_at(clock_ms: int, message: Message) -> Receive:
    """A message arrives when the node's clock shows this."""
    return Receive(message=message, clock_ms=clock_ms)


def timer_at(clock_ms: int) -> TimerFires:
    """The timer fires when the node's clock shows this."""
    return TimerFires(clock_ms=clock_ms)


def change_request(configuration: Configuration, clock_ms: int = 0) -> ChangeConfiguration:
    """An operator asks for a configuration."""
    return ChangeConfiguration(configuration=configuration, clock_ms=clock_ms)


def read_request(key: str = "x", clock_ms: int = 0, id: str = "r") -> ClientRead:
    """A client reads a key."""
    return ClientRead(id=id, key=key, clock_ms=clock_ms)
