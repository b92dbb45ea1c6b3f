"""Two runs in one stepper, as Markdown and stashed HTML: one moment a step, each run with its own picture and words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from raftstep.picture.comparison import Comparison, ComparisonStep
from raftstep.picture.figures import Figures
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.site.macros import load_macros
from raftstep.site.stepper import Stash, Surroundings

_macros = partial(load_macros, "beside.html.jinja")


def beside(drawn: Comparison, around: Surroundings, stash: Stash) -> Iterator[str]:
    """The lines of Markdown that stand in the fence's place."""
    both = (drawn.first, drawn.second)
    alike = len({figures.played.trace.protocol for figures in both}) == 1
    runs = [_run(figures, alike) for figures in both]
    whole = {
        "id": around.id,
        "title": f"{drawn.first.played.scenario.title}; {drawn.second.played.scenario.title}",
        "size": len(drawn.steps),
        "timeline": drawn.timeline,
        "film": drawn.film_json,
        "runs": runs,
        "kinds": _kinds(drawn),
    }
    yield from _block(stash(str(_macros().opening(whole))))
    for step in drawn.steps:
        yield from _step(whole, step, around, stash)
    yield from _block(stash(str(_macros().closing(whole))))


def _run(figures: Figures, alike: bool) -> dict[str, Any]:
    """A run by its protocol's name, or by its own title where both are of one protocol."""
    played = figures.played
    name = played.scenario.title if alike else PROTOCOLS[played.trace.protocol].title
    return {"name": name, "words": figures.run_pictures.words}


def _kinds(drawn: Comparison) -> dict[str, str]:
    """Each kind of message with what either run calls it."""
    first, second = drawn.first.run_pictures.kinds, drawn.second.run_pictures.kinds
    return {
        kind: " · ".join(dict.fromkeys(run[kind] for run in (first, second) if kind in run)) for kind in first | second
    }


def _step(whole: dict[str, Any], step: ComparisonStep, around: Surroundings, stash: Stash) -> Iterator[str]:
    moment = step.first.moment
    anchor = f"{around.anchor}step-{moment.number}"
    yield from _block(stash(str(_macros().step_opening(whole, moment, anchor, bool(step.difference.descriptions)))))
    yield from _block(f"{'#' * around.heading} {moment.name} {{#{anchor}}}")
    yield from _block(f"{step.difference.words}\n{{: .raft-difference }}")
    for place, figures in enumerate((step.first, step.second)):
        shape = {"cluster": step.cluster_svgs[place], "log": step.log_svgs[place]}
        yield from _block(stash(str(_macros().run_opening(whole, shape, place))))
        yield from _block(f"**{figures.moment.title}**")
        yield from _block(*figures.moment.say.splitlines())
        yield from _block(stash(str(_macros().run_closing(whole, shape, place))))
    rows = (step.first.rows, step.second.rows)
    yield from _block(stash(str(_macros().step_closing(whole, moment, rows))))


def _block(*lines: str) -> Iterator[str]:
    yield ""
    yield from lines
    yield ""
