"""An alarm: what the checks raise when a safety property does not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A safety property that did not hold, and how."""

    property: str
    words: str
