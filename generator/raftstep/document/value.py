"""A value of a scenario as its author wrote it, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

from raftstep.document.problem import Place

Scalar = str | int | float | bool | None


@dataclass(slots=True, kw_only=True, eq=False)
class YamlValue:
    """A value as written. It is a mapping where ``fields`` is set, a list where ``items`` is, else a scalar.

    ``raw`` is the text as typed, with quotes and line breaks. ``is_incomplete``: a part was wrong and taken out.
    """

    place: Place
    raw: str = ""
    scalar: Scalar = None
    fields: dict[str, YamlValue] | None = None
    key_places: dict[str, Place] = field(default_factory=dict)
    items: list[YamlValue] | None = None
    is_incomplete: bool = False

    def get(self, key: str) -> YamlValue | None:
        """The value under a key; ``None`` where there is no such key."""
        return (self.fields or {}).get(key)

    def pairs(self) -> list[tuple[str, YamlValue]]:
        """The keys of a mapping and their values, in the order of the file."""
        return list((self.fields or {}).items())

    def list_items(self) -> list[YamlValue]:
        """The values in a list."""
        return self.items or []

    def text(self) -> str:
        """A scalar known to be text."""
        assert isinstance(self.scalar, str)
        return self.scalar

    def integer(self) -> int:
        """A scalar known to be a whole number."""
        assert isinstance(self.scalar, int)
        return self.scalar

    def number(self) -> float:
        """A scalar known to be a number."""
        assert isinstance(self.scalar, int | float)
        return float(self.scalar)

    def to_data(self) -> object:
        """The bare data, without places."""
        if self.fields is not None:
            return {key: value.to_data() for key, value in self.fields.items()}
        if self.items is not None:
            return [value.to_data() for value in self.items]
        return self.scalar


def read_list(value: YamlValue | None) -> list[YamlValue]:
    """The values in a list that may be missing."""
    return value.list_items() if value else []


def read_mapping(value: YamlValue | None) -> list[tuple[str, YamlValue]]:
    """The keys and values of a mapping that may be missing."""
    return value.pairs() if value else []


def read_texts(value: YamlValue | None) -> tuple[str, ...]:
    """The words in a list that may be missing."""
    return tuple(item.text() for item in read_list(value))


def read_text(value: YamlValue | None, key: str) -> str | None:
    """The words under a key; ``None`` where there are none."""
    inner = value.get(key) if value else None
    return inner.text() if inner else None


def read_integer(value: YamlValue | None, key: str, default: int) -> int:
    """The whole number under a key."""
    inner = value.get(key) if value else None
    return inner.integer() if inner else default


def read_number(value: YamlValue | None, key: str, default: float) -> float:
    """The number under a key."""
    inner = value.get(key) if value else None
    return inner.number() if inner else default


def read_flag(value: YamlValue | None, key: str, default: bool) -> bool:
    """The *true* or *false* under a key."""
    inner = value.get(key) if value else None
    return bool(inner.scalar) if inner else default
