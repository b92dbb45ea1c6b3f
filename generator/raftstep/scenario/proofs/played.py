"""A scenario of either kind, loaded and played: one with a clock, or a schedule, whose steps are its events."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from raftstep.scenario.load import load
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import Played, play
from raftstep.scenario.problem import Problems
from raftstep.scenario.proofs.moments import moments, waypoint
from raftstep.scenario.proofs.script import Script, is_script, load_script
from raftstep.simulation.explore.bounds import names
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.plan import Setup


def played(path: str, text: str | bytes) -> Played | Problems:
    """The run that a scenario's text asks for, or every mistake in it."""
    words = text if isinstance(text, str) else text.decode("utf-8", errors="replace")
    if is_script(words):
        script = load_script(path, words)
        return script if isinstance(script, Problems) else _scheduled(path, words, script)
    loaded = load(path, text)
    return loaded if isinstance(loaded, Problems) else play(loaded)


def _scheduled(path: str, text: str, script: Script) -> Played:
    """A schedule as a stepper shows it; what its author says of an event stands in place of the rules' sentences."""
    run = replay(script.bounds, script.schedule)
    shown = [
        replace(moment, say=said or moment.say)
        for moment, said in zip(moments(script.bounds, script.schedule, run), ("", *script.says), strict=True)
    ]
    scenario = Scenario(
        id=re.sub(r"[^a-z0-9-]+", "-", PurePath(path).stem.lower()).strip("-") or "schedule",
        path=path,
        source=text,
        title=script.title,
        summary=script.title,
        setup=Setup(nodes=names(script.bounds.nodes), settings=script.bounds.settings, until_ms=run.trace.until_ms),
        seed=0,
        action_places=(),
        waypoints=tuple(map(waypoint, shown)),
        expect=None,
        fork=None,
    )
    return Played(scenario=scenario, trace=run.trace, moments=tuple(shown))
