"""Raft in words: its messages, entries and nodes, for transcripts, scenarios and pictures."""

from __future__ import annotations

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

KIND_NAMES = {
    "vote-request": "RequestVote",
    "vote-granted": "vote granted",
    "vote-denied": "vote denied",
    "append": "AppendEntries",
    "heartbeat": "heartbeat",
    "append-accepted": "acknowledgement",
    "heartbeat-accepted": "heartbeat acknowledged",
    "append-rejected": "rejection",
    "pre-vote-request": "RequestPreVote",
    "pre-vote-granted": "pre-vote granted",
    "pre-vote-denied": "pre-vote denied",
    "snapshot": "InstallSnapshot",
    "snapshot-accepted": "snapshot stored",
    "timeout-now": "TimeoutNow",
    "lost": "lost",
}
"""Each kind of message in words, in the order of the legend."""


def message_kind(message: Message) -> str:
    """The message's kind, as glyphs and classes name it."""
    match message:
        case RequestVote():
            return "vote-request"
        case AppendEntries():
            return "append" if message.entries else "heartbeat"
        case AppendEntriesResponse():
            if not message.success:
                return "append-rejected"
            return "append-accepted" if message.match_index else "heartbeat-accepted"  # of no entry, so no evidence
        case RequestVoteResponse():
            return "vote-granted" if message.vote_granted else "vote-denied"
        case InstallSnapshot():
            return "snapshot"
        case InstallSnapshotResponse():
            return "snapshot-accepted"
        case RequestPreVote():
            return "pre-vote-request"
        case RequestPreVoteResponse():
            return "pre-vote-granted" if message.vote_granted else "pre-vote-denied"
        case TimeoutNow():
            return "timeout-now"


def message_name(message: Message) -> str:
    """What a line of a picture calls the message."""
    return KIND_NAMES[message_kind(message)]


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
            entries_words = f", {log_words(message.entries)}" if message.entries else ""
            return (
                f"AppendEntries(term {message.term}, after {message.previous_index} of term "
                f"{message.previous_term}{entries_words}, commit {message.leader_commit})"
            )
        case AppendEntriesResponse():
            if message.success:
                return f"acknowledgement(term {message.term}, up to {message.match_index})"
            return f"rejection(term {message.term}{_hint_words(message)})"
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


def _hint_words(rejection: AppendEntriesResponse) -> str:
    """The conflict hint of a rejection, where it has one."""
    if not rejection.conflict_index:
        return ""
    if not rejection.conflict_term:
        return f", log ends before {rejection.conflict_index}"
    return f", conflict of term {rejection.conflict_term} from {rejection.conflict_index}"


def entry_words(entry: Entry) -> str:
    """An entry as scenarios write it: ``x=7@2``."""
    return f"{entry_content(entry)}@{entry.term}"


def entry_content(entry: Entry) -> str:
    """What an entry holds: a command, a configuration, or nothing."""
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
    vote = node.voted_for or "none"
    snapshot = f"{snapshot_words(node.snapshot)}, " if node.snapshot.index else ""
    return (
        f"{node.id}: {node.role}, term {node.current_term}, vote {vote}, "
        f"{snapshot}log {log_words(node.log)}, commit {node.commit_index}"
    )
