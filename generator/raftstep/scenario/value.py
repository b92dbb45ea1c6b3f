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

    def plain(self) -> object:
        """The bare data, without places."""
        if self.fields is not None:
            return {key: value.plain() for key, value in self.fields.items()}
        if self.items is not None:
            return [value.plain() for value in self.items]
        return self.scalar
