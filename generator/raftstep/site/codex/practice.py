"""What the Codex shows of real systems in one build: their runs, pages, lines of the index, and exhibits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial

from raftstep.scenario.model import Scenario
from raftstep.scenario.played import Played
from raftstep.site.codex.book import Book
from raftstep.site.codex.pages import Listed
from raftstep.site.codex.system_charts import exhibits, run_picture
from raftstep.site.codex.system_page import RELATIONS, exhibit_name, system_page
from raftstep.site.codex.system_run import SCRIPT, SystemRun, system_run
from raftstep.site.codex.systems import System, Timing
from raftstep.site.exhibit import Exhibit


class Practice:
    """The systems of a book and their runs, each run once a build."""

    def __init__(self, book: Book, everyone: Mapping[str, Played], report: Callable[[str], None]) -> None:
        self.book = book
        self.everyone = everyone
        self.report = report

    @cached_property
    def script(self) -> Scenario | None:
        """The scenario that each system is shown in."""
        return self.everyone[SCRIPT].scenario if SCRIPT in self.everyone else None

    @cached_property
    def runs(self) -> dict[str, SystemRun]:
        """The runs by the systems' ids; a system's data may say that there is none."""
        found = {id: self._run(system) for id, system in self.book.systems.items()}
        return {id: run for id, run in found.items() if run}

    @cached_property
    def usual(self) -> SystemRun | None:
        """The run with the timing of the script itself."""
        if self.script is None or not self.book.systems:
            return None
        setup = self.script.setup
        beat_ms = setup.heartbeat_interval_ms
        timing = Timing(
            wait_ms=setup.election_timeout_ms, wait_note="", heartbeat_ms=(beat_ms, beat_ms), run=True, run_note=""
        )
        anyone = next(iter(self.book.systems.values()))
        return self._run(replace(anyone, id="paper", name="the paper", timing=timing))

    def _run(self, system: System) -> SystemRun | None:
        try:
            return system_run(system, self.script) if self.script else None
        except ValueError as error:
            self.report(f"{system.data}:{system.place.line}:{system.place.column}: {error}; change its timing")
            return None

    def page(self, system: System, *, edit_url: str) -> str:
        """The Markdown of a system's page."""
        return system_page(system, self.book, self.runs.get(system.id), usual=self.usual, edit_url=edit_url)

    def listed(self) -> list[Listed]:
        """The systems as lines of the index."""
        return [
            Listed(
                name=system.name,
                uri=f"codex/systems/{system.id}.md",
                words=system.fact("uses").say[0] if system.fact("uses").stated else RELATIONS[system.relation],
                kind="system",
            )
            for system in self.book.systems.values()
        ]

    def uris(self) -> dict[str, str]:
        """The page of each system by its name, and by its name's first word: *Kafka* for *Kafka (KRaft)*."""
        names = {system.name.split()[0]: system for system in self.book.systems.values()}
        names |= {system.name: system for system in self.book.systems.values()}
        return {name: f"codex/systems/{system.id}.md" for name, system in names.items()}

    def exhibits(self) -> dict[str, Exhibit]:
        """Charts and tables of all systems, and each system's run."""
        if not self.book.systems:
            return {}
        runs = {
            exhibit_name(self.book.systems[id]): partial(_shown, self.book.systems[id], run)
            for id, run in self.runs.items()
        }
        return exhibits(self.book.systems) | runs


def _shown(system: System, run: SystemRun, _href: Callable[[str], str]) -> str:
    return run_picture(system, run)
