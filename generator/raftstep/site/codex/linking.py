"""Words of a page that are terms of the Codex: the first of each in a section becomes a link to its entry.

The link is quiet and complete by itself. tip.js shows the term's one sentence where the link is pointed at or
focused, and fetches it from the entry only then: written at every link, the sentences were a tenth of a page's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from raftstep.codex.model import Term

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
UNLINKED_TAGS = HEADINGS | {
    "a",
    "abbr",
    "button",
    "code",
    "kbd",
    "label",
    "math",
    "pre",
    "samp",
    "script",
    "style",
    "svg",
}
UNLINKED_TAGS |= {"select", "summary", "sup", "textarea", "th"}
"""Elements whose words stay as they are."""

_UNLINKED_CLASSES = frozenset(("footnote", "raft-plain", "toc"))
"""Classes of elements likewise: footnotes hold sources, and titles of works are no place for links."""

LinkTo = Callable[[str], str]

_STASHED_HTML = re.compile("\x02wzxhzdk:([0-9]+)\x03")
"""The place that Markdown keeps for a piece of HTML that the author wrote."""


class Linker:
    """Finds the words of all terms. One is made for the whole build."""

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = terms
        self.ids: dict[str, str] = {}
        for term in terms.values():
            for form in (term.term, *term.forms) if term.linked else ():
                self.ids.setdefault(form, term.id)
                self.ids.setdefault(form[0].upper() + form[1:], term.id)
        self._words = re.compile(rf"(?<![\w-])(?:{_alternatives(self.ids) or '(?!)'})(?![\w-])")

    def link(self, root: Element, link_to: LinkTo, *, excluded_term: str = "", raw_html: Sequence[object] = ()) -> None:
        """Link the terms in a page's tree.

        ``link_to`` leads to a term's entry, ``excluded_term`` is a term to leave out, and ``raw_html`` are the pieces
        of HTML that Markdown has put aside.
        """
        _PageLinker(self, link_to, excluded_term, raw_html).walk(root)

    def find_terms(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Every word of a term in a text: where it begins and ends, and the term's id."""
        for match in self._words.finditer(text):
            yield match.start(), match.end(), self.ids[" ".join(match[0].split())]


def _alternatives(forms: Iterable[str]) -> str:
    """A pattern for the longest form at a place. Python tries few branches where those of one first letter are one."""
    by_letter: dict[str, list[str]] = {}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        by_letter.setdefault(form[0], []).append(r"\s+".join(re.escape(word) for word in form.split()))
    return "|".join(f"(?:{'|'.join(patterns)})" for patterns in by_letter.values())


class _PageLinker:
    """One page's tree, walked in the order of reading."""

    def __init__(self, linker: Linker, link_to: LinkTo, excluded_term: str, raw_html: Sequence[object]) -> None:
        self.linker = linker
        self.link_to = link_to
        self.excluded_term = excluded_term
        self.raw_html = raw_html
        self.seen_ids: set[str] = {excluded_term}

    def walk(self, parent: Element) -> None:
        children = list(parent)
        parent.text, index = self._insert_links(parent, parent.text, 0)
        for child in children:
            if child.tag in HEADINGS:
                self.seen_ids = {self.excluded_term}
            elif child.tag == "a":
                self._mark_linked(child)
            elif child.tag not in UNLINKED_TAGS and not _UNLINKED_CLASSES & set(child.get("class", "").split()):
                self.walk(child)
            child.tail, index = self._insert_links(parent, child.tail, index + 1)

    def _mark_linked(self, link: Element) -> None:
        """An author's own link to an entry counts as the first use."""
        if match := re.search(r"(?:^|/)([a-z0-9-]+)\.md(?:#.*)?$", link.get("href", "")):
            self.seen_ids.add(match[1])

    def _insert_links(self, parent: Element, text: str | None, index: int) -> tuple[str | None, int]:
        """Put links into a text that begins at a place among the children; what is left before the first of them."""
        if not text or not text.strip():
            return text, index
        before, rest_start, last_link = text, 0, None
        unlinked_ranges = self._unlinked_ranges(text)
        for start, end, id in self.linker.find_terms(text):
            if id in self.seen_ids or any(
                range_start <= start < range_end for range_start, range_end in unlinked_ranges
            ):
                continue
            self.seen_ids.add(id)
            if last_link is None:
                before = text[:start]
            else:
                last_link.tail = text[rest_start:start]
            last_link = self._make_link(text[start:end], id)
            parent.insert(index, last_link)
            index, rest_start = index + 1, end
        if last_link is not None:
            last_link.tail = text[rest_start:]
        return before, index

    def _unlinked_ranges(self, text: str) -> list[tuple[int, int]]:
        """The parts of a text that are in elements written as HTML, such as ``<kbd>``."""
        ranges, open_start = [], -1
        for match in _STASHED_HTML.finditer(text):
            number = int(match[1])
            tag = re.match(r"<(/?)(\w+)", str(self.raw_html[number])) if number < len(self.raw_html) else None
            if tag and tag[2].lower() in UNLINKED_TAGS:
                if not tag[1]:
                    open_start = match.start()
                elif open_start >= 0:
                    ranges.append((open_start, match.end()))
                    open_start = -1
        return [*ranges, (open_start, len(text))] if open_start >= 0 else ranges

    def _make_link(self, words: str, id: str) -> Element:
        link = Element("a", {"class": "raft-codex-term", "href": self.link_to(id)})
        link.text = words
        return link
