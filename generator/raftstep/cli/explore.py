"""``raftstep explore``: every schedule within bounds, searched for one that breaks a property."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from raftstep.cli.reading import load_or_explain
from raftstep.cli.searching import ProgressBar, run_search
from raftstep.core.guards import Guard
from raftstep.document.problem import Problems, suggest_nearest
from raftstep.scenario.play import play
from raftstep.scenario.play_schedule import schedule_bounds, schedule_moves
from raftstep.scenario.proofs.certificate import ALL_EXHAUSTIVE_BOUNDS
from raftstep.scenario.proofs.export_scenario import export_scenario
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.simulation.describe import transcript
from raftstep.simulation.explore import Exploration, Limits
from raftstep.simulation.explore.bounds import BOUND_RANGES, STARTS, Bounds
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.short_words import join_and

VIOLATION = 3
"""What ``raftstep explore`` returns where a property breaks."""


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("explore", help="search every schedule within bounds for a broken property")
    parser.add_argument(
        "model",
        nargs="?",
        default="boot",
        help="boot or steady; the name of a rule, for its own bounds; or a scenario, for its nodes and settings",
    )
    parser.add_argument("--without", action="append", default=[], metavar="RULE", help="leave a rule out")
    bounds_help = "such as terms=3; ticks=3 lets time pass"
    parser.add_argument("--bounds", action="append", default=[], metavar="NAME=NUMBER", help=bounds_help)
    parser.add_argument("--after", action="store_true", help="begin where the events of a schedule have led")
    parser.add_argument("--depth", type=int, default=0, help="stop after schedules of so many events")
    parser.add_argument("--memory", type=int, default=4000, metavar="MB", help="stop at so much memory")
    parser.add_argument("-o", "--output", type=Path, help="where to write the run found, as a scenario")
    parser.set_defaults(run=explore)


def explore(options: argparse.Namespace) -> int:
    """Search, say what came of it, and print the transcript of a run that breaks a property."""
    try:
        bounds = _read_bounds(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if bounds is None:
        return 1
    print(bounds.words)
    limits = Limits(depth=options.depth, memory_bytes=options.memory * 1_000_000)
    progress_bar = ProgressBar()
    try:
        exploration, _ = run_search(bounds, limits, progress_bar.report)
    except (ValueError, OverflowError) as error:
        print(f"{options.model}: {error}", file=sys.stderr)
        return 1
    progress_bar.close()
    print(exploration.words)
    if exploration.schedule is None:
        return 0
    schedule = bounds.full_schedule(exploration.schedule)
    print(transcript(replay(bounds, schedule).trace), end="")
    scenario_text = export_scenario(_scenario_title(exploration, len(schedule)), bounds, schedule)
    print(f"\n{scenario_text}", end="")
    if options.output is not None:
        try:
            options.output.write_text(scenario_text, encoding="utf-8")
        except OSError as error:
            print(f"{options.output}: {error.strerror}; choose a place that can be written", file=sys.stderr)
            return 1
    return VIOLATION


def _scenario_title(exploration: Exploration, events: int) -> str:
    broken_properties = join_and(dict.fromkeys(alarm.property for alarm in exploration.alarms))
    return f"{broken_properties} broken in {events} events"


def _read_bounds(options: argparse.Namespace) -> Bounds | None:
    left_out = [_find_guard(name) for name in options.without]
    is_named_model = (
        options.model in VARIANTS_BY_SLUG or options.model in ALL_EXHAUSTIVE_BOUNDS or options.model in STARTS
    )
    if options.after and is_named_model:
        raise ValueError("--after takes the events of a schedule; name a scenario that has a script")
    if options.model in VARIANTS_BY_SLUG:
        bounds = VARIANTS_BY_SLUG[options.model].broken_bounds
    elif options.model in ALL_EXHAUSTIVE_BOUNDS:
        bounds = ALL_EXHAUSTIVE_BOUNDS[options.model]
    elif options.model in STARTS:
        bounds = Bounds(start=options.model)
    else:
        loaded_scenario = load_or_explain(options.model)
        if loaded_scenario is None:
            return None
        bounds = schedule_bounds(loaded_scenario)
        if options.after:
            if loaded_scenario.schedule is None:
                raise ValueError(
                    f"{options.model} has no script, so there are no events to begin after; leave --after out"
                )
            if isinstance(played := play(loaded_scenario), Problems):
                raise ValueError(played.show())
            bounds = replace(bounds, ticks=0, prefix=schedule_moves(loaded_scenario, loaded_scenario.schedule))
    numbers = dict(_read_bound(words) for text in options.bounds for words in text.split(","))
    new_bounds: Bounds = replace(bounds, **numbers)
    return new_bounds.without_rules(*left_out)


def _find_guard(name: str) -> Guard:
    guards_by_slug = {guard.slug: guard for guard in Guard}
    if name not in guards_by_slug:
        raise ValueError(f'there is no rule "{name}" to leave out; {suggest_nearest(name, list(guards_by_slug))}')
    return guards_by_slug[name]


def _read_bound(words: str) -> tuple[str, Any]:
    name, _, number = words.partition("=")
    bound_names = [limit[0] for limit in BOUND_RANGES]
    if name == "heartbeats" and number in ("0", "1"):
        return name, number == "1"
    if name not in bound_names:
        raise ValueError(f'there is no bound "{name}"; {suggest_nearest(name, [*bound_names, "heartbeats"])}')
    if not number.isdigit():
        raise ValueError(f'"{words}": write a bound as a name and a whole number, such as terms=3')
    return name, int(number)
