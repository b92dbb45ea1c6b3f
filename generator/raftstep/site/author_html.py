"""HTML in the words of a scenario: shown as text, unless the site lets scenarios bring markup of their own.

A scenario may come from a stranger, and a page runs whatever script its HTML names. Without ``html`` a step's words are
Markdown, and no more: a tag is text, a link leads to a web or mail address or within the site, and an attribute is one
of those that only describe.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from raftstep.site.extension import RaftPreprocessor

_LESS_THAN = "\ufdd2"
"""Stands for < until Markdown has done its work; a noncharacter of Unicode, which no scenario can hold."""

_TAG_START = re.compile(r"<(?!https?://[^\s<>\"']+>|[\w.+-]+@[\w.-]+>)")
_DEFINITION = re.compile(r"^([ \t>]*\*?)\[(?=[^\]\n]+\]:)", re.MULTILINE)
_FENCE = re.compile(r"^([ \t>*+-]*|[ \t>]*\d+[.)][ \t]+)(`{3,}|~{3,})[ \t]*([\w#+-]*)[^`\n]*$", re.MULTILINE)

TAGS = frozenset(
    [
        "a",
        "abbr",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
    ]
)
"""What Markdown makes of words; anything else becomes a span."""

ATTRIBUTES = frozenset(
    [
        "alt",
        "class",
        "colspan",
        "dir",
        "height",
        "href",
        "id",
        "lang",
        "rowspan",
        "scope",
        "src",
        "start",
        "title",
        "width",
    ]
)
"""What words may say of an element."""

SCHEMES = ("http", "https", "mailto")


def hide_html(words: str) -> str:
    """Words in which Markdown sees no HTML, no definitions for the rest of the page, and no attributes of code."""
    words = _FENCE.sub(r"\1\2\3", words)
    words = _DEFINITION.sub(r"\1\\[", words)
    return _TAG_START.sub(_LESS_THAN, words)


class PlainWords(Treeprocessor):
    """Puts the signs back that :func:`hide_html` took out, and takes out of a stepper's words what is not plain."""

    def __init__(self, md: Markdown, preprocessor: RaftPreprocessor) -> None:
        super().__init__(md)
        self.preprocessor = preprocessor

    def run(self, root: Element) -> None:
        """Go through the page's tree in the order of reading."""
        is_in_stepper = False
        for element in root.iter():
            text = element.text or ""
            is_in_stepper |= any(first in text for first, _ in self.preprocessor.stepper_ends)
            if is_in_stepper:
                _make_plain(element)
            is_in_stepper &= not any(last in text for _, last in self.preprocessor.stepper_ends)
            element.text, element.tail = _show_signs(element.text), _show_signs(element.tail)


def _show_signs(text: str | None) -> str | None:
    return text.replace(_LESS_THAN, "<") if text and _LESS_THAN in text else text


def _make_plain(element: Element) -> None:
    links = [element.get(name) for name in ("href", "src")]
    if element.tag not in TAGS or any(link and not _is_harmless(link) for link in links):
        element.text = element.text or element.get("alt")
        element.tag = "span"
        element.attrib.clear()
    for name in [name for name in element.attrib if name not in ATTRIBUTES and not name.startswith("aria-")]:
        del element.attrib[name]
    for name, value in element.attrib.items():
        element.set(name, value.replace(_LESS_THAN, "<"))


def _is_harmless(link: str) -> bool:
    """Whether a link is relative or of a scheme that runs nothing, however Markdown and HTML have it spelt."""
    spelt = re.sub("\x02amp\x03", "&", link)
    spelt = re.sub("\x02(\\d+)\x03", lambda match: chr(int(match[1])), spelt)
    address = re.sub(r"[\x00-\x20\x7f-\x9f\\]", "", html.unescape(spelt))
    scheme = re.match(r"([^/?#]*?):", address)
    return scheme is None or scheme[1].lower() in SCHEMES


class ShownSigns(Postprocessor):
    """Puts the signs back in code, which extensions have put aside as HTML."""

    def run(self, text: str) -> str:
        """The page's HTML with every sign in its place."""
        return text.replace(_LESS_THAN, "&lt;")
