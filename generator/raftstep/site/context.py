"""What a host, such as MkDocs, tells the extension of the page being built."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from raftstep.picture.figures import Figures, make_figures
from raftstep.scenario.model import PlayedScenario
from raftstep.site.exhibit import Exhibit
from raftstep.site.stepper import ForkLink, Link

T = TypeVar("T")
Report = Callable[[str], None]


class Once(Protocol):
    """Makes something, or has it from an earlier build; the key names it and tells all that the host does not know."""

    def __call__(self, key: tuple[object, ...], make: Callable[[], T], /) -> T:
        """What ``make`` returns; nothing is kept of what raises."""
        ...


def now(_key: tuple[object, ...], make: Callable[[], T], /) -> T:
    """Where nothing is kept, all is made when it is asked for."""
    return make()


def _log(words: str) -> None:
    logging.getLogger("raftstep").error(words)


class PageContext:
    """What a host knows of the page being built; without a host, only the defaults.

    All it tells follows from the page's ``place`` and from what ``once`` takes into account of itself.
    """

    def __init__(self) -> None:
        self.path = "page.md"
        self.place = ""
        self.first_line = 1
        self.report: Report = _log
        self.forks: Callable[[str], Mapping[int, Sequence[ForkLink]]] = lambda _id: {}
        self.links: Callable[[str, int], Mapping[int, Sequence[Link]]] = lambda _id, _size: {}
        self.page_of: Callable[[str], str] = lambda _id: ""
        self.drawn: Callable[[PlayedScenario, str], Figures] = lambda played, prefix: make_figures(
            played, prefix=prefix
        )
        self.once: Once = now
        self.keep: Callable[[str], str] = lambda html: html
        self.home = ""
        self.folder = Path()
        self.exhibits: Mapping[str, Exhibit] = {}
        self.runs: Mapping[str, PlayedScenario] = {}
        self.href: Callable[[str], str] = lambda address: f"/{address}"
