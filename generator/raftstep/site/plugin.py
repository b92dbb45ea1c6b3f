"""The MkDocs plugin: hashed assets, generated pages, problems with file and line, live reload. Content needs none of it.

on_startup  notes whether this is ``mkdocs serve``
on_config   loads the generator's code afresh when serving, adds the extensions, the styles and the script
on_files    moves the assets under their hash, adds the scenarios' pages and files, and those of the Codex
on_page_markdown  tells the extensions which page they are on
on_post_page  puts the figures where they belong
on_serve    watches scenarios, templates and the generator's own code
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

    from raftstep.site.codex.build import Codex
    from raftstep.site.extension import PageContext
    from raftstep.site.pages import Pages

log = get_plugin_logger("raft")

PACKAGE = Path(__file__).resolve().parent.parent


class RaftPluginConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options yet."""


class RaftPlugin(BasePlugin[RaftPluginConfig]):  # type: ignore[no-untyped-call]
    """Wires the Markdown extension into MkDocs."""

    serving = False
    built_once = False
    context: PageContext
    pages: Pages
    kept: list[str]
    codex: Codex | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether code may change between two builds."""
        self.serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the extension; import it late, so that a rebuild sees the code as it is now."""
        if self.serving and self.built_once:
            _forget_own_modules()
        self.built_once = True
        from raftstep.site.codex.build import FOLDER, Codex
        from raftstep.site.exhibit import together
        from raftstep.site.extension import PageContext, RaftExtension
        from raftstep.site.pages import Pages

        self.context = PageContext()
        self.context.report = self._report
        self.context.folder = Path(config.docs_dir)
        self.pages = Pages(config, self._report)
        self.context.drawn = self.pages.drawn
        self.context.keep = self._keep
        self.kept: list[str] = []
        self.context.exhibits = self.pages.exhibits()
        self.pages.assets.add_to_config(config)
        config.markdown_extensions.append(RaftExtension(context=self.context))  # type: ignore[arg-type]
        self.codex = None
        if Path(config.docs_dir, FOLDER).is_dir():
            self.codex = Codex(config, self.pages.played, self.pages.drawn, self._report)
            self.context.exhibits = together(self.pages.exhibits(), self.codex.exhibits())
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add what is generated."""
        if self.codex:
            self.codex.add_to(files, config)
        return self.pages.add_to(files, config)

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Tell the extension where it is; lines count from the file's first, front matter included."""
        source = page.file.content_string
        self.context.path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
        body = source.find(markdown.strip()[:200]) if markdown.strip() else 0
        leading = markdown[: len(markdown) - len(markdown.lstrip("\n"))].count("\n")
        self.context.first_line = source.count("\n", 0, max(body, 0)) + 1 - leading
        self.context.forks = lambda id: self.pages.forks(id, page.file.url)
        self.context.links = lambda id, size: self.pages.links(id, size, page.file.url)
        self.context.href = lambda address: get_relative_url(address, page.file.url)
        self.context.page_of = lambda id: get_relative_url(f"scenarios/{id}/", page.file.url)
        if self.codex:
            self.codex.open(page)
        return markdown

    def _keep(self, html: str) -> str:
        """A place for a figure until its page is done: nothing between here and there has to read all of it."""
        self.kept.append(html)
        return f"<!--raft:{len(self.kept) - 1}-->"

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put the figures where they belong."""
        return re.sub(r"<!--raft:(\d+)-->", lambda place: self.kept[int(place[1])], output)

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when the generator, its templates, a scenario or a theme override changes."""
        server.watch(str(PACKAGE))
        if config.theme.custom_dir:
            server.watch(config.theme.custom_dir)
        return server

    def _report(self, words: str) -> None:
        log.error(words)


def _forget_own_modules() -> None:
    """Make the next import read the files again; this module and its packages stay."""
    keep = {"raftstep", "raftstep.site", __name__}
    for name in [name for name in sys.modules if name.startswith("raftstep.") and name not in keep]:
        module: ModuleType = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
            delattr(sys.modules[parent], child)
