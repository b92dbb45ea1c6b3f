"""Names that must exist: nodes and commands, as a scenario and its parent have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.schema import Complaint
from raftstep.scenario.value import Value, parts, texts
from raftstep.scenario.wording import quoted, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a scenario may refer to beyond itself. A fork has it from its parent; ``None`` means it is not known."""

    nodes: tuple[str, ...] | None
    commands: tuple[str, ...] | None
    no_op: bool
    membership: str | None
    reads: str | None
    begins_ms: int
    until_ms: int | None


def known(name: str, place: Place, around: Around, *besides: str) -> Iterator[Complaint]:
    """A node's name must be one of the cluster's, or one of a few other words."""
    if around.nodes is not None and name not in (*around.nodes, *besides):
        yield place, f"unknown node {quoted(name)}; {nearest(shortened(name), [*around.nodes, *besides])}"


def is_node(value: Value | None, around: Around, *besides: str) -> Iterator[Complaint]:
    """The same, for a value that may be missing."""
    if value is not None:
        yield from known(value.words(), value.place, around, *besides)


def known_keys(value: Value | None, around: Around) -> Iterator[Complaint]:
    """The keys of a mapping must be nodes."""
    if value is not None:
        for name, _ in value.pairs():
            yield from known(name, value.key_places[name], around)


def doubled(nodes: Value | None) -> Iterator[Complaint]:
    """The nodes of a cluster have a name each."""
    seen: set[str] = set()
    for node in parts(nodes):
        name = node.words()
        if name in seen:
            yield node.place, f"{quoted(name)} is the name of two nodes; give each its own"
        seen.add(name)


def members(holder: Value, around: Around) -> Iterator[Complaint]:
    """Voters and learners are nodes, each named once, and none is both."""
    voters, learners = holder.get("voters"), holder.get("learners")
    for group in (voters, learners):
        seen: set[str] = set()
        for node in parts(group):
            yield from is_node(node, around)
            if node.words() in seen:
                yield node.place, f"{quoted(node.words())} stands in this list twice; name each node once"
            seen.add(node.words())
    for node in parts(learners):
        if node.words() in texts(voters):
            yield node.place, f"{quoted(node.words())} is a voter already; a learner does not vote, so name it once"


def command(name: str, place: Place, around: Around) -> Iterator[Complaint]:
    """A command must be one that a client sends."""
    if around.commands is not None and name not in around.commands:
        sent = list(dict.fromkeys(around.commands))
        how = nearest(shortened(name), sent) if sent else 'add a "client:" action to happens'
        yield place, f"no client sends {quoted(name)}; {how}"


def switched_off(action: Value, around: Around) -> Iterator[Complaint]:
    """What is asked for must be possible with these settings."""
    if "change" in action.key_places and around.membership == "fixed":
        words = 'the configuration is fixed here; set "membership: joint", or single, under settings'
        yield action.key_places["change"], words
    if "read" in action.key_places and around.reads == "off":
        yield (
            action.key_places["read"],
            'no leader answers reads here; set "reads: read-index", or lease, under settings',
        )
