"""From values known to be right to a :class:`Scenario`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from raftstep.core.model import Settings
from raftstep.scenario.checks import named_in
from raftstep.scenario.model import Expectation, Fork, Place, Scenario, Sentence, Waypoint
from raftstep.scenario.value import Value
from raftstep.simulation.cluster import Crash, Heal, Partition, Request, Revive, Timeout
from raftstep.simulation.plan import Action, Directive, Meddle, Pattern, SetTimer, Setup

START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """What a fork has from its parent: its set-up with only the actions up to the fork, its seed, and that moment."""

    setup: Setup
    seed: int
    moment_ms: int
    commands: tuple[str, ...]


def build(path: str, source: str, top: Value, inherited: Inherited | None) -> Scenario:
    """The scenario. Every value is of the right kind and every name is known: the checks have passed."""
    fork = top.get("fork")
    actions = [pair for action in _parts(top.get("happens")) for pair in _actions(action)]
    kept = inherited.setup.plan if inherited else ()
    expect = top.get("expect")
    summary = top.get("summary")
    return Scenario(
        id=PurePath(path).stem,
        path=path,
        source=source,
        title=top.fields["title"].words() if top.fields else "",
        summary=summary.words() if summary else "",
        setup=_setup(top, inherited, (*kept, *(action for action, _ in actions))),
        seed=inherited.seed if inherited else _whole(top, "seed", 0),
        action_places=(*(fork.place for _ in kept if fork), *(place for _, place in actions)),
        waypoints=tuple(_waypoint(step) for step in _parts(top.get("steps"))),
        expect=_expectation(expect, top.key_places["expect"]) if expect else None,
        fork=_fork(fork, top.key_places["fork"]) if fork else None,
    )


def _parts(value: Value | None) -> list[Value]:
    return value.parts() if value else []


def _pairs(value: Value | None) -> list[tuple[str, Value]]:
    return value.pairs() if value else []


def _whole(value: Value | None, key: str, otherwise: int) -> int:
    inner = value.get(key) if value else None
    return inner.whole() if inner else otherwise


def _words(value: Value, key: str) -> str | None:
    inner = value.get(key)
    return inner.words() if inner else None


def _chance(value: Value | None, key: str) -> float:
    inner = value.get(key) if value else None
    return float(inner.scalar or 0) if inner else 0.0


def _range(value: Value | None, key: str, otherwise: tuple[int, int]) -> tuple[int, int]:
    ends = _parts(value.get(key) if value else None)
    return (ends[0].whole(), ends[1].whole()) if ends else otherwise


def _timers(value: Value | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((node, tuple(one.whole() for one in timeouts.parts())) for node, timeouts in _pairs(value))


def _setup(top: Value, inherited: Inherited | None, plan: tuple[Action, ...]) -> Setup:
    timers = _timers(top.get("timers"))
    if inherited:
        from_parent = inherited.setup
        return Setup(
            nodes=from_parent.nodes,
            settings=from_parent.settings,
            start_term=from_parent.start_term,
            election_timeout_ms=from_parent.election_timeout_ms,
            heartbeat_interval_ms=from_parent.heartbeat_interval_ms,
            latency_ms=from_parent.latency_ms,
            loss=from_parent.loss,
            duplicate=from_parent.duplicate,
            timers=tuple({**dict(from_parent.timers), **dict(timers)}.items()),
            plan=plan,
            until_ms=_whole(top, "until_ms", from_parent.until_ms),
        )
    settings = top.get("settings")
    no_op = settings.get("no_op") if settings else None
    return Setup(
        nodes=tuple(node.words() for node in _parts(top.get("nodes"))),
        settings=Settings(no_op=bool(no_op and no_op.scalar)),
        start_term=_whole(settings, "start_term", 1),
        election_timeout_ms=_range(settings, "election_timeout_ms", (150, 300)),
        heartbeat_interval_ms=_whole(settings, "heartbeat_interval_ms", 50),
        latency_ms=_range(settings, "latency_ms", (10, 20)),
        loss=_chance(settings, "loss"),
        duplicate=_chance(settings, "duplicate"),
        timers=timers,
        plan=plan,
        until_ms=_whole(top, "until_ms", 1000),
    )


def _actions(action: Value) -> Iterator[tuple[Action, Place]]:
    """One action for each thing done: the first at its moment, the others of the same directive at once after it."""
    at, when = action.get("at_ms"), action.get("when")
    for number, (directive, place) in enumerate(_directives(action)):
        first = number == 0
        yield (
            Action(
                directive=directive,
                at_ms=at.whole() if at and first else None,
                when=pattern(when) if when and first else None,
                after_ms=_whole(action, "after_ms", 0) if first else 0,
            ),
            place,
        )


def _directives(action: Value) -> Iterator[tuple[Directive, Place]]:
    word, given = next(pair for pair in action.pairs() if pair[0] not in ("at_ms", "when", "after_ms"))
    place = action.key_places[word]
    match word:
        case "client":
            yield Request(node=_words(given, "node") or "", command=_words(given, "command") or ""), place
        case "crash":
            yield Crash(node=given.words()), place
        case "restart":
            yield Revive(node=given.words()), place
        case "timeout":
            yield Timeout(node=given.words()), place
        case "partition":
            groups = tuple(tuple(node.words() for node in group.parts()) for group in given.parts())
            yield Partition(groups=groups), place
        case "heal":
            yield Heal(), place
        case "timers":
            for node, timeouts_ms in _timers(given):
                yield SetTimer(node=node, timeouts_ms=timeouts_ms), given.key_places[node]
        case _:
            yield _meddle(word, given), place


def _meddle(word: str, given: Value) -> Meddle:
    return Meddle(
        source=_words(given, "source"),
        target=_words(given, "target"),
        kind=_words(given, "message"),
        count=_whole(given, "count", 1),
        lose=word == "drop",
        delay_ms=_whole(given, "by_ms", 0),
        copies=_whole(given, "copies", 1) if word == "duplicate" else 0,
    )


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
        source=_words(value, "source"),
        times=_whole(value, "times", 1),
    )


def _what(word: str) -> str:
    return "request" if word == "client" else word


def _waypoint(step: Value) -> Waypoint:
    assert step.fields is not None
    when, why, expect = step.fields["when"], step.get("why"), step.get("expect")
    return Waypoint(
        name=step.fields["name"].words(),
        title=_sentence(step.fields["title"]),
        say=_sentence(step.fields["say"]),
        why=_sentence(why) if why else None,
        when=None if when.scalar == START else pattern(when),
        after_ms=_whole(step, "after_ms", 0),
        expect=_expectation(expect, step.key_places["expect"]) if expect else None,
        place=when.place,
    )


def _sentence(value: Value) -> Sentence:
    return Sentence(text=value.words(), place=value.place)


def _expectation(value: Value, place: Place) -> Expectation:
    def numbers(key: str) -> tuple[tuple[str, int], ...]:
        return tuple((node, number.whole()) for node, number in _pairs(value.get(key)))

    def names(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((node, name.words()) for node, name in _pairs(value.get(key)))

    def texts(inner: Value | None) -> tuple[str, ...]:
        return tuple(text.words() for text in _parts(inner))

    return Expectation(
        place=place,
        leader=_words(value, "leader"),
        terms=numbers("terms"),
        roles=names("roles"),
        votes=names("votes"),
        logs=tuple((node, texts(log)) for node, log in _pairs(value.get("logs"))),
        commit_index=numbers("commit_index"),
        answered=texts(value.get("answered")),
        unanswered=texts(value.get("unanswered")),
    )


def _fork(fork: Value, place: Place) -> Fork:
    assert fork.fields is not None
    return Fork(
        of=fork.fields["of"].words(),
        step=fork.fields["step"].whole(),
        question=fork.fields["question"].words(),
        place=place,
    )
