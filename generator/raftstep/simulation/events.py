"""What can happen in a run, and the table of it: a row a kind of event, with all that anyone asks about it.

Its word in scenarios and schedules, the input it gives to a node's core, its words in transcripts and pictures, and who
speaks are read from that row everywhere. To add a verb, touch

1. ``core/inputs.py`` and ``core/step.py``, where a node is to get an input that it does not know yet;
2. this file: the event's class, its place in one of the unions, and its row in ``VERBS``;
3. ``scenario/scenario.schema.json``: the word, and the values that authors write with it
   (``tests/scenario/test_schema.py`` says which names are missing, and where);
4. a scenario in ``scenario/library/`` in which it happens.

A verb that does more than give its node an input has a case in ``run.py:_carry_out`` as well. One that names a second
node is checked in ``scenario/checks.py``, one that needs a setting in ``scenario/known_names.py``. Random runs draw the
verbs that ``chaos.py`` weighs, a search plays those of ``explore/raft.py``, and Python users import those that
``raftstep/__init__.py`` names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum, StrEnum, unique
from typing import Any, Generic, TypeVar, get_args

from raftstep.core import inputs
from raftstep.core.messages import Message
from raftstep.core.model import Configuration, NodeId
from raftstep.simulation.cluster import Link
from raftstep.simulation.packets import Packet
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.raft_words import configuration_words


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
class Partition:
    """Links between the groups are cut; within a group they work."""

    groups: tuple[tuple[NodeId, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """These links are cut, one way each: from the first node to the second."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heal:
    """All links work again."""


ClusterEvent = Boot | Tick | Partition | Cut | Heal
"""The events that happen to the whole cluster."""

RequestEvent = Request | ReadRequest | ChangeRequest | TransferRequest | SnapshotRequest
"""What a client or an operator asks of a node; at a node that is down nobody answers."""

NodeEvent = RequestEvent | Timeout | Crash | Restart
"""The events that happen at one node of their own accord."""

Event = ClusterEvent | NodeEvent | Deliver | Lose


@unique
class Speaker(StrEnum):
    """Who asks something of a node from outside the cluster."""

    CLIENT = "client"
    OPERATOR = "operator"


@unique
class ValueForm(Enum):
    """What an author writes behind an event's word."""

    NODE = "crash: S1"
    FIELDS = "client: {node: S1, command: x=7}, with the names of the event's own fields"
    GROUPS = "partition: [[S1, S2], [S3]]"
    LINKS = "cut: [{source: S1, target: S2}]"
    MILLISECONDS = "tick: 50"
    MESSAGE = "deliver: {RequestVote: {source: S1, target: S2}}"
    NOTHING = "heal: true"


HAPPENS, SCRIPT = "happens", "script"
"""The keys of a scenario under which authors write events: those of a run, and those of a schedule."""

NewId = Callable[[str], str]
"""Makes the id of a request, from the name of its verb."""

E = TypeVar("E", bound=Event)
G = TypeVar("G", bound=inputs.Input)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInput(Generic[E, G]):
    """The input that an event gives to a node's core. Its clock, and the id of a read, come in later.

    ``find_event`` goes the other way: the event that an input at a node stands for, where schedules have it.
    """

    kind: type[G]
    make: Callable[[E], G]
    find_event: Callable[[NodeId, G], E] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb(Generic[E]):
    """A kind of event. ``name`` is its word in patterns and in the Codex; ``words`` tell that it happened.

    ``input`` is what it gives to the node at which it happens. ``speaker`` is who asks for it, where somebody does, and
    ``request`` what they ask, in the few words of a picture.

    Authors write it ``under`` these keys, as ``directive`` where that is another word than the name, with a value of
    this ``shape``. A pattern may have either word, and not the ``former_name``; without ``has_pattern``, none has it.
    """

    name: str
    event: type[E]
    words: Callable[[E], str]
    input: NodeInput[E, Any] | None = None
    speaker: Speaker | None = None
    request_words: Callable[[E], str] | None = None
    scenario_keys: tuple[str, ...] = ()
    directive: str = ""
    value_form: ValueForm | None = None
    former_name: str = ""
    has_pattern: bool = True

    @property
    def word(self) -> str:
        """What authors write to have it happen."""
        return self.directive or self.name

    @property
    def is_cluster_wide(self) -> bool:
        """Whether it happens at no node of its own."""
        return self.event in get_args(ClusterEvent)

    def read(self, value: Any) -> E:
        """The event that an author means by a value, which is plain data."""
        make_event: Any = self.event
        event: E = make_event(**self._read_fields(value))
        return event

    def _read_fields(self, value: Any) -> dict[str, Any]:
        match self.value_form:
            case ValueForm.NODE:
                return {"node": value}
            case ValueForm.FIELDS:
                return {name: tuple(part) if isinstance(part, list) else part for name, part in value.items()}
            case ValueForm.GROUPS:
                return {"groups": tuple(tuple(group) for group in value)}
            case ValueForm.LINKS:
                return {"links": tuple((link["source"], link["target"]) for link in value)}
            case ValueForm.MILLISECONDS:
                return {"ms": value}
            case ValueForm.NOTHING:
                return {}
        raise ValueError(f"nobody writes {self.name} as one value; read it where messages are known")

    def write(self, event: E) -> Any:
        """The value that stands for an event in a schedule, as plain data."""
        values = {field.name: getattr(event, field.name) for field in fields(event)}
        if self.value_form is ValueForm.FIELDS:
            defaults = {field.name: field.default for field in fields(event)}
            return {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in values.items()
                if value != defaults[name]
            }
        [value] = values.values()
        return value


def _message_words(message: Message) -> str:
    return protocol_of(message).message_words(message)


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
        ),
        speaker=Speaker.OPERATOR,
        request_words=lambda event: f"transfer leadership to {event.target}",
        scenario_keys=(HAPPENS,),
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
        scenario_keys=(HAPPENS,),
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
        name="partition",
        event=Partition,
        words=lambda event: "the network splits: " + " | ".join(" ".join(group) for group in event.groups),
        scenario_keys=(HAPPENS,),
        value_form=ValueForm.GROUPS,
    ),
    Verb(
        name="cut",
        event=Cut,
        words=lambda event: "links are cut: " + ", ".join(f"{source} to {target}" for source, target in event.links),
        scenario_keys=(HAPPENS,),
        value_form=ValueForm.LINKS,
    ),
    Verb(
        name="heal",
        event=Heal,
        words=lambda _: "the network heals",
        scenario_keys=(HAPPENS,),
        value_form=ValueForm.NOTHING,
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
