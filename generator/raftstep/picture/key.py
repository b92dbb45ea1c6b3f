"""The lines under the ring: what a client asked or was told, and what is in flight, in words."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.inputs import Answer, Applied, NotLeader, ReadResult, Refused
from raftstep.core.model import NodeId
from raftstep.picture.layout import Layout
from raftstep.picture.moves import kind_of
from raftstep.picture.regions import has_members
from raftstep.picture.vocabulary import paxos_name
from raftstep.scenario.facts import in_words
from raftstep.simulation.cluster import Change, Read, Request, Transfer
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.trace import Step

KINDS = {
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


MOST_NAMED = 4
"""How many nodes a line of the key names before it counts them."""

ASKS = ("vote-request", "append", "heartbeat", "pre-vote-request", "snapshot", "timeout-now")
"""The kinds that ask; the others answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One line under the ring that says in words what is in flight."""

    y: float
    kind: str
    words: str


def key_lines(step: Step, ring: Layout, *, in_motion: bool = False, room: int = 3) -> tuple[KeyLine, ...]:
    """What is in flight, in as many lines as there is room for, with what a client asked or was told first.

    In motion a line does not name those who are still to get or to give an answer: it would change too fast to read.
    """
    mail, counts = _mail_lines(step, in_motion=in_motion)
    asked = [("client", words) for words in _client_words(step)]
    lines = asked + mail
    if len(lines) > room:
        left = sum(counts[room - 1 - len(asked) :])
        lines = [*lines[: room - 1], ("more", f"and {in_words(left)} more messages")]
    first, gap = ring.height - 40, 17
    if room > 2 and has_members(step.cluster):  # their outline takes a little of the room
        first, gap = ring.height - 37, 16
    return tuple(KeyLine(y=first + gap * place, kind=kind, words=words) for place, (kind, words) in enumerate(lines))


def _mail_lines(step: Step, *, in_motion: bool) -> tuple[list[tuple[str, str]], list[int]]:
    """A line for all messages of one kind and term from or to one node; and how many messages each line is about."""
    lines = []
    groups: dict[tuple[str, str, int, NodeId], list[NodeId]] = {}
    term_word = protocol_of(step.cluster.nodes[0]).words.term
    for packet in step.cluster.packets:
        message = packet.message
        kind = kind_of(message)
        one, other = (message.source, message.target) if kind in ASKS else (message.target, message.source)
        groups.setdefault((kind, paxos_name(message) or KINDS[kind], message.term, one), []).append(other)
    order = {id: place for place, id in enumerate(step.cluster.ids)}
    for (kind, name, term, one), others in groups.items():
        ends = sorted(set(others), key=lambda id: order[id])
        names = ", ".join(ends) if len(ends) <= MOST_NAMED else f"{in_words(len(ends))} nodes"
        way = f": {one} to {names}" if kind in ASKS else f": {names} to {one}"
        if in_motion:
            way = f", from {one}" if kind in ASKS else f", to {one}"
        lines.append((kind, f"{name}, {term_word} {term}{way}"))
    return lines, [len(others) for others in groups.values()]


def _client_words(step: Step) -> list[str]:
    words = []
    match step.event:
        case Request(node=node, command=command):
            words.append(f"Client to {node}: {command}")
        case Read(node=node, key=key):
            words.append(f"Client to {node}: read {key}")
        case Change(node=node):
            words.append(f"Operator to {node}: change the configuration")
        case Transfer(node=node, target=target):
            words.append(f"Operator to {node}: hand over to {target}")
    if step.outcome:
        id = step.outcome.node.id
        words += [f"{id} to client: {_answer_words(answer)}" for answer in step.outcome.answers]
    return words[-1:]


def _answer_words(answer: Answer) -> str:
    match answer:
        case Applied():
            return f"{answer.command} is done"
        case NotLeader():
            return f"ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"{answer.key} is {answer.value or 'not set'}"
        case Refused():
            return "refused"
