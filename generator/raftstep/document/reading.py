"""YAML text as plain values, each with its place in the file.

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

from raftstep.document.problem import Place
from raftstep.document.value import Scalar, YamlValue
from raftstep.document.yaml_errors import explain_yaml_error
from raftstep.limits import FILE_BYTES, YAML_EVENTS, YAML_LEVELS

_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FORBIDDEN_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a file holds, in the words of its complaints."""

    name: str
    first_lines: str
    shorten_advice: str


SCENARIO_FILE = FileKind(
    name="a scenario", first_lines='"title: ..." and "steps:"', shorten_advice="write fewer actions"
)


class UnreadableError(Exception):
    """The text cannot be read at all, so nothing more can be said about it."""

    def __init__(self, place: Place, words: str) -> None:
        super().__init__(words)
        self.place = place
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedYaml:
    """A file that is YAML: its top value, and the keys that were written twice."""

    top: YamlValue
    duplicate_keys: tuple[tuple[Place, str], ...]


def decode_text(text: str | bytes, kind: FileKind = SCENARIO_FILE) -> str:
    """A file's text, without byte order mark; raises :class:`UnreadableError` where it is too long or not UTF-8.

    Text may have the bytes that are not UTF-8 as Python's *surrogate escapes*.
    """
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > FILE_BYTES.most:
        raise UnreadableError(Place(line=1, column=1), describe_too_large(size, kind))
    if isinstance(text, str):
        with suppress(UnicodeEncodeError):  # for half a character, which parse_yaml refuses at its place
            text = text.encode("utf-8", "surrogateescape")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = make_printable(text[: error.start].decode("utf-8"))
        words = f"not UTF-8: the byte 0x{text[error.start]:02x} is no text; save the file as UTF-8"
        raise UnreadableError(_place_after(before), words) from None


def describe_too_large(size: int, kind: FileKind) -> str:
    """What is said of a file of more bytes than any is read of."""
    size_words = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB"
    return f"the file is {size_words}; {kind.name} has at most {FILE_BYTES.most // 1000} kB: {kind.shorten_advice}"


def make_printable(text: str | bytes) -> str:
    """Any input as text fit to be shown with a mistake: no control characters, and not endless."""
    start = text[: FILE_BYTES.most]
    return _FORBIDDEN_CHARACTER.sub("\ufffd", start.decode("utf-8", "replace") if isinstance(start, bytes) else start)


def parse_yaml(text: str, kind: FileKind = SCENARIO_FILE) -> ParsedYaml:
    """YAML text as values; raises :class:`UnreadableError` where it is not YAML, is empty, or uses what is refused."""
    if match := _FORBIDDEN_CHARACTER.search(text):
        words = f"the character U+{ord(match[0]):04X} is not allowed in YAML; remove it"
        raise UnreadableError(_place_after(make_printable(text[: match.start()])), words)
    loader = yaml.SafeLoader(text)
    try:
        return _build_values(_parse_events(loader), text, kind)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        mark = loader.get_mark()
        place, words = explain_yaml_error(error, Place(line=mark.line + 1, column=mark.column + 1), text)
        raise UnreadableError(place, words) from None


def _build_values(events: Iterable[yaml.Event], text: str, kind: FileKind) -> ParsedYaml:
    builder = _Builder(text, kind)
    for event in events:
        builder.add_event(event)
    if builder.top is None or (_is_empty(builder.top)):
        raise UnreadableError(Place(line=1, column=1), f"the file is empty; begin with {kind.first_lines}")
    return ParsedYaml(top=builder.top, duplicate_keys=tuple(builder.duplicate_keys))


def _parse_events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        yield loader.get_event()  # type: ignore[no-untyped-call]


def _place_after(before: str) -> Place:
    lines = (before + "x").splitlines()
    return Place(line=len(lines), column=len(lines[-1]))


class _Builder:
    """Values from events, with a stack of what is still open. Nothing here recurses."""

    def __init__(self, text: str, kind: FileKind) -> None:
        self.text = text
        self.kind = kind
        self.lines = text.splitlines()
        self.top: YamlValue | None = None
        self.duplicate_keys: list[tuple[Place, str]] = []
        self.open_values: list[YamlValue] = []
        self.pending_keys: list[tuple[str, Place] | None] = []
        self.event_count = 0

    def add_event(self, event: yaml.Event) -> None:
        self.event_count += 1
        place = self._event_place(event)
        if self.event_count > YAML_EVENTS.most:
            raise UnreadableError(place, f"more than {YAML_EVENTS.most} keys and values; {self.kind.shorten_advice}")
        if isinstance(event, yaml.DocumentStartEvent) and self.top is not None:
            raise UnreadableError(
                place, 'a second document begins here; remove the line "---" or make it a file of its own'
            )
        if isinstance(event, yaml.NodeEvent):
            self._refuse_unsupported(event, place)
        if isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event, place)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open_value(YamlValue(place=place, fields={}))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open_value(YamlValue(place=place, items=[]))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.pending_keys.pop()
            self.open_values.pop()

    def _refuse_unsupported(self, event: yaml.NodeEvent, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            sign = f'"*{event.anchor}"' if isinstance(event, yaml.AliasEvent) else f'"&{event.anchor}"'
            raise UnreadableError(
                place, f"anchors and aliases, such as {sign[:40]}, are not used here; write the value out"
            )
        if getattr(event, "tag", None) is not None:
            raise UnreadableError(place, "tags, beginning with !, are not used here; put the text in quotes")
        if not isinstance(event, yaml.ScalarEvent):
            if len(self.open_values) >= YAML_LEVELS.most:
                words = f"nested more than {YAML_LEVELS.most} levels deep; no part of {self.kind.name} needs that"
                raise UnreadableError(place, words)
            if self._awaits_key():
                raise UnreadableError(
                    place, 'a key must be plain text; put a sentence in quotes when it begins with "{" or "["'
                )

    def _awaits_key(self) -> bool:
        return bool(self.open_values) and self.open_values[-1].fields is not None and self.pending_keys[-1] is None

    def _open_value(self, value: YamlValue) -> None:
        self._add_value(value)
        self.open_values.append(value)
        self.pending_keys.append(None)

    def _add_scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        if match := _FORBIDDEN_CHARACTER.search(event.value):
            raise UnreadableError(place, f"the escape for U+{ord(match[0]):04X} is not allowed here; remove it")
        if self._awaits_key():
            self.pending_keys[-1] = (event.value, place)
            return
        start, end = _marks(event)
        raw = self.text[start.index : end.index]
        self._add_value(YamlValue(place=place, raw=raw, scalar=_scalar_value(event)))

    def _add_value(self, value: YamlValue) -> None:
        if not self.open_values:
            self.top = value
            return
        holder = self.open_values[-1]
        if holder.items is not None:
            holder.items.append(value)
            return
        key = self.pending_keys[-1]
        assert holder.fields is not None
        assert key is not None
        self.pending_keys[-1] = None
        name, place = key
        if name in holder.fields:
            first = holder.key_places[name].line
            self.duplicate_keys.append(
                (place, f'"{name[:40]}" is written twice, first on line {first}; keep one of them')
            )
            return
        holder.fields[name] = value
        holder.key_places[name] = place

    def _event_place(self, event: yaml.Event) -> Place:
        start, end = _marks(event)
        if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
            return next(self._text_lines(start.line + 1, end.line), Place(line=start.line + 1, column=start.column + 1))
        width = len(self.lines[start.line].rstrip()) if start.line < len(self.lines) else 0
        length = (end.column if end.line == start.line else width) - start.column
        return Place(line=start.line + 1, column=start.column + 1, length=max(1, length))

    def _text_lines(self, first: int, last: int) -> Iterator[Place]:
        """The lines from ``first`` to ``last``, counted from 0, that hold anything."""
        for number in range(first, min(last + 1, len(self.lines))):
            line = self.lines[number]
            if content := line.strip():
                yield Place(line=number + 1, column=len(line) - len(line.lstrip()) + 1, length=len(content))


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """Where an event begins and ends; each parser has a class of its own for that."""
    return event.start_mark, event.end_mark


def _is_empty(value: YamlValue) -> bool:
    return value.scalar is None and value.fields is None and value.items is None


def _scalar_value(event: yaml.ScalarEvent) -> Scalar:
    """What a scalar means: quoted it is text; bare it may be a number, true, false or nothing."""
    text: str = event.value
    if event.style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text) and len(text) <= 18:
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
