"""Loading a scenario: all its mistakes at once, each with its place, or a scenario that is complete and consistent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from raftstep.core.model import Settings
from raftstep.document.problem import Problem, Problems, sort_problems, suggest_nearest
from raftstep.document.reading import UnreadableError, decode_text, make_printable, parse_yaml
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_flag, read_list, read_text
from raftstep.document.wording import describe_value, quote, shorten_line
from raftstep.scenario import library
from raftstep.scenario.build_scenario import ForkStart, build_scenario
from raftstep.scenario.checks import check_scenario
from raftstep.scenario.known_names import KnownNames
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play
from raftstep.scenario.schema import check_scenario_schema
from raftstep.scenario.setting_checks import check_settings
from raftstep.scenario.start_state import holds_no_op, start_commands
from raftstep.simulation.events import Request
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS

MOST_PROBLEMS = 100
_FORK_KEY = re.compile("fork[\"']?\\s*:")

FindParent = Callable[[str], str | None]


def load(path: str, text: str | bytes, *, find_parent: FindParent = library.read_scenario_text) -> Scenario | Problems:
    """A scenario, or everything that is wrong with it. No input makes this raise.

    ``path`` is shown with every mistake, and its stem is the scenario's id. ``find_parent`` finds the text of a
    scenario that this one forks.
    """
    try:
        source = decode_text(text)
        document = parse_yaml(source)
    except UnreadableError as error:
        return _to_problems(path, make_printable(text), [(error.place, error.words)])
    top = document.top
    if top.fields is None:
        words = f'expected a scenario, found {describe_value(top)}; begin with "title: ..." and "steps:"'
        return _to_problems(path, source, [(top.place, words)])
    findings: list[Finding] = [*document.duplicate_keys, *check_scenario_schema(top)]
    fork_start, fork_findings = _resolve_fork(top.get("fork"), find_parent)
    findings += fork_findings
    findings += check_scenario(top, _collect_known_names(top, fork_start))
    findings += check_settings(top, fork_start.setup.settings if fork_start else Settings())
    if findings:
        return _to_problems(path, source, findings)
    return build_scenario(path, source, top, fork_start)


def load_and_play(path: str, text: str | bytes) -> PlayedScenario | Problems:
    """A scenario as played, or everything that is wrong with it."""
    outcome = load(path, text)
    return outcome if isinstance(outcome, Problems) else play(outcome)


def _to_problems(path: str, source: str, findings: list[Finding]) -> Problems:
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: (finding[0].line, finding[0].column, finding[1]))
    shown_problems = [Problem(path=path, place=place, words=words) for place, words in ordered[:MOST_PROBLEMS]]
    if hidden_findings := ordered[MOST_PROBLEMS:]:
        words = "there are more mistakes, which are not shown; fix those above first"
        shown_problems.append(Problem(path=path, place=hidden_findings[0][0], words=words))
    return sort_problems(path, source, shown_problems)


def _collect_known_names(top: YamlValue, fork_start: ForkStart | None) -> KnownNames:
    """What the scenario's own words and its parent's allow it to refer to."""
    until, nodes, settings, happens = (top.get(key) for key in ("until_ms", "nodes", "settings", "happens"))
    clients = [action.get("client") for action in (*read_list(happens), *read_list(top.get("script")))]
    sent_commands = [command.text() for client in clients if client and (command := client.get("command"))]
    base = fork_start.setup.settings if fork_start else Settings()
    are_settings_incomplete = settings is not None and settings.is_incomplete
    are_nodes_known = fork_start is not None or (nodes is not None and not nodes.is_incomplete)
    return KnownNames(
        nodes=None if not are_nodes_known else fork_start.setup.nodes if fork_start else _node_names(nodes),
        commands=None
        if not are_nodes_known or _is_incomplete(happens) or _is_incomplete(top.get("script"))
        else (*_parent_commands(fork_start), *start_commands(top), *sent_commands),
        no_op=read_flag(settings, "no_op", base.no_op)
        or PROTOCOLS[read_text(settings, "protocol") or RAFT.name].proposes_no_ops
        or holds_no_op(top),
        membership=None if are_settings_incomplete else read_text(settings, "membership") or base.membership,
        reads=None if are_settings_incomplete else read_text(settings, "reads") or base.reads,
        start_ms=fork_start.moment_ms if fork_start else 0,
        until_ms=until.integer() if until else fork_start.setup.until_ms if fork_start else None,
    )


def _is_incomplete(value: YamlValue | None) -> bool:
    return value is not None and value.is_incomplete


def _node_names(nodes: YamlValue | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.text() for node in nodes.list_items())) if nodes else ()


def _parent_commands(fork_start: ForkStart | None) -> tuple[str, ...]:
    return fork_start.commands if fork_start else ()


def _resolve_fork(fork: YamlValue | None, find_parent: FindParent) -> tuple[ForkStart | None, list[Finding]]:
    """What a fork has from its parent, or why it can have nothing."""
    parent_id, step = (fork.get("of"), fork.get("step")) if fork else (None, None)
    if parent_id is None or step is None:
        return None, []
    text = find_parent(parent_id.text())
    if text is None:
        scenario_ids = library.list_scenario_ids()
        advice = (
            suggest_nearest(shorten_line(parent_id.text()), scenario_ids)
            if scenario_ids
            else "write the name of a scenario's file without .yaml"
        )
        return None, [(parent_id.place, f"unknown scenario {quote(parent_id.text())}; {advice}")]
    played_parent = play_without_parent(parent_id.text(), text)
    if played_parent is None:
        return None, [
            (parent_id.place, f"{quote(parent_id.text())} is itself a fork; fork the scenario that it follows")
        ]
    if isinstance(played_parent, Problems):
        return None, [
            (
                parent_id.place,
                (
                    f"{quote(parent_id.text())} has mistakes of its own; fix them first: "
                    f"{played_parent.problems[0].show()}"
                ),
            )
        ]
    if played_parent.scenario.schedule:
        parent_words = quote(parent_id.text())
        words = f"{parent_words} is a schedule, and a schedule cannot be forked; fork a scenario with a clock"
        return None, [(parent_id.place, words)]
    return _make_fork_start(played_parent.scenario, played_parent.moments_ms, played_parent.action_times_ms, step)


@lru_cache(maxsize=64)
def play_without_parent(id: str, text: str) -> PlayedScenario | Problems | None:
    """A scenario that follows no other, played once for itself and all its forks; ``None`` for a fork."""
    if may_be_fork(text) and _is_fork(text):
        return None
    outcome = load(f"{id}.yaml", text, find_parent=lambda _: None)
    return outcome if isinstance(outcome, Problems) else play(outcome)


def may_be_fork(text: str) -> bool:
    """Whether a scenario's text has the key of a fork, or something that looks like it."""
    return _FORK_KEY.search(text) is not None


def _is_fork(text: str) -> bool:
    try:
        return parse_yaml(decode_text(text)).top.get("fork") is not None
    except UnreadableError:
        return False


def _make_fork_start(
    parent: Scenario, moments_ms: tuple[int, ...], action_times_ms: tuple[int, ...], step: YamlValue
) -> tuple[ForkStart | None, list[Finding]]:
    """The parent up to the step's moment: the actions carried out by then. At step 1 nothing has been done yet."""
    number = step.integer()
    if number > len(moments_ms):
        words = f"{quote(parent.id)} has {len(moments_ms)} steps, so none is number {number}; choose one of them"
        return None, [(step.place, words)]
    moment_ms = moments_ms[number - 1] if number > 1 else 0
    plan = tuple(
        action
        for action, action_ms in zip(parent.setup.plan, action_times_ms, strict=True)
        if number > 1 and action_ms <= moment_ms
    )
    commands = tuple(action.directive.command for action in plan if isinstance(action.directive, Request))
    setup = replace(parent.setup, plan=plan)
    return ForkStart(setup=setup, seed=parent.seed, moment_ms=moment_ms, commands=commands), []
