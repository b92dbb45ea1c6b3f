"""The lines under the ring: what a client asked or was told, and what is in flight, in words."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.inputs import Answer, CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.model import NodeId
from raftstep.picture.flights import kind_of
from raftstep.picture.layout import Layout
from raftstep.picture.regions import has_members
from raftstep.picture.vocabulary import paxos_name
from raftstep.scenario.facts import number_word
from raftstep.simulation.cluster import ChangeRequest, ReadRequest, Request, TransferRequest
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.trace import Step

RAFT_KINDS = {
    "vote-request": "RequestVote",
    "vote-granted": "vote granted",
    "vote-denied": "vote denied",
    "append": "AppendEntries",
    "heartbeat": "heartbeat",
    "append-accepted": "acknowledgement",
    "append-rejected": "rejection",
    "pre-vote-request": "RequestPreVote",
    "pre-vote-granted": "pre-vote yes",
    "pre-vote-denied": "pre-vote no",
    "snapshot": "InstallSnapshot",
    "snapshot-accepted": "snapshot stored",
    "timeout-now": "TimeoutNow",
    "lost": "lost",
}
"""Each kind of message of Raft in words, in the order of the legend."""


MOST_NAMED_NODES = 4
"""How many nodes a line of the key names before it counts them."""

REQUEST_KINDS = ("vote-request", "append", "heartbeat", "pre-vote-request", "snapshot", "timeout-now")
"""The kinds that ask; the others answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionLine:
    """One line under the ring that says in words what is in flight."""

    y: float
    kind: str
    words: str


def build_caption_lines(step: Step, ring: Layout, *, in_motion: bool = False, room: int = 3) -> tuple[CaptionLine, ...]:
    """What is in flight, in as many lines as there is room for, with what a client asked or was told first.

    In motion a line does not name those who are still to get or to give an answer: it would change too fast to read.
    """
    mail_lines, counts = _build_mail_lines(step, in_motion=in_motion)
    client_lines = [("client", words) for words in _describe_client_event(step)]
    lines = client_lines + mail_lines
    if len(lines) > room:
        hidden_count = sum(counts[room - 1 - len(client_lines) :])
        lines = [*lines[: room - 1], ("more", f"and {number_word(hidden_count)} more messages")]
    first, gap = ring.height - 40, 17
    if room > 2 and has_members(step.cluster):  # their outline takes a little of the room
        first, gap = ring.height - 37, 16
    return tuple(
        CaptionLine(y=first + gap * index, kind=kind, words=words) for index, (kind, words) in enumerate(lines)
    )


def _build_mail_lines(step: Step, *, in_motion: bool) -> tuple[list[tuple[str, str]], list[int]]:
    """A line for all messages of one kind and term from or to one node; and how many messages each line is about."""
    lines = []
    responders_by_request: dict[tuple[str, str, int, NodeId], list[NodeId]] = {}
    term_word = protocol_of(step.cluster.nodes[0]).words.term
    for packet in step.cluster.packets:
        message = packet.message
        kind = kind_of(message)
        requester, responder = (
            (message.source, message.target) if kind in REQUEST_KINDS else (message.target, message.source)
        )
        responders_by_request.setdefault(
            (kind, paxos_name(message) or RAFT_KINDS[kind], message.term, requester), []
        ).append(responder)
    order = {id: index for index, id in enumerate(step.cluster.ids)}
    for (kind, name, term, requester), responders in responders_by_request.items():
        distinct_responders = sorted(set(responders), key=lambda id: order[id])
        names = (
            ", ".join(distinct_responders)
            if len(distinct_responders) <= MOST_NAMED_NODES
            else f"{number_word(len(distinct_responders))} nodes"
        )
        direction = f": {requester} to {names}" if kind in REQUEST_KINDS else f": {names} to {requester}"
        if in_motion:
            direction = f", from {requester}" if kind in REQUEST_KINDS else f", to {requester}"
        lines.append((kind, f"{name}, {term_word} {term}{direction}"))
    return lines, [len(responders) for responders in responders_by_request.values()]


def _describe_client_event(step: Step) -> list[str]:
    words = []
    match step.event:
        case Request(node=node, command=command):
            words.append(f"Client to {node}: {command}")
        case ReadRequest(node=node, key=key):
            words.append(f"Client to {node}: read {key}")
        case ChangeRequest(node=node):
            words.append(f"Operator to {node}: change the configuration")
        case TransferRequest(node=node, target=target):
            words.append(f"Operator to {node}: hand over to {target}")
    if step.outcome:
        id = step.outcome.node.id
        words += [f"{id} to client: {_describe_answer(answer)}" for answer in step.outcome.answers]
    return words[-1:]


def _describe_answer(answer: Answer) -> str:
    match answer:
        case CommandApplied():
            return f"{answer.command} is done"
        case NotLeader():
            return f"ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"{answer.key} is {answer.value or 'not set'}"
        case RequestRefused():
            return "refused"
