"""The MkDocs plugin: it passes MkDocs' events on. Content needs none of it; the Markdown extension makes that.

on_config         adds the extensions, the styles and the script; loads changed code again when serving
on_files          adds the generated pages and files
on_page_markdown  passes the page to the extensions
on_page_context   puts the figures where they belong, once the search has read the page
on_post_build     lets go of what was made
on_serve          watches scenarios, templates and the generator's own code; answers where a build fails
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.config.config_options import Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from raftstep.site.serving import (
    PACKAGE,
    answer_always,
    count_no_mistakes,
    describe_broken,
    describe_problems,
    digest_generator_files,
    forget_modules,
    locate_error,
)

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

    from raftstep.site.build import SiteBuild
    from raftstep.site.memory import Memory

log = get_plugin_logger("raft")

AFTER_THE_SEARCH = -100


class RaftPlugin(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """Wires the Markdown extension into MkDocs.

    ``html: true`` lets the words of scenarios bring HTML of their own.
    """

    config_scheme = (("html", Type(bool, default=False)),)

    is_serving = False
    loaded_code = ""
    build: SiteBuild
    memory: Memory | None = None
    broken = ""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether code may change between two builds."""
        self.is_serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Begin a build."""
        if self.is_serving:
            count_no_mistakes()
            self._reload_changed_code(config)
        self.broken = ""
        self._unless_broken(lambda: self._begin(config))
        return config

    def _reload_changed_code(self, config: MkDocsConfig) -> None:
        """Where code or configuration has changed since the last build, load it and forget what was made by it."""
        settings = Path(config.config_file_path or "")
        code = digest_generator_files() + (settings.read_text("utf-8", errors="replace") if settings.is_file() else "")
        if code != self.loaded_code and self.loaded_code:
            self.memory = None
            forget_modules()
        self.loaded_code = code

    def _begin(self, config: MkDocsConfig) -> None:
        # Late, so that a server's next build sees changed code.
        from raftstep.site.build import SiteBuild
        from raftstep.site.memory import Memory

        self.memory = self.memory or Memory()
        self.build = SiteBuild(config, log.error, self.memory, html=self.config["html"])

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add what is generated."""
        self._unless_broken(lambda: self.build.add_files(files, config))
        return files

    def _unless_broken(self, work: Callable[[], object]) -> None:
        """Broken code of the generator ends a build, but not a server: its pages say so until the next save."""
        if self.broken:
            return
        try:
            work()
        except Exception as error:
            if not self.is_serving:
                raise
            self.broken = locate_error(error)
            log.exception("The generator is broken: %s", self.broken)

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Pass the page to the extensions."""
        if self.broken:
            return describe_broken(self.broken)
        self.build.open_page(page, markdown, files)
        return markdown

    @event_priority(AFTER_THE_SEARCH)
    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Any) -> Any:
        """Put the figures where they belong."""
        if not self.broken:
            page.content = self.build.host.put_figures_back(page.content or "", page.file.src_uri)
            if self.is_serving and (problems := self.build.list_unshown_problems(page.file.src_uri)):
                page.content = describe_problems(problems) + page.content
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Let go of all that the build made, before a server's next build makes it again."""
        if not self.broken:
            del self.build

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Build again when the generator, its templates, a scenario or a theme override changes, and always answer."""
        server.builder = answer_always(server)
        for folder in (PACKAGE, config.theme.custom_dir):
            if folder and Path(folder).is_dir():
                server.watch(str(folder))
        return server
