"""What the site has that nobody wrote by hand: a page, pictures, transcript and source for every scenario."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from raftstep.picture.figures import Figures, figures
from raftstep.picture.standalone import standalone, styles
from raftstep.scenario.library import names
from raftstep.scenario.play import Played
from raftstep.scenario.problem import Problems
from raftstep.scenario.schema import schema
from raftstep.scenario.shipped import shipped
from raftstep.simulation.describe import transcript
from raftstep.site.scenario_pages import index_page, scenario_page
from raftstep.site.stepper import ForkLink, Link

Report = Callable[[str], None]

STYLES = ("raft-pictures.css", "raft.css")
SCRIPT = "stepper.js"
OTHERS = ("raft.css", SCRIPT, "controls.js", "film.js")
"""Kept in ``docs/assets`` of the repository, and in ``raftstep/assets`` of an installed package."""

PACKAGE = Path(__file__).resolve().parent.parent


class Pages:
    """All shipped scenarios, played once a build."""

    def __init__(self, config: MkDocsConfig, report: Report) -> None:
        self.assets = _assets()
        self.folder = f"assets/raft-{_digest(self.assets)}"
        self.played: dict[str, Played] = {}
        self.figures: dict[tuple[int, str], Figures] = {}
        for name in names():
            outcome = shipped(name)
            if isinstance(outcome, Problems):
                report(outcome.show())
            else:
                self.played[name] = outcome

    def drawn(self, played: Played, prefix: str) -> Figures:
        """A scenario's pictures, drawn once a build however many pages show them."""
        key = (id(played), prefix)
        if key not in self.figures:
            self.figures[key] = figures(played, prefix=prefix)
        return self.figures[key]

    def add_assets(self, config: MkDocsConfig) -> None:
        """Styles and script, under a name that changes with their content, so that no stale copy is ever used."""
        for name in reversed(STYLES):
            config.extra_css.insert(0, f"{self.folder}/{name}")
        script = ExtraScriptValue(f"{self.folder}/{SCRIPT}")
        script.type = "module"
        config.extra_javascript.append(script)

    def add_to(self, files: Files, config: MkDocsConfig) -> Files:
        """Put the assets under their hash and add the generated pages and files."""
        for name, content in self.assets.items():
            plain = files.get_file_from_path(f"assets/{name}")
            if plain:
                files.remove(plain)
            files.append(File.generated(config, f"{self.folder}/{name}", content=content))
        files.append(File.generated(config, "schema/scenario.schema.json", content=json.dumps(schema(), indent=2) + "\n"))
        files.append(File.generated(config, "scenarios/index.md", content=index_page(self.played)))
        for name, played in self.played.items():
            page = File.generated(config, f"scenarios/{name}.md", content=scenario_page(played, self.played))
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
            for uri, content in _files_of(self.drawn(played, name)):
                files.append(File.generated(config, uri, content=content))
        return files

    def forks(self, id: str, page_url: str) -> dict[int, list[ForkLink]]:
        """The *what ifs* of a scenario, by the step at which they leave it."""
        found: dict[int, list[ForkLink]] = {}
        for other, played in self.played.items():
            fork = played.scenario.fork
            if fork and fork.of == id:
                href = get_relative_url(f"scenarios/{other}/", page_url)
                found.setdefault(fork.step, []).append(ForkLink(href=href, question=fork.question))
        return found

    def links(self, id: str, size: int, page_url: str) -> dict[int, list[Link]]:
        """Where each step's picture and the scenario itself can be had."""
        page = get_relative_url(f"scenarios/{id}/", page_url)
        return {
            number: [
                Link(href=get_relative_url(_picture(id, number), page_url), words="Download SVG", download=True),
                Link(href=f"{page}#the-scenario-as-yaml", words="YAML"),
                Link(href=f"{page}#the-transcript", words="Transcript"),
            ]
            for number in range(1, size + 1)
        }


def _picture(id: str, number: int) -> str:
    return f"scenarios/{id}/step-{number}.svg"


def _files_of(drawn: Figures) -> list[tuple[str, str]]:
    played = drawn.played
    id = played.scenario.id
    pictures = [
        (_picture(id, moment.number), standalone(drawn, step=moment.number, view="cluster") + "\n")
        for moment in played.moments
    ]
    return [
        *pictures,
        (f"scenarios/{id}.yaml", played.scenario.source),
        (f"scenarios/{id}.txt", transcript(played.trace)),
    ]


def _assets() -> dict[str, str]:
    installed = PACKAGE / "assets"
    folder = installed if installed.is_dir() else PACKAGE.parent.parent / "docs" / "assets"
    return {"raft-pictures.css": styles()} | {name: (folder / name).read_text(encoding="utf-8") for name in OTHERS}


def _digest(assets: dict[str, str]) -> str:
    digest = sha256()
    for name, content in sorted(assets.items()):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:8]


