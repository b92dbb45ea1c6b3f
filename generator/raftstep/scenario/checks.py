"""What a schema cannot say: names that must exist, times that must not run backwards, sentences that must parse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from raftstep.scenario.model import Place
from raftstep.scenario.problem import nearest
from raftstep.scenario.schema import Complaint, schema
from raftstep.scenario.sentence import faults
from raftstep.scenario.value import Value
from raftstep.scenario.wording import quoted, shortened
from raftstep.simulation.plan import LEADER

CLUSTER_WIDE = ("partition", "heal")
WHICH = ("term", "index", "source", "times")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a scenario may refer to beyond itself. A fork has it from its parent; ``None`` means it is not known."""

    nodes: tuple[str, ...] | None
    commands: tuple[str, ...] | None
    no_op: bool
    begins_ms: int
    until_ms: int | None


def check(top: Value, around: Around) -> Iterator[Complaint]:
    """All mistakes in a scenario whose values are of the right kinds."""
    yield from _doubled(top.get("nodes"))
    yield from _ranges(top.get("settings"))
    yield from _known_keys(top.get("timers"), around)
    yield from _happenings(top, around)
    for number, step in enumerate(_parts(top.get("steps"))):
        yield from _step(step, number, around)
    yield from _expectation(top.get("expect"), around)


def words_of_patterns() -> tuple[str, ...]:
    """Every rule and event that a pattern may name."""
    return tuple(schema()["$defs"]["pattern"]["anyOf"][0]["enum"])


def named_in(pattern: Value) -> list[str]:
    """The rules and events in a pattern written as a mapping; there should be one."""
    return [key for key, _ in pattern.pairs() if key not in WHICH]


def _parts(value: Value | None) -> list[Value]:
    return value.parts() if value else []


def _pairs(value: Value | None) -> list[tuple[str, Value]]:
    return value.pairs() if value else []


def _doubled(nodes: Value | None) -> Iterator[Complaint]:
    seen: dict[str, int] = {}
    for node in _parts(nodes):
        name = node.words()
        if name in seen:
            yield node.place, f"{quoted(name)} is the name of two nodes; give each its own"
        seen.setdefault(name, node.place.line)


def _ranges(settings: Value | None) -> Iterator[Complaint]:
    for key in ("election_timeout_ms", "latency_ms"):
        ends = _parts(settings.get(key) if settings else None)
        if len(ends) == 2 and ends[0].whole() > ends[1].whole():
            low, high = ends[0].whole(), ends[1].whole()
            yield ends[0].place, f"the range {key} runs backwards; write the lower number first: [{high}, {low}]"


def _known(name: str, place: Place, around: Around, *besides: str) -> Iterator[Complaint]:
    if around.nodes is not None and name not in (*around.nodes, *besides):
        yield place, f"unknown node {quoted(name)}; {nearest(shortened(name), [*around.nodes, *besides])}"


def _is_node(value: Value | None, around: Around, *besides: str) -> Iterator[Complaint]:
    if value is not None:
        yield from _known(value.words(), value.place, around, *besides)


def _known_keys(value: Value | None, around: Around) -> Iterator[Complaint]:
    if value is not None:
        for name, _ in value.pairs():
            yield from _known(name, value.key_places[name], around)


def _happenings(top: Value, around: Around) -> Iterator[Complaint]:
    latest_ms = around.begins_ms
    for action in _parts(top.get("happens")):
        at = action.get("at_ms")
        if at is not None and at.whole() < latest_ms:
            yield at.place, f"time runs backwards: it is already {latest_ms} ms; put actions in order of their time"
        elif at is not None and around.until_ms is not None and at.whole() > around.until_ms:
            yield at.place, f'the run ends at {around.until_ms} ms; choose an earlier moment or a later "until_ms"'
        latest_ms = max(latest_ms, at.whole()) if at is not None else latest_ms
        yield from _pattern(action.get("when"), around)
        yield from _directive(action, around)


def _directive(action: Value, around: Around) -> Iterator[Complaint]:
    client = action.get("client")
    yield from _is_node(client.get("node") if client else None, around, LEADER)
    for name in ("crash", "restart", "timeout"):
        yield from _is_node(action.get(name), around, LEADER)
    for name in ("drop", "delay", "duplicate"):
        meddling = action.get(name)
        for end in ("source", "target"):
            yield from _is_node(meddling.get(end) if meddling else None, around, LEADER)
    yield from _known_keys(action.get("timers"), around)
    if partition := action.get("partition"):
        yield from _partition(partition, action.key_places["partition"], around)


def _partition(groups: Value, key: Place, around: Around) -> Iterator[Complaint]:
    seen: set[str] = set()
    for node in (node for group in groups.parts() for node in group.parts()):
        yield from _is_node(node, around)
        if node.words() in seen:
            yield node.place, f"{node.words()[:40]} stands in the partition twice; name each node once"
        seen.add(node.words())
    missing = [name for name in around.nodes or () if name not in seen]
    if missing and not groups.holes and not any(group.holes for group in groups.parts()):
        yield key, f"the partition leaves out {', '.join(missing)}; put every node in a group"


def _pattern(pattern: Value | None, around: Around) -> Iterator[Complaint]:
    if pattern is None or not pattern.fields:
        return
    named = named_in(pattern)
    if not named and not pattern.holes:
        known = ", ".join(words_of_patterns())
        yield pattern.place, f'it names no rule or event; add one, such as "become-leader: S1" (known: {known})'
    for extra in named[1:]:
        yield (
            pattern.key_places[extra],
            f"a pattern names one rule or event, and here is {quoted(named[0])} before; remove one of them",
        )
    for word in named:
        node = pattern.fields[word]
        yield from _is_node(node, around, "any")
        if word in CLUSTER_WIDE and (node.words() != "any" or pattern.get("term") or pattern.get("index")):
            yield node.place, f"a {word} happens to the whole cluster, at no node of its own; write {word} alone"
    yield from _is_node(pattern.get("source"), around)


def _step(step: Value, number: int, around: Around) -> Iterator[Complaint]:
    when = step.get("when")
    if when is not None and when.scalar == "start" and number > 0:
        yield when.place, 'only the first step is the start; write the event that reaches this one, such as "commit"'
    yield from _pattern(when, around)
    for name in ("title", "say", "why"):
        if sentence := step.get(name):
            yield from faults(sentence)
    yield from _expectation(step.get("expect"), around)


def _expectation(expect: Value | None, around: Around) -> Iterator[Complaint]:
    if expect is None:
        return
    yield from _is_node(expect.get("leader"), around, "none")
    for name in ("terms", "roles", "votes", "logs", "commit_index"):
        yield from _known_keys(expect.get(name), around)
    for _, vote in _pairs(expect.get("votes")):
        yield from _is_node(vote, around, "none")
    for name in ("answered", "unanswered"):
        for command in _parts(expect.get(name)):
            yield from _command(command.words(), command.place, around)
    for _, log in _pairs(expect.get("logs")):
        for entry in log.parts():
            name = entry.words().rpartition("@")[0]
            if name and name != "no-op":
                yield from _command(name, entry.place, around)
            elif name and not around.no_op and around.commands is not None:
                yield entry.place, 'no leader appends a no-op here; set "no_op: true" under settings'


def _command(command: str, place: Place, around: Around) -> Iterator[Complaint]:
    if around.commands is not None and command not in around.commands:
        known = list(dict.fromkeys(around.commands))
        how = nearest(shortened(command), known) if known else 'add a "client:" action to happens'
        yield place, f"no client sends {quoted(command)}; {how}"
