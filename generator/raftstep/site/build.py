"""One build of a site: the extensions, what is generated, and the page under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from raftstep.site.assets import Assets
from raftstep.site.codex.mkdocs_codex import DATA_FOLDER, Codex
from raftstep.site.exhibit import Exhibit, merge_exhibits
from raftstep.site.extension import RaftExtension
from raftstep.site.mkdocs_host import MkDocsHost
from raftstep.site.pages import Pages


class SiteBuild:
    """What the plugin's hooks pass their work to; made anew for every build."""

    def __init__(self, config: MkDocsConfig, report: Callable[[str], None]) -> None:
        assets = Assets(Path(config.docs_dir), {})
        assets.add_to_config(config)
        self.pages = Pages(config, report, assets)
        self.host = MkDocsHost(config, self.pages, self._find_exhibits, report)
        config.markdown_extensions.append(RaftExtension(host=self.host))  # type: ignore[arg-type]
        self.codex: Codex | None = None
        if Path(config.docs_dir, DATA_FOLDER).is_dir():
            self.codex = Codex(config, self.pages.scenario_runs, self.pages.draw_run, report)

    def _find_exhibits(self) -> Mapping[str, Exhibit]:
        return merge_exhibits(self.pages.exhibits(), self.codex.exhibits() if self.codex else {})

    def add_files(self, files: Files, config: MkDocsConfig) -> None:
        """Add what is generated to the site's own files."""
        if self.codex:
            self.codex.add_to(files, config)
        self.pages.add_to(files, config)

    def open_page(self, page: Page, markdown: str, files: Files) -> None:
        """Tell the extensions which page comes next."""
        self.host.open_page(page, markdown, files)
        if self.codex:
            self.codex.open_page(page)
