"""Loading a scenario: all its mistakes at once, each with its place, or a scenario that is complete and consistent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from raftstep.core.model import Settings
from raftstep.scenario import library
from raftstep.scenario.building import Inherited, build
from raftstep.scenario.checks import check
from raftstep.scenario.model import Scenario
from raftstep.scenario.names import Around
from raftstep.scenario.play import play
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problem, Problems, nearest, problems
from raftstep.scenario.reading import UnreadableError, decoded, read, shown_as
from raftstep.scenario.schema import Complaint, complaints
from raftstep.scenario.value import Value, flag, parts, words
from raftstep.scenario.wording import found as named
from raftstep.scenario.wording import quoted, shortened
from raftstep.simulation.cluster import Request
from raftstep.simulation.multi_paxos import MULTI_PAXOS

MOST_SHOWN = 100
_FORK_KEY = re.compile("fork[\"']?\\s*:")

Lookup = Callable[[str], str | None]


def load(path: str, text: str | bytes, *, parent: Lookup = library.text) -> Scenario | Problems:
    """A scenario, or everything that is wrong with it. No input makes this raise.

    ``path`` is shown with every mistake, and its stem is the scenario's id. ``parent`` finds the text of a scenario
    that this one forks.
    """
    try:
        source = decoded(text)
        reading = read(source)
    except UnreadableError as error:
        return _problems(path, shown_as(text), [(error.place, error.words)])
    top = reading.top
    if top.fields is None:
        words = f'expected a scenario, found {named(top)}; begin with "title: ..." and "steps:"'
        return _problems(path, source, [(top.place, words)])
    found: list[Complaint] = [*reading.twice, *complaints(top)]
    inherited, wrong = _inherit(top.get("fork"), parent)
    found += wrong
    found += check(top, _around(top, inherited))
    if found:
        return _problems(path, source, found)
    return build(path, source, top, inherited)


def load_and_play(path: str, text: str | bytes) -> Played | Problems:
    """A scenario as played, or everything that is wrong with it."""
    loaded = load(path, text)
    return loaded if isinstance(loaded, Problems) else play(loaded)


def _problems(path: str, source: str, found: list[Complaint]) -> Problems:
    ordered = sorted(dict.fromkeys(found), key=lambda one: (one[0].line, one[0].column, one[1]))
    shown = [Problem(path=path, place=place, words=words) for place, words in ordered[:MOST_SHOWN]]
    if more := ordered[MOST_SHOWN:]:
        words = "more mistakes follow, and are not shown; mend those above first"
        shown.append(Problem(path=path, place=more[0][0], words=words))
    return problems(path, source, shown)


def _around(top: Value, inherited: Inherited | None) -> Around:
    """What the scenario's own words and its parent's allow it to refer to."""
    until, nodes, settings, happens = (top.get(key) for key in ("until_ms", "nodes", "settings", "happens"))
    clients = [action.get("client") for action in (*parts(happens), *parts(top.get("script")))]
    sent = [command.words() for client in clients if client and (command := client.get("command"))]
    base = inherited.setup.settings if inherited else Settings()
    unsure = settings is not None and settings.holes
    known = inherited is not None or (nodes is not None and not nodes.holes)
    return Around(
        nodes=None if not known else inherited.setup.nodes if inherited else _names(nodes),
        commands=None
        if not known or _unsure(happens) or _unsure(top.get("script"))
        else (*_commands(inherited), *sent),
        no_op=flag(settings, "no_op", base.no_op) or words(settings, "protocol") == MULTI_PAXOS.name,
        membership=None if unsure else words(settings, "membership") or base.membership,
        reads=None if unsure else words(settings, "reads") or base.reads,
        begins_ms=inherited.moment_ms if inherited else 0,
        until_ms=until.whole() if until else inherited.setup.until_ms if inherited else None,
    )


def _unsure(value: Value | None) -> bool:
    return value is not None and value.holes


def _names(nodes: Value | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.words() for node in nodes.parts())) if nodes else ()


def _commands(inherited: Inherited | None) -> tuple[str, ...]:
    return inherited.commands if inherited else ()


def _inherit(fork: Value | None, parent: Lookup) -> tuple[Inherited | None, list[Complaint]]:
    """What a fork has from its parent, or why it can have nothing."""
    of, step = (fork.get("of"), fork.get("step")) if fork else (None, None)
    if of is None or step is None:
        return None, []
    text = parent(of.words())
    if text is None:
        known = library.names()
        how = nearest(shortened(of.words()), known) if known else "write the name of a scenario's file without .yaml"
        return None, [(of.place, f"unknown scenario {quoted(of.words())}; {how}")]
    played = played_alone(of.words(), text)
    if played is None:
        return None, [(of.place, f"{quoted(of.words())} is itself a fork; fork the scenario that it follows")]
    if isinstance(played, Problems):
        return None, [
            (of.place, f"{quoted(of.words())} has mistakes of its own; mend them first: {played.found[0].show()}")
        ]
    if played.scenario.script:
        words = f"{quoted(of.words())} is a schedule, which nothing can follow; fork a scenario that has a clock"
        return None, [(of.place, words)]
    return _kept(played.scenario, played.moments_ms, played.action_times_ms, step)


@lru_cache(maxsize=64)
def played_alone(id: str, text: str) -> Played | Problems | None:
    """A scenario that follows no other, played once for itself and all its forks; ``None`` for a fork."""
    if may_fork(text) and _is_fork(text):
        return None
    alone = load(f"{id}.yaml", text, parent=lambda _: None)
    return alone if isinstance(alone, Problems) else play(alone)


def may_fork(text: str) -> bool:
    """Whether a scenario's text has the key of a fork, or something that looks like it."""
    return _FORK_KEY.search(text) is not None


def _is_fork(text: str) -> bool:
    try:
        return read(decoded(text)).top.get("fork") is not None
    except UnreadableError:
        return False


def _kept(
    forked: Scenario, moments_ms: tuple[int, ...], acted_ms: tuple[int, ...], step: Value
) -> tuple[Inherited | None, list[Complaint]]:
    """The parent up to the step's moment: the actions carried out by then. At step 1 nothing has been done yet."""
    number = step.whole()
    if number > len(moments_ms):
        words = f"{quoted(forked.id)} has {len(moments_ms)} steps, so none is number {number}; choose one of them"
        return None, [(step.place, words)]
    moment_ms = moments_ms[number - 1] if number > 1 else 0
    plan = tuple(
        action
        for action, done_ms in zip(forked.setup.plan, acted_ms, strict=True)
        if number > 1 and done_ms <= moment_ms
    )
    sent = tuple(action.directive.command for action in plan if isinstance(action.directive, Request))
    kept = replace(forked.setup, plan=plan)
    return Inherited(setup=kept, seed=forked.seed, moment_ms=moment_ms, commands=sent), []
