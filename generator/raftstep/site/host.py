"""Where a page is: all that a fence needs to know of the site around it, and to ask of it."""

from __future__ import annotations

import logging
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from raftstep.document.files import MissingError, is_inside, read_file
from raftstep.document.problem import Place
from raftstep.document.reading import UnreadableError
from raftstep.picture.figures import Figures, make_figures
from raftstep.scenario.model import PlayedScenario
from raftstep.site.exhibit import Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its file, as problems name it; its address below the site's own; the number of its first line.

    A page that ``is_generated`` was written by nobody: the code on it is a run's source or transcript.
    """

    path: str = "page.md"
    url: str = ""
    first_line: int = 1
    is_generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link under a step.

    A script makes a button of one with a ``copy_label``: it copies the address, or embed code.
    """

    href: str
    words: str
    download: bool = False
    copy_label: str = ""
    is_embed_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkLink:
    """A *what if* of a step."""

    href: str
    question: str


class Host(Protocol):
    """What shows pages: MkDocs, the bare page of an embedded stepper, or Markdown alone.

    A host says what it knows; what it leaves out is as it is for Markdown alone, without a site around it.
    """

    @property
    def page(self) -> Page:
        """The page that is being made."""
        return Page()

    @property
    def home(self) -> str:
        """The page that links to a step lead to, where that is not the page itself."""
        return ""

    def report(self, problem: str) -> None:
        """Report to the author what is wrong, as ``file:line:column: what; how to fix it``."""
        logging.getLogger("raftstep").error(problem)

    def link_to(self, address: str) -> str:
        """A link from this page to an address of the site."""
        return f"/{address}"

    def read_file(self, name: str) -> bytes | None:
        """What a scenario's file holds that a page names; ``None`` where there is none.

        Raises :class:`~raftstep.document.reading.UnreadableError` for a file that no page may show.
        """
        return read_page_file(Path(), name)

    def find_run(self, name: str) -> PlayedScenario | None:
        """A run that only this site has, by the name that its pages use."""
        return None

    def draw_run(self, played: PlayedScenario, prefix: str) -> Figures:
        """A run's pictures, in which every id begins with the prefix."""
        return make_figures(played, prefix=prefix)

    def link_scenario(self, id: str) -> str:
        """A link to the page of a shipped scenario; nothing where it has none."""
        return ""

    def link_steps(self, id: str, count: int) -> Mapping[int, Sequence[Link]]:
        """What can be had of each step of a shipped scenario, by the step's number."""
        return {}

    def link_forks(self, id: str) -> Mapping[int, Sequence[ForkLink]]:
        """The *what ifs* of a shipped scenario, by the number of the step at which they leave it."""
        return {}

    def find_exhibits(self) -> Mapping[str, Exhibit]:
        """The tables and charts that a page can show by name."""
        return {}

    def find_numbers(self) -> Mapping[str, Callable[[], str]]:
        """The numbers that a sentence can have from data, by name."""
        return {}

    def publish_film(self, film: str) -> str | None:
        """A link to the file that a stepper's film was put into; ``None`` where the film stays on the page."""
        return None

    def place_figure(self, html: str) -> str:
        """What stands for a figure until the page is done; it may be the figure itself."""
        return html


class MarkdownHost(Host):
    """Markdown alone. Files are looked for in the folder in which the program was started."""


def read_page_file(folder: Path, name: str) -> bytes | None:
    """A scenario's file below a folder, and no other file, for pages may be written by strangers.

    Raises :class:`UnreadableError` where the name leads to something else; a file that is no scenario is not quoted.
    """
    path = folder / name
    if not is_inside(path, folder):
        words = "this leads out of the folder of the pages; put the scenario there"
        raise UnreadableError(_START, words)
    if path.suffix not in (".yaml", ".yml"):
        with suppress(OSError, ValueError):  # for a name that no file can have
            if path.is_file():
                raise UnreadableError(_START, "this is no scenario; a scenario's file ends in .yaml")
        return None
    try:
        content = read_file(path)
    except MissingError:
        return None
    if not all(_has_key(content, keys) for keys in _SCENARIO_KEYS):
        words = 'this is no scenario; a scenario has lines that begin with "title:" and with "steps:" or "script:"'
        raise UnreadableError(_START, words)
    return content


_START = Place(line=1, column=1)

_SCENARIO_KEYS = (b"title", b"steps|script")


def _has_key(content: bytes, keys: bytes) -> bool:
    """Whether a file has one of some keys, as YAML in lines or in one pair of braces has it."""
    pattern = rb"""(?:^|[{,])\s*["']?(?:%s)["']?\s*:""" % keys
    return re.search(pattern, content.removeprefix(BOM_UTF8), re.MULTILINE) is not None
