"""A trace in words: one line an event, for terminals, transcripts and golden files."""

from __future__ import annotations

from collections.abc import Iterable

from raftstep.core.inputs import CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.model import Entry, Node
from raftstep.simulation.events import event_words
from raftstep.simulation.protocols import PROTOCOLS, protocol_of
from raftstep.simulation.trace import Step, Trace

NUMBER_WORDS = {3: "three", 5: "five"}
"""The numbers of properties as words."""


def transcript(trace: Trace) -> str:
    """The whole run, a line an event and a line a broken property; ends with how many states were checked."""
    lines = [line for step in trace.steps for line in _lines(step)]
    result_words = f"{len(trace.alarms)} broken" if trace.alarms else "none broken"
    number = NUMBER_WORDS[len(PROTOCOLS[trace.protocol].properties)]
    lines.append(f"{number} safety properties checked in {trace.states_checked} states: {result_words}")
    return "\n".join(lines) + "\n"


def _lines(step: Step) -> Iterable[str]:
    yield f"{step.time_ms:>6} ms  {event_words(step.event)}{_outcome_words(step)}"
    for alarm in step.alarms:
        yield f"           {alarm.property} broken at step {step.number}: {alarm.words}"


def entry_words(entry: Entry) -> str:
    """An entry as scenarios write it: ``x=7@2``; ``-`` for a hole, which only Multi-Paxos has."""
    return protocol_of(entry).entry_words(entry)


def entry_content(entry: Entry) -> str:
    """What an entry holds: a command, a configuration, or nothing."""
    return protocol_of(entry).entry_content(entry)


def node_words(node: Node) -> str:
    """One node's state on one line."""
    return protocol_of(node).node_words(node)


def _outcome_words(step: Step) -> str:
    if step.outcome is None:
        return ""
    words = ""
    if step.outcome.rules:
        words += ": " + ", ".join(rule.slug for rule in step.outcome.rules)
    for answer in step.outcome.answers:
        match answer:
            case CommandApplied():
                words += f"; the client gets the reply that {answer.command} is applied at index {answer.index}"
            case NotLeader():
                words += f"; the client is redirected to {answer.leader or 'no known leader'}"
            case ReadResult():
                words += f"; the client reads {answer.key} as {answer.value or 'not set'}"
            case RequestRefused():
                words += f"; refused: {answer.request}"
    return f"{words} → {node_words(step.outcome.node)}" if step.outcome.rules else words
