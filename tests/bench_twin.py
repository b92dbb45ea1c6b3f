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

from raftstep.site.codex.citing import CITATION
from raftstep.site.codex.extension import DRAWN
from raftstep.site.fence import find

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "mkdocs.yml"
OFFERED = {".yaml", ".txt", ".bib"}
"""Generated files that pages link to, and that are no pictures."""

UNSEEN = {"script", "style", "svg"}
EDGE = "raft-twin"
"""The class of a rule before and after each thing of ours, in the build that its words are read from."""

FOR_OUR_STYLES = re.compile(r' \.raft-[\w-]+| data-kind="\w+"|</?span[^>]*>')
NO_ATTRIBUTES = re.compile(r"^\{: *\}\n|\{ *\}", re.MULTILINE)


def write_twin(folder: Path) -> None:
    """Write the twin's pages, the other files of the site and ``mkdocs.yml`` into a folder."""
    docs = folder / "docs"
    as_it_comes = folder / "nothing"
    as_it_comes.mkdir(parents=True)
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("*.md"))
    settings = {
        "INHERIT": str(OURS),
        "docs_dir": str(docs),
        "theme": {"custom_dir": str(as_it_comes)},
        "plugins": ["search"],
        "hooks": [],
        "extra_css": [],
        "extra_javascript": [],
        "strict": False,
        "validation": {"links": {"anchors": "ignore"}},  # those of steps, for a step is words of a paragraph
    }
    (folder / "mkdocs.yml").write_text(json.dumps(settings, indent=1), encoding="utf-8")  # JSON is YAML
    config = load_config(str(OURS), site_dir=str(folder / "marked"))
    config.plugins["twin"] = _Writer(docs)
    build(config)


class _Writer(BasePlugin):  # type: ignore[no-untyped-call,type-arg]
    """Comes last in a build of this site: marks what is ours in each page, reads its words, and writes the page."""

    def __init__(self, docs: Path) -> None:
        super().__init__()
        self.docs = docs

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:  # noqa: ARG002
        for file in files:
            if file.generated_by and Path(file.src_uri).suffix in OFFERED:
                self._write(file.src_uri, file.content_string)
        return files

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        edge = ["", f'<hr class="{EDGE}">', ""]
        return "\n".join(line for ours, part in _parts(markdown) for line in ([*edge, *part, *edge] if ours else part))

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG002
        reader = _Words()
        reader.feed(output)
        words = (plain(" ".join(found)) for found in reader.found)
        text = "\n".join(
            next(words) if ours else by_hand("\n".join(part)) for ours, part in _parts(page.file.content_string)
        )
        self._write(page.file.src_uri, text)
        return output

    def _write(self, uri: str, text: str) -> None:
        target = self.docs / uri
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _parts(text: str) -> Iterator[tuple[bool, list[str]]]:
    """The lines of a page in turns: what anybody's Markdown can read, and what is ours."""
    lines = text.split("\n")
    done = 0
    for fence in find(lines):
        yield False, lines[done : fence.first]
        done = fence.last + 1
        yield True, lines[fence.first : done]
    yield False, lines[done:]


def by_hand(text: str) -> str:
    """Markdown as it would be without our extensions and styles.

    >>> by_hand("A node votes once [@ongaro-2014-raft §5.2].\\n{: .raft-definition .raft-plain }\\n<!-- drawn: it -->")
    'A node votes once (@ongaro-2014-raft §5.2).\\n'
    """
    cited = CITATION.sub(r"(\1)", DRAWN.sub("", text))
    return NO_ATTRIBUTES.sub("", FOR_OUR_STYLES.sub("", cited))


def plain(words: str) -> str:
    """Words in paragraphs that hold no Markdown."""
    found = re.sub(r"[^\w\s.,;:?!'’–-]", " ", words).split()
    return "\n\n".join(" ".join(found[at : at + 60]) for at in range(0, len(found), 60))


class _Words(HTMLParser):
    """The words between the marks of a page, each thing's by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self.within = False
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "hr" and ("class", EDGE) in attrs:
            self.within = not self.within
            if self.within:
                self.found.append([])
        self.unseen += tag in UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if self.within and not self.unseen:
            self.found[-1].append(data)
