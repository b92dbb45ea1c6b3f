"""The lines under the ring: what a client asked or was answered, and what is in flight, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from raftstep.core.inputs import Answer, CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.model import NodeId
from raftstep.picture.layout import Layout
from raftstep.picture.regions import shows_membership
from raftstep.simulation.events import event_node, verb_of
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.short_words import count_words, number_word
from raftstep.simulation.trace import Step

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


def build_caption_lines(
    step: Step, ring: Layout, *, speaking: Step | None = None, in_motion: bool = False, room: int = 3
) -> tuple[CaptionLine, ...]:
    """What is in flight, in as many lines as there is room for, with what a client asked or was answered first.

    That was in the step ``speaking``: this one, unless one just before it is given.
    In motion a line does not name those who are still to get or to give an answer: it would change too fast to read.
    """
    mail_lines, counts = _build_mail_lines(step, in_motion=in_motion)
    client_lines = [("client", words) for words in _describe_client_event(speaking or step)]
    lines = client_lines + _describe_waiting(step) + mail_lines
    if len(lines) > room:
        hidden_count = sum(counts[max(0, room - 1 - (len(lines) - len(mail_lines))) :])
        lines = [
            *lines[: room - 1],
            ("more", f"and {number_word(hidden_count)} more message{'' if hidden_count == 1 else 's'}"),
        ]
    first, gap = ring.height - 40, 17
    if room > 2 and shows_membership(step.cluster):  # their outline takes a little of the room
        first, gap = ring.height - 37, 16
    return tuple(
        CaptionLine(y=first + gap * index, kind=kind, words=words) for index, (kind, words) in enumerate(lines)
    )


def _build_mail_lines(step: Step, *, in_motion: bool) -> tuple[list[tuple[str, str]], list[int]]:
    """A line for all messages of one kind and term from or to one node; and how many messages each line is about."""
    lines = []
    responders_by_request: dict[tuple[str, str, int, NodeId], list[NodeId]] = {}
    protocol = protocol_of(step.cluster.nodes[0])
    for packet in step.cluster.packets:
        message = packet.message
        kind = protocol.message_kind(message)
        requester, responder = (
            (message.source, message.target) if kind in REQUEST_KINDS else (message.target, message.source)
        )
        responders_by_request.setdefault((kind, protocol.message_name(message), message.term, requester), []).append(
            responder
        )
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
        lines.append((kind, f"{name}, {protocol.words.term} {term}{direction}"))
    return lines, [len(responders) for responders in responders_by_request.values()]


def _describe_waiting(step: Step) -> list[tuple[str, str]]:
    """What has arrived at paused nodes and waits there."""
    counts = Counter(packet.message.target for packet in step.cluster.waiting_packets)
    return [("more", f"{count_words(count, 'message')} waiting at {node}") for node, count in counts.items()]


def _describe_client_event(step: Step) -> list[str]:
    verb = verb_of(step.event)
    words = []
    if verb.speaker and verb.request_words:
        words.append(f"{verb.speaker.capitalize()} to {event_node(step.event)}: {verb.request_words(step.event)}")
    if step.outcome:
        id = step.outcome.node.id
        words += [f"{id} to client: {_describe_answer(answer)}" for answer in step.outcome.answers]
    return words[-1:]


def _describe_answer(answer: Answer) -> str:
    match answer:
        case CommandApplied():
            return f"{answer.command} is applied"
        case NotLeader():
            return f"ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"{answer.key} is {answer.value or 'not set'}"
        case RequestRefused():
            return "refused"
