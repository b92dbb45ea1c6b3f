"""HTML in the words of a scenario: shown as text, unless the site lets scenarios bring markup of their own.

A scenario may come from a stranger, and a page runs whatever script its HTML names. Without ``html`` a step's words are
Markdown, and no more: a tag is text, a link leads to a web or mail address or within the site, and an attribute is one
of those that only describe.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from raftstep.document.markdown_code import find_fenced_blocks
from raftstep.site.fence import Fence

if TYPE_CHECKING:
    from raftstep.site.extension import RaftPreprocessor


@dataclass(frozen=True, slots=True, kw_only=True)
class StepperEnds:
    """What represents, on a page, the first and the last piece of a stepper, and the fence that it is made of."""

    fence: Fence
    first: str
    last: str


OWN = "\ufdd7"
"""Comes before the ids and classes that a stepper gives its own headings and paragraphs, so that words have none."""

_LESS_THAN, _BACKTICK, _TILDE, _COLON = "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5"
_SIGNS = {_LESS_THAN: "<", _BACKTICK: "`", _TILDE: "~", _COLON: ":", OWN: ""}
"""What stands for signs until Markdown has done its work: noncharacters of Unicode, which no scenario can hold."""

_STAND_IN = re.compile("[\ufdd2-\ufdd5\ufdd7]")
_TAG_START = re.compile(r"<(?!https?://[^\s<>\"']+>|[\w.+-]+@[\w.-]+>)")
_DEFINITION = re.compile(r"(?<=\])([ \t]?):")
_FENCE = re.compile(r"([\s>*+:.)\d|!?-]*)(`{3,}(?=[^`]*$)|~{3,})")
_FIRST_COLON = re.compile(r"\A(\s*):")
_CLOSED_FENCE = re.compile(r"([ >]*)(`{3,}|~{3,})[ \t]*([\w#+-]*).*")

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
    lines = words.split("\n")
    for block in find_fenced_blocks(lines):
        lines[block.first_line] = _CLOSED_FENCE.sub(r"\1\2\3", lines[block.first_line])
    words = _DEFINITION.sub(rf"\1{_COLON}", "\n".join(lines))
    return _TAG_START.sub(_LESS_THAN, words)


def hide_open_blocks(words: str) -> str:
    """Words in which Markdown sees no block that reaches past them.

    That is a fence but those that they close themselves, which would end further down, and a definition list whose term
    would be what is above.
    """
    lines = _FIRST_COLON.sub(rf"\1{_COLON}", words).split("\n")
    code_lines: set[int] = set()
    for block in find_fenced_blocks(lines):
        code_lines |= set(range(block.first_line, block.last_line + 1))
        lines[block.last_line] = lines[block.last_line].rstrip()
    return "\n".join(
        line if number in code_lines else _FENCE.sub(_hide_ticks, line, count=1) if _FENCE.match(line) else line
        for number, line in enumerate(lines)
    )


def _hide_ticks(fence: re.Match[str]) -> str:
    return fence[1] + (_BACKTICK if fence[2][0] == "`" else _TILDE) * len(fence[2])


class PlainWords(Treeprocessor):
    """Puts the signs back that :func:`hide_html` took out, and takes out of a stepper's words what is not plain."""

    def __init__(self, md: Markdown, preprocessor: RaftPreprocessor) -> None:
        super().__init__(md)
        self.preprocessor = preprocessor

    def run(self, root: Element) -> None:
        """Go through the page's tree in the order of reading."""
        is_in_stepper = False
        unread = list(self.preprocessor.steppers)
        for element in root.iter():
            text = element.text or ""
            if begun := [stepper for stepper in unread if stepper.first in text]:
                is_in_stepper = True
                unread = [stepper for stepper in unread if stepper not in begun]
            if is_in_stepper and not self.preprocessor.html:
                _make_plain(element)
            is_in_stepper &= not any(stepper.last in text for stepper in self.preprocessor.steppers)
            element.text, element.tail = _show_signs(element.text), _show_signs(element.tail)
            for name, value in element.attrib.items():
                if shown := _show_signs(value):  # md_in_html leaves None where an attribute has no value
                    element.set(name, shown)
        for stepper in unread:
            self.preprocessor.report_unread(stepper)


def _show_signs(text: str | None) -> str | None:
    if not text or not _STAND_IN.search(text):
        return text
    return type(text)(_STAND_IN.sub(lambda sign: _SIGNS[sign[0]], text))  # code stays atomic for extensions


def _make_plain(element: Element) -> None:
    links = [_show_signs(element.get(name)) for name in ("href", "src")]
    if element.tag not in TAGS or any(link and not _is_harmless(link) for link in links):
        element.text = element.text or element.get("alt")
        element.tag = "span"
        element.attrib.clear()
    for name in [name for name in element.attrib if name not in ATTRIBUTES and not name.startswith("aria-")]:
        del element.attrib[name]
    id = element.get("id", "")
    if not id.startswith(OWN) and not (element.tag == "sup" and id.startswith("fnref")):
        element.attrib.pop("id", None)
    classes = [name for name in element.get("class", "").split() if not name.lower().startswith("raft")]
    if classes:
        element.set("class", " ".join(classes))
    else:
        element.attrib.pop("class", None)


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
        return _STAND_IN.sub(lambda sign: html.escape(_SIGNS[sign[0]]), text)
