"""Words of a page that are terms of the Codex: the first of each in a section becomes a link to its entry.

The link is quiet and complete by itself. tip.js shows the term's one sentence where the link is pointed at or
focused, and fetches it from the entry only then: written at every link, the sentences were a tenth of a page's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from raftstep.site.codex.model import Term

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
LEFT_ALONE = HEADINGS | {"a", "abbr", "button", "code", "kbd", "label", "math", "pre", "samp", "script", "style", "svg"}
LEFT_ALONE |= {"select", "summary", "sup", "textarea", "th"}
"""Elements whose words stay as they are."""

_PLAIN = frozenset(("footnote", "raft-plain", "toc"))
"""Classes of elements likewise: footnotes hold sources, and titles of works are no place for links."""

Href = Callable[[str], str]

_RAW = re.compile("\x02wzxhzdk:([0-9]+)\x03")
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
        self._words = re.compile(rf"(?<![\w-])(?:{_one_of(self.ids) or '(?!)'})(?![\w-])")

    def link(self, root: Element, href: Href, *, without: str = "", raw: Sequence[object] = ()) -> None:
        """Link the terms in a page's tree.

        ``href`` leads to a term's entry, ``without`` is a term to leave out, and ``raw`` are the pieces of HTML that
        Markdown has put aside.
        """
        _Page(self, href, without, raw).walk(root)

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Every word of a term in a text: where it begins and ends, and the term's id."""
        for match in self._words.finditer(text):
            yield match.start(), match.end(), self.ids[" ".join(match[0].split())]


def _one_of(forms: Iterable[str]) -> str:
    """A pattern for the longest form at a place. Python tries few branches where those of one first letter are one."""
    by_letter: dict[str, list[str]] = {}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        by_letter.setdefault(form[0], []).append(r"\s+".join(re.escape(word) for word in form.split()))
    return "|".join(f"(?:{'|'.join(patterns)})" for patterns in by_letter.values())


class _Page:
    """One page's tree, walked in the order of reading."""

    def __init__(self, linker: Linker, href: Href, without: str, raw: Sequence[object]) -> None:
        self.linker = linker
        self.href = href
        self.without = without
        self.raw = raw
        self.seen: set[str] = {without}

    def walk(self, parent: Element) -> None:
        children = list(parent)
        parent.text, place = self._insert(parent, parent.text, 0)
        for child in children:
            if child.tag in HEADINGS:
                self.seen = {self.without}
            elif child.tag == "a":
                self._note(child)
            elif child.tag not in LEFT_ALONE and not _PLAIN & set(child.get("class", "").split()):
                self.walk(child)
            child.tail, place = self._insert(parent, child.tail, place + 1)

    def _note(self, link: Element) -> None:
        """An author's own link to an entry counts as the first use."""
        if match := re.search(r"(?:^|/)([a-z0-9-]+)\.md(?:#.*)?$", link.get("href", "")):
            self.seen.add(match[1])

    def _insert(self, parent: Element, text: str | None, place: int) -> tuple[str | None, int]:
        """Put links into a text that begins at a place among the children; what is left before the first of them."""
        if not text or not text.strip():
            return text, place
        before, rest, last = text, 0, None
        alone = self._alone(text)
        for start, end, id in self.linker.found(text):
            if id in self.seen or any(first <= start < after for first, after in alone):
                continue
            self.seen.add(id)
            if last is None:
                before = text[:start]
            else:
                last.tail = text[rest:start]
            last = self._link(text[start:end], id)
            parent.insert(place, last)
            place, rest = place + 1, end
        if last is not None:
            last.tail = text[rest:]
        return before, place

    def _alone(self, text: str) -> list[tuple[int, int]]:
        """The parts of a text that stand in elements written as HTML, such as ``<kbd>``."""
        parts, opened = [], -1
        for place in _RAW.finditer(text):
            number = int(place[1])
            tag = re.match(r"<(/?)(\w+)", str(self.raw[number])) if number < len(self.raw) else None
            if tag and tag[2].lower() in LEFT_ALONE:
                if not tag[1]:
                    opened = place.start()
                elif opened >= 0:
                    parts.append((opened, place.end()))
                    opened = -1
        return [*parts, (opened, len(text))] if opened >= 0 else parts

    def _link(self, words: str, id: str) -> Element:
        link = Element("a", {"class": "raft-codex-term", "href": self.href(id)})
        link.text = words
        return link
