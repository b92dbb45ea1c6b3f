"""The MkDocs plugin: hashed assets, generated pages, problems with their lines, live reload. Content needs none of it.

on_startup  notes whether this is ``mkdocs serve``; collects garbage less often
on_config   loads the generator's code afresh when serving, adds the extensions, the styles and the script
on_files    adds the assets under their hash, the scenarios' pages and files, and those of the Codex
on_page_markdown  tells the extensions which page they are on
on_page_content  has the search read no drawings, no transcripts, and code without its colours
on_post_page  puts the figures where they belong
on_post_build  keeps what was made for the next build
on_serve    watches scenarios, templates and the generator's own code
"""

from __future__ import annotations

import atexit
import gc
import logging
import re
import sys
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler, get_relative_url

from raftstep.site.store import Store, state

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

    from raftstep.site.codex.mkdocs_codex import Codex
    from raftstep.site.context import PageContext
    from raftstep.site.exhibit import Exhibit
    from raftstep.site.pages import Pages

log = get_plugin_logger("raft")

PACKAGE = Path(__file__).resolve().parent.parent

RARELY = 50_000, 20, 50
"""When Python looks for cycles of garbage. A build makes millions of objects and keeps most of them: looking as often
as by default took a seventh of its time."""

KEPT = re.compile(r"<!--raft:(\d+)(?:-->| says-->.*?<!--/raft-->)", re.DOTALL)
"""The place of a figure that is kept until its page is done, or of coloured code, with its words for the search."""

FILM = re.compile(r'(<script type="application/json" class="raft-film")>(.+?)</script>', re.DOTALL)
"""A stepper's film, which a page with its own files leaves in one of them until a reader comes near."""

CODE = re.compile(r'<div class="highlight"><pre>.*?</pre></div>', re.DOTALL)
DRAWING = re.compile(r'<svg class="raft-.*?</svg>', re.DOTALL)
_COLOURS = re.compile(r"</?span[^>]*>")

LOADED = [
    (PACKAGE / name).read_bytes() for name in ("__init__.py", "site/__init__.py", "site/plugin.py", "site/store.py")
]
"""The code that is loaded once a process, as it is now; a server does not follow it."""


class RaftPluginConfig(Config):  # type: ignore[no-untyped-call]
    """There is nothing to set."""


class RaftPlugin(BasePlugin[RaftPluginConfig]):  # type: ignore[no-untyped-call]
    """Wires the Markdown extension into MkDocs."""

    serving = False
    built_once = False
    context: PageContext
    pages: Pages
    kept: list[str]
    files: Files
    site: MkDocsConfig
    broken = ""
    mistaken = False
    store: Store
    codex: Codex | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether code may change between two builds; have Python look for garbage less often."""
        self.serving = command == "serve"
        gc.set_threshold(*RARELY)
        atexit.register(gc.freeze)  # all is let go at the end; to look through it once more took half a second

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the extension."""
        if self.serving:
            _count_no_mistakes()
            if self.built_once:
                _forget_own_modules()
        self.built_once = True
        self.broken, self.mistaken = "", False
        self._unless_broken(lambda: self._load(config))
        return config

    def _load(self, config: MkDocsConfig) -> None:
        """Import late, so that a rebuild sees the code as it is now, and after the store has seen it."""
        self.store = Store(self._store_of(config), lambda: self._state(config))
        from raftstep.site.assets import Assets
        from raftstep.site.codex.mkdocs_codex import DATA_FOLDER, Codex
        from raftstep.site.context import PageContext
        from raftstep.site.extension import RaftExtension
        from raftstep.site.later import Later
        from raftstep.site.pages import Pages

        self.context = PageContext()
        self.context.report = self._report
        self.context.folder = Path(config.docs_dir)
        assets = Assets()
        self.pages = Pages(config, self._report, assets, self.store.once)
        self.context.once = self.pages.once
        self.context.drawn = self.pages.drawn
        self.context.keep = self._keep
        self.kept: list[str] = []
        self.context.exhibits = Later(self._exhibits)
        self.context.runs = Later(lambda: self.pages.safety.runs)
        assets.add_to_config(config)
        config.markdown_extensions.append(RaftExtension(context=self.context))  # type: ignore[arg-type]
        self.codex = None
        if Path(config.docs_dir, DATA_FOLDER).is_dir():
            self.codex = Codex(config, self.pages.played, self.pages.drawn, self._report, self.pages.once)

    def _store_of(self, config: MkDocsConfig) -> Path | None:
        """Where to keep things: nowhere for code that was loaded before the store could see what it is."""
        if not config.config_file_path or any(map(_is_loaded_late, sys.modules)):
            return None
        return Path(config.config_file_path).parent / ".cache" / ("served.store" if self.serving else "built.store")

    def _state(self, config: MkDocsConfig) -> str:
        """All that what is kept depends on."""
        docs = Path(config.docs_dir)
        return state((PACKAGE, docs / "data"), LOADED, docs.name)

    def _exhibits(self) -> Mapping[str, Exhibit]:
        from raftstep.site.exhibit import merge_exhibits

        return merge_exhibits(self.pages.exhibits(), self.codex.exhibits() if self.codex else {})

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add what is generated."""
        if not self.broken:
            self._unless_broken(lambda: self._add_to(files, config))
        return files

    def _add_to(self, files: Files, config: MkDocsConfig) -> None:
        if self.codex:
            self.codex.add_to(files, config)
        self.pages.add_to(files, config)

    def _unless_broken(self, work: Callable[[], object]) -> None:
        """Broken code of the generator ends a build, but not a server: its pages tell until the next save."""
        try:
            work()
        except Exception as mistake:
            if not self.serving:
                raise
            self.broken = _place_of(mistake)
            log.exception("The generator is broken: %s", self.broken)

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Tell the extension where it is; lines count from the file's first, front matter included."""
        if self.broken:
            title = '<p class="admonition-title">The generator is broken; the next save that mends it is shown</p>'
            return f'<div class="admonition failure raft-problem">{title}<pre>{escape(self.broken)}</pre></div>'
        source = page.file.content_string
        self.files, self.site = files, config
        self.context.path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
        body = source.find(markdown.strip()[:200]) if markdown.strip() else 0
        leading = markdown[: len(markdown) - len(markdown.lstrip("\n"))].count("\n")
        self.context.first_line = source.count("\n", 0, max(body, 0)) + 1 - leading
        self.context.forks = lambda id: self.pages.forks(id, page.file.url)
        self.context.links = lambda id, size: self.pages.links(id, size, page.file.url)
        self.context.href = lambda address: get_relative_url(address, page.file.url)
        self.context.place = page.file.url
        self.context.page_of = lambda id: get_relative_url(f"scenarios/{id}/", page.file.url)
        if self.codex:
            self.codex.open_page(page)
        return markdown

    def _keep(self, html: str, how: str = "") -> str:
        """A place for a figure until its page is done: nothing between here and there has to read all of it."""
        self.kept.append(FILM.sub(self._film, html))
        return f"<!--raft:{len(self.kept) - 1}{how}-->"

    def _film(self, film: re.Match[str]) -> str:
        uri = self.pages.assets.add_film(film[2], self.files, self.site)
        return f'{film[1]} data-src="{self.context.href(uri)}"></script>'

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Have the search read no drawing, and of code the words: each colour in it is an element.

        Code on a generated page is a run's source or transcript. Every message is in there, so every search would end
        there, and each reader's browser would load it all before the first.
        """
        if self.broken:
            return html
        html = DRAWING.sub(lambda drawing: self._keep(drawing[0]), html)
        if page.file.generated_by:
            return CODE.sub(lambda code: self._keep(code[0]), html)
        return CODE.sub(lambda code: f"{self._keep(code[0], ' says')}{_COLOURS.sub('', code[0])}<!--/raft-->", html)

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put the figures where they belong."""
        return output if self.broken else KEPT.sub(lambda place: self.kept[int(place[1])], output)

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when the generator, its templates, a scenario or a theme override changes."""
        for folder in (PACKAGE, config.theme.custom_dir):
            if folder and Path(folder).is_dir():
                server.watch(str(folder))
        return server

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Keep what was made; a build with a mistake keeps nothing, and the next one tells of it again."""
        if not self.broken and not self.mistaken:
            self.store.save()

    def _report(self, words: str) -> None:
        self.mistaken = True
        log.error(words)


def _count_no_mistakes() -> None:
    """A served site shows its problems; it does not stop at them as a strict build does, for then no page is shown."""
    logger = logging.getLogger("mkdocs")
    for handler in [handler for handler in logger.handlers if isinstance(handler, CountHandler)]:
        logger.removeHandler(handler)


def _place_of(mistake: Exception) -> str:
    """``file:line: what``: where broken code of our own is broken."""
    words = f"{type(mistake).__name__}: {getattr(mistake, 'msg', mistake)}"
    if isinstance(mistake, SyntaxError):
        return f"{mistake.filename}:{mistake.lineno}: {words}"
    frames = [frame for frame in extract_tb(mistake.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {words}\n{frames[-1].line}" if frames else words


def _is_loaded_late(name: str) -> bool:
    """Whether a module is one that each build of a server loads again."""
    return name.startswith("raftstep.") and name not in ("raftstep.site", "raftstep.site.store", __name__)


def _forget_own_modules() -> None:
    """Make the next import read the files again; this module, the store and their packages stay."""
    for name in [name for name in sys.modules if _is_loaded_late(name)]:
        module: ModuleType = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
            delattr(sys.modules[parent], child)
