"""What can happen in a run, and the table of it: a row a kind of event, with all that anyone asks about it.

Its word in scenarios and schedules, the input it gives to a node's core, its words in transcripts and pictures, and who
speaks are read from that row everywhere. To add a verb, touch

1. ``core/inputs.py`` and ``core/step.py``, where a node is to get an input that it does not know yet;
2. this file: the event's class, its place in one of the unions, and its row in ``VERBS`` (a form of value that no
   other verb has goes into ``verb.py``);
3. ``scenario/scenario.schema.json``: the word, and the values that authors write with it
   (``tests/scenario/test_schema.py`` says which names are missing, and where);
4. a scenario in ``scenario/library/`` in which it happens.

A verb that does more than give its node an input has a case in ``run.py:_carry_out`` as well. One that names a second
node is checked in ``scenario/checks.py``, one that needs a setting in ``scenario/known_names.py``. Random runs draw the
verbs that ``chaos.py`` weighs, a search plays those of ``explore/raft.py``, and Python users import those that
``raftstep/__init__.py`` names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from raftstep.core import inputs
from raftstep.core.messages import Message
from raftstep.core.model import Configuration, Index, NodeId
from raftstep.simulation.cluster import Link
from raftstep.simulation.packets import Packet
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.raft_words import configuration_words
from raftstep.simulation.verb import HAPPENS, SCRIPT, NewId, NodeInput, Speaker, ValueForm, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """The run begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time moves on for everyone. Only a schedule says so; elsewhere it does so by itself."""

    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A packet arrives and its message is handled."""

    packet: Packet

    @property
    def node(self) -> NodeId:
        """Where it arrives."""
        return self.packet.message.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A packet arrives at a node that is paused, and waits there."""

    packet: Packet

    @property
    def node(self) -> NodeId:
        """Where it waits."""
        return self.packet.message.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Lose:
    """A packet is lost: dropped on the way, stopped at a cut link, or addressed to a node that is down."""

    packet: Packet

    @property
    def node(self) -> NodeId:
        """Where it would have arrived."""
        return self.packet.message.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """A node's timer runs out."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A client's command reaches a node; at a node that is down nobody answers."""

    node: NodeId
    command: str
    client: str | None = None
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """A client's read reaches a node; at a node that is down nobody answers."""

    node: NodeId
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """An operator asks a node for another configuration."""

    node: NodeId
    voters: tuple[NodeId, ...]
    learners: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """An operator asks a node to hand its leadership over to ``target``."""

    node: NodeId
    target: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRequest:
    """A node is asked to take a snapshot."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """A node stops; what it had not made durable is gone."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """A node that was down starts again."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseDisk:
    """The disk of a node that is down is replaced by an empty one: term, vote, log and snapshot are gone."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A node is paused: its clock and its timer stop, and what arrives waits."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A node that was paused goes on where it stopped."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDone:
    """A slow disk has written: the log up to ``index``, and the term and vote of that moment."""

    node: NodeId
    index: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Links between the groups are cut; within a group they work."""

    groups: tuple[tuple[NodeId, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """These links are cut, one way each: from the first node to the second."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heal:
    """Links work again: these ones, one way each, or all where none is named."""

    links: tuple[Link, ...] = ()


ClusterEvent = Boot | Tick | Partition | Cut | Heal
"""The events that happen to the whole cluster."""

RequestEvent = Request | ReadRequest | ChangeRequest | TransferRequest | SnapshotRequest
"""What a client or an operator asks of a node; at a node that is down or paused nobody answers."""

NodeEvent = RequestEvent | Timeout | Crash | Restart | LoseDisk | Pause | Resume
"""The events that happen at one node of their own accord."""

Event = ClusterEvent | NodeEvent | WriteDone | Deliver | Wait | Lose


def _message_words(message: Message) -> str:
    return protocol_of(message).message_words(message)


def _link_words(links: tuple[Link, ...]) -> str:
    return ", ".join(f"{source} to {target}" for source, target in links)


VERBS: tuple[Verb[Any], ...] = (
    Verb(
        name="boot",
        event=Boot,
        words=lambda _: "the cluster starts",
        has_pattern=False,
    ),
    Verb(
        name="tick",
        event=Tick,
        words=lambda event: f"{event.ms} ms pass",
        scenario_keys=(SCRIPT,),
        value_form=ValueForm.MILLISECONDS,
        has_pattern=False,
    ),
    Verb(
        name="deliver",
        event=Deliver,
        words=lambda event: (
            f"{event.node} receives {_message_words(event.packet.message)} from {event.packet.message.source}"
        ),
        input=NodeInput(
            kind=inputs.Receive,
            make=lambda event: inputs.Receive(message=event.packet.message),
        ),
        scenario_keys=(SCRIPT,),
        value_form=ValueForm.MESSAGE,
    ),
    Verb(
        name="wait",
        event=Wait,
        words=lambda event: (
            f"{_message_words(event.packet.message)} from {event.packet.message.source} waits at {event.node}, "
            "which is paused"
        ),
    ),
    Verb(
        name="lose",
        event=Lose,
        words=lambda event: (
            f"{_message_words(event.packet.message)} from {event.packet.message.source} to {event.node} is lost"
        ),
    ),
    Verb(
        name="timeout",
        event=Timeout,
        words=lambda event: f"{event.node}'s timer fires",
        input=NodeInput(
            kind=inputs.TimerFires,
            make=lambda _: inputs.TimerFires(),
            find_event=lambda node, _: Timeout(node=node),
        ),
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="request",
        event=Request,
        words=lambda event: f"a client asks {event.node} for {event.command}",
        input=NodeInput(
            kind=inputs.ClientRequest,
            make=lambda event: inputs.ClientRequest(command=event.command, client=event.client, serial=event.serial),
            find_event=lambda node, given: Request(
                node=node, command=given.command, client=given.client, serial=given.serial
            ),
        ),
        speaker=Speaker.CLIENT,
        request_words=lambda event: event.command,
        scenario_keys=(HAPPENS, SCRIPT),
        directive="client",
        value_form=ValueForm.FIELDS,
    ),
    Verb(
        name="read",
        event=ReadRequest,
        words=lambda event: f"a client asks {event.node} to read {event.key}",
        input=NodeInput(
            kind=inputs.ClientRead,
            make=lambda event: inputs.ClientRead(id="", key=event.key),
            find_event=lambda node, given: ReadRequest(node=node, key=given.key),
        ),
        speaker=Speaker.CLIENT,
        request_words=lambda event: f"read {event.key}",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.FIELDS,
    ),
    Verb(
        name="change",
        event=ChangeRequest,
        words=lambda event: (
            f"an operator asks {event.node} for the configuration "
            f"{configuration_words(Configuration(voters=event.voters, learners=event.learners))}"
        ),
        input=NodeInput(
            kind=inputs.ChangeConfiguration,
            make=lambda event: inputs.ChangeConfiguration(
                configuration=Configuration(voters=event.voters, learners=event.learners)
            ),
            find_event=lambda node, given: ChangeRequest(
                node=node, voters=given.configuration.voters, learners=given.configuration.learners
            ),
        ),
        speaker=Speaker.OPERATOR,
        request_words=lambda _: "change the configuration",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.FIELDS,
    ),
    Verb(
        name="transfer",
        event=TransferRequest,
        words=lambda event: f"an operator asks {event.node} to transfer leadership to {event.target}",
        input=NodeInput(
            kind=inputs.TransferLeadership,
            make=lambda event: inputs.TransferLeadership(target=event.target),
            find_event=lambda node, given: TransferRequest(node=node, target=given.target),
        ),
        speaker=Speaker.OPERATOR,
        request_words=lambda event: f"transfer leadership to {event.target}",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.FIELDS,
    ),
    Verb(
        name="snapshot",
        event=SnapshotRequest,
        words=lambda event: f"{event.node} is asked to take a snapshot",
        input=NodeInput(
            kind=inputs.TakeSnapshot,
            make=lambda _: inputs.TakeSnapshot(),
            find_event=lambda node, _: SnapshotRequest(node=node),
        ),
        speaker=Speaker.OPERATOR,
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="crash",
        event=Crash,
        words=lambda event: f"{event.node} crashes",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="restart",
        event=Restart,
        words=lambda event: f"{event.node} restarts",
        input=NodeInput(
            kind=inputs.NodeRestarts,
            make=lambda _: inputs.NodeRestarts(),
            find_event=lambda node, _: Restart(node=node),
        ),
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
        former_name="revive",
    ),
    Verb(
        name="lose-disk",
        event=LoseDisk,
        words=lambda event: f"{event.node}'s disk is lost; an empty one takes its place",
        scenario_keys=(HAPPENS, SCRIPT),
        directive="lose_disk",
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="pause",
        event=Pause,
        words=lambda event: f"{event.node} is paused",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="resume",
        event=Resume,
        words=lambda event: f"{event.node} goes on where it stopped",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.NODE,
    ),
    Verb(
        name="write-done",
        event=WriteDone,
        words=lambda event: f"{event.node}'s disk has written term, vote and the log up to {event.index}",
        input=NodeInput(
            kind=inputs.WriteEnds,
            make=lambda event: inputs.WriteEnds(index=event.index),
        ),
    ),
    Verb(
        name="partition",
        event=Partition,
        words=lambda event: "the network splits: " + " | ".join(" ".join(group) for group in event.groups),
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.GROUPS,
    ),
    Verb(
        name="cut",
        event=Cut,
        words=lambda event: f"links are cut: {_link_words(event.links)}",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.LINKS,
    ),
    Verb(
        name="heal",
        event=Heal,
        words=lambda event: f"links are healed: {_link_words(event.links)}" if event.links else "the network heals",
        scenario_keys=(HAPPENS, SCRIPT),
        value_form=ValueForm.LINKS_OR_ALL,
    ),
)

_BY_EVENT = {verb.event: verb for verb in VERBS}
_EVENT_FINDERS = {
    verb.input.kind: verb.input.find_event for verb in VERBS if verb.input is not None and verb.input.find_event
}
_BY_KEY = {key: {verb.word: verb for verb in VERBS if key in verb.scenario_keys} for key in (HAPPENS, SCRIPT)}
_PATTERN_VERBS = {word: verb for verb in VERBS if verb.has_pattern for word in (verb.name, verb.word)}


def verb_of(event: Event) -> Verb[Any]:
    """The row of an event's kind."""
    return _BY_EVENT[type(event)]


def verbs_under(key: str) -> dict[str, Verb[Any]]:
    """The verbs that authors write under ``happens`` or ``script``, by their words."""
    return _BY_KEY[key]


def verbs_in_patterns() -> dict[str, Verb[Any]]:
    """The verbs that a pattern may wait for, by each word for them."""
    return _PATTERN_VERBS


def event_name(event: Event) -> str:
    """The event's kind as patterns write it, such as ``deliver``."""
    return verb_of(event).name


def event_words(event: Event) -> str:
    """What happened, without what came of it."""
    return verb_of(event).words(event)


def event_node(event: Event) -> NodeId | None:
    """The node at which an event happens; ``None`` for one that happens to the whole cluster."""
    return None if isinstance(event, ClusterEvent) else event.node


def make_input(event: Event, clock_ms: int, new_id: NewId) -> inputs.Input:
    """What an event gives to the core of the node at which it happens, whose clock shows ``clock_ms``."""
    verb = verb_of(event)
    assert verb.input is not None, f"{event} gives no input to a node; record it without an outcome"
    given: inputs.Input = replace(verb.input.make(event), clock_ms=clock_ms)
    return replace(given, id=new_id(verb.name)) if isinstance(given, inputs.ClientRead) else given


def find_event(node: NodeId, given: inputs.Input) -> NodeEvent:
    """The event that an input at a node stands for, where a schedule has it."""
    event: NodeEvent = _EVENT_FINDERS[type(given)](node, given)
    return event
