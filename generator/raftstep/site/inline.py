"""Markdown's inline patterns, with less to do: plain words pass them by.

Some twenty patterns look through every text, one after the other, and two of three texts hold none of their signs.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

SIGNS = re.compile(r"[\\`\[<&*_]|  \n")
"""What all that :data:`KNOWN` finds has in it."""

KNOWN = (
    *("backtick", "escape", "footnote", "reference", "link", "image_link", "image_reference", "short_reference"),
    *("short_image_ref", "autolink", "automail", "linebreak", "html", "entity", "em_strong", "codex-citations"),
)
"""Patterns of Python-Markdown and of ours, by their names. With others, all texts go through all of them."""


class QuickInline(InlineProcessor):
    """Takes the place of Markdown's own when all patterns are there, and gives the same."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.all = md.inlinePatterns

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        """Set plain words aside, apply the patterns to all others, and make them words as any again."""
        knows_all = sum(name in self.all for name in KNOWN) == len(self.all)
        self.inlinePatterns = [*self.all]  # type: ignore[assignment]  # a list answers sooner than a registry
        plain = [element for element in tree.iter() if knows_all and _is_plain(element.text)]
        for element in plain:
            element.text = AtomicString(element.text)
        result = super().run(tree, ancestors)
        for element in plain:
            element.text = str(element.text)
        return result


def _is_plain(text: str | None) -> bool:
    return bool(text and not isinstance(text, AtomicString) and not SIGNS.search(text))
