"""What the site has that nobody wrote by hand: a page, pictures, transcript and source for every scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from raftstep.document.problem import Problems
from raftstep.picture.figures import Figures
from raftstep.picture.run_pictures import RunPictures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.schema import scenario_schema
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.describe import transcript
from raftstep.site import internals_map, paxos_rules, paxos_searches, state_counts, timing
from raftstep.site.assets import EMBED_SCRIPT, EMBED_STYLES, SCRIPT, STYLES, Assets
from raftstep.site.context import Once, PageContext, Report, now
from raftstep.site.embed import EmbeddedStepper, EmbedSettings, embed_address, embed_page, render_stepper
from raftstep.site.exhibit import Exhibit, merge_exhibits
from raftstep.site.later import Later
from raftstep.site.rules_page import rules_page
from raftstep.site.safety import SafetyPages
from raftstep.site.scenario_pages import scenario_index_page, scenario_page
from raftstep.site.stepper import ForkLink, Link

T = TypeVar("T")

INTERNALS = "internals/index.md"
"""Only a site that explains consensus itself has this page, and gets those on rules with it."""

IN_NAV = ("scenarios/index.md", "internals/rules.md")
"""The generated pages that a site's navigation should name."""


class Pages:
    """All shipped scenarios, played once a build, if at all: what ``once`` has kept needs none of them."""

    def __init__(self, config: MkDocsConfig, report: Report, assets: Assets, once: Once = now) -> None:
        self.report = report
        self._once = once
        self.assets = assets
        self.data = Path(config.docs_dir) / "data"
        self.explains = Path(config.docs_dir, INTERNALS).is_file()
        self.cache = Path(config.config_file_path or ".").parent / ".cache"
        self.played = Later(self._play)
        self.courses: dict[int, RunPictures] = {}
        self.figures: dict[tuple[int, str], Figures] = {}

    def once(self, key: tuple[object, ...], make: Callable[[], T], /) -> T:
        """The same for all that a page of this site shows: it may show more where the site explains consensus."""
        return self._once((self.explains, *key), make)

    @cached_property
    def safety(self) -> SafetyPages:
        """The shortest runs without each rule."""
        return SafetyPages(self.cache, self.report, get_plugin_logger("raft").info, should_search=self.explains)

    def _play(self) -> dict[str, PlayedScenario]:
        found = {}
        for name in list_scenario_ids():
            outcome = play_shipped(name)
            if isinstance(outcome, Problems):
                self.report(outcome.show())
            else:
                found[name] = outcome
        return found

    @cached_property
    def transcripts(self) -> dict[str, str]:
        """Each scenario's run in words."""
        return {name: transcript(played.trace) for name, played in self.played.items()}

    def drawn(self, played: PlayedScenario, prefix: str) -> Figures:
        """A scenario's pictures, drawn once a build however many pages show them."""
        key = (id(played), prefix)
        if key not in self.figures:
            course = self.courses.setdefault(id(played), RunPictures(played))
            self.figures[key] = Figures(course, prefix=prefix)
        return self.figures[key]

    def add_to(self, files: Files, config: MkDocsConfig) -> Files:
        """Add the assets, the generated pages and files."""
        self.assets.add_to(files, config)
        for uri, content in self.once(("pages",), lambda: tuple(self._pages())):
            page = File.generated(config, uri, content=content)
            if uri not in IN_NAV:
                page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
        for uri, content in self.once(("files",), lambda: tuple(self._files())):
            files.append(File.generated(config, uri, content=content))
        for id, shown in self.once(("alone",), lambda: {name: self._alone(name) for name in self.played}).items():
            content = embed_page(shown, self._frame(id, config))
            files.append(File.generated(config, f"{embed_address(id)}index.html", content=content))
        return files

    def _pages(self) -> Iterator[tuple[str, str]]:
        """The Markdown of each page, and the runs that only pages on rules have."""
        yield "scenarios/index.md", scenario_index_page(self.played)
        if self.explains:
            yield "internals/rules.md", rules_page(self.played)
            yield from self.safety.pages()
        for name, played in self.played.items():
            yield f"scenarios/{name}.md", scenario_page(played, self.played, self.transcripts[name])

    def _files(self) -> Iterator[tuple[str, str]]:
        """The schema, and each scenario's pictures, source and transcript."""
        yield "schema/scenario.schema.json", json.dumps(scenario_schema(), indent=2) + "\n"
        for name, played in self.played.items():
            yield from _files_of(self.drawn(played, name), self.transcripts[name])

    def _alone(self, name: str) -> EmbeddedStepper:
        """What stands on the scenario's bare page; its links lead back to the full one."""
        here = embed_address(name)
        context = PageContext()
        context.path, context.report = here, self.report
        context.drawn = self.drawn
        context.forks = lambda id: self.forks(id, here)
        context.links = lambda id, size: self.links(id, size, here)
        context.home = get_relative_url(f"scenarios/{name}/", here)
        return render_stepper(self.played[name].scenario, context)

    def _frame(self, name: str, config: MkDocsConfig) -> EmbedSettings:
        here, full = embed_address(name), f"scenarios/{name}/"
        folder = get_relative_url(f"{self.assets.folder}/", here)
        return EmbedSettings(
            styles=tuple(f"{folder}{name}" for name in (*STYLES, EMBED_STYLES)),
            early_script=f"{folder}{EMBED_SCRIPT}",
            script=f"{folder}{SCRIPT}",
            home=get_relative_url(full, here),
            canonical=f"{config.site_url}{full}" if config.site_url else "",
            language=str(config.theme.get("language", "en")),
            site_name=config.site_name,
        )

    def exhibits(self) -> dict[str, Exhibit]:
        """What a page can show by name with a raft-exhibit fence; each subject adds its own here."""
        return merge_exhibits(
            self.safety.exhibits(),
            internals_map.exhibits(),
            timing.exhibits(self.data / "timing.json"),
            paxos_rules.exhibits(self.played),
            paxos_searches.exhibits(self.data / "paxos-searches.json"),
            state_counts.exhibits(
                self.data / "state-counts.json", self.safety.exhausted_searches.get(state_counts.CERTIFICATE)
            ),
        )

    def forks(self, id: str, page_url: str) -> dict[int, list[ForkLink]]:
        """The *what ifs* of a scenario, by the step at which they leave it."""
        found: dict[int, list[ForkLink]] = {}
        for other, played in self.played.items():
            fork = played.scenario.fork
            if fork and fork.parent_id == id:
                href = get_relative_url(f"scenarios/{other}/", page_url)
                found.setdefault(fork.step, []).append(ForkLink(href=href, question=fork.question))
        return found

    def links(self, id: str, size: int, page_url: str) -> dict[int, list[Link]]:
        """Where each step's picture and the scenario itself can be had."""
        page = get_relative_url(f"scenarios/{id}/", page_url)
        return {
            number: [
                Link(
                    href=f"{get_relative_url(embed_address(id), page_url)}#step-{number}",
                    words="Embed",
                    copy="Copy embed code",
                    frame=True,
                ),
                Link(href=get_relative_url(_picture(id, number), page_url), words="Download SVG", download=True),
                Link(href=f"{page}#the-scenario-as-yaml", words="YAML"),
                Link(href=f"{page}#the-transcript", words="Transcript"),
            ]
            for number in range(1, size + 1)
        }


def _picture(id: str, number: int) -> str:
    return f"scenarios/{id}/step-{number}.svg"


def _files_of(drawn: Figures, transcript: str) -> list[tuple[str, str]]:
    played = drawn.played
    id = played.scenario.id
    pictures = [
        (_picture(id, moment.number), draw_standalone(drawn, step=moment.number, view="cluster") + "\n")
        for moment in played.moments
    ]
    return [
        *pictures,
        (f"scenarios/{id}.yaml", played.scenario.source),
        (f"scenarios/{id}.txt", transcript),
    ]
