"""What the site has that nobody wrote by hand: a page, pictures, transcript and source for every scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url
from rcssmin import cssmin  # type: ignore[import-untyped]
from rjsmin import jsmin  # type: ignore[import-untyped]

from raftstep.picture.figures import Figures, figures
from raftstep.picture.standalone import standalone, styles
from raftstep.scenario.library import names
from raftstep.scenario.play import Played
from raftstep.scenario.problem import Problems
from raftstep.scenario.schema import schema
from raftstep.scenario.shipped import shipped
from raftstep.simulation.describe import transcript
from raftstep.site import internals_map, paxos_rules, timing
from raftstep.site.exhibit import Exhibit, together
from raftstep.site.rules_page import rules_page
from raftstep.site.scenario_pages import index_page, scenario_page
from raftstep.site.stepper import ForkLink, Link

Report = Callable[[str], None]

STYLES = "raft.css"
SCRIPT = "stepper.js"
MODULES = ("film.js", "address.js", "controls.js", "stage.js", SCRIPT)
"""The script's parts in the order of their use. With the styles they are kept in ``docs/assets`` of the repository,
and in ``raftstep/assets`` of an installed package; readers get one file of each kind."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w-]+\.js";\n', re.MULTILINE)

PACKAGE = Path(__file__).resolve().parent.parent


class Pages:
    """All shipped scenarios, played once a build."""

    def __init__(self, config: MkDocsConfig, report: Report) -> None:
        self.assets = _assets()
        self.data = Path(config.docs_dir) / "data"
        self.folder = f"assets/raft-{_digest(*self.assets.items())}"
        self.renamed: dict[str, str] = {}
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
        """Styles and script, under names that change with their content, so that no stale copy is ever used."""
        config.extra_css[:] = [f"{self.folder}/{STYLES}", *(self._rename(path, config) for path in config.extra_css)]
        for extra in config.extra_javascript:
            if isinstance(extra, ExtraScriptValue):
                extra.path = self._rename(extra.path, config)
        script = ExtraScriptValue(f"{self.folder}/{SCRIPT}")
        script.type = "module"
        config.extra_javascript.append(script)

    def _rename(self, path: str, config: MkDocsConfig) -> str:
        """The site's own style or script likewise; it stays in its folder, for the sake of what it names beside it."""
        file = Path(config.docs_dir, path)
        if not file.is_file() or file.suffix not in SMALLER:
            return path
        content = SMALLER[file.suffix](file.read_text(encoding="utf-8"))
        new = PurePosixPath(path).with_suffix(f".{_digest((path, content))}{file.suffix}").as_posix()
        self.renamed[new] = content
        return new

    def add_to(self, files: Files, config: MkDocsConfig) -> Files:
        """Put the assets under their hash and add the generated pages and files."""
        for name in (STYLES, *MODULES):
            plain = files.get_file_from_path(f"assets/{name}")
            if plain:
                files.remove(plain)
        for name, content in self.assets.items():
            files.append(File.generated(config, f"{self.folder}/{name}", content=content))
        for uri, content in self.renamed.items():
            files.append(File.generated(config, uri, content=content))
        files.append(File.generated(config, "schema/scenario.schema.json", content=json.dumps(schema(), indent=2) + "\n"))
        files.append(File.generated(config, "internals/rules.md", content=rules_page(self.played)))
        files.append(File.generated(config, "scenarios/index.md", content=index_page(self.played)))
        for name, played in self.played.items():
            page = File.generated(config, f"scenarios/{name}.md", content=scenario_page(played, self.played))
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
            for uri, content in _files_of(self.drawn(played, name)):
                files.append(File.generated(config, uri, content=content))
        return files

    def exhibits(self) -> dict[str, Exhibit]:
        """What a page can show by name with a raft-exhibit fence; each subject adds its own here."""
        return together(
            internals_map.exhibits(), timing.exhibits(self.data / "timing.json"), paxos_rules.exhibits(self.played)
        )

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
    """The one style and the one script, without what only their authors need."""
    installed = PACKAGE / "assets"
    folder = installed if installed.is_dir() else PACKAGE.parent.parent / "docs" / "assets"
    parts = [_IMPORT.sub("", (folder / name).read_text(encoding="utf-8")) for name in MODULES]
    layout = (folder / STYLES).read_text(encoding="utf-8")
    return {STYLES: cssmin(styles() + layout), SCRIPT: jsmin("\n".join(parts))}


SMALLER: dict[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}
"""How a file is made smaller: comments and white space go, and nothing else changes."""


def _digest(*files: tuple[str, str]) -> str:
    digest = sha256()
    for name, content in sorted(files):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:8]
