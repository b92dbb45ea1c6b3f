"""Texts that are nearly right: good YAML with a part of it replaced, doubled, dropped or moved, then damaged as text.

All choices are drawn from one source, so the same source gives the same text, and Hypothesis can make it smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import yaml

MOST_CHANGES = 4

VALUES: tuple[Any, ...] = (
    *(None, True, False, "", " ", [], {}, [[]], [None], {"": ""}, {"S1": {"S2": {"S3": 4}}}),
    *(0, 1, -1, 2, 3, 9, 10, 255, 2**31, 2**63, 10**18, 0.5, -0.0, 1e308, float("inf"), float("nan")),
    *("x=7@2", "no-op@3", "1@1", "x@", "@2", "down", "{S1}@1", {"S1": {"log": [2, 1]}}, {"source": "S1", "loss": 1}),
    *("S1", "S2", "S9", "any", "all", "leader", "start", "start-election", "no", "1e3", "017", "1:30", "2024-01-01"),
    *("x" * 5000, "a\nb", "a\tb", "\x1b[31m", "\u202e", "\ufeff", "\U0001f600", "e\u0301" * 40, "%s%n{0}", "../../x"),
    *("<script>pwn(1)</script>", '"><img src=x onerror=pwn(1)>', "[x](javascript:pwn(1))", "`", "```", "<!--raft:0-->"),
    *(
        "{{",
        "{{ x",
        "{% if %}",
        "{{ it }}",
        "{{ nodes[9] }}",
        "{{ leader.log[-1] }}",
        "{#",
        "}}",
        "\\",
        "$&",
        "toString",
    ),
)
"""What is put in place of a value: the empty, the huge, the other kind, and what means something elsewhere."""

SCRAPS = (
    "",
    "\n",
    "- ",
    ": ",
    "? ",
    "&a ",
    "*a",
    "!!x ",
    "|\n",
    ">\n",
    "%YAML 9\n",
    "---\n",
    "\t",
    "'",
    '"',
    "#",
    "\0",
)


class Mutator:
    """Draws mutants of texts from a source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def mutate_yaml(self, text: str) -> str:
        """A good text with some of its values changed, and now and then damaged as a text."""
        data = yaml.safe_load(text)
        for _ in range(self.random.randrange(MOST_CHANGES + 1)):
            data = self._change(data)
        changed = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)
        return changed if self.random.randrange(3) else self.damage_text(changed)

    def damage_text(self, text: str) -> str:
        """A text with a few scraps put in, parts left out or lines written twice."""
        for _ in range(1 + self.random.randrange(MOST_CHANGES)):
            start = self.random.randrange(len(text) + 1)
            end = min(len(text), start + self.random.randrange(20))
            scrap = self.random.choice([*SCRAPS, text[start:end] * 2, self.pick_value_text()])
            text = text[:start] + scrap + text[end:]
        return text

    def damage_bytes(self, content: bytes) -> bytes:
        """Bytes with some flipped, cut off, put in or written over."""
        for _ in range(1 + self.random.randrange(MOST_CHANGES)):
            start = self.random.randrange(len(content) + 1)
            end = min(len(content), start + self.random.choice([0, 1, 1, 1, 8, 64, len(content)]))
            filler = self.random.choice([b"", b"\0", b"\xff", b"{", b'"', b"<b>", b"9" * 30, content[start:end] * 2])
            content = content[:start] + filler + content[end:]
        return content

    def pick_value_text(self) -> str:
        """A hostile value as a text of one line."""
        return str(self.random.choice(VALUES))

    def _change(self, data: Any) -> Any:
        """The data with one change at a random place of it."""
        places = list(_list_places(data))
        if not places:
            return self.random.choice(VALUES)
        holder, key = self.random.choice(places)
        change: Callable[[Any, Any], None] = self.random.choice(
            [self._replace, self._replace, self._drop, self._double, self._swap, self._nest, self._rename]
        )
        change(holder, key)
        return data

    def _replace(self, holder: Any, key: Any) -> None:
        holder[key] = self.random.choice(VALUES)

    def _drop(self, holder: Any, key: Any) -> None:
        del holder[key]

    def _double(self, holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder[key:key] = [holder[key]] * self.random.choice([1, 2, 50])
        else:
            holder[f"{key}-2"] = holder[key]

    def _swap(self, holder: Any, key: Any) -> None:
        other = self.random.choice(list(range(len(holder)) if isinstance(holder, list) else holder))
        holder[key], holder[other] = holder[other], holder[key]

    def _nest(self, holder: Any, key: Any) -> None:
        for _ in range(self.random.choice([1, 2, 30])):
            holder[key] = [holder[key]] if self.random.randrange(2) else {"a": holder[key]}

    def _rename(self, holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            value = holder.pop(key)
            holder[self.random.choice([str(key)[::-1], f"{key}s", "", "title", "<b>", 7])] = value


def _list_places(data: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    """Every value that has a place in a list or a mapping, with that place."""
    if depth > 40 or not isinstance(data, list | dict):
        return []
    keys = list(range(len(data)) if isinstance(data, list) else data)
    return [place for key in keys for place in ((data, key), *_list_places(data[key], depth + 1))]
