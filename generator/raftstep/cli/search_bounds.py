"""The bounds of a search as asked for at the terminal. What a search cannot honour is refused, never dropped."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from raftstep.cli.numbers import LONGEST_NUMBER
from raftstep.cli.reading import load_or_explain
from raftstep.core.guards import Guard
from raftstep.document.problem import Problems, suggest_nearest
from raftstep.scenario.model import Scenario
from raftstep.scenario.play import play
from raftstep.scenario.play_schedule import schedule_bounds, schedule_moves
from raftstep.scenario.proofs.certificate import ALL_EXHAUSTIVE_BOUNDS
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.simulation.explore.bounds import BOUND_RANGES, STARTS, Bounds
from raftstep.simulation.protocol import RAFT


def read_bounds(options: argparse.Namespace) -> Bounds | None:
    """The bounds that the options ask for; ``None`` where a scenario cannot be had, which then has been said.

    Raises ``ValueError`` with why there can be no such search, and what to do instead.
    """
    guards = [_find_guard(name) for name in options.without]
    bounds = _read_model(options)
    if bounds is None:
        return None
    numbers = dict(_read_bound(words) for text in options.bounds for words in text.split(","))
    new_bounds: Bounds = replace(bounds, **numbers)
    if new_bounds.clocks and not new_bounds.time_passes:
        raise ValueError("clocks need time to pass, and without ticks none does; give it some with --bounds ticks=3")
    if new_bounds.settings.check_quorum and not new_bounds.time_passes:
        words = "check-quorum needs time to pass, and without ticks none does; give it some with --bounds ticks=3"
        raise ValueError(words)
    return new_bounds.without_rules(*guards)


def _read_model(options: argparse.Namespace) -> Bounds | None:
    """What the first word means: a rule's own bounds, a search by its name, a start, or a scenario."""
    named_bounds = {
        **{start: Bounds(start=start) for start in STARTS},
        **ALL_EXHAUSTIVE_BOUNDS,
        **{slug: variant.broken_bounds for slug, variant in VARIANTS_BY_SLUG.items()},
    }
    if options.model in named_bounds:
        if options.after:
            raise ValueError("--after takes the events of a schedule; name a scenario that has a script")
        return named_bounds[options.model]
    scenario = load_or_explain(options.model)
    return None if scenario is None else _scenario_bounds(options.model, scenario, after=options.after)


def _scenario_bounds(name: str, scenario: Scenario, *, after: bool) -> Bounds:
    if reasons := list(_find_obstacles(scenario)):
        raise ValueError("\n".join(f"{name}: {reason}" for reason in reasons))
    bounds = schedule_bounds(scenario)
    if not after:
        return bounds
    if scenario.schedule is None:
        raise ValueError(f"{name} has no script, so there are no events to begin after; leave --after out")
    if isinstance(played := play(scenario), Problems):
        raise ValueError(played.show())
    return replace(bounds, ticks=0, prefix=schedule_moves(scenario, scenario.schedule))


def _find_obstacles(scenario: Scenario) -> Iterator[str]:
    """What of a scenario a search would have to leave out, each with what to do instead."""
    setup = scenario.setup
    if scenario.fork:
        parent = scenario.fork.parent_id
        yield f"a search begins anew, and this follows {parent} up to a step; name {parent}, with --without RULE"
    if setup.protocol is not RAFT:
        title, random_runs = setup.protocol.title, f"raftstep chaos --protocol {setup.protocol.name}"
        yield f"only Raft is searched, and this runs {title}; name a scenario of Raft, or use {random_runs}"
    last_voter = len(setup.nodes) - len(setup.learners)
    voters, learners = setup.nodes[:last_voter], setup.nodes[last_voter:]
    if setup.learners and set(setup.learners) != set(learners):
        yield f"in a search the last nodes are the learners; put {', '.join(setup.learners)} last under nodes"
    elif setup.voters and set(setup.voters) != set(voters):
        missing_words = ", ".join(node for node in voters if node not in setup.voters)
        yield (
            f"in a search every node votes or is a learner, and {missing_words} would be neither; "
            "take it out of nodes, or name it under learners"
        )


def _find_guard(name: str) -> Guard:
    guards_by_slug = {guard.slug: guard for guard in Guard}
    if name not in guards_by_slug:
        raise ValueError(f'there is no rule "{name}" to leave out; {suggest_nearest(name, list(guards_by_slug))}')
    return guards_by_slug[name]


def _read_bound(words: str) -> tuple[str, Any]:
    name, _, number = words.partition("=")
    ranges = {name: (least, most) for name, least, most in BOUND_RANGES}
    if name == "heartbeats":
        if number not in ("0", "1"):
            raise ValueError(f'"{words}": heartbeats are on or off; write heartbeats=1 or heartbeats=0')
        return name, number == "1"
    if name not in ranges:
        raise ValueError(f'there is no bound "{name}"; {suggest_nearest(name, [*ranges, "heartbeats"])}')
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f'"{words}": write a bound as a name and a whole number, such as terms=3')
    if len(number) > LONGEST_NUMBER:
        least, most = ranges[name]
        raise ValueError(f"{name} can be {least} to {most}, not a number of {len(number)} digits")
    return name, int(number)
