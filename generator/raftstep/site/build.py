"""One build of a site: the extensions, what is generated, and the page in progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.pages import Page

from raftstep.document.files import is_plain_file
from raftstep.site.assets import Assets
from raftstep.site.codex.mkdocs_codex import DATA_FOLDER, Codex
from raftstep.site.exhibit import Exhibit, merge_exhibits
from raftstep.site.extension import RaftExtension
from raftstep.site.fence import find_fences
from raftstep.site.memory import Memory
from raftstep.site.mkdocs_host import MkDocsHost
from raftstep.site.pages import Pages
from raftstep.site.rendered_page import put_on_page, render_page
from raftstep.site.resolve import find_named_run


class SiteBuild:
    """What the plugin's hooks pass their work to; made again for every build."""

    def __init__(
        self, config: MkDocsConfig, report: Callable[[str], None], memory: Memory, *, html: bool = False
    ) -> None:
        self.memory = memory
        memory.forget_unused()
        self._report = report
        self._page_uri = ""
        self._unshown_problems: dict[str, list[str]] = {}
        assets = Assets()
        assets.add_to_config(config)
        self.html = html
        self.pages = Pages(config, self.report_unshown, assets, memory, html=html)
        self.host = MkDocsHost(config, self.pages, self._find_exhibits, report)
        config.markdown_extensions.append(RaftExtension(host=self.host, html=html))  # type: ignore[arg-type]
        self.codex: Codex | None = None
        if Path(config.docs_dir, DATA_FOLDER).is_dir():
            self.codex = Codex(config, self.pages.scenario_runs, self.pages.draw_run, self.report_unshown, memory)

    def report_unshown(self, problem: str) -> None:
        """Report what no box on a page shows: of the page in progress, or, before the first page, of all of them."""
        self._report(problem)
        self._unshown_problems.setdefault(self._page_uri, []).append(problem)

    def list_unshown_problems(self, page_uri: str) -> list[str]:
        """What was reported and is shown nowhere: of this page, and of all pages."""
        return [*self._unshown_problems.get("", ()), *self._unshown_problems.get(page_uri, ())]

    def _find_exhibits(self) -> Mapping[str, Exhibit]:
        return merge_exhibits(self.pages.exhibits(), self.codex.exhibits() if self.codex else {})

    def add_files(self, files: Files, config: MkDocsConfig) -> None:
        """Add what is generated to the site's own files, and leave out what MkDocs would copy without end."""
        if self.codex:
            self.codex.add_to(files, config)
        for file in [file for file in files if file.abs_src_path and not is_plain_file(Path(file.abs_src_path))]:
            files.remove(file)
            if file.inclusion not in (InclusionLevel.EXCLUDED, InclusionLevel.DRAFT):
                self.report_unshown(f"{file.src_uri}:1:1: this is not a regular file, so it is left out; remove it")
        self.pages.add_to(files, config)

    def open_page(self, page: Page, markdown: str, files: Files) -> None:
        """Pass the next page to the extensions."""
        self._page_uri = page.file.src_uri
        self.host.open_page(page, markdown, files)
        if self.codex:
            self.codex.open_page(page)
        if page.file.generated_by is not None:
            page.render = partial(self._render_generated, page)  # type: ignore[method-assign]

    def _render_generated(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Render a generated page, unless a server has done so before and nothing that it shows has changed.

        Pages written by hand are rendered in every build: what an author's extensions put on them cannot be known.
        """
        name = f"page {page.file.src_uri}"
        rendered = self.memory.reuse(
            name,
            (page.markdown, *self._list_ingredients(page.markdown or "", files)),
            lambda: render_page(page, config, files, self.host),
        )
        if self._unshown_problems.get(page.file.src_uri):
            self.memory.forget(name)  # to be reported again in the next build
        put_on_page(rendered, page, files, self.host)

    def _list_ingredients(self, markdown: str, files: Files) -> Iterator[object]:
        """All that a generated page is made of apart from its Markdown."""
        yield from (self.html, self.pages.assets.folder, "\n".join(sorted(files.src_uris)))
        if self.codex:
            yield from (self.codex.data_digest, "".join(self.codex.context.insertions.values()))
        for fence in find_fences(markdown.splitlines()):
            for name in (fence.options.get("src"), fence.options.get("beside")):
                if name:
                    yield from (find_named_run(name, self.host), str(self.host.link_forks(name)))
            if fence.exhibit_name is not None and self.codex:
                yield self.codex.system_exhibits
