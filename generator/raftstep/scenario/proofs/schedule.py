"""A schedule as authors and certificates write it: one directive an event, in order.

``timeout: S1``, ``client: {node: S1, command: x=1}``, ``restart: S2`` and so on; ``tick: 50`` lets so many ms pass for
all. ``deliver`` names a message by its
kind, source and target, and by as much more as tells it from the others sent so far.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from json import dumps
from typing import Any

from raftstep.core.inputs import ChangeConfiguration, ClientRead, ClientRequest, Compact, Restart, TimerFires
from raftstep.core.messages import Message
from raftstep.core.model import Configuration
from raftstep.scenario.problem import nearest
from raftstep.simulation.cluster import Tick
from raftstep.simulation.describe import entry_words
from raftstep.simulation.explore.bounds import Bounds, names
from raftstep.simulation.explore.clocks import Stage
from raftstep.simulation.explore.result import EVERYWHERE, Move

Directive = Mapping[str, Any]

VERBS = ("change", "client", "deliver", "read", "restart", "snapshot", "tick", "timeout")
MOST_MEANT = 3
"""How many of the messages are named that a directive may mean."""


class ScheduleError(ValueError):
    """A schedule that cannot be played. ``place`` is the directive's, from 1; ``mend`` is how to mend it."""

    def __init__(self, place: int, words: str, mend: str = "mend it, or what happens before it") -> None:
        super().__init__(f"step {place}: {words}; {mend}")
        self.place = place
        self.words = words
        self.mend = mend


def written(bounds: Bounds, schedule: Sequence[Move]) -> list[Directive]:
    """A schedule as directives."""
    ids = names(bounds.nodes)
    wire = Wire(bounds)
    found: list[Directive] = []
    for move in schedule:
        given: Any = move.given
        found.append(wire.name(given) if move.delivery else _own(ids[move.place], given))
        wire.play(move)
    return found


def read(bounds: Bounds, directives: Sequence[Directive]) -> tuple[Move, ...]:
    """The schedule that directives stand for. Raises :class:`ScheduleError` for one that cannot happen."""
    wire = Wire(bounds)
    schedule = []
    for place, directive in enumerate(directives, 1):
        move = move_of(bounds, wire, place, directive)
        wire.play(move)
        schedule.append(move)
    return tuple(schedule)


def line(value: Any) -> str:
    """A directive on one line, as YAML.

    >>> line({"deliver": {"RequestVote": {"source": "S1", "target": "S2"}}})
    'deliver: {RequestVote: {source: S1, target: S2}}'
    >>> line({"entries": ["x=1@1", "{S1 S2}@2"]})
    'entries: [x=1@1, "{S1 S2}@2"]'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_inner(what)}" for key, what in value.items())
    return _inner(value)


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + line(value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inner(one) for one in value) + "]"
    plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    return str(value) if plain else dumps(value, ensure_ascii=False)


_PLAIN = re.compile(r"[A-Za-z][\w=@-]*(?: [\w=@-]+)*")
"""Words that YAML reads as they stand; others are quoted."""


def _own(id: str, given: Any) -> Directive:
    match given:
        case Tick(ms=ms):
            return {"tick": ms}
        case TimerFires():
            return {"timeout": id}
        case Restart():
            return {"restart": id}
        case Compact():
            return {"snapshot": id}
        case ClientRequest(command=command):
            return {"client": {"node": id, "command": command}}
        case ClientRead(key=key):
            return {"read": {"node": id, "key": key}}
        case ChangeConfiguration(configuration=configuration):
            return {"change": {"node": id, "voters": list(configuration.voters)}}
    raise ValueError(f"{given} cannot be written in a schedule")


def move_of(bounds: Bounds, wire: Wire, place: int, directive: Directive) -> Move:
    """The event that one directive stands for. Raises :class:`ScheduleError` where it cannot happen."""
    if len(directive) != 1:
        raise ScheduleError(place, "one directive a step", "write it such as timeout: S1")
    [(verb, value)] = directive.items()
    if verb == "deliver":
        message = wire.find(place, value)
        return Move(place=_place(bounds, place, message.target), given=message, delivery=True)
    if verb == "tick":
        return Move(place=EVERYWHERE, given=Tick(ms=value), delivery=False)
    node = value["node"] if isinstance(value, Mapping) else value
    given = _given(place, verb, value, str(node))
    move = Move(place=_place(bounds, place, str(node)), given=given, delivery=False)
    if verb == "timeout" and bounds.timed:
        wire.wait_for_timer(place, move)
    return move


def _given(place: int, verb: str, value: Any, node: str) -> Any:
    match verb:
        case "timeout":
            return TimerFires()
        case "restart":
            return Restart()
        case "snapshot":
            return Compact()
        case "client":
            return ClientRequest(command=value["command"])
        case "read":
            return ClientRead(id=f"read at {node}", key=value["key"])
        case "change":
            return ChangeConfiguration(configuration=Configuration(voters=tuple(value["voters"])))
    raise ScheduleError(place, f'unknown directive "{verb}"', nearest(verb, VERBS))


def _place(bounds: Bounds, place: int, node: str) -> int:
    ids = names(bounds.nodes)
    if node not in ids:
        raise ScheduleError(place, f'there is no node "{node}"', nearest(node, ids))
    return ids.index(node)


class Wire:
    """The messages sent so far, oldest first; what a ``deliver`` can name."""

    def __init__(self, bounds: Bounds) -> None:
        self.stage = Stage(bounds)
        self.sent: list[Message] = []
        self.waiting: list[Message] = []
        self.places = {id: place for place, id in enumerate(names(bounds.nodes))}

    def delivery(self, message: Message) -> Move:
        """The event of a message's arrival."""
        return Move(place=self.places[message.target], given=message, delivery=True)

    def drop(self, place: int, pattern: Any) -> None:
        """Lose every message that a pattern means: a kind with what it says, or only a source and a target."""
        said = dict(pattern)
        if said.keys() <= {"source", "target"}:
            lost = [one for one in self.waiting if said.items() <= _comparable(one, said)]
        else:
            lost = [one for one in self.matching(said) if one in self.waiting]
        if not lost:
            raise ScheduleError(place, "no such message is under way", self._nearest(said, self.waiting))
        self.waiting = [one for one in self.waiting if one not in lost]
        self.sent = [one for one in self.sent if one not in lost]

    def play(self, move: Move) -> None:
        """One event: what it does at its node, and what is under way then."""
        outcome = self.stage.play(move)
        if outcome is None:
            return
        if move.delivery and move.given in self.waiting:
            self.waiting.remove(move.given)
        self.sent += [message for message in outcome.messages if message not in self.sent]
        self.waiting += [message for message in outcome.messages if message not in self.waiting]

    def wait_for_timer(self, place: int, move: Move) -> None:
        """Where time passes, an election timer fires when the least timeout is over, and not before."""
        timed = self.stage.nodes[move.place]
        if not timed.may_time_out:
            least_ms = timed.node.settings.minimum_timeout_ms
            words = f"{timed.node.id}'s timer cannot fire yet; by its own clock it has run {timed.waited_ms} ms"
            raise ScheduleError(place, words, f"let it run {least_ms} ms at least, with ticks such as tick: 50")

    def name(self, message: Message) -> Directive:
        """The fewest words that tell a message from all others sent so far."""
        kind, words = type(message).__name__, _words(message)
        said = {name: words[name] for name in ("source", "target")}
        for name in words:
            if len(self.matching({kind: said})) <= 1:
                break
            said[name] = words[name]
        return {"deliver": {kind: said}}

    def matching(self, pattern: Mapping[str, Mapping[str, Any]]) -> list[Message]:
        """The messages sent so far that a pattern means."""
        [(kind, said)] = pattern.items()
        alike = [message for message in self.sent if type(message).__name__ == kind]
        return [message for message in alike if said.items() <= _comparable(message, said)]

    def find(self, place: int, pattern: Any) -> Message:
        """The one message that a pattern means. Raises :class:`ScheduleError` where it is none, or several."""
        if not isinstance(pattern, Mapping) or len(pattern) != 1:
            mend = "name one, such as deliver: {RequestVote: {source: S1, target: S2}}"
            raise ScheduleError(place, "it means no message", mend)
        found = self.matching(pattern)
        if not found:
            raise ScheduleError(place, "no such message has been sent by then", self._nearest(pattern, self.sent))
        if len(found) > 1:
            which = " or ".join(f'"{line(self.name(one)["deliver"])}"' for one in found[:MOST_MEANT])
            raise ScheduleError(place, f"{len(found)} messages are meant", f"say more of the one: {which}")
        return found[0]

    def _nearest(self, pattern: Any, among: list[Message]) -> str:
        """The message that was perhaps meant."""
        if not among:
            return 'let one be sent first, for example with "timeout: S1"'
        return nearest(line(pattern), [line(self.name(one)["deliver"]) for one in among], "there are")


def _words(message: Message) -> dict[str, Any]:
    """What a message says, in plain values."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    if "entries" in values:
        values["entries"] = [entry_words(entry) for entry in values["entries"]]
    if "snapshot" in values:
        values["snapshot"] = values["snapshot"].index
    return values


def _comparable(message: Message, said: Mapping[str, Any]) -> Any:
    return {name: value for name, value in _words(message).items() if name in said}.items()
