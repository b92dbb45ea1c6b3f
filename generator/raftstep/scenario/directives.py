"""From actions as written to the plan of a run: what is done, and the moment that a pattern picks."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.document.problem import Place
from raftstep.document.value import YamlValue, read_integer, read_list, read_text
from raftstep.scenario.checks import rules_and_events
from raftstep.simulation.events import verbs_in_patterns, verbs_under
from raftstep.simulation.plan import Action, MessageFault, Pattern, PlannedEvent, SetLink, SetTimer
from raftstep.simulation.verb import HAPPENS

MOMENT_KEYS = ("at_ms", "when", "after_ms")


def read_actions(action: YamlValue) -> Iterator[tuple[Action, Place]]:
    """One action for each thing done: the first at its moment, the others of the same directive at once after it."""
    at, when = action.get("at_ms"), action.get("when")
    for number, (directive, place) in enumerate(_read_directives(action)):
        first = number == 0
        yield (
            Action(
                directive=directive,
                at_ms=at.integer() if at and first else None,
                when=read_pattern(when) if when and first else None,
                after_ms=read_integer(action, "after_ms", 0) if first else 0,
            ),
            place,
        )


def _read_directives(action: YamlValue) -> Iterator[tuple[PlannedEvent, Place]]:
    word, value = next(pair for pair in action.pairs() if pair[0] not in MOMENT_KEYS)
    if word == "timers":
        for node, timeouts_ms in read_timers(value):
            yield SetTimer(node=node, timeouts_ms=timeouts_ms), value.key_places[node]
    elif word == "links":
        yield from zip(read_links(value), (link.place for link in value.list_items()), strict=True)
    else:
        yield _read_directive(word, value), action.key_places[word]


def _read_directive(word: str, value: YamlValue) -> PlannedEvent:
    verb = verbs_under(HAPPENS).get(word)
    if verb is None:
        return _read_message_fault(word, value)
    event: PlannedEvent = verb.read(value.to_data())
    return event


def _read_message_fault(word: str, value: YamlValue) -> MessageFault:
    return MessageFault(
        source=read_text(value, "source"),
        target=read_text(value, "target"),
        kind=read_text(value, "message"),
        term=term.integer() if (term := value.get("term")) else None,
        entry=read_text(value, "entry"),
        index=index.integer() if (index := value.get("index")) else None,
        nth=read_integer(value, "nth", 1),
        count=read_integer(value, "count", 1),
        lose=word == "drop",
        delay_ms=read_integer(value, "by_ms", 0),
        copies=read_integer(value, "copies", 1) if word == "duplicate" else 0,
    )


def read_timers(value: YamlValue | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Timeouts for each node, in ms."""
    pairs = value.pairs() if value else []
    return tuple((node, tuple(timeout.integer() for timeout in timeouts.list_items())) for node, timeouts in pairs)


def read_links(value: YamlValue | None) -> tuple[SetLink, ...]:
    """How links behave, a line each."""
    return tuple(_read_link(link) for link in read_list(value))


def _read_link(value: YamlValue) -> SetLink:
    ends = read_list(value.get("latency_ms"))
    loss, duplication = value.get("loss"), value.get("duplicate")
    return SetLink(
        source=read_text(value, "source"),
        target=read_text(value, "target"),
        latency_ms=(ends[0].integer(), ends[1].integer()) if ends else None,
        loss=loss.number() if loss else None,
        duplication=duplication.number() if duplication else None,
    )


def read_pattern(value: YamlValue) -> Pattern:
    """A pattern, written as a bare word or as a mapping."""
    if value.fields is None:
        return Pattern(name=_pattern_name(value.text()))
    word = rules_and_events(value)[0]
    node = value.fields[word].text()
    term, index = value.get("term"), value.get("index")
    return Pattern(
        name=_pattern_name(word),
        node=None if node == "any" else node,
        term=term.integer() if term else None,
        index=index.integer() if index else None,
        source=read_text(value, "source"),
        occurrence=read_integer(value, "times", 1),
    )


def _pattern_name(word: str) -> str:
    """A rule's word, or the name of the event that an author may call otherwise."""
    verb = verbs_in_patterns().get(word)
    return verb.name if verb else word
