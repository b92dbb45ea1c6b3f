"""Read pages with the standard library, and follow their links without a network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "list")


class Tag(NamedTuple):
    """An opening tag and where it stands."""

    name: str
    attributes: Mapping[str, str]
    line: int


@dataclass
class ParsedPage(HTMLParser):
    """What the checks ask of a page: its tags, its ids and the text of its title."""

    tags: list[Tag] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append(Tag(tag, attributes, self.getpos()[0]))
        self.ids |= {attributes["id"]} if "id" in attributes else set()
        self._in_title = tag == "title" and not self.title

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""

    def handle_endtag(self, tag: str) -> None:
        self._in_title &= tag != "title"

    def meta(self, name: str) -> str:
        contents = (tag.attributes.get("content", "") for tag in self.tags if tag.attributes.get("name") == name)
        return next(contents, "")


def parse_page(text: str) -> ParsedPage:
    page = ParsedPage()
    page.feed(text)
    page.close()
    return page


def find_links(page: ParsedPage) -> Iterator[tuple[Tag, str]]:
    """Every address a page speaks of: what it links to and what it loads."""
    for tag in page.tags:
        for name in ("href", "src", "poster", "action", "xlink:href"):
            if name in tag.attributes:
                yield tag, tag.attributes[name]
        for candidate in filter(None, tag.attributes.get("srcset", "").split(",")):
            yield tag, candidate.split()[0]


def broken_links(pages: Mapping[str, ParsedPage], files: set[str], base: str) -> list[str]:
    """Links to pages, files or anchors of this site that are not there, each with its place.

    Pages are named by address, files by path; `base` is the site's own address, with a slash at the end.
    """
    return [
        f"{name or 'index'}:{tag.line}: {link!r}: {problem}"
        for name, page in pages.items()
        for tag, link in find_links(page)
        if (problem := link_problem(urljoin(base + name, link), pages, files, base))
    ]


def link_problem(url: str, pages: Mapping[str, ParsedPage], files: set[str], base: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.netloc != urlsplit(base).netloc:
        return None  # another origin, or not a place at all
    if not parts.path.startswith(urlsplit(base).path):
        return "leaves the project path"
    target = unquote(parts.path.removeprefix(urlsplit(base).path))
    target = target.removesuffix("index.html")
    if target not in pages:
        return None if target in files else "no such page or file"
    fragment = unquote(parts.fragment)
    return None if not fragment or fragment in pages[target].ids else "no such anchor"


def broken_references(page: ParsedPage) -> list[str]:
    """Attributes that name an id which the page does not have."""
    return [
        f"line {tag.line}: {attribute}={name!r}"
        for tag in page.tags
        for attribute in REFERENCES
        for name in tag.attributes.get(attribute, "").split()
        if name not in page.ids
    ]
