"""The whole Codex: all terms, systems, incidents and sources, read once a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problems
from raftstep.site.codex.incidents import Incident, incidents
from raftstep.site.codex.model import Source, Term
from raftstep.site.codex.sightings import Finder, Sighting
from raftstep.site.codex.sources import Bibliography, bibliography
from raftstep.site.codex.systems import System, systems
from raftstep.site.codex.terms import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Terms and systems by id in the order of the alphabet, where each term is seen, incidents, the bibliography, and
    all that is wrong.
    """

    terms: Mapping[str, Term]
    seen: Mapping[str, tuple[Sighting, ...]]
    systems: Mapping[str, System]
    incidents: Mapping[str, Incident]
    bibliography: Bibliography
    problems: tuple[Problems, ...]

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources by id."""
        return self.bibliography.sources


def read_book(folder: Path, everyone: Mapping[str, Played]) -> Book:
    """The Codex from its folder of data; ``everyone`` are the shipped scenarios by id. Mistakes never raise."""
    sources = bibliography(folder)
    found = terms(folder, sources, everyone)
    practice = systems(folder, sources)
    befell = incidents(folder, sources, practice.systems, everyone)
    finder = Finder(everyone)
    parts = (sources, found, practice, befell)
    wrong = (one.problems() for part in parts for one in part.documents)
    return Book(
        terms=found.terms,
        seen={id: finder.sightings(term.see) for id, term in found.terms.items()},
        systems=practice.systems,
        incidents=befell.incidents,
        bibliography=sources,
        problems=tuple(one for one in wrong if one),
    )
