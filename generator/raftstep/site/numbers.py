"""Numbers in a sentence, taken from data: ``[=timing-150-300-median]`` on a page becomes ``166 ms``.

A number that is typed is wrong as soon as the data change, and often before. An author writes a name
instead, and the build puts the number in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from raftstep.document.problem import Place, Problem, suggest_nearest
from raftstep.site.host import Host

Number = Callable[[], str]
"""A number as words, such as ``49.9 %``. Raises :class:`ValueError` where its data do not hold."""

HOLE = re.compile(r"\[=(?P<name>[a-z][a-z0-9-]*)\]")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


class NumberHoles(Preprocessor):
    """Fills the holes of a page, but for those in code. It goes first, so that it knows lines by their numbers."""

    def __init__(self, md: Markdown, host: Host) -> None:
        super().__init__(md)
        self.host = host

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with numbers in the holes; a name that no number has is reported, and stays."""
        if not any(HOLE.search(line) for line in lines):
            return lines
        numbers = self.host.find_numbers()
        return [self._fill(line, number, numbers) for line, number in _mark_code(lines)] if numbers else lines

    def _fill(self, line: str, number: int | None, numbers: Mapping[str, Number]) -> str:
        if number is None:
            return line
        code = [match.span() for match in _CODE.finditer(line)]

        def fill(hole: re.Match[str]) -> str:
            if any(start <= hole.start() < end for start, end in code):
                return hole[0]
            try:
                return numbers[hole["name"]]()
            except KeyError:
                words = f'unknown number "{hole["name"]}"; {suggest_nearest(hole["name"], sorted(numbers))}'
            except ValueError as error:
                words = str(error)
            page = self.host.page
            place = Place(line=page.first_line + number, column=hole.start("name") + 1, length=len(hole["name"]))
            self.host.report(Problem(path=page.path, place=place, words=words).show())
            return hole[0]

        return HOLE.sub(fill, line)


def _mark_code(lines: list[str]) -> Iterator[tuple[str, int | None]]:
    """Each line with its number, counted from 0, or with ``None`` where it is code between fences."""
    fence = ""
    for number, line in enumerate(lines):
        opening = _FENCE.match(line)
        if fence:
            yield line, None
            if opening and opening[1].startswith(fence):
                fence = ""
        else:
            yield line, None if opening else number
            fence = opening[1] if opening else ""
