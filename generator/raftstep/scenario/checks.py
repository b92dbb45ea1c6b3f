"""What a schema cannot say: names that must exist, times that must not run backwards, sentences that must parse."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.scenario.expected import check_expectation
from raftstep.scenario.model import Place
from raftstep.scenario.names import Around, doubled, is_node, known_keys, members, switched_off
from raftstep.scenario.schema import Complaint
from raftstep.scenario.script_checks import check_script
from raftstep.scenario.sentence import faults
from raftstep.scenario.value import Value, parts
from raftstep.scenario.wording import WHERE, quoted
from raftstep.simulation.plan import LEADER

CLUSTER_WIDE = ("partition", "cut", "heal")
WHICH = ("term", "index", "source", "times")


def check(top: Value, around: Around) -> Iterator[Complaint]:
    """All mistakes in a scenario whose values are of the right kinds."""
    yield from doubled(top.get("nodes"))
    yield from members(top, around)
    yield from _ranges(top.get("settings"))
    yield from known_keys(top.get("timers"), around)
    yield from known_keys(top.get("clocks"), around)
    yield from _happenings(top, around)
    yield from check_script(top, around)
    for number, step in enumerate(parts(top.get("steps"))):
        yield from _step(step, number, around)
    yield from check_expectation(top.get("expect"), around)


def named_in(pattern: Value) -> list[str]:
    """The rules and events in a pattern written as a mapping; there should be one."""
    return [key for key, _ in pattern.pairs() if key not in WHICH]


def _ranges(settings: Value | None) -> Iterator[Complaint]:
    for key in ("election_timeout_ms", "latency_ms"):
        ends = parts(settings.get(key) if settings else None)
        if len(ends) == 2 and ends[0].whole() > ends[1].whole():
            low, high = ends[0].whole(), ends[1].whole()
            yield ends[0].place, f"the range {key} runs backwards; write the lower number first: [{high}, {low}]"


def _happenings(top: Value, around: Around) -> Iterator[Complaint]:
    latest_ms = around.begins_ms
    for action in parts(top.get("happens")):
        at = action.get("at_ms")
        if at is not None and at.whole() < latest_ms:
            yield at.place, f"time runs backwards: it is already {latest_ms} ms; put actions in order of their time"
        elif at is not None and around.until_ms is not None and at.whole() > around.until_ms:
            yield at.place, f'the run ends at {around.until_ms} ms; choose an earlier moment or a later "until_ms"'
        latest_ms = max(latest_ms, at.whole()) if at is not None else latest_ms
        yield from _pattern(action.get("when"), around)
        yield from _directive(action, around)


def _directive(action: Value, around: Around) -> Iterator[Complaint]:
    for name in ("client", "read", "change", "transfer"):
        asked = action.get(name)
        yield from is_node(asked.get("node") if asked else None, around, LEADER)
    for name in ("crash", "restart", "timeout", "snapshot"):
        yield from is_node(action.get(name), around, LEADER)
    for name in ("drop", "delay", "duplicate"):
        meddling = action.get(name)
        for end in ("source", "target"):
            yield from is_node(meddling.get(end) if meddling else None, around, LEADER)
    yield from known_keys(action.get("timers"), around)
    if partition := action.get("partition"):
        yield from _partition(partition, action.key_places["partition"], around)
    for link in parts(action.get("cut")):
        yield from _link(link, around)
    yield from switched_off(action, around)
    if change := action.get("change"):
        yield from members(change, around)
    if transfer := action.get("transfer"):
        yield from is_node(transfer.get("target"), around)


def _link(link: Value, around: Around) -> Iterator[Complaint]:
    source, target = link.get("source"), link.get("target")
    yield from is_node(source, around)
    yield from is_node(target, around)
    if source and target and source.words() == target.words():
        yield target.place, f"there is no link from {source.words()[:40]} to itself; name two nodes"


def _partition(groups: Value, key: Place, around: Around) -> Iterator[Complaint]:
    seen: set[str] = set()
    for node in (node for group in groups.parts() for node in group.parts()):
        yield from is_node(node, around)
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
        words = f'it names no rule or event; add one, such as "become-leader: S1" ({WHERE} has them all)'
        yield pattern.place, words
    for extra in named[1:]:
        yield (
            pattern.key_places[extra],
            f"a pattern names one rule or event, and here is {quoted(named[0])} before; remove one of them",
        )
    for word in named:
        node = pattern.fields[word]
        yield from is_node(node, around, "any")
        if word in CLUSTER_WIDE and (node.words() != "any" or pattern.get("term") or pattern.get("index")):
            yield node.place, f"a {word} happens to the whole cluster, at no node of its own; write {word} alone"
    yield from is_node(pattern.get("source"), around)


def _step(step: Value, number: int, around: Around) -> Iterator[Complaint]:
    when = step.get("when")
    if when is not None and when.scalar == "start" and number > 0:
        yield when.place, 'only the first step is the start; write the event that reaches this one, such as "commit"'
    yield from _pattern(when, around)
    for name in ("title", "say", "why"):
        if sentence := step.get(name):
            yield from faults(sentence)
    yield from check_expectation(step.get("expect"), around)
