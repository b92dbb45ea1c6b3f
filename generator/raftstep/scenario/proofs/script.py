"""Scenarios that are schedules: no clock and no chance, one directive after the other under ``script:``.

``nodes``, ``without``, ``start`` and a few settings say what is played, ``script`` what happens. A directive may have
a ``say``. ``deliver: all`` delivers whatever is under way, in the order it was sent; ``drop`` loses messages for good.
``expect`` names the properties that must break; where it is left out, none may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from raftstep.core.guards import Guard
from raftstep.core.model import FIGURE_2, Membership, Reads, Settings
from raftstep.scenario.model import Place
from raftstep.scenario.problem import Problem, Problems, nearest, problems
from raftstep.scenario.proofs.schedule import ScheduleError, Wire, line, move_of, written
from raftstep.scenario.proofs.variants import Variant
from raftstep.simulation.explore.bounds import STARTS, Bounds, names
from raftstep.simulation.explore.replay import replay
from raftstep.simulation.explore.result import Move
from raftstep.simulation.trace import Trace

KEYS = (
    "title",
    "nodes",
    "learners",
    "without",
    "start",
    "membership",
    "reads",
    "no_op",
    "empty_heartbeats",
    "script",
    "expect",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A schedule with its start, what is said at each event, and which properties it must break."""

    title: str
    bounds: Bounds
    schedule: tuple[Move, ...]
    says: tuple[str, ...]
    broken: tuple[str, ...]

    def play(self) -> Trace:
        """The run."""
        return replay(self.bounds, self.schedule).trace


def is_script(text: str) -> bool:
    """Whether a scenario is a schedule."""
    return re.search(r"^script:", text, re.MULTILINE) is not None


def source(variant: Variant, schedule: tuple[Move, ...]) -> str:
    """A variant's run as a scenario of this kind."""
    bounds = variant.broken
    settings = bounds.settings
    lines = [
        f'title: "Without this rule: {variant.guard.sentence.rstrip(".")}"',
        f"nodes: [{', '.join(names(bounds.nodes))}]",
        *([f"learners: {bounds.learners}"] if bounds.learners else []),
        f"without: [{variant.guard.slug}]",
        *([f"start: {bounds.start}"] if bounds.start != "boot" else []),
        *([f"membership: {settings.membership}"] if settings.membership is not Membership.FIXED else []),
        *([f"reads: {Reads.READ_INDEX}"] if bounds.reads else []),
        *(["empty_heartbeats: true"] if settings.empty_heartbeats else []),
        "script:",
        *(f"  - {line(directive)}" for directive in written(bounds, schedule)),
        f"expect: [{variant.breaks}]",
    ]
    return "\n".join(lines) + "\n"


def load_script(path: str, text: str) -> Script | Problems:
    """A schedule as written, or every mistake in it that can be told apart."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        values: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(line=mark.line + 1, column=mark.column + 1) if mark else TOP
        words = f"not YAML: {getattr(error, 'problem', None) or error}; mend it at this place"
        return problems(path, text, [Problem(path=path, place=place, words=words)])
    places = _places(tree)
    found = [Problem(path=path, place=places.get(key, TOP), words=words) for key, words in _mistakes(values)]
    if found:
        return problems(path, text, found)
    bounds = _bounds(values)
    schedule: list[Move] = []
    says: list[str] = []
    wire = Wire(bounds)
    for number, directive in enumerate(values["script"], 1):
        try:
            moves = list(_moves(bounds, wire, number, directive))
        except (ScheduleError, KeyError, TypeError, ValueError) as mistake:
            words = f"{mistake}; mend it, or what happens before it"
            if not isinstance(mistake, ScheduleError):
                words = f"step {number}: it does not say what it must; write {_example(directive)}"
            return problems(path, text, [Problem(path=path, place=places.get(number, TOP), words=words)])
        schedule += moves
        says += [str(directive.get("say", "")) if move is moves[0] else "" for move in moves]
    broken = tuple(map(str, _listed(values, "expect")))
    script = Script(
        title=str(values["title"]), bounds=bounds, schedule=tuple(schedule), says=tuple(says), broken=broken
    )
    return _kept_word(path, text, places, script)


TOP = Place(line=1, column=1)


def _places(tree: Any) -> dict[Any, Place]:
    """Where each key stands, and each step of the script by its number."""
    if not isinstance(tree, yaml.MappingNode):
        return {}
    found: dict[Any, Place] = {}
    for key, value in tree.value:
        found[key.value] = _place(key)
        if key.value == "script" and isinstance(value, yaml.SequenceNode):
            found.update({number: _place(step) for number, step in enumerate(value.value, 1)})
    return found


def _place(node: Any) -> Place:
    return Place(line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def _mistakes(values: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(values, Mapping):
        yield "", "a schedule is a mapping; write title, nodes and script"
        return
    for key in values:
        if key not in KEYS:
            yield str(key), f'unknown key "{key}"; {nearest(str(key), list(KEYS))}'
    for key in ("title", "nodes", "script"):
        if key not in values:
            yield key, f'"{key}" is missing; add it'
    nodes = values.get("nodes")
    if nodes is not None and (not isinstance(nodes, Sequence) or tuple(nodes) != names(len(nodes)) or len(nodes) > 5):
        yield "nodes", "a schedule's nodes are S1, S2 and so on, five at most; write nodes: [S1, S2, S3]"
    if not isinstance(values.get("script", []), list):
        yield "script", "a script is a list; write one directive a line, each after a dash"
    yield from _wrong_kinds(values)
    known = {guard.slug for guard in Guard}
    for slug in _listed(values, "without"):
        if slug not in known:
            yield "without", f'there is no rule "{slug}" to leave out; {nearest(str(slug), sorted(known))}'
    for key, allowed in (("start", STARTS), ("membership", tuple(Membership)), ("reads", tuple(Reads))):
        if key in values and values[key] not in allowed:
            yield key, f'{key} cannot be "{values[key]}"; {nearest(str(values[key]), list(allowed))}'


def _wrong_kinds(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("without", "expect"):
        if not isinstance(values.get(key, []), list):
            yield key, f"{key} is a list; write {key}: [{values[key]}]"
    for key in ("no_op", "empty_heartbeats"):
        if not isinstance(values.get(key, False), bool):
            yield key, f"{key} is true or false; write one of them"
    learners, nodes = values.get("learners", 0), values.get("nodes")
    most = len(nodes) - 1 if isinstance(nodes, Sequence) and nodes else 0
    if not isinstance(learners, int) or not 0 <= learners <= most:
        yield (
            "learners",
            "learners says how many of the nodes, the last ones, do not vote; leave one to vote",
        )


def _listed(values: Mapping[str, Any], key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []


def _bounds(values: Mapping[str, Any]) -> Bounds:
    known = {guard.slug: guard for guard in Guard}
    settings: Settings = replace(
        FIGURE_2,
        no_op=bool(values.get("no_op", False)),
        empty_heartbeats=bool(values.get("empty_heartbeats", False)),
        membership=Membership(values.get("membership", "fixed")),
        reads=Reads(values.get("reads", "off")),
        without=frozenset(known[slug] for slug in _listed(values, "without")),
    )
    return Bounds(
        nodes=len(values["nodes"]),
        learners=int(values.get("learners", 0)),
        start=values.get("start", "boot"),
        settings=settings,
    )


def _moves(bounds: Bounds, wire: Wire, number: int, directive: Any) -> Iterator[Move]:
    """The events of one directive, each played on the wire."""
    if not isinstance(directive, Mapping):
        raise ScheduleError(number, "write a directive and its value, such as timeout: S1")
    bare = {verb: value for verb, value in directive.items() if verb != "say"}
    if "drop" in bare:
        wire.drop(number, bare["drop"])
        return
    if bare.get("deliver") == "all":
        waiting = list(wire.waiting)
        moves = [wire.delivery(message) for message in waiting]
    else:
        moves = [move_of(bounds, wire, number, bare)]
    for move in moves:
        wire.play(move)
        yield move


EXAMPLES = {
    "change": "{node: S1, voters: [S1, S2]}",
    "client": "{node: S1, command: x=1}",
    "deliver": "{RequestVote: {source: S1, target: S2}}",
    "drop": "{source: S1, target: S2}",
    "read": "{node: S1, key: x}",
}


def _example(directive: Mapping[str, Any]) -> str:
    verb = next((verb for verb in directive if verb != "say"), "timeout")
    return f"{verb}: {EXAMPLES.get(verb, 'S1')}"


def _kept_word(path: str, text: str, places: Mapping[Any, Place], script: Script) -> Script | Problems:
    """The script, if it breaks what it says it does and nothing else."""
    broken = tuple(dict.fromkeys(alarm.property for alarm in script.play().alarms))
    found = [f"{name} does not break in this run; remove it" for name in script.broken if name not in broken]
    if not script.broken:
        found += [f"{name} breaks in this run; if it is meant to, write expect: [{name}]" for name in broken]
    if not found:
        return script
    place = places.get("expect", TOP)
    return problems(path, text, [Problem(path=path, place=place, words=words) for words in found])
