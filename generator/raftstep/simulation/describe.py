"""A trace in words: one line an event, for terminals, transcripts and golden files."""

from __future__ import annotations

from collections.abc import Iterable

from raftstep.core.log import Log
from raftstep.core.model import (
    AppendEntries,
    Applied,
    Entry,
    Message,
    Node,
    NotLeader,
    RequestVote,
    RequestVoteResponse,
)
from raftstep.simulation.cluster import (
    Boot,
    Crash,
    Deliver,
    Event,
    Heal,
    Lose,
    Partition,
    Request,
    Revive,
    Timeout,
)
from raftstep.simulation.trace import Step, Trace


def transcript(trace: Trace) -> str:
    """The whole run, a line an event and a line a broken property; ends with how many states were checked."""
    lines = [line for step in trace.steps for line in _lines(step)]
    broken = f"{len(trace.alarms)} broken" if trace.alarms else "none broken"
    lines.append(f"five safety properties checked in {trace.checked} states: {broken}")
    return "\n".join(lines) + "\n"


def _lines(step: Step) -> Iterable[str]:
    yield f"{step.time_ms:>6} ms  {event_words(step.event)}{_outcome_words(step)}"
    for alarm in step.alarms:
        yield f"           {alarm.property} broken at step {step.number}: {alarm.words}"


def event_words(event: Event) -> str:
    """What happened, without what came of it."""
    match event:
        case Boot():
            return "the cluster starts"
        case Deliver(packet=packet):
            message = packet.message
            return f"{message.target} receives {message_words(message)} from {message.source}"
        case Lose(packet=packet):
            message = packet.message
            return f"{message_words(message)} from {message.source} to {message.target} is lost"
        case Timeout(node=node):
            return f"{node}'s timer fires"
        case Request(node=node, command=command):
            return f"a client asks {node} for {command}"
        case Crash(node=node):
            return f"{node} crashes"
        case Revive(node=node):
            return f"{node} restarts"
        case Partition(groups=groups):
            return "the network splits: " + " | ".join(" ".join(group) for group in groups)
        case Heal():
            return "the network heals"


def message_words(message: Message) -> str:
    """A message by its name, its term and what it carries."""
    match message:
        case RequestVote():
            return (
                f"RequestVote(term {message.term}, last entry {message.last_log_index} of term {message.last_log_term})"
            )
        case RequestVoteResponse():
            return f"{'vote' if message.vote_granted else 'refusal'}(term {message.term})"
        case AppendEntries():
            carried = f", {log_words(message.entries)}" if message.entries else ""
            return (
                f"AppendEntries(term {message.term}, after {message.previous_index} of term "
                f"{message.previous_term}{carried}, commit {message.leader_commit})"
            )
        case _:
            if message.success:
                return f"acknowledgement(term {message.term}, up to {message.match_index})"
            return f"rejection(term {message.term})"


def entry_words(entry: Entry) -> str:
    """An entry as scenarios write it: ``x=7@2``."""
    return f"{entry.command or 'no-op'}@{entry.term}"


def log_words(log: Log) -> str:
    """A log as scenarios write it: ``[x=7@2, x=8@3]``."""
    return "[" + ", ".join(entry_words(entry) for entry in log) + "]"


def node_words(node: Node) -> str:
    """One node's state on one line."""
    vote = node.voted_for or "none"
    return (
        f"{node.id}: {node.role}, term {node.current_term}, vote {vote}, "
        f"log {log_words(node.log)}, commit {node.commit_index}"
    )


def _outcome_words(step: Step) -> str:
    if step.outcome is None:
        return ""
    words = ""
    if step.outcome.rules:
        words += ": " + ", ".join(rule.slug for rule in step.outcome.rules)
    for answer in step.outcome.answers:
        match answer:
            case Applied():
                words += f"; the client is told that {answer.command} is applied at index {answer.index}"
            case NotLeader():
                words += f"; the client is sent to {answer.leader or 'nobody known'}"
    return f"{words} → {node_words(step.outcome.node)}" if step.outcome.rules else words
