"""A trace in words: one line an event, for terminals, transcripts and golden files."""

from __future__ import annotations

from collections.abc import Iterable

from raftstep.core.inputs import CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.log import Log
from raftstep.core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    Message,
    RequestPreVote,
    RequestPreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)
from raftstep.core.model import Configuration, Entry, Node, Snapshot
from raftstep.simulation import cluster, describe_paxos
from raftstep.simulation.cluster import (
    Boot,
    ChangeRequest,
    Crash,
    Cut,
    Deliver,
    Event,
    Heal,
    Lose,
    Partition,
    ReadRequest,
    Request,
    Restart,
    Tick,
    Timeout,
    TransferRequest,
)
from raftstep.simulation.protocols import PROTOCOLS
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


def event_words(event: Event) -> str:
    """What happened, without what came of it."""
    match event:
        case Boot():
            return "the cluster starts"
        case Tick(ms=ms):
            return f"{ms} ms pass"
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
        case ReadRequest(node=node, key=key):
            return f"a client asks {node} to read {key}"
        case ChangeRequest(node=node, voters=voters, learners=learners):
            wanted_words = configuration_words(Configuration(voters=voters, learners=learners))
            return f"an operator asks {node} for the configuration {wanted_words}"
        case TransferRequest(node=node, target=target):
            return f"an operator asks {node} to hand over to {target}"
        case cluster.SnapshotRequest(node=node):
            return f"{node} is told to take a snapshot"
        case Crash(node=node):
            return f"{node} crashes"
        case Restart(node=node):
            return f"{node} restarts"
        case Partition(groups=groups):
            return "the network splits: " + " | ".join(" ".join(group) for group in groups)
        case Cut(links=links):
            return "links are cut: " + ", ".join(f"{source} to {target}" for source, target in links)
        case Heal():
            return "the network heals"


def message_words(message: Message) -> str:
    """A message by its name, its term and what it carries."""
    if (paxos_words := describe_paxos.message_words(message)) is not None:
        return paxos_words
    match message:
        case RequestVote():
            return (
                f"RequestVote(term {message.term}, last entry {message.last_log_index} of term {message.last_log_term})"
            )
        case RequestVoteResponse():
            return f"{'vote' if message.vote_granted else 'refusal'}(term {message.term})"
        case AppendEntries():
            entries_words = f", {log_words(message.entries)}" if message.entries else ""
            return (
                f"AppendEntries(term {message.term}, after {message.previous_index} of term "
                f"{message.previous_term}{entries_words}, commit {message.leader_commit})"
            )
        case AppendEntriesResponse():
            if message.success:
                return f"acknowledgement(term {message.term}, up to {message.match_index})"
            return f"rejection(term {message.term})"
        case InstallSnapshot():
            return f"InstallSnapshot(term {message.term}, {snapshot_words(message.snapshot)})"
        case InstallSnapshotResponse():
            return f"snapshot acknowledgement(term {message.term}, up to {message.match_index})"
        case RequestPreVote():
            return (
                f"RequestPreVote(for term {message.term}, last entry {message.last_log_index} "
                f"of term {message.last_log_term})"
            )
        case RequestPreVoteResponse():
            return f"pre-vote {'yes' if message.vote_granted else 'no'}(term {message.term})"
        case TimeoutNow():
            return f"TimeoutNow(term {message.term})"


def entry_words(entry: Entry) -> str:
    """An entry as scenarios write it: ``x=7@2``; ``-`` for a hole, which only Multi-Paxos has."""
    if getattr(entry, "is_hole", False):
        return "-"
    return f"{entry_content(entry)}@{entry.term}"


def entry_content(entry: Entry) -> str:
    """What an entry holds: a command, a configuration, or nothing."""
    if getattr(entry, "is_hole", False):
        return "nothing"
    if entry.configuration is not None:
        return configuration_words(entry.configuration)
    return entry.command or "no-op"


def configuration_words(configuration: Configuration) -> str:
    """A configuration on one line: ``{S1 S2 S3}``, ``{S1 S2 S3}→{S3 S4 S5}`` while joint, learners behind a plus."""
    words = "{" + " ".join(configuration.voters) + "}"
    if configuration.outgoing:
        words = "{" + " ".join(configuration.outgoing) + "}→" + words
    return words + "".join(f"+{learner}" for learner in configuration.learners)


def snapshot_words(snapshot: Snapshot) -> str:
    """A snapshot by its end and its content: ``snapshot to 3 of term 1: x=7``."""
    pairs = " ".join(f"{key}={value}" for key, value in snapshot.machine.pairs)
    return f"snapshot to {snapshot.index} of term {snapshot.term}: {pairs or 'empty'}"


def log_words(log: Log) -> str:
    """A log as scenarios write it: ``[x=7@2, x=8@3]``."""
    return "[" + ", ".join(entry_words(entry) for entry in log) + "]"


def node_words(node: Node) -> str:
    """One node's state on one line."""
    if (paxos_words := describe_paxos.node_words(node)) is not None:
        return paxos_words
    vote = node.voted_for or "none"
    snapshot = f"{snapshot_words(node.snapshot)}, " if node.snapshot.index else ""
    return (
        f"{node.id}: {node.role}, term {node.current_term}, vote {vote}, "
        f"{snapshot}log {log_words(node.log)}, commit {node.commit_index}"
    )


def _outcome_words(step: Step) -> str:
    if step.outcome is None:
        return ""
    words = ""
    if step.outcome.rules:
        words += ": " + ", ".join(rule.slug for rule in step.outcome.rules)
    for answer in step.outcome.answers:
        match answer:
            case CommandApplied():
                words += f"; the client is told that {answer.command} is applied at index {answer.index}"
            case NotLeader():
                words += f"; the client is sent to {answer.leader or 'nobody known'}"
            case ReadResult():
                words += f"; the client reads {answer.key} as {answer.value or 'not set'}"
            case RequestRefused():
                words += f"; refused: {answer.request}"
    return f"{words} → {node_words(step.outcome.node)}" if step.outcome.rules else words
