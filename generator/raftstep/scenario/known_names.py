"""Names that must exist: nodes and commands, as a scenario and its parent have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raftstep.document.problem import Place, suggest_nearest
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_list, read_texts
from raftstep.document.wording import quote, shorten_line


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """What a scenario may refer to beyond itself. A fork has it from its parent; ``None`` means it is not known."""

    nodes: tuple[str, ...] | None
    commands: tuple[str, ...] | None
    no_op: bool
    membership: str | None
    reads: str | None
    start_ms: int
    until_ms: int | None


def check_node_name(name: str, place: Place, known_names: KnownNames, *other_words: str) -> Iterator[Finding]:
    """A node's name must be one of the cluster's, or one of a few other words."""
    if known_names.nodes is not None and name not in (*known_names.nodes, *other_words):
        yield (
            place,
            f"unknown node {quote(name)}; {suggest_nearest(shorten_line(name), [*known_names.nodes, *other_words])}",
        )


def check_node(value: YamlValue | None, known_names: KnownNames, *other_words: str) -> Iterator[Finding]:
    """The same, for a value that may be missing."""
    if value is not None:
        yield from check_node_name(value.text(), value.place, known_names, *other_words)


def check_node_keys(value: YamlValue | None, known_names: KnownNames) -> Iterator[Finding]:
    """The keys of a mapping must be nodes."""
    if value is not None:
        for name, _ in value.pairs():
            yield from check_node_name(name, value.key_places[name], known_names)


def check_distinct_nodes(nodes: YamlValue | None) -> Iterator[Finding]:
    """The nodes of a cluster have a name each."""
    seen: set[str] = set()
    for node in read_list(nodes):
        name = node.text()
        if name in seen:
            yield node.place, f"{quote(name)} is the name of two nodes; give each its own"
        seen.add(name)


def check_members(holder: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """Voters and learners are nodes, each named once, and none is both."""
    voters, learners = holder.get("voters"), holder.get("learners")
    for group in (voters, learners):
        seen: set[str] = set()
        for node in read_list(group):
            yield from check_node(node, known_names)
            if node.text() in seen:
                yield node.place, f"{quote(node.text())} is in this list twice; name each node once"
            seen.add(node.text())
    for node in read_list(learners):
        if node.text() in read_texts(voters):
            yield node.place, f"{quote(node.text())} is a voter already; a learner does not vote, so name it once"


def check_command(name: str, place: Place, known_names: KnownNames) -> Iterator[Finding]:
    """A command must be one that a client sends."""
    if known_names.commands is not None and name not in known_names.commands:
        sent_commands = list(dict.fromkeys(known_names.commands))
        advice = (
            suggest_nearest(shorten_line(name), sent_commands) if sent_commands else 'add a "client:" action to happens'
        )
        yield place, f"no client sends {quote(name)}; {advice}"


def check_enabled_features(action: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """What is asked for must be possible with these settings."""
    if "change" in action.key_places and known_names.membership == "fixed":
        words = 'the configuration is fixed here; set "membership: joint", or single, under settings'
        yield action.key_places["change"], words
    if "read" in action.key_places and known_names.reads == "off":
        yield (
            action.key_places["read"],
            'no leader answers reads here; set "reads: read-index", or lease, under settings',
        )
