"""``raftstep explore``, ``prove`` and ``export`` at the terminal: every schedule within bounds, and second opinions."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError, dump, load
from typing import Any

from click import progressbar

from raftstep.core.guards import Guard
from raftstep.scenario.facts import listed
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import play
from raftstep.scenario.problem import Problems, nearest
from raftstep.scenario.proofs.certificate import TO_THE_END, certified, digest, write
from raftstep.scenario.proofs.script import source
from raftstep.scenario.proofs.variants import BY_SLUG, VARIANTS
from raftstep.scenario.scripted import bounds_of, schedule_of
from raftstep.simulation.describe import transcript
from raftstep.simulation.explore import Exploration, Limits, Progress, Search
from raftstep.simulation.explore.bounds import LIMITS, STARTS, Bounds
from raftstep.simulation.explore.raft import raft
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.run import PlanError, run
from raftstep.simulation.tla import tla_module

VIOLATION = 3
"""What ``raftstep explore`` returns where a property breaks."""

STORE = Path(".cache") / "explore"
STORE_EVERY_S = 60


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
    exploring.add_argument("--bounds", action="append", default=[], metavar="NAME=NUMBER", help="such as terms=3")
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
    try:
        found, _ = _search(bounds, limits)
    except ValueError as mistake:
        print(f"{options.model}: {mistake}", file=sys.stderr)
        return 1
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
            bounds = replace(bounds, after=schedule_of(loaded, loaded.script))
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


def prove(options: argparse.Namespace) -> int:
    """Make the long searches one after the other; each can be interrupted, and goes on where it was."""
    known = {variant.guard.slug: variant.broken for variant in VARIANTS if variant.long} | TO_THE_END
    for name in options.names:
        if name not in known:
            print(f'there is no long search "{name}"; {nearest(name, list(known))}', file=sys.stderr)
            return 1
    for name in options.names or known:
        if options.stale and _holds(name):
            print(f"{name}: the certificate holds")
            continue
        print(f"{name}: {known[name].words}")
        limits = Limits(bytes=8_000_000_000, properties=(BY_SLUG[name].breaks,) if name in BY_SLUG else ())
        found, seconds = _search(known[name], limits, STORE / f"{name}-{digest(known[name])}.search")
        print(found.words)
        if found.stopped:
            print("Run the same command again to go on from there.")
            return 1
        print(f"Written to {write(name, known[name], found, seconds)}")
    return 0


def _holds(name: str) -> bool:
    try:
        certified(name)
    except ValueError:
        return False
    return True


def _search(bounds: Bounds, limits: Limits, stored: Path | None = None) -> tuple[Exploration, float]:
    search = (_resumed(stored, bounds) if stored else None) or Search(raft(bounds))
    shown = _Shown()
    began = last = time.monotonic()

    def store(one: Search) -> None:
        nonlocal last
        if stored and time.monotonic() - last > STORE_EVERY_S:
            _store(one, stored)
            last = time.monotonic()

    found = search.run(limits, shown.report, store)
    shown.close()
    if stored and found.stopped:
        _store(search, stored)
    elif stored:
        stored.unlink(missing_ok=True)
    return found, time.monotonic() - began


def _resumed(stored: Path, bounds: Bounds) -> Search | None:
    with suppress(OSError, UnpicklingError, EOFError), stored.open("rb") as file:
        search: Search = load(file)
        search.tables.attach(raft(bounds))
        print(f"going on from {len(search.states):,} states", file=sys.stderr)
        return search
    return None


def _store(search: Search, stored: Path) -> None:
    stored.parent.mkdir(parents=True, exist_ok=True)
    half = stored.with_suffix(".half")
    with half.open("wb") as file:
        dump(search, file)
    half.replace(stored)


class _Shown:
    """A bar for each depth: how much of it is done, how many states there are, how fast they come."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.depth = -1
        self.left = 0
        self.began = time.monotonic()

    def report(self, progress: Progress) -> None:
        rate = round(progress.states / max(0.001, time.monotonic() - self.began))
        label = f"{progress.depth:>3} events, {progress.states:>11,} states, {progress.next:,} ahead, {rate:,}/s"
        if progress.depth != self.depth:
            self.close()
            self.depth, self.left = progress.depth, progress.left
            self.bar = progressbar(length=max(1, progress.left), label=label, file=sys.stderr)
            self.bar.__enter__()
        self.bar.label = label
        self.bar.update(self.left - progress.left)
        self.left = progress.left

    def close(self) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
