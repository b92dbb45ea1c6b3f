"""``raftstep explore``, ``prove`` and ``export`` at the terminal: every schedule within bounds, and second opinions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from raftstep.command_prove import prove
from raftstep.command_search import Shown, searched
from raftstep.core.guards import Guard
from raftstep.scenario.facts import listed
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import play
from raftstep.scenario.problem import Problems, nearest
from raftstep.scenario.proofs.certificate import TO_THE_END
from raftstep.scenario.proofs.script import source
from raftstep.scenario.proofs.variants import BY_SLUG
from raftstep.scenario.scripted import bounds_of, schedule_of
from raftstep.simulation.describe import transcript
from raftstep.simulation.explore import Exploration, Limits
from raftstep.simulation.explore.bounds import LIMITS, STARTS, Bounds
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.run import PlanError, run
from raftstep.simulation.tla import tla_module

VIOLATION = 3
"""What ``raftstep explore`` returns where a property breaks."""


def add_verbs(verbs: Any, scenario: Callable[[str], Scenario | None]) -> None:
    """Add the verbs to the command line. ``scenario`` loads one by name or file, or says why not."""
    exploring = verbs.add_parser("explore", help="search every schedule within bounds for a broken property")
    exploring.add_argument(
        "model",
        nargs="?",
        default="boot",
        help="boot or steady; the name of a rule, for its own bounds; or a scenario, for its nodes and settings",
    )
    exploring.add_argument("--without", action="append", default=[], metavar="RULE", help="leave a rule out")
    bounds_help = "such as terms=3; ticks=3 lets time pass"
    exploring.add_argument("--bounds", action="append", default=[], metavar="NAME=NUMBER", help=bounds_help)
    exploring.add_argument("--after", action="store_true", help="begin where the events of a schedule have led")
    exploring.add_argument("--depth", type=int, default=0, help="stop after schedules of so many events")
    exploring.add_argument("--memory", type=int, default=4000, metavar="MB", help="stop at so much memory")
    exploring.add_argument("-o", "--output", type=Path, help="where to write the run found, as a scenario")
    exploring.set_defaults(run=lambda options: explore(options, scenario))
    proving = verbs.add_parser("prove", help="make the long searches and keep their certificates")
    proving.add_argument("names", nargs="*", help="which; all where none is named")
    proving.add_argument("--stale", action="store_true", help="only those that do not hold for the code as it is")
    proving.set_defaults(run=prove)
    exporting = verbs.add_parser("export", help="print a scenario's run as states of the published TLA+ specification")
    exporting.add_argument("scenario", help="a file, or the name of a shipped scenario")
    exporting.set_defaults(run=lambda options: export(options.scenario, scenario))


def export(name: str, scenario: Callable[[str], Scenario | None]) -> int:
    """Print a run as a TLA+ module, or say why it cannot be one."""
    loaded = scenario(name)
    if loaded is None:
        return 1
    try:
        if loaded.script is None:
            trace = run(loaded.setup, seed=loaded.seed)
        elif isinstance(played := play(loaded), Problems):
            print(played.show(), file=sys.stderr)
            return 1
        else:
            trace = played.trace
        print(tla_module(trace, "Trace"), end="")
    except (PlanError, ValueError) as mistake:
        print(f"{name}: {mistake}", file=sys.stderr)
        return 1
    return 0


def explore(options: argparse.Namespace, scenario: Callable[[str], Scenario | None]) -> int:
    """Search, say what came of it, and print the transcript of a run that breaks a property."""
    try:
        bounds = _bounds(options, scenario)
    except ValueError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    if bounds is None:
        return 1
    print(bounds.words)
    limits = Limits(depth=options.depth, bytes=options.memory * 1_000_000)
    shown = Shown()
    try:
        found, _ = searched(bounds, limits, shown.report)
    except (ValueError, OverflowError) as mistake:
        print(f"{options.model}: {mistake}", file=sys.stderr)
        return 1
    shown.close()
    print(found.words)
    if found.schedule is None:
        return 0
    schedule = bounds.whole(found.schedule)
    print(transcript(replay(bounds, schedule).trace), end="")
    scenario_text = source(_title(found, len(schedule)), bounds, schedule)
    print(f"\n{scenario_text}", end="")
    if options.output is not None:
        try:
            options.output.write_text(scenario_text, encoding="utf-8")
        except OSError as error:
            print(f"{options.output}: {error.strerror}; choose a place that can be written", file=sys.stderr)
            return 1
    return VIOLATION


def _title(found: Exploration, events: int) -> str:
    broken = listed(dict.fromkeys(alarm.property for alarm in found.alarms))
    return f"{broken} broken in {events} events"


def _bounds(options: argparse.Namespace, scenario: Callable[[str], Scenario | None]) -> Bounds | None:
    left_out = [_guard(name) for name in options.without]
    named = options.model in BY_SLUG or options.model in TO_THE_END or options.model in STARTS
    if options.after and named:
        raise ValueError("--after takes the events of a schedule; name a scenario that has a script")
    if options.model in BY_SLUG:
        bounds = BY_SLUG[options.model].broken
    elif options.model in TO_THE_END:
        bounds = TO_THE_END[options.model]
    elif options.model in STARTS:
        bounds = Bounds(start=options.model)
    else:
        loaded = scenario(options.model)
        if loaded is None:
            return None
        bounds = bounds_of(loaded)
        if options.after:
            if loaded.script is None:
                raise ValueError(
                    f"{options.model} has no script, so there are no events to begin after; leave --after out"
                )
            if isinstance(played := play(loaded), Problems):
                raise ValueError(played.show())
            bounds = replace(bounds, ticks=0, after=schedule_of(loaded, loaded.script))
    numbers = dict(_number(words) for text in options.bounds for words in text.split(","))
    changed: Bounds = replace(bounds, **numbers)
    return changed.without(*left_out)


def _guard(name: str) -> Guard:
    known = {guard.slug: guard for guard in Guard}
    if name not in known:
        raise ValueError(f'there is no rule "{name}" to leave out; {nearest(name, list(known))}')
    return known[name]


def _number(words: str) -> tuple[str, Any]:
    name, _, number = words.partition("=")
    known = [limit[0] for limit in LIMITS]
    if name == "heartbeats" and number in ("0", "1"):
        return name, number == "1"
    if name not in known:
        raise ValueError(f'there is no bound "{name}"; {nearest(name, [*known, "heartbeats"])}')
    if not number.isdigit():
        raise ValueError(f'"{words}": write a bound as a name and a whole number, such as terms=3')
    return name, int(number)
