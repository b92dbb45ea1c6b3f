"""Finding ```` ```raft ```` and ```` ```raft-exhibit ```` fences in a page, and reading what they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from raftstep.document.problem import suggest_nearest

OPTIONS = ("src", "id", "heading", "picture", "beside")
"""``src`` names a shipped scenario or a file; ``id`` starts the anchors; ``heading`` is the steps' heading level;
``picture`` shows one step's cluster alone; ``beside`` names a shipped scenario to be stepped together with ``src``."""

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>.*)")
_MOST_INFO = 1_000
"""Characters on a fence's first line: options hold names, and searching a line takes the square of its length."""

_OPTION = re.compile(r"""(?P<key>[\w-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))""")


@dataclass(slots=True, kw_only=True)
class Fence:
    """One fence: its lines in the page (from 0, the closing one included), options, body and indent.

    ``source`` is the body as it is in the page, where it may be indented.

    ``exhibit_name`` is the name of what a raft-exhibit fence shows, which starts at ``column``; ``None`` for a raft
    fence.
    """

    first_line: int
    last_line: int
    indent: str
    body: str
    source: str = ""
    exhibit_name: str | None = None
    column: int = 1
    options: dict[str, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


def find_fences(lines: list[str]) -> Iterator[Fence]:
    """Every raft fence of a page; those inside longer fences are examples and stay code."""
    number = 0
    while number < len(lines):
        line = lines[number]
        opening = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if not opening or "`" in opening["info"]:
            number += 1
            continue
        closing_line = _find_closing_line(lines, number, opening["ticks"])
        last_line = len(lines) - 1 if closing_line is None else closing_line
        if kind := re.match(r"raft(-exhibit)?(\s|$)", opening["info"]):
            read_fence = _read_exhibit if kind[1] else _read_fence
            fence = read_fence(lines, number, last_line, opening)
            if closing_line is None:
                words = f"the fence is never closed; end it with a line of {opening['ticks']}"
                fence.mistakes = [words] if kind[1] else [words, *fence.mistakes]
            yield fence
        number = last_line + 1


def _find_closing_line(lines: list[str], first_line: int, ticks: str) -> int | None:
    for number in range(first_line + 1, len(lines)):
        text = lines[number].strip()
        if len(text) >= len(ticks) and set(text) == {ticks[0]}:
            return number
    return None


def _read_fence(lines: list[str], first_line: int, last_line: int, opening: re.Match[str]) -> Fence:
    indent = opening["indent"]
    body = "\n".join(line.removeprefix(indent) for line in lines[first_line + 1 : last_line])
    fence = Fence(first_line=first_line, last_line=last_line, indent=indent, body=body + "\n" if body.strip() else "")
    fence.source = "\n".join(lines[first_line + 1 : last_line])
    option_text = opening["info"][len("raft") :].rstrip()
    if len(option_text) > _MOST_INFO:
        words = f"the fence's first line holds {len(option_text):,} characters of options; write at most {_MOST_INFO:,}"
        fence.mistakes.append(words)
        return fence
    for option in _OPTION.finditer(option_text):
        value = next(value for value in (option["double"], option["single"], option["bare"]) if value is not None)
        if option["key"] in OPTIONS:
            fence.options[option["key"]] = value
        else:
            fence.mistakes.append(f'unknown option "{option["key"]}"; {suggest_nearest(option["key"], OPTIONS)}')
    unparsed = _OPTION.sub("", option_text).strip()
    if unparsed:
        fence.mistakes.append(
            f'"{unparsed}" is not an option; write options as key="value" (known: {", ".join(OPTIONS)})'
        )
    return fence


def _read_exhibit(lines: list[str], first_line: int, last_line: int, opening: re.Match[str]) -> Fence:
    """A fence that names one table or chart and holds nothing."""
    body = "\n".join(lines[first_line + 1 : last_line]).strip()
    info = opening["info"].rstrip()
    name = info[len("raft-exhibit") :].strip()
    column = opening.start("info") + len(info) - len(name) + 1
    fence = Fence(
        first_line=first_line,
        last_line=last_line,
        indent=opening["indent"],
        body=body,
        exhibit_name=name,
        column=column,
    )
    if body:
        fence.mistakes.append("an exhibit is made from data, so its fence must be empty; remove what is in it")
    return fence
