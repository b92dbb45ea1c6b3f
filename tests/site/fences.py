"""Pages with raft fences, converted without MkDocs, and read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from markdown import Markdown

from raftstep.scenario.model import PlayedScenario
from raftstep.site.exhibit import Exhibit
from raftstep.site.extension import RaftExtension
from raftstep.site.host import Host, Page, read_page_file
from raftstep.site.numbers import Number

VOID = {"br", "hr", "img", "input", "meta", "link"}
INLINE = """\
title: Three nodes
nodes: [S1, S2, S3]
seed: 7
until_ms: 300
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
  - {name: Stand, title: "{{ it }} stands", when: start-election, say: "**{{ it }}** stands.", after_ms: 4}
"""


class Tree(HTMLParser):
    """Ids, text by tag, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.labels: list[str] = []
        self.misnested: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.append(attributes["id"] or "")
        for key in ("aria-labelledby", "aria-describedby"):
            self.labels += (attributes.get(key) or "").split()
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, attributes.get("id") or ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)


class TestHost(Host):
    """A host that notes what is reported; the rest is as each test wants it."""

    __test__ = False

    def __init__(
        self,
        first_line: int,
        folder: Path,
        exhibits: Mapping[str, Exhibit],
        runs: Mapping[str, PlayedScenario],
        numbers: Mapping[str, Number],
    ) -> None:
        self.reports: list[str] = []
        self._runs = runs
        self._first_line = first_line
        self._folder = folder
        self._exhibits = exhibits
        self._numbers = numbers

    @property
    def page(self) -> Page:
        return Page(path="docs/page.md", url="page/", first_line=self._first_line)

    def report(self, problem: str) -> None:
        self.reports.append(problem)

    def link_to(self, address: str) -> str:
        return f"../{address}"

    def read_file(self, name: str) -> bytes | None:
        return read_page_file(self._folder, name)

    def find_run(self, name: str) -> PlayedScenario | None:
        return self._runs.get(name)

    def find_exhibits(self) -> Mapping[str, Exhibit]:
        return self._exhibits

    def find_numbers(self) -> Mapping[str, Number]:
        return self._numbers


class RenderedPage:
    """A page converted, and what was reported on the way."""

    def __init__(
        self,
        text: str,
        *,
        first_line: int = 1,
        folder: Path = Path(),
        exhibits: Mapping[str, Exhibit] | None = None,
        runs: Mapping[str, PlayedScenario] | None = None,
        numbers: Mapping[str, Number] | None = None,
    ) -> None:
        host = TestHost(first_line, folder, exhibits or {}, runs or {}, numbers or {})
        self.reports = host.reports
        self.markdown = Markdown(extensions=["toc", "tables", "admonition", "fenced_code", RaftExtension(host=host)])
        self.html = self.markdown.convert(text)
        self.tree = Tree(self.html)
        assert self.tree.misnested == []
        assert self.tree.open == []
        assert len(self.tree.ids) == len(set(self.tree.ids)), "an id twice"
        assert set(self.tree.labels) <= set(self.tree.ids), "a label that is not there"


def raft_fence(options: str = "", body: str = "", *, indent: str = "") -> str:
    lines = f"```raft{' ' + options if options else ''}\n{body}```\n".splitlines()
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)


def problem_boxes(page: RenderedPage) -> list[str]:
    """The words of the visible boxes."""
    matches = re.findall(r'<(\w+)[^>]*class="[^"]*raft-problem[^"]*"[^>]*>(.*?)</\1>', page.html, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", words)) for _, words in matches]
