"""Finding ```` ```raft ```` and ```` ```raft-exhibit ```` fences in a page, and reading what they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from raftstep.scenario.problem import nearest

OPTIONS = ("src", "id", "heading", "picture", "beside")
"""``src`` names a shipped scenario or a file; ``id`` starts the anchors; ``heading`` is the steps' heading level;
``picture`` shows one step's cluster alone; ``beside`` names a shipped scenario to be stepped together with ``src``."""

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_OPTION = re.compile(r"""(?P<key>[\w-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))""")


@dataclass(slots=True, kw_only=True)
class Fence:
    """One fence: its lines in the page (from 0, the closing one included), options, body and indent.

    ``source`` is the body as it stands in the page, where it may be indented.

    ``exhibit`` is the name of what a raft-exhibit fence shows, which starts at ``column``; ``None`` for a raft fence.
    """

    first: int
    last: int
    indent: str
    body: str
    source: str = ""
    exhibit: str | None = None
    column: int = 1
    options: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


def find(lines: list[str]) -> Iterator[Fence]:
    """Every raft fence of a page; those inside longer fences are examples and stay code."""
    number = 0
    while number < len(lines):
        line = lines[number]
        opening = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if not opening or "`" in opening["info"]:
            number += 1
            continue
        closing = _closing(lines, number, opening["ticks"])
        last = len(lines) - 1 if closing is None else closing
        if asked := re.match(r"raft(-exhibit)?(\s|$)", opening["info"]):
            read = _exhibit if asked[1] else _fence
            yield read(lines, number, last, opening, closed=closing is not None)
        number = last + 1


def _closing(lines: list[str], first: int, ticks: str) -> int | None:
    for number in range(first + 1, len(lines)):
        text = lines[number].strip()
        if len(text) >= len(ticks) and set(text) == {ticks[0]}:
            return number
    return None


def _fence(lines: list[str], first: int, last: int, opening: re.Match[str], *, closed: bool) -> Fence:
    indent = opening["indent"]
    body = "\n".join(line.removeprefix(indent) for line in lines[first + 1 : last])
    fence = Fence(first=first, last=last, indent=indent, body=body + "\n" if body.strip() else "")
    fence.source = "\n".join(lines[first + 1 : last])
    if not closed:
        fence.complaints.append(_open(opening))
    rest = opening["info"][len("raft") :]
    for option in _OPTION.finditer(rest):
        value = next(value for value in (option["double"], option["single"], option["bare"]) if value is not None)
        if option["key"] in OPTIONS:
            fence.options[option["key"]] = value
        else:
            fence.complaints.append(f'unknown option "{option["key"]}"; {nearest(option["key"], OPTIONS)}')
    left = _OPTION.sub("", rest).strip()
    if left:
        fence.complaints.append(
            f'"{left}" is not an option; write options as key="value" (known: {", ".join(OPTIONS)})'
        )
    return fence


def _open(opening: re.Match[str]) -> str:
    return f"the fence is never closed; end it with a line of {opening['ticks']}"


def _exhibit(lines: list[str], first: int, last: int, opening: re.Match[str], *, closed: bool) -> Fence:
    """A fence that names one table or chart and holds nothing."""
    body = "\n".join(lines[first + 1 : last]).strip()
    name = opening["info"][len("raft-exhibit") :].strip()
    column = opening.start("info") + len(opening["info"]) - len(name) + 1
    fence = Fence(first=first, last=last, indent=opening["indent"], body=body, exhibit=name, column=column)
    if not closed:
        fence.complaints.append(_open(opening))
    elif body:
        fence.complaints.append("an exhibit is made from data, so its fence holds nothing; remove what stands in it")
    return fence
