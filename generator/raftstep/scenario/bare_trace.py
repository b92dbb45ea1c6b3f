"""A run that no scenario explains, put into the form that pictures are made from: one of its events, and its end."""

from __future__ import annotations

from raftstep.document.markdown_text import escape_markdown
from raftstep.document.problem import Place
from raftstep.scenario.model import Moment, PlayedScenario, Scenario
from raftstep.simulation.events import event_words
from raftstep.simulation.plan import Setup
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.short_words import count_words
from raftstep.simulation.trace import Step, Trace

_NOWHERE = Place(line=1, column=1)


def wrap_trace(trace: Trace, step_number: int) -> PlayedScenario:
    """The event of this number as the one that is explained; pictures have room for all that comes after it too.

    Moments are numbered as the trace's steps are, from 0.
    """
    seed_words = "" if trace.seed is None else f" with seed {trace.seed}"
    moments = [_make_moment(trace.steps[step_number], trace.steps[step_number].time_ms)]
    if step_number != trace.steps[-1].number:
        moments.append(_make_moment(trace.steps[-1], max(trace.until_ms, trace.steps[-1].time_ms)))
    scenario = Scenario(
        id="run",
        path="run",
        source="",
        title=f"{count_words(len(trace.start.nodes), 'node')}{seed_words}",
        summary="",
        setup=Setup(nodes=trace.start.ids, until_ms=trace.until_ms, protocol=PROTOCOLS[trace.protocol]),
        seed=trace.seed or 0,
        action_places=(_NOWHERE,) * len(trace.action_times_ms),
        waypoints=(),
        expect=None,
        fork=None,
    )
    return PlayedScenario(scenario=scenario, trace=trace, moments=tuple(moments))


def _make_moment(step: Step, time_ms: int) -> Moment:
    words = event_words(step.event)
    return Moment(
        number=step.number,
        name=words,
        event_step=step,
        shown_step=step,
        time_ms=time_ms,
        title=escape_markdown(words[0].upper() + words[1:]),
        say="",
        why=None,
        alarms=step.alarms,
    )
