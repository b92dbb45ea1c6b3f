"""What the tests of the Codex share: good data, the shipped scenarios, and pages converted without MkDocs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markdown import Markdown

from raftstep.codex.book import Book, read_book
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped
from raftstep.site.codex.extension import CodexContext, CodexExtension

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
GOOD = HERE / "good"
OWN = HERE.parents[1] / "docs" / "data" / "codex"


@cache
def everyone() -> Mapping[str, PlayedScenario]:
    return {name: played for name in list_scenario_ids() if isinstance(played := play_shipped(name), PlayedScenario)}


def read(folder: Path = GOOD) -> Book:
    return read_book(folder, everyone())


def words_of(book: Book) -> str:
    return "\n\n".join(found.show() for found in book.problems) + "\n"


class Converted:
    """A page of a site with the good Codex, and what was reported on the way."""

    def __init__(self, text: str, *, uri: str = "internals/safety.md", without: str = "", linked: bool = True) -> None:
        self.reports: list[str] = []
        context = CodexContext(read(), self.reports.append)
        context.open_page(uri, lambda: [(f"docs/{uri}", text)], excluded_term=without, should_link=linked)
        markdown = Markdown(extensions=["tables", "attr_list", "footnotes", "fenced_code", CodexExtension(context)])
        self.html = markdown.convert(text)
