"""A schedule as authors and certificates write it: one directive an event, in order.

``timeout: S1``, ``client: {node: S1, command: x=1}``, ``restart: S2`` and so on; ``tick: 50`` lets so many ms pass for
all. ``deliver`` names a message by its kind, source and target, and by as much more as distinguishes it from the others
sent so far.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from json import dumps
from typing import Any

from raftstep.core.messages import Message
from raftstep.document.problem import suggest_nearest
from raftstep.simulation.describe import entry_words
from raftstep.simulation.events import (
    Crash,
    Cut,
    Event,
    Heal,
    LoseDisk,
    Partition,
    Pause,
    Restart,
    Resume,
    Tick,
    Timeout,
    event_node,
    find_event,
    make_input,
    verb_of,
    verbs_under,
)
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.clocks import TimedCluster
from raftstep.simulation.explore.result import ALL_NODES, ScheduledEvent
from raftstep.simulation.message_contents import carries_entry, concerns_index
from raftstep.simulation.verb import SCRIPT

WrittenEvent = Mapping[str, Any]

EVENTS_WITHOUT_INPUT = (Tick, Partition, Cut, Heal, Crash, LoseDisk, Pause, Resume)
"""What a schedule has as an event, where it has an input to a node of all else."""

SELECTORS = ("entry", "index", "nth")
"""What picks a message apart from its own fields: an entry that it carries, its index, and the order of sending."""

MOST_SUGGESTIONS = 3
"""How many of the messages are named that a directive may mean."""


class ScheduleError(ValueError):
    """A schedule that cannot be played. ``step_number`` is the directive's, from 1; ``remedy`` is how to fix it."""

    def __init__(self, step_number: int, words: str, remedy: str = "fix it, or what happens before it") -> None:
        super().__init__(f"step {step_number}: {words}; {remedy}")
        self.step_number = step_number
        self.words = words
        self.remedy = remedy


def write_schedule(bounds: Bounds, schedule: Sequence[ScheduledEvent]) -> list[WrittenEvent]:
    """A schedule as directives."""
    ids = bounds.ids
    sent_messages = SentMessages(bounds)
    written_events: list[WrittenEvent] = []
    for event in schedule:
        given: Any = event.given
        written_events.append(
            sent_messages.write_delivery(given) if event.is_delivery else _write_own_event(ids[event.node_index], given)
        )
        sent_messages.play_event(event)
    return written_events


def read_schedule(bounds: Bounds, written_events: Sequence[WrittenEvent]) -> tuple[ScheduledEvent, ...]:
    """The schedule that directives stand for. Raises :class:`ScheduleError` for one that cannot happen."""
    sent_messages = SentMessages(bounds)
    schedule = []
    for step_number, written_event in enumerate(written_events, 1):
        event = read_event(bounds, sent_messages, step_number, written_event)
        sent_messages.play_event(event)
        schedule.append(event)
    return tuple(schedule)


def format_line(value: Any) -> str:
    """A directive on one line, as YAML.

    >>> format_line({"deliver": {"RequestVote": {"source": "S1", "target": "S2"}}})
    'deliver: {RequestVote: {source: S1, target: S2}}'
    >>> format_line({"entries": ["x=1@1", "{S1 S2}@2"]})
    'entries: [x=1@1, "{S1 S2}@2"]'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_format_value(inner)}" for key, inner in value.items())
    return _format_value(value)


def _format_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + format_line(value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_format_value(item) for item in value) + "]"
    is_plain = isinstance(value, str) and _PLAIN_WORDS.fullmatch(value)
    return str(value) if is_plain else dumps(value, ensure_ascii=False)


_PLAIN_WORDS = re.compile(r"[A-Za-z][\w=@-]*(?: [\w=@-]+)*")
"""Words that YAML reads as they are; others are quoted."""


def _write_own_event(id: str, given: Any) -> WrittenEvent:
    event = given if isinstance(given, EVENTS_WITHOUT_INPUT) else find_event(id, given)
    verb = verb_of(event)
    return {verb.word: verb.write(event)}


def read_event(
    bounds: Bounds, sent_messages: SentMessages, step_number: int, written_event: WrittenEvent
) -> ScheduledEvent:
    """The event that one directive stands for. Raises :class:`ScheduleError` where it cannot happen."""
    event = _read_event(bounds, sent_messages, step_number, written_event)
    sent_messages.check_pause(step_number, event)
    return event


def _read_event(
    bounds: Bounds, sent_messages: SentMessages, step_number: int, written_event: WrittenEvent
) -> ScheduledEvent:
    if len(written_event) != 1:
        raise ScheduleError(step_number, "one directive a step", "write it such as timeout: S1")
    [(word, value)] = written_event.items()
    if word == "deliver":
        message = sent_messages.find_message(step_number, value)
        sent_messages.check_can_arrive(step_number, message)
        return ScheduledEvent(
            node_index=_find_node_index(bounds, step_number, message.target), given=message, is_delivery=True
        )
    verb = verbs_under(SCRIPT).get(word)
    if verb is None:
        raise ScheduleError(
            step_number, f'unknown directive "{word}"', suggest_nearest(word, sorted(verbs_under(SCRIPT)))
        )
    own_event: Event = verb.read(value)
    node = event_node(own_event)
    if node is None:
        sent_messages.check_cut_links(step_number, own_event)
        return ScheduledEvent(node_index=ALL_NODES, given=own_event, is_delivery=False)
    node_index = _find_node_index(bounds, step_number, node)
    if isinstance(own_event, LoseDisk):
        sent_messages.check_node_is_down(step_number, node)
    elif not isinstance(own_event, Restart):
        sent_messages.check_node_is_up(step_number, node)
    has_no_input = isinstance(own_event, EVENTS_WITHOUT_INPUT)
    given = own_event if has_no_input else make_input(own_event, 0, lambda kind: f"{kind} at {node}")
    event = ScheduledEvent(node_index=node_index, given=given, is_delivery=False)
    if isinstance(own_event, Timeout) and bounds.time_passes:
        sent_messages.check_timer(step_number, event)
    return event


def _find_node_index(bounds: Bounds, step_number: int, node: str) -> int:
    ids = bounds.ids
    if node not in ids:
        raise ScheduleError(step_number, f'there is no node "{node}"', suggest_nearest(node, ids))
    return ids.index(node)


class SentMessages:
    """The messages sent so far, oldest first; what a ``deliver`` can name."""

    def __init__(self, bounds: Bounds) -> None:
        self.timed_cluster = TimedCluster(bounds)
        self.messages: list[Message] = []
        self.in_flight: list[Message] = []
        self.node_indexes = {id: index for index, id in enumerate(bounds.ids)}

    def make_delivery(self, message: Message) -> ScheduledEvent:
        """The event of a message's arrival."""
        return ScheduledEvent(node_index=self.node_indexes[message.target], given=message, is_delivery=True)

    def drop(self, step_number: int, pattern: Any) -> None:
        """Lose every message that a pattern means: a kind with what it says, or only a source and a target."""
        wanted_fields = dict(pattern)
        if wanted_fields.keys() <= {"source", "target"}:
            lost_messages = [
                message
                for message in self.in_flight
                if wanted_fields.items() <= _comparable_items(message, wanted_fields)
            ]
        else:
            lost_messages = [message for message in self.find_matching(wanted_fields) if message in self.in_flight]
        if not lost_messages:
            raise ScheduleError(
                step_number, "no such message is in flight", self._suggest_nearest(wanted_fields, self.in_flight)
            )
        self.in_flight = [message for message in self.in_flight if message not in lost_messages]
        self.messages = [message for message in self.messages if message not in lost_messages]

    def play_event(self, event: ScheduledEvent) -> None:
        """One event: what it does at its node, and what is in flight then."""
        outcome = self.timed_cluster.play_event(event)
        if outcome is None:
            return
        if event.is_delivery and event.given in self.in_flight:
            self.in_flight.remove(event.given)
        self.messages += [message for message in outcome.messages if message not in self.messages]
        self.in_flight += [message for message in outcome.messages if message not in self.in_flight]

    def can_arrive(self, message: Message) -> bool:
        """Whether its target is up and not paused, and the link to it is not cut."""
        cluster = self.timed_cluster
        if message.target in cluster.down_nodes or (message.source, message.target) in cluster.cut_links:
            return False
        return not cluster.nodes[self.node_indexes[message.target]].is_paused

    def check_can_arrive(self, step_number: int, message: Message) -> None:
        """A message arrives at a node that is up, over a link that works."""
        self.check_node_is_up(step_number, message.target)
        if (message.source, message.target) in self.timed_cluster.cut_links:
            words = f"the link from {message.source} to {message.target} is cut, so nothing arrives over it"
            raise ScheduleError(step_number, words, 'let the link heal before, with "heal: true"')

    def check_node_is_up(self, step_number: int, node: str) -> None:
        """At a node that is down nothing happens."""
        if node in self.timed_cluster.down_nodes:
            raise ScheduleError(step_number, f"{node} is down", f'let it start again before, with "restart: {node}"')

    def check_node_is_down(self, step_number: int, node: str) -> None:
        """The disk of a node that is up cannot be replaced."""
        if node not in self.timed_cluster.down_nodes:
            raise ScheduleError(step_number, f"{node} is not down", f'let it crash before, with "crash: {node}"')

    def check_cut_links(self, step_number: int, event: Event) -> None:
        """Only a link that is cut can heal."""
        for source, target in event.links if isinstance(event, Heal) else ():
            if (source, target) not in self.timed_cluster.cut_links:
                words = f"the link from {source} to {target} is not cut"
                raise ScheduleError(step_number, words, "name a link that is, or write heal: true for all")

    def check_pause(self, step_number: int, event: ScheduledEvent) -> None:
        """Nothing happens at a node that is paused but that it goes on, and only such a node can go on."""
        if event.node_index == ALL_NODES:
            return
        timed_node = self.timed_cluster.nodes[event.node_index]
        id = timed_node.node.id
        if isinstance(event.given, Resume) and not timed_node.is_paused:
            raise ScheduleError(step_number, f"{id} is not paused", f"pause it before, with pause: {id}")
        if not isinstance(event.given, Resume) and timed_node.is_paused:
            raise ScheduleError(step_number, f"{id} is paused", f"let it go on first, with resume: {id}")

    def check_timer(self, step_number: int, event: ScheduledEvent) -> None:
        """Where time passes, an election timer fires when the least timeout is over, and not before."""
        timed_node = self.timed_cluster.nodes[event.node_index]
        if not timed_node.may_time_out:
            least_ms = timed_node.node.settings.minimum_timeout_ms
            words = (
                f"{timed_node.node.id}'s timer cannot fire yet; by its own clock it has run {timed_node.waited_ms} ms"
            )
            raise ScheduleError(step_number, words, f"let it run {least_ms} ms at least, with ticks such as tick: 50")

    def write_delivery(self, message: Message) -> WrittenEvent:
        """The fewest words that distinguish a message from all others sent so far."""
        kind, words = type(message).__name__, _message_fields(message)
        named_fields = {name: words[name] for name in ("source", "target")}
        for name in words:
            if len(self.find_matching({kind: named_fields})) <= 1:
                return {"deliver": {kind: named_fields}}
            named_fields[name] = words[name]
        if len(matches := self.find_matching({kind: named_fields})) > 1:
            named_fields["nth"] = matches.index(message) + 1
        return {"deliver": {kind: named_fields}}

    def find_matching(self, pattern: Mapping[str, Mapping[str, Any]]) -> list[Message]:
        """The messages sent so far that a pattern means."""
        [(kind, wanted)] = pattern.items()
        wanted_fields = {name: value for name, value in wanted.items() if name not in SELECTORS}
        entry, index, nth = (wanted.get(name) for name in SELECTORS)
        matches = [
            message
            for message in self.messages
            if type(message).__name__ == kind
            and wanted_fields.items() <= _comparable_items(message, wanted_fields)
            and (entry is None or carries_entry(message, entry))
            and (index is None or concerns_index(message, index))
        ]
        return matches if nth is None else matches[nth - 1 : nth]

    def find_message(self, step_number: int, pattern: Any) -> Message:
        """The one message that a pattern means. Raises :class:`ScheduleError` where it is none, or several."""
        if not isinstance(pattern, Mapping) or len(pattern) != 1:
            remedy = "name one, such as deliver: {RequestVote: {source: S1, target: S2}}"
            raise ScheduleError(step_number, "it means no message", remedy)
        matches = self.find_matching(pattern)
        if not matches:
            raise ScheduleError(
                step_number, "no such message has been sent by then", self._suggest_nearest(pattern, self.messages)
            )
        if len(matches) > 1:
            which = " or ".join(
                f'"{format_line(self.write_delivery(message)["deliver"])}"' for message in matches[:MOST_SUGGESTIONS]
            )
            raise ScheduleError(step_number, f"{len(matches)} messages are meant", f"say more of the one: {which}")
        return matches[0]

    def _suggest_nearest(self, pattern: Any, candidates: list[Message]) -> str:
        """The message that was perhaps meant."""
        if not candidates:
            return 'let one be sent first, for example with "timeout: S1"'
        return suggest_nearest(
            format_line(pattern),
            [format_line(self.write_delivery(message)["deliver"]) for message in candidates],
            "there are",
        )


def _message_fields(message: Message) -> dict[str, Any]:
    """What a message says, in plain values."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    if "entries" in values:
        values["entries"] = [entry_words(entry) for entry in values["entries"]]
    if "snapshot" in values:
        values["snapshot"] = values["snapshot"].index
    return values


def _comparable_items(message: Message, wanted_fields: Mapping[str, Any]) -> Any:
    return {name: value for name, value in _message_fields(message).items() if name in wanted_fields}.items()
