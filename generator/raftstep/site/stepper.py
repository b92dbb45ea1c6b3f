"""One stepper as Markdown and stashed HTML: headings and captions stay Markdown, pictures are stashed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from raftstep.picture.figures import Figures, StepFigures
from raftstep.scenario.facts import join_and
from raftstep.site.macros import load_macros

Stash = Callable[[str], str]


GLYPHS = "<!--raft-glyphs-->"
"""Where a stepper or a picture keeps a place for the glyphs that its page does not have yet."""


class Html(str):
    """A piece of HTML among lines of Markdown, for whoever puts it aside."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link under a step; ``copy`` names the button that a script makes of it, ``frame`` has it copy embed code."""

    href: str
    words: str
    download: bool = False
    copy: str = ""
    frame: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkLink:
    """A *what if* of a step."""

    href: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a stepper needs to know of the page it stands on."""

    id: str
    anchor: str
    heading: int
    forks: Mapping[int, Sequence[ForkLink]]
    links: Mapping[int, Sequence[Link]]
    home: str


_macros = partial(load_macros, "stepper.html.jinja")


def stepper(drawn: Figures, around: Surroundings, stash: Stash) -> Iterator[str]:
    """The lines of Markdown that stand in the fence's place."""
    whole = {
        "id": around.id,
        "title": drawn.played.scenario.title,
        "size": len(drawn.steps),
        "timeline": drawn.timeline,
        "film": drawn.run_pictures.film_json,
        "kinds": drawn.run_pictures.kinds,
        "signs": drawn.run_pictures.signs,
        "words": drawn.run_pictures.words,
    }
    yield from _block(stash(str(_macros().opening(whole))))
    for step in drawn.steps:
        yield from _step(whole, step, around, stash)
    yield from _block(stash(str(_macros().closing(whole))))


def _step(whole: dict[str, Any], step: StepFigures, around: Surroundings, stash: Stash) -> Iterator[str]:
    moment = step.moment
    anchor = f"{around.anchor}step-{moment.number}"
    shape = {
        "moment": moment,
        "cluster": step.cluster_svg,
        "log": step.log_svg,
        "rows": step.rows,
        "broken": list({alarm.property: alarm.words for alarm in moment.alarms}.items()),
        "forks": around.forks.get(moment.number, ()),
        "links": (
            Link(href=f"{around.home}#{anchor}", words="Link to this step", copy="Copy link"),
            *around.links.get(moment.number, ()),
        ),
    }
    yield from _block(stash(str(_macros().step_opening(whole, shape, anchor))))
    yield from _block(f"{'#' * around.heading} {moment.title} {{#{anchor}}}")
    yield from _block(*moment.say.splitlines())
    if moment.why:
        yield from _block(stash('<blockquote class="raft-why">'))
        yield from _block(*moment.why.splitlines())
        yield from _block(stash("</blockquote>"))
    yield from _block(stash(str(_macros().step_closing(whole, shape))))


def _block(*lines: str) -> Iterator[str]:
    yield ""
    yield from lines
    yield ""


def together(lines: Iterable[str]) -> Iterator[str]:
    """The same lines with pieces of HTML in a row made one, so that Markdown has half as many to carry along.

    >>> list(together(["", Html("<li>"), "", "", Html("<p>"), "", "words", ""]))
    ['', '<li>\\n<p>', '', 'words', '']
    """
    pieces: list[str] = []
    for line in lines:
        if isinstance(line, Html):
            pieces.append(line)
        elif line or not pieces:
            if pieces:
                yield from (Html("\n".join(pieces)), "")
                pieces = []
            yield line
    if pieces:
        yield Html("\n".join(pieces))


def problem_box(text: str, what: str = "scenario") -> str:
    """A visible box with the words of what is wrong."""
    return str(_macros().problem_box(text, what))


def single(drawn: Figures, step: int, *, href: str) -> str:
    """One step's cluster picture alone, with the scenario's title; ``href`` leads to its page, if it has one."""
    scenario = drawn.played.scenario
    picture = drawn.draw_cluster(drawn.played.moments[step - 1])
    words = scenario.fork.question if scenario.fork else scenario.summary
    breaks = join_and(scenario.broken_properties)
    return str(_macros().single(picture, {"href": href, "title": scenario.title, "words": words, "breaks": breaks}))
