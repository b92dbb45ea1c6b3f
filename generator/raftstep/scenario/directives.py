"""From actions as written to the plan of a run: what is done, and the moment that a pattern picks."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.scenario.checks import named_in
from raftstep.scenario.model import Place
from raftstep.scenario.value import Value, texts, whole, words
from raftstep.simulation.cluster import (
    Change,
    Crash,
    Cut,
    Heal,
    Partition,
    Read,
    Request,
    Revive,
    Snapshot,
    Timeout,
    Transfer,
)
from raftstep.simulation.plan import Action, Directive, Meddle, Pattern, SetTimer

MOMENT = ("at_ms", "when", "after_ms")


def actions(action: Value) -> Iterator[tuple[Action, Place]]:
    """One action for each thing done: the first at its moment, the others of the same directive at once after it."""
    at, when = action.get("at_ms"), action.get("when")
    for number, (directive, place) in enumerate(_directives(action)):
        first = number == 0
        yield (
            Action(
                directive=directive,
                at_ms=at.whole() if at and first else None,
                when=pattern(when) if when and first else None,
                after_ms=whole(action, "after_ms", 0) if first else 0,
            ),
            place,
        )


def _directives(action: Value) -> Iterator[tuple[Directive, Place]]:
    word, given = next(pair for pair in action.pairs() if pair[0] not in MOMENT)
    if word == "timers":
        for node, timeouts_ms in timers(given):
            yield SetTimer(node=node, timeouts_ms=timeouts_ms), given.key_places[node]
    else:
        yield _directive(word, given), action.key_places[word]


def _directive(word: str, given: Value) -> Directive:
    match word:
        case "client" | "read" | "change" | "transfer":
            return _asked(word, given)
        case "crash":
            return Crash(node=given.words())
        case "restart":
            return Revive(node=given.words())
        case "timeout":
            return Timeout(node=given.words())
        case "snapshot":
            return Snapshot(node=given.words())
        case "partition":
            return Partition(groups=tuple(texts(group) for group in given.parts()))
        case "cut":
            links = [(words(link, "source") or "", words(link, "target") or "") for link in given.parts()]
            return Cut(links=tuple(links))
        case "heal":
            return Heal()
    return _meddle(word, given)


def _asked(word: str, given: Value) -> Directive:
    """What a client or an operator asks of a node."""
    node = words(given, "node") or ""
    match word:
        case "read":
            return Read(node=node, key=words(given, "key") or "")
        case "change":
            return Change(node=node, voters=texts(given.get("voters")), learners=texts(given.get("learners")))
        case "transfer":
            return Transfer(node=node, target=words(given, "target") or "")
    return Request(
        node=node,
        command=words(given, "command") or "",
        client=words(given, "client"),
        serial=whole(given, "serial", 0),
    )


def _meddle(word: str, given: Value) -> Meddle:
    return Meddle(
        source=words(given, "source"),
        target=words(given, "target"),
        kind=words(given, "message"),
        count=whole(given, "count", 1),
        lose=word == "drop",
        delay_ms=whole(given, "by_ms", 0),
        copies=whole(given, "copies", 1) if word == "duplicate" else 0,
    )


def timers(value: Value | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Timeouts for each node, in ms."""
    pairs = value.pairs() if value else []
    return tuple((node, tuple(one.whole() for one in timeouts.parts())) for node, timeouts in pairs)


def pattern(value: Value) -> Pattern:
    """A pattern, written as a bare word or as a mapping."""
    if value.fields is None:
        return Pattern(what=_what(value.words()))
    word = named_in(value)[0]
    node = value.fields[word].words()
    term, index = value.get("term"), value.get("index")
    return Pattern(
        what=_what(word),
        node=None if node == "any" else node,
        term=term.whole() if term else None,
        index=index.whole() if index else None,
        source=words(value, "source"),
        times=whole(value, "times", 1),
    )


def _what(word: str) -> str:
    return "request" if word == "client" else word
