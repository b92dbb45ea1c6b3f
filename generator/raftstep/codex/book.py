"""The whole Codex: all terms, systems, incidents and sources, read once a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.codex.incidents import Incident, read_incidents
from raftstep.codex.model import Source, Term
from raftstep.codex.occurrences import Occurrence, OccurrenceIndex
from raftstep.codex.sources import Bibliography, read_bibliography
from raftstep.codex.systems import System, read_systems
from raftstep.codex.terms import read_terms
from raftstep.document.problem import Problems
from raftstep.scenario.model import PlayedScenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Terms and systems by id in the order of the alphabet, where each term is seen, incidents, the bibliography, and
    all that is wrong.
    """

    terms: Mapping[str, Term]
    occurrences: Mapping[str, tuple[Occurrence, ...]]
    systems: Mapping[str, System]
    incidents: Mapping[str, Incident]
    bibliography: Bibliography
    problems: tuple[Problems, ...]

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources by id."""
        return self.bibliography.sources


def read_book(folder: Path, scenario_runs: Mapping[str, PlayedScenario]) -> Book:
    """The Codex from its folder of data; ``scenario_runs`` are the runs of the shipped scenarios by id.

    Mistakes never raise.
    """
    sources = read_bibliography(folder)
    all_terms = read_terms(folder, sources, scenario_runs)
    all_systems = read_systems(folder, sources)
    all_incidents = read_incidents(folder, sources, all_systems.systems, scenario_runs)
    occurrence_index = OccurrenceIndex(scenario_runs)
    parts = (sources, all_terms, all_systems, all_incidents)
    problems_by_file = (document.problems() for part in parts for document in part.documents)
    return Book(
        terms=all_terms.terms,
        occurrences={id: occurrence_index.find(term.search_for) for id, term in all_terms.terms.items()},
        systems=all_systems.systems,
        incidents=all_incidents.incidents,
        bibliography=sources,
        problems=tuple(file_problems for file_problems in problems_by_file if file_problems),
    )
