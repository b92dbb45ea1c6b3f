"""A value of a scenario as its author wrote it, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

from raftstep.scenario.model import Place

Scalar = str | int | float | bool | None


@dataclass(slots=True, kw_only=True, eq=False)
class Value:
    """A value as written. It is a mapping where ``fields`` is set, a list where ``items`` is, else a scalar.

    ``raw`` is the text as typed, with quotes and line breaks. ``holes``: a part was wrong and taken out.
    """

    place: Place
    raw: str = ""
    scalar: Scalar = None
    fields: dict[str, Value] | None = None
    key_places: dict[str, Place] = field(default_factory=dict)
    items: list[Value] | None = None
    holes: bool = False

    def get(self, key: str) -> Value | None:
        """The value under a key; ``None`` where there is no such key."""
        return (self.fields or {}).get(key)

    def pairs(self) -> list[tuple[str, Value]]:
        """The keys of a mapping and their values, in the order of the file."""
        return list((self.fields or {}).items())

    def parts(self) -> list[Value]:
        """The values in a list."""
        return self.items or []

    def words(self) -> str:
        """A scalar known to be text."""
        assert isinstance(self.scalar, str)
        return self.scalar

    def whole(self) -> int:
        """A scalar known to be a whole number."""
        assert isinstance(self.scalar, int)
        return self.scalar

    def number(self) -> float:
        """A scalar known to be a number."""
        assert isinstance(self.scalar, int | float)
        return float(self.scalar)

    def plain(self) -> object:
        """The bare data, without places."""
        if self.fields is not None:
            return {key: value.plain() for key, value in self.fields.items()}
        if self.items is not None:
            return [value.plain() for value in self.items]
        return self.scalar


def parts(value: Value | None) -> list[Value]:
    """The values in a list that may be missing."""
    return value.parts() if value else []


def pairs(value: Value | None) -> list[tuple[str, Value]]:
    """The keys and values of a mapping that may be missing."""
    return value.pairs() if value else []


def texts(value: Value | None) -> tuple[str, ...]:
    """The words in a list that may be missing."""
    return tuple(one.words() for one in parts(value))


def words(value: Value | None, key: str) -> str | None:
    """The words under a key; ``None`` where there are none."""
    inner = value.get(key) if value else None
    return inner.words() if inner else None


def whole(value: Value | None, key: str, otherwise: int) -> int:
    """The whole number under a key."""
    inner = value.get(key) if value else None
    return inner.whole() if inner else otherwise


def number(value: Value | None, key: str, otherwise: float) -> float:
    """The number under a key."""
    inner = value.get(key) if value else None
    return inner.number() if inner else otherwise


def flag(value: Value | None, key: str, otherwise: bool) -> bool:
    """The *true* or *false* under a key."""
    inner = value.get(key) if value else None
    return bool(inner.scalar) if inner else otherwise
