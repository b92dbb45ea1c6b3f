"""YAML text as plain values, each knowing where it stands in the file.

Scenarios use the part of YAML that cannot surprise: mappings, lists, text, numbers, true and false. Anchors, aliases
and tags are refused, so that no small file unfolds into a large one, and words mean what YAML 1.2 says they mean:
``on`` and ``1:30`` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from raftstep.scenario.model import Place
from raftstep.scenario.not_yaml import in_plain_words
from raftstep.scenario.quick_yaml import quick_events
from raftstep.scenario.value import Scalar, Value

MOST_BYTES = 256_000
MOST_EVENTS = 20_000
MOST_LEVELS = 20

_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file holds, in the words of its complaints."""

    name: str
    begin: str
    shorten: str


SCENARIO = Kind(name="a scenario", begin='"title: ..." and "steps:"', shorten="tell the story in fewer actions")


class UnreadableError(Exception):
    """The text cannot be read at all, so nothing more can be said about it."""

    def __init__(self, place: Place, words: str) -> None:
        super().__init__(words)
        self.place = place
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file that is YAML: its top value, and the keys that were written twice."""

    top: Value
    twice: tuple[tuple[Place, str], ...]


def decoded(text: str | bytes, kind: Kind = SCENARIO) -> str:
    """A file's text, without byte order mark; raises :class:`UnreadableError` where it is too long or not UTF-8."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        shown = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB"
        words = f"the file is {shown}; {kind.name} has at most {MOST_BYTES // 1000} kB: {kind.shorten}"
        raise UnreadableError(Place(line=1, column=1), words)
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = shown_as(text[: error.start].decode("utf-8"))
        words = f"not UTF-8: the byte 0x{text[error.start]:02x} is no text; save the file as UTF-8"
        raise UnreadableError(_place_after(before), words) from None


def shown_as(text: str | bytes) -> str:
    """Any input as text fit to be shown beside a mistake: no control characters, and not endless."""
    start = text[:MOST_BYTES]
    return _UNREADABLE.sub("\ufffd", start.decode("utf-8", "replace") if isinstance(start, bytes) else start)


def read(text: str, kind: Kind = SCENARIO) -> Reading:
    """YAML text as values; raises :class:`UnreadableError` where it is not YAML, is empty, or uses what is refused."""
    if odd := _UNREADABLE.search(text):
        words = f"the character U+{ord(odd[0]):04X} is not allowed in YAML; remove it"
        raise UnreadableError(_place_after(shown_as(text[: odd.start()])), words)
    with suppress(yaml.YAMLError, UnreadableError, ValueError, OverflowError):  # the other parser tells what is wrong
        return _reading(quick_events(text), text, kind)
    loader = yaml.SafeLoader(text)
    try:
        return _reading(_events(loader), text, kind)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        mark = loader.get_mark()
        place, words = in_plain_words(error, Place(line=mark.line + 1, column=mark.column + 1), text)
        raise UnreadableError(place, words) from None


def _reading(events: Iterable[yaml.Event], text: str, kind: Kind) -> Reading:
    builder = _Builder(text, kind)
    for event in events:
        builder.take(event)
    if builder.top is None or (_is_nothing(builder.top)):
        raise UnreadableError(Place(line=1, column=1), f"the file is empty; begin with {kind.begin}")
    return Reading(top=builder.top, twice=tuple(builder.twice))


def _events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        yield loader.get_event()  # type: ignore[no-untyped-call]


def _place_after(before: str) -> Place:
    lines = (before + "x").splitlines()
    return Place(line=len(lines), column=len(lines[-1]))


class _Builder:
    """Values from events, with a stack of what is still open. Nothing here recurses."""

    def __init__(self, text: str, kind: Kind) -> None:
        self.text = text
        self.kind = kind
        self.lines = text.splitlines()
        self.top: Value | None = None
        self.twice: list[tuple[Place, str]] = []
        self.open: list[Value] = []
        self.keys: list[tuple[str, Place] | None] = []
        self.taken = 0

    def take(self, event: yaml.Event) -> None:
        self.taken += 1
        place = self._place(event)
        if self.taken > MOST_EVENTS:
            raise UnreadableError(place, f"more than {MOST_EVENTS} keys and values; {self.kind.shorten}")
        if isinstance(event, yaml.DocumentStartEvent) and self.top is not None:
            raise UnreadableError(
                place, 'a second document begins here; remove the line "---" or make it a file of its own'
            )
        if isinstance(event, yaml.NodeEvent):
            self._refuse(event, place)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, place)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(Value(place=place, fields={}))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(Value(place=place, items=[]))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.keys.pop()
            self.open.pop()

    def _refuse(self, event: yaml.NodeEvent, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            sign = f'"*{event.anchor}"' if isinstance(event, yaml.AliasEvent) else f'"&{event.anchor}"'
            raise UnreadableError(
                place, f"anchors and aliases, such as {sign[:40]}, are not used here; write the value out"
            )
        if getattr(event, "tag", None) is not None:
            raise UnreadableError(place, "tags, beginning with !, are not used here; put the text in quotes")
        if not isinstance(event, yaml.ScalarEvent):
            if len(self.open) >= MOST_LEVELS:
                words = f"nested more than {MOST_LEVELS} levels deep; no part of {self.kind.name} needs that"
                raise UnreadableError(place, words)
            if self._awaits_key():
                raise UnreadableError(
                    place, 'a key must be plain text; put a sentence in quotes when it begins with "{" or "["'
                )

    def _awaits_key(self) -> bool:
        return bool(self.open) and self.open[-1].fields is not None and self.keys[-1] is None

    def _begin(self, value: Value) -> None:
        self._put(value)
        self.open.append(value)
        self.keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        if odd := _UNREADABLE.search(event.value):
            raise UnreadableError(place, f"the escape for U+{ord(odd[0]):04X} is not allowed here; remove it")
        if self._awaits_key():
            self.keys[-1] = (event.value, place)
            return
        start, end = _marks(event)
        raw = self.text[start.index : end.index]
        self._put(Value(place=place, raw=raw, scalar=_meaning(event)))

    def _put(self, value: Value) -> None:
        if not self.open:
            self.top = value
            return
        holder = self.open[-1]
        if holder.items is not None:
            holder.items.append(value)
            return
        key = self.keys[-1]
        assert holder.fields is not None
        assert key is not None
        self.keys[-1] = None
        name, place = key
        if name in holder.fields:
            first = holder.key_places[name].line
            self.twice.append((place, f'"{name[:40]}" is written twice, first on line {first}; keep one of them'))
            return
        holder.fields[name] = value
        holder.key_places[name] = place

    def _place(self, event: yaml.Event) -> Place:
        start, end = _marks(event)
        if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
            return next(self._written(start.line + 1, end.line), Place(line=start.line + 1, column=start.column + 1))
        width = len(self.lines[start.line].rstrip()) if start.line < len(self.lines) else 0
        length = (end.column if end.line == start.line else width) - start.column
        return Place(line=start.line + 1, column=start.column + 1, length=max(1, length))

    def _written(self, first: int, last: int) -> Iterator[Place]:
        """The lines from ``first`` to ``last``, counted from 0, that hold anything."""
        for number in range(first, min(last + 1, len(self.lines))):
            line = self.lines[number]
            if words := line.strip():
                yield Place(line=number + 1, column=len(line) - len(line.lstrip()) + 1, length=len(words))


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """Where an event begins and ends; each parser has a class of its own for that."""
    return event.start_mark, event.end_mark


def _is_nothing(value: Value) -> bool:
    return value.scalar is None and value.fields is None and value.items is None


def _meaning(event: yaml.ScalarEvent) -> Scalar:
    """What a scalar means: quoted it is text; bare it may be a number, true, false or nothing."""
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text) and len(text) <= 18:
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
