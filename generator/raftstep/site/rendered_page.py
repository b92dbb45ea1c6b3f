"""What Markdown makes of a page, as a value that can be put on the page again in a later build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from raftstep.site.mkdocs_host import MkDocsHost


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A page's content with all that MkDocs notes of it, and what the host was given for it.

    ``links`` are links to anchors of other pages, by the page's file.
    """

    content: str
    toc: Any
    title: str | None
    anchor_ids: set[str]
    links: dict[str, dict[str, str]] | None
    films: tuple[str, ...]
    figures: dict[str, str]


def render_page(page: Page, config: MkDocsConfig, files: Files, host: MkDocsHost) -> RenderedPage:
    """Have MkDocs render the page that the host is at."""
    Page.render(page, config, files)
    links = page.links_to_anchors
    return RenderedPage(
        content=page.content or "",
        toc=page.toc,
        title=page._title_from_render,
        anchor_ids=page.present_anchor_ids or set(),
        links=None if links is None else {file.src_uri: anchors for file, anchors in links.items()},
        films=tuple(host.films),
        figures=dict(host.page_figures),
    )


def put_on_page(rendered: RenderedPage, page: Page, files: Files, host: MkDocsHost) -> None:
    """Have the page look as if it had just been rendered."""
    page.content, page.toc, page._title_from_render = rendered.content, rendered.toc, rendered.title
    page.present_anchor_ids = rendered.anchor_ids
    if rendered.links is not None:
        targets = {uri: files.get_file_from_path(uri) for uri in rendered.links}
        page.links_to_anchors = {file: rendered.links[uri] for uri, file in targets.items() if file}
    for film in rendered.films:
        host.publish_film(film)
    for html in rendered.figures.values():
        host.place_figure(html)
