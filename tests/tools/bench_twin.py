"""The plain twin: an otherwise equal Material site without the generator, as someone could have written it by hand.

It has the theme as it comes, the same settings and search, the same pages in the same navigation, and on each page the
very Markdown that this site hands to Python-Markdown, of pages in the repository and of generated ones alike: their
words, headings, links, lists, tables and code. What only our extensions can read stands there as its words, in plain
paragraphs: steppers, and the tables and charts made from data. A citation is its text in parentheses. Left out are all
pictures, the links that our extensions make, what is written for our styles alone, and the bare pages for frames.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from raftstep.codex.citing import CITATION
from raftstep.site.codex.extension import INSERTION
from raftstep.site.fence import find_fences

ROOT = Path(__file__).resolve().parents[2]
OUR_CONFIG = ROOT / "mkdocs.yml"
LINKED_SUFFIXES = {".yaml", ".txt", ".bib"}
"""Generated files that pages link to, and that are no pictures."""

SILENT_TAGS = {"script", "style", "svg"}
EDGE_CLASS = "raft-twin"
"""The class of a rule before and after each thing of ours, in the build that its words are read from."""

FOR_OUR_STYLES = re.compile(r' \.raft-[\w-]+| data-kind="\w+"|</?span[^>]*>')
NO_ATTRIBUTES = re.compile(r"^\{: *\}\n|\{ *\}", re.MULTILINE)


def write_twin(folder: Path) -> None:
    """Write the twin's pages, the other files of the site and ``mkdocs.yml`` into a folder."""
    docs = folder / "docs"
    empty_theme = folder / "nothing"
    empty_theme.mkdir(parents=True)
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("*.md"))
    settings = {
        "INHERIT": str(OUR_CONFIG),
        "docs_dir": str(docs),
        "theme": {"custom_dir": str(empty_theme)},
        "plugins": ["search"],
        "hooks": [],
        "extra_css": [],
        "extra_javascript": [],
        "strict": False,
        "validation": {"links": {"anchors": "ignore"}},  # those of steps, for a step is words of a paragraph
    }
    (folder / "mkdocs.yml").write_text(json.dumps(settings, indent=1), encoding="utf-8")  # JSON is YAML
    config = load_config(str(OUR_CONFIG), site_dir=str(folder / "marked"))
    config.plugins["twin"] = _TwinWriter(docs)
    build(config)


class _TwinWriter(BasePlugin):  # type: ignore[no-untyped-call,type-arg]
    """Comes last in a build of this site: marks what is ours in each page, reads its words, and writes the page."""

    def __init__(self, docs: Path) -> None:
        super().__init__()
        self.docs = docs

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:  # noqa: ARG002
        for file in files:
            if file.generated_by and Path(file.src_uri).suffix in LINKED_SUFFIXES:
                self._write(file.src_uri, file.content_string)
        return files

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        edge = ["", f'<hr class="{EDGE_CLASS}">', ""]
        return "\n".join(
            line for is_ours, part in _split_page(markdown) for line in ([*edge, *part, *edge] if is_ours else part)
        )

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG002
        reader = _WordParser()
        reader.feed(output)
        words = (plain_paragraphs(" ".join(passage)) for passage in reader.passages)
        text = "\n".join(
            next(words) if is_ours else remove_extensions("\n".join(part))
            for is_ours, part in _split_page(page.file.content_string)
        )
        self._write(page.file.src_uri, text)
        return output

    def _write(self, uri: str, text: str) -> None:
        target = self.docs / uri
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _split_page(text: str) -> Iterator[tuple[bool, list[str]]]:
    """The lines of a page in turns: what anybody's Markdown can read, and what is ours."""
    lines = text.split("\n")
    next_line = 0
    for fence in find_fences(lines):
        yield False, lines[next_line : fence.first_line]
        next_line = fence.last_line + 1
        yield True, lines[fence.first_line : next_line]
    yield False, lines[next_line:]


def remove_extensions(text: str) -> str:
    """Markdown as it would be without our extensions and styles.

    >>> remove_extensions("A node votes once [@ongaro-2014-raft §5.2].\\n{: .raft-plain }\\n<!-- drawn: it -->")
    'A node votes once (@ongaro-2014-raft §5.2).\\n'
    """
    text_with_citations = CITATION.sub(r"(\1)", INSERTION.sub("", text))
    return NO_ATTRIBUTES.sub("", FOR_OUR_STYLES.sub("", text_with_citations))


def plain_paragraphs(words: str) -> str:
    """Words in paragraphs that hold no Markdown."""
    plain_words = re.sub(r"[^\w\s.,;:?!'’–-]", " ", words).split()
    return "\n\n".join(" ".join(plain_words[start : start + 60]) for start in range(0, len(plain_words), 60))


class _WordParser(HTMLParser):
    """The words between the marks of a page, each thing's by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[list[str]] = []
        self.is_inside = False
        self.silent_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "hr" and ("class", EDGE_CLASS) in attrs:
            self.is_inside = not self.is_inside
            if self.is_inside:
                self.passages.append([])
        self.silent_depth += tag in SILENT_TAGS

    def handle_endtag(self, tag: str) -> None:
        self.silent_depth -= tag in SILENT_TAGS

    def handle_data(self, data: str) -> None:
        if self.is_inside and not self.silent_depth:
            self.passages[-1].append(data)
