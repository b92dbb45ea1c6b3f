"""What the site has that nobody wrote by hand: a page, pictures, transcript and source for every scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from raftstep.document.problem import Problems
from raftstep.picture.figures import Figures
from raftstep.picture.run_pictures import RunPictures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.library import list_misnamed_files, list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.schema import scenario_schema
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.describe import transcript
from raftstep.site import internals_map, paxos_rules, paxos_searches, second_opinion, state_counts, timing
from raftstep.site.assets import EMBED_SCRIPT, EMBED_STYLES, SCRIPT, STYLES, Assets
from raftstep.site.embed import EmbedSettings, embed_address, embed_page
from raftstep.site.exhibit import Exhibit, merge_exhibits
from raftstep.site.host import ForkLink, Host, Link, Page
from raftstep.site.memory import Memory
from raftstep.site.numbers import Number
from raftstep.site.rules_page import rules_page
from raftstep.site.safety import SafetyPages
from raftstep.site.scenario_pages import scenario_index_page, scenario_page

INTERNALS = "internals/index.md"
"""Only a site that explains consensus itself has this page, and gets those on rules with it."""

PAGES_IN_NAV = ("scenarios/index.md", "internals/rules.md")
"""The generated pages that a site's navigation should name."""


class Pages:
    """All shipped scenarios, played once a build, and what the site shows of them."""

    def __init__(
        self,
        config: MkDocsConfig,
        report: Callable[[str], None],
        assets: Assets,
        memory: Memory,
        *,
        html: bool = False,
    ) -> None:
        self.report = report
        self.html = html
        self.memory = memory
        self.assets = assets
        self.data = Path(config.docs_dir) / "data"
        self.has_internals = Path(config.docs_dir, INTERNALS).is_file()
        self.cache = Path(config.config_file_path or ".").parent / ".cache"

    @cached_property
    def scenario_runs(self) -> Mapping[str, PlayedScenario]:
        """Every shipped scenario as played, by its id; those with mistakes are reported and left out."""
        runs = {}
        for name, words in list_misnamed_files().items():
            self.report(f"{name}:1:1: {words}")
        for id in list_scenario_ids():
            result = play_shipped(id)
            if isinstance(result, Problems):
                self.report(result.show())
            else:
                runs[id] = result
        return runs

    @cached_property
    def transcripts(self) -> dict[str, str]:
        """Each scenario's run in words."""
        return {
            id: self.memory.reuse(f"transcript {id}", (played,), partial(transcript, played.trace))
            for id, played in self.scenario_runs.items()
        }

    @cached_property
    def safety(self) -> SafetyPages:
        """The shortest runs without each rule."""
        show_progress = get_plugin_logger("raft").info
        pages = self.memory.reuse(
            f"safety {self.has_internals}",
            (),
            lambda: SafetyPages(self.cache, show_progress, should_search=self.has_internals),
        )
        for problem in pages.problems:
            self.report(problem)
        return pages

    def draw_run(self, played: PlayedScenario, prefix: str) -> Figures:
        """A run's pictures, drawn once however many pages show them."""
        name = played.scenario.id
        run_pictures = self.memory.reuse(f"run {name}", (played,), lambda: RunPictures(played))
        return self.memory.reuse(
            f"figures {name} {prefix}", (run_pictures,), lambda: Figures(run_pictures, prefix=prefix)
        )

    def add_to(self, files: Files, config: MkDocsConfig) -> None:
        """Put the assets under their hash and add the generated pages and files."""
        self.assets.add_to(files, config)
        for uri, content in self._write_pages():
            page = File.generated(config, uri, content=content)
            if uri not in PAGES_IN_NAV:
                page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
        for uri, content in self._write_files():
            files.append(File.generated(config, uri, content=content))
        for id, played in self.scenario_runs.items():
            content = self._write_embed(id, played, config)
            files.append(File.generated(config, f"{embed_address(id)}index.html", content=content))

    def _write_pages(self) -> Iterator[tuple[str, str]]:
        """The Markdown of each page, and the runs that only pages on rules have."""
        yield "scenarios/index.md", scenario_index_page(self.scenario_runs)
        if self.has_internals:
            yield "internals/rules.md", rules_page(self.scenario_runs)
            yield from self.safety.pages()
        for id, played in self.scenario_runs.items():
            yield f"scenarios/{id}.md", scenario_page(played, self.scenario_runs, self.transcripts[id])

    def _write_files(self) -> Iterator[tuple[str, str]]:
        """The schema, and each scenario's pictures, source and transcript."""
        yield "schema/scenario.schema.json", json.dumps(scenario_schema(), indent=2) + "\n"
        for id, played in self.scenario_runs.items():
            figures = self.draw_run(played, id)
            pictures = self.memory.reuse(f"pictures {id}", (figures,), partial(_draw_files, figures))
            for number, svg in enumerate(pictures, 1):
                yield _picture_uri(id, number), svg
            yield f"scenarios/{id}.yaml", played.scenario.source
            yield f"scenarios/{id}.txt", self.transcripts[id]

    def _write_embed(self, id: str, played: PlayedScenario, config: MkDocsConfig) -> str:
        """A scenario's bare page."""
        host = EmbedHost(self, id)
        settings = self._embed_settings(host, config)
        return self.memory.reuse(
            f"embed {id}",
            (played, str(settings), str(host.link_forks(id)), self.html),
            lambda: embed_page(played.scenario, host, settings, html=self.html),
        )

    def _embed_settings(self, host: EmbedHost, config: MkDocsConfig) -> EmbedSettings:
        folder = host.link_to(f"{self.assets.folder}/")
        return EmbedSettings(
            styles=tuple(f"{folder}{name}" for name in (*STYLES, EMBED_STYLES)),
            early_script=f"{folder}{EMBED_SCRIPT}",
            script=f"{folder}{SCRIPT}",
            home=host.home,
            canonical=f"{config.site_url}{scenario_address(host.id)}" if config.site_url else "",
            language=str(config.theme.get("language", "en")),
            site_name=config.site_name,
        )

    def exhibits(self) -> dict[str, Exhibit]:
        """What a page can show by name with a raft-exhibit fence; each subject adds its own here."""
        return merge_exhibits(
            self.safety.exhibits(),
            internals_map.exhibits(),
            timing.exhibits(self.data / "timing.json"),
            paxos_rules.exhibits(self.scenario_runs),
            paxos_searches.exhibits(self.data / "paxos-searches.json"),
            second_opinion.exhibits(self.data),
            state_counts.exhibits(
                self.data / "state-counts.json", self.safety.exhausted_searches.get(state_counts.CERTIFICATE)
            ),
        )

    def numbers(self) -> Mapping[str, Number]:
        """What a sentence can have from data by name, as ``[=name]``."""
        record = self.data / "timing.json"
        return timing.numbers(record) if record.is_file() else {}

    def link_forks(self, id: str, page_url: str) -> dict[int, list[ForkLink]]:
        """The *what ifs* of a scenario, by the step at which they leave it."""
        forks: dict[int, list[ForkLink]] = {}
        for fork_id, played in self.scenario_runs.items():
            fork = played.scenario.fork
            if fork and fork.parent_id == id:
                href = get_relative_url(scenario_address(fork_id), page_url)
                forks.setdefault(fork.step, []).append(ForkLink(href=href, question=fork.question))
        return forks

    def link_steps(self, id: str, count: int, page_url: str) -> dict[int, list[Link]]:
        """Where each step's picture and the scenario itself can be had."""
        page = get_relative_url(scenario_address(id), page_url)
        return {
            number: [
                Link(
                    href=f"{get_relative_url(embed_address(id), page_url)}#step-{number}",
                    words="Embed",
                    copy_label="Copy embed code",
                    is_embed_code=True,
                ),
                Link(href=get_relative_url(_picture_uri(id, number), page_url), words="Download SVG", download=True),
                Link(href=f"{page}#the-scenario-as-yaml", words="YAML"),
                Link(href=f"{page}#the-transcript", words="Transcript"),
            ]
            for number in range(1, count + 1)
        }


class EmbedHost(Host):
    """A scenario's bare page as a host; its links lead back to the full one."""

    def __init__(self, pages: Pages, id: str) -> None:
        self.id = id
        self.pages = pages

    @property
    def page(self) -> Page:
        """The bare page, which no file was written for."""
        return Page(path=embed_address(self.id), url=embed_address(self.id))

    @property
    def home(self) -> str:
        """The scenario's page, which the steps link to."""
        return self.link_to(scenario_address(self.id))

    def report(self, problem: str) -> None:
        """As the site does."""
        self.pages.report(problem)

    def link_to(self, address: str) -> str:
        """From the bare page to an address of the site."""
        return get_relative_url(address, self.page.url)

    def draw_run(self, played: PlayedScenario, prefix: str) -> Figures:
        """Those of the full page."""
        return self.pages.draw_run(played, prefix)

    def link_steps(self, id: str, count: int) -> Mapping[int, list[Link]]:
        """As on the full page."""
        return self.pages.link_steps(id, count, self.page.url)

    def link_forks(self, id: str) -> Mapping[int, list[ForkLink]]:
        """As on the full page."""
        return self.pages.link_forks(id, self.page.url)


def scenario_address(id: str) -> str:
    """Where a scenario's page is, below the site's own address."""
    return f"scenarios/{id}/"


def _draw_files(figures: Figures) -> tuple[str, ...]:
    """The picture of each step as a file's text."""
    return tuple(
        draw_standalone(figures, step=moment.number, view="cluster") + "\n" for moment in figures.played.moments
    )


def _picture_uri(id: str, number: int) -> str:
    return f"scenarios/{id}/step-{number}.svg"
