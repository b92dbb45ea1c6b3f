"""A stepper as lines of Markdown: headings and captions stay Markdown, pictures and controls are stashed HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from raftstep.document.markdown_code import change_words
from raftstep.document.markdown_text import escape_markdown
from raftstep.picture.comparison import Comparison, ComparisonStep
from raftstep.picture.draw import Figure, draw_glyphs
from raftstep.picture.figures import Figures, StepFigures
from raftstep.scenario.model import Moment, Scenario
from raftstep.simulation.events import event_node
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.short_words import join_and
from raftstep.site.author_html import OWN, hide_html, hide_open_blocks
from raftstep.site.host import ForkLink, Link
from raftstep.site.macros import load_macros

Stash = Callable[[str], str]
"""Puts a piece of HTML aside; returns the line that stands for it among Markdown."""

_macros = partial(load_macros, "stepper.html.jinja")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepperOptions:
    """What a stepper knows about the page it is on.

    ``heading`` is the level of its steps' headings; ``glyph_kinds`` are the message kinds whose glyphs it must bring,
    for the page does not have them yet; ``film_href`` leads to its film, where that is in a file of its own. ``html``:
    tags in the words of steps are markup.
    """

    id: str
    anchor: str
    heading: int
    forks: Mapping[int, Sequence[ForkLink]]
    links: Mapping[int, Sequence[Link]]
    home: str
    glyph_kinds: Collection[str]
    film_href: str | None = None
    html: bool = False


def stepper_kinds(figures: Figures | Comparison) -> frozenset[str]:
    """The message kinds whose glyphs a stepper shows: in its legend, its motion and its pictures."""
    runs = (figures,) if isinstance(figures, Figures) else (figures.first, figures.second)
    steps = figures.steps if isinstance(figures, Figures) else tuple(_both_runs(figures.steps))
    drawn_kinds = (step_figure.kinds for step in steps for step_figure in (step.cluster, step.log))
    return frozenset().union(*(run.run_pictures.kinds for run in runs), *drawn_kinds)


def _both_runs(steps: Sequence[ComparisonStep]) -> Iterator[StepFigures]:
    for step in steps:
        yield from (step.first, step.second)


def write_stepper(figures: Figures, options: StepperOptions, stash: Stash) -> Iterator[str]:
    """The lines of Markdown that are in the fence's place."""
    stepper = {
        "id": options.id,
        "title": figures.played.scenario.title,
        "size": len(figures.steps),
        "glyphs": draw_glyphs(options.glyph_kinds),
        "timeline": figures.timeline.svg,
        "film": figures.film_json,
        "film_href": options.film_href,
        "kinds": figures.run_pictures.kinds,
        "signs": figures.run_pictures.signs,
        "words": figures.run_pictures.words,
        "ends": options.forks.get(len(figures.steps), ()),
    }
    yield from _block(stash(str(_macros().opening(stepper))))
    for step in figures.steps:
        yield from _write_step(stepper, step, options, stash)
    yield from _block(stash(str(_macros().closing(stepper))))


def _write_step(stepper: dict[str, Any], step: StepFigures, options: StepperOptions, stash: Stash) -> Iterator[str]:
    moment = step.moment
    anchor = f"{options.anchor}step-{moment.number}"
    step_values = {
        "moment": moment,
        "cluster": step.cluster,
        "log": step.log,
        "rows": step.rows,
        "alarms": list({alarm.property: alarm.words for alarm in moment.alarms}.items()),
        "forks": options.forks.get(moment.number, ()) if moment.number < stepper["size"] else (),
        "watch": event_node(moment.event_step.event),
        "has_no_entry": not any(node.log for node in moment.shown_step.cluster.nodes),
        "links": (
            Link(href=f"{options.home}#{anchor}", words="Link to this step", copy_label="Copy link"),
            *options.links.get(moment.number, ()),
        ),
    }
    yield from _block(stash(str(_macros().step_opening(stepper, step_values, anchor))))
    yield from _block(_heading(moment.title, anchor, options))
    yield from _write_words(moment.say, options)
    if moment.why:
        yield from _block(stash('<blockquote class="raft-why">'))
        yield from _write_words(moment.why, options)
        yield from _block(stash("</blockquote>"))
    yield from _block(stash(str(_macros().step_closing(stepper, step_values))))


def write_comparison(comparison: Comparison, options: StepperOptions, stash: Stash) -> Iterator[str]:
    """The same for two runs: one moment a step, each run with its own picture and words."""
    runs = (comparison.first, comparison.second)
    stepper = {
        "id": options.id,
        "title": "; ".join(run.played.scenario.title for run in runs),
        "size": len(comparison.steps),
        "glyphs": draw_glyphs(options.glyph_kinds),
        "timeline": comparison.timeline.svg,
        "film": comparison.film_json,
        "film_href": options.film_href,
        "runs": [
            {"name": name, "words": run.run_pictures.words} for name, run in zip(_name_runs(runs), runs, strict=True)
        ],
        "kinds": _merge_kinds(*(run.run_pictures.kinds for run in runs)),
    }
    yield from _block(stash(str(_macros().comparison_opening(stepper))))
    for step in comparison.steps:
        yield from _write_comparison_step(stepper, step, options, stash)
    yield from _block(stash(str(_macros().comparison_closing(stepper))))


def _name_runs(runs: Sequence[Figures]) -> list[str]:
    """Each run by its protocol's name, or by its own title where both are of one protocol."""
    protocols = [PROTOCOLS[run.played.trace.protocol].title for run in runs]
    return protocols if len(set(protocols)) > 1 else [run.played.scenario.title for run in runs]


def _merge_kinds(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Each kind of message with what either run calls it."""
    return {
        kind: " · ".join(dict.fromkeys(run[kind] for run in (first, second) if kind in run))
        for kind in {**first, **second}
    }


def _write_comparison_step(
    stepper: dict[str, Any], step: ComparisonStep, options: StepperOptions, stash: Stash
) -> Iterator[str]:
    moment: Moment = step.first.moment
    anchor = f"{options.anchor}step-{moment.number}"
    differs = bool(step.difference.descriptions)
    yield from _block(stash(str(_macros().comparison_step_opening(stepper, moment, anchor, differs))))
    yield from _block(_heading(escape_markdown(moment.name), anchor, options))
    yield from _block(f"{step.difference.words}\n{{: .{OWN}raft-difference }}")
    for run_number, run_step in enumerate((step.first, step.second)):
        yield from _block(stash(str(_macros().run_opening(stepper, run_step, run_number))))
        yield from _write_words(f"**{run_step.moment.title}**", options)
        yield from _write_words(run_step.moment.say, options)
        yield from _block(stash(str(_macros().run_closing(run_step, run_number))))
    rows = (step.first.rows, step.second.rows)
    yield from _block(stash(str(_macros().comparison_step_closing(stepper, moment, rows))))


def _heading(title: str, anchor: str, options: StepperOptions) -> str:
    """A step's heading; braces of its own would be taken for attributes, and the anchor for a part of them."""
    words = change_words(title if options.html else hide_html(title), _escape_braces)
    return f"{'#' * options.heading} {words} {{#{OWN}{anchor}}}"


def _escape_braces(words: str) -> str:
    return re.sub(r"(\\.)|\{", lambda match: match[1] or r"\{", words)


def _write_words(words: str, options: StepperOptions) -> Iterator[str]:
    """What an author says of a step, as Markdown."""
    words = hide_open_blocks(words)
    yield from _block(*(words if options.html else hide_html(words)).split("\n"))


def _block(*lines: str) -> Iterator[str]:
    yield ""
    yield from lines
    yield ""


def render_card(scenario: Scenario, picture: Figure, *, href: str, glyph_kinds: Collection[str]) -> str:
    """One picture of a scenario with its title; ``href`` leads to its page, if it has one."""
    card = {
        "href": href,
        "title": scenario.title,
        "words": scenario.fork.question if scenario.fork else scenario.summary,
        "broken_properties": join_and(scenario.broken_properties),
        "glyphs": draw_glyphs(glyph_kinds),
    }
    return str(_macros().card(picture, card))


def problem_box(text: str, what: str = "scenario") -> str:
    """A visible box with the words of what is wrong."""
    return str(_macros().problem_box(text, what))
