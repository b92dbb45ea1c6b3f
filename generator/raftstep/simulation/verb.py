"""What a row of the table of verbs says of one kind of event; the rows are in :mod:`raftstep.simulation.events`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum, StrEnum, unique
from typing import Any, Generic, TypeVar

from raftstep.core import inputs
from raftstep.core.model import NodeId


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
    LINKS_OR_ALL = "heal: [{source: S1, target: S2}], or heal: true for all"


HAPPENS, SCRIPT = "happens", "script"
"""The keys of a scenario under which authors write events: those of a run, and those of a schedule."""

NewId = Callable[[str], str]
"""Makes the id of a request, from the name of its verb."""

E = TypeVar("E")
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
    """A kind of event. ``name`` is its word in patterns and in the Codex; ``words`` say that it happened.

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
        return not hasattr(self.event, "node")

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
            case ValueForm.LINKS | ValueForm.LINKS_OR_ALL:
                links = [] if value is True else value
                return {"links": tuple((link["source"], link["target"]) for link in links)}
            case ValueForm.MILLISECONDS:
                return {"ms": value}
        raise ValueError(f"nobody writes {self.name} as one value; read it where messages are known")

    def write(self, event: E) -> Any:
        """The value that stands for an event in a schedule, as plain data."""
        event_fields = fields(self.event)  # type: ignore[arg-type]  # every event is a dataclass
        values = {field.name: getattr(event, field.name) for field in event_fields}
        if self.value_form is ValueForm.FIELDS:
            defaults = {field.name: field.default for field in event_fields}
            return {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in values.items()
                if value != defaults[name]
            }
        [value] = values.values()
        match self.value_form:
            case ValueForm.GROUPS:
                return [list(group) for group in value]
            case ValueForm.LINKS | ValueForm.LINKS_OR_ALL:
                return [{"source": source, "target": target} for source, target in value] or True
        return value
