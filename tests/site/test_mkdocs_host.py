"""Figures are put aside while the search reads a page, and come back where they were."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from mkdocs.structure.files import Files

from raftstep.site.mkdocs_host import MkDocsHost


def open_page(host: MkDocsHost, uri: str) -> None:
    file = SimpleNamespace(src_uri=uri, url=uri, content_string="# A page", generated_by=None)
    host.open_page(cast("Any", SimpleNamespace(file=file)), "# A page", Files([]))


def make_host() -> MkDocsHost:
    nothing = cast("Any", SimpleNamespace(docs_dir="docs"))
    return MkDocsHost(nothing, nothing, dict, print)


def test_a_figure_comes_back_where_it_was() -> None:
    """A page's HTML is as if nothing had been put aside."""
    host = make_host()
    open_page(host, "a.md")
    place = host.place_figure("<svg></svg>")

    assert host.put_figures_back(f"<p>{place}</p>", "a.md") == "<p><svg></svg></p>"


def test_what_looks_like_the_place_of_a_figure_stays_as_it_is() -> None:
    """Whoever writes such a comment on a page gets no traceback, and no other page's figure."""
    host = make_host()
    open_page(host, "a.md")
    place = host.place_figure("<svg></svg>")
    open_page(host, "b.md")
    page = f"{place}<!--raft-figure:0--><!--raft-figure:99999-->"

    assert host.put_figures_back(page, "b.md") == host.put_figures_back(page, "none.md") == page
