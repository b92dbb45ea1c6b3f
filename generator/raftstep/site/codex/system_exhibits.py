"""What the Codex shows of real systems in one build: their runs, pages, lines of the index, and exhibits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial

from raftstep.codex.book import Book
from raftstep.codex.systems import System, Timing
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.site.codex.pages import IndexEntry
from raftstep.site.codex.system_charts import exhibits, run_picture
from raftstep.site.codex.system_page import RELATIONS, exhibit_name, system_page
from raftstep.site.codex.system_run import SCRIPT_ID, SystemRun, simulate_system
from raftstep.site.exhibit import Exhibit


class SystemExhibits:
    """The systems of a book and their runs, each run once."""

    def __init__(self, book: Book, scenario_runs: Mapping[str, PlayedScenario]) -> None:
        self.book = book
        self.scenario_runs = scenario_runs
        self._problems: list[str] = []

    @cached_property
    def script(self) -> Scenario | None:
        """The scenario that each system is shown in."""
        return self.scenario_runs[SCRIPT_ID].scenario if SCRIPT_ID in self.scenario_runs else None

    @cached_property
    def runs(self) -> dict[str, SystemRun]:
        """The runs by the systems' ids; a system's data may say that there is none."""
        results = {id: self._run(system) for id, system in self.book.systems.items()}
        return {id: run for id, run in results.items() if run}

    @cached_property
    def paper_run(self) -> SystemRun | None:
        """The run with the timing of the script itself."""
        if self.script is None or not self.book.systems:
            return None
        setup = self.script.setup
        beat_ms = setup.heartbeat_interval_ms
        timing = Timing(
            election_timeout_ms=setup.election_timeout_ms,
            timeout_note="",
            heartbeat_ms=(beat_ms, beat_ms),
            has_run=True,
            run_note="",
        )
        any_system = next(iter(self.book.systems.values()))
        return self._run(replace(any_system, id="paper", name="the paper", timing=timing))

    def list_problems(self) -> list[str]:
        """What is wrong with the systems' timing, reported once all of them have run."""
        _ = self.runs, self.paper_run
        return self._problems

    def _run(self, system: System) -> SystemRun | None:
        try:
            return simulate_system(system, self.script) if self.script else None
        except ValueError as error:
            place = f"{system.data_file}:{system.place.line}:{system.place.column}"
            self._problems.append(f"{place}: {error}; change its timing")
            return None

    def page(self, system: System, *, edit_url: str) -> str:
        """The Markdown of a system's page."""
        return system_page(system, self.book, self.runs.get(system.id), paper_run=self.paper_run, edit_url=edit_url)

    def index_entries(self) -> list[IndexEntry]:
        """The systems as lines of the index."""
        return [
            IndexEntry(
                name=system.name,
                uri=f"codex/systems/{system.id}.md",
                description=system.fact("uses").say[0] if system.fact("uses").is_stated else RELATIONS[system.relation],
                kind="system",
            )
            for system in self.book.systems.values()
        ]

    def page_uris(self) -> dict[str, str]:
        """The page of each system by its name, and by its name's first word: *Kafka* for *Kafka (KRaft)*."""
        names = {system.name.split()[0]: system for system in self.book.systems.values()}
        names |= {system.name: system for system in self.book.systems.values()}
        return {name: f"codex/systems/{system.id}.md" for name, system in names.items()}

    def exhibits(self) -> dict[str, Exhibit]:
        """Charts and tables of all systems, and each system's run."""
        if not self.book.systems:
            return {}
        runs = {
            exhibit_name(self.book.systems[id]): partial(_render_run, self.book.systems[id], run)
            for id, run in self.runs.items()
        }
        return exhibits(self.book.systems) | runs


def _render_run(system: System, run: SystemRun, _href: Callable[[str], str]) -> str:
    return run_picture(system, run)
