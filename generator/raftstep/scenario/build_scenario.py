"""From values known to be right to a :class:`Scenario`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.core.paxos.guards import Guard as PaxosGuard
from raftstep.document.problem import Place
from raftstep.document.value import (
    YamlValue,
    read_flag,
    read_integer,
    read_list,
    read_mapping,
    read_number,
    read_text,
    read_texts,
)
from raftstep.scenario.directives import read_actions, read_links, read_pattern, read_timers
from raftstep.scenario.model import (
    Expectation,
    ExpectedConfiguration,
    Fork,
    Scenario,
    Schedule,
    ScheduleLine,
    Sentence,
    Waypoint,
)
from raftstep.scenario.start_state import read_start
from raftstep.simulation.explore.bounds import STARTS
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS

START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkStart:
    """What a fork has from its parent: its set-up with only the actions up to the fork, its seed, and that moment."""

    setup: Setup
    seed: int
    moment_ms: int
    commands: tuple[str, ...]


def build_scenario(path: str, source: str, top: YamlValue, fork_start: ForkStart | None) -> Scenario:
    """The scenario. Every value is of the right kind and every name is known: the checks have passed."""
    fork, expect = top.get("fork"), top.get("expect")
    own_actions = [pair for action in read_list(top.get("happens")) for pair in read_actions(action)]
    parent_actions = fork_start.setup.plan if fork_start else ()
    return Scenario(
        id=PurePath(path).stem,
        path=path,
        source=source,
        title=read_text(top, "title") or "",
        summary=read_text(top, "summary") or "",
        subject=read_text(top, "subject"),
        setup=_read_setup(top, fork_start, (*parent_actions, *(action for action, _ in own_actions))),
        seed=fork_start.seed if fork_start else read_integer(top, "seed", 0),
        action_places=(*(fork.place for _ in parent_actions if fork), *(place for _, place in own_actions)),
        waypoints=tuple(_read_waypoint(step) for step in read_list(top.get("steps"))),
        expect=_read_expectation(expect, top.key_places["expect"]) if expect else None,
        fork=_read_fork(fork, top.key_places["fork"]) if fork else None,
        schedule=_read_schedule(top),
        end_place=until.place if (until := top.get("until_ms")) else None,
    )


def _read_schedule(top: YamlValue) -> Schedule | None:
    if not (lines := top.get("script")):
        return None
    start = top.get("start")
    return Schedule(
        start=STARTS[0] if start is None or start.fields is not None else start.text(),
        lines=tuple(_read_schedule_line(line) for line in lines.list_items()),
    )


def _read_schedule_line(line: YamlValue) -> ScheduleLine:
    say, why, expect = line.get("say"), line.get("why"), line.get("expect")
    [(verb, value)] = [pair for pair in line.pairs() if pair[0] not in ("say", "why", "expect")]
    return ScheduleLine(
        directive={verb: value.to_data()},
        say=_read_sentence(say) if say else None,
        why=_read_sentence(why) if why else None,
        expect=_read_expectation(expect, line.key_places["expect"]) if expect else None,
        place=line.key_places[verb],
    )


def _read_range(value: YamlValue | None, key: str, default: tuple[int, int]) -> tuple[int, int]:
    ends = read_list(value.get(key) if value else None)
    return (ends[0].integer(), ends[1].integer()) if ends else default


def _read_setup(top: YamlValue, fork_start: ForkStart | None, plan: tuple[Action, ...]) -> Setup:
    node_timers, settings = read_timers(top.get("timers")), top.get("settings")
    if fork_start:
        base = fork_start.setup
        return replace(
            base,
            settings=_read_settings(settings, base.settings),
            timers=tuple({**dict(base.timers), **dict(node_timers)}.items()),
            plan=plan,
            until_ms=read_integer(top, "until_ms", base.until_ms),
        )
    timeout_ms = _read_range(settings, "election_timeout_ms", (150, 300))
    nodes, voters = read_texts(top.get("nodes")), read_texts(top.get("voters")) or _nodes_beside_learners(top)
    node_settings = _read_settings(settings, Settings(minimum_timeout_ms=timeout_ms[0]))
    return Setup(
        nodes=nodes,
        voters=voters,
        learners=read_texts(top.get("learners")),
        settings=node_settings,
        start_term=read_integer(settings, "start_term", 1),
        protocol=PROTOCOLS[read_text(settings, "protocol") or RAFT.name],
        election_timeout_ms=timeout_ms,
        heartbeat_interval_ms=read_integer(settings, "heartbeat_interval_ms", 50),
        latency_ms=_read_range(settings, "latency_ms", (10, 20)),
        loss=read_number(settings, "loss", 0.0),
        duplication=read_number(settings, "duplicate", 0.0),
        timers=node_timers,
        clock_speeds=tuple((node, speed.number()) for node, speed in read_mapping(top.get("clocks"))),
        links=read_links(top.get("links")),
        disks=tuple((node, write_ms.integer()) for node, write_ms in read_mapping(top.get("disks"))),
        plan=plan,
        until_ms=read_integer(top, "until_ms", 1000),
        start=read_start(top, nodes, voters, node_settings),
    )


def _nodes_beside_learners(top: YamlValue) -> tuple[str, ...]:
    """Where only learners are named, all others vote."""
    learners = read_texts(top.get("learners"))
    return tuple(node for node in read_texts(top.get("nodes")) if node not in learners) if learners else ()


def _read_settings(value: YamlValue | None, base: Settings) -> Settings:
    """What is switched on, over what was on already."""
    without_list = value.get("without") if value else None
    removed_guards = frozenset(guard for guard in (*Guard, *PaxosGuard) if guard.slug in read_texts(without_list))
    return replace(
        base,
        no_op=read_flag(value, "no_op", base.no_op),
        empty_heartbeats=read_flag(value, "empty_heartbeats", base.empty_heartbeats),
        pre_vote=read_flag(value, "pre_vote", base.pre_vote),
        check_quorum=read_flag(value, "check_quorum", base.check_quorum),
        leader_stickiness=read_flag(value, "leader_stickiness", base.leader_stickiness),
        membership=Membership(read_text(value, "membership") or base.membership),
        reads=ReadMode(read_text(value, "reads") or base.reads),
        sessions=read_flag(value, "sessions", base.sessions),
        snapshot_after=read_integer(value, "snapshot_after", base.snapshot_after),
        drift_bound=read_number(value, "drift_bound", base.drift_bound),
        conflict_hints=read_flag(value, "conflict_hints", base.conflict_hints),
        entries_per_message=read_integer(value, "entries_per_message", base.entries_per_message),
        explicit_leave=read_flag(value, "explicit_leave", base.explicit_leave),
        session_limit=read_integer(value, "session_limit", base.session_limit),
        renew_sessions=read_flag(value, "renew_sessions", base.renew_sessions),
        without=cast("frozenset[Guard]", removed_guards) if without_list else base.without,
    )


def _read_waypoint(step: YamlValue) -> Waypoint:
    assert step.fields is not None
    when, why, expect = step.fields["when"], step.get("why"), step.get("expect")
    return Waypoint(
        name=step.fields["name"].text(),
        title=_read_sentence(step.fields["title"]),
        say=_read_sentence(step.fields["say"]),
        why=_read_sentence(why) if why else None,
        when=None if when.scalar == START else read_pattern(when),
        after_ms=read_integer(step, "after_ms", 0),
        expect=_read_expectation(expect, step.key_places["expect"]) if expect else None,
        place=when.place,
    )


def _read_sentence(value: YamlValue) -> Sentence:
    return Sentence(text=value.text(), place=value.place, raw=value.raw)


def _read_expectation(value: YamlValue, place: Place) -> Expectation:
    def read_numbers(key: str) -> tuple[tuple[str, int], ...]:
        return tuple((node, scalar.integer()) for node, scalar in read_mapping(value.get(key)))

    def read_words(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((node, word.text()) for node, word in read_mapping(value.get(key)))

    reads = value.get("reads")
    return Expectation(
        place=place,
        leader=read_text(value, "leader"),
        terms=read_numbers("terms"),
        roles=read_words("roles"),
        votes=read_words("votes"),
        logs=tuple(
            (node, tuple(str(entry.scalar) for entry in log.list_items()))
            for node, log in read_mapping(value.get("logs"))
        ),
        commit_index=read_numbers("commit_index"),
        answered_commands=read_texts(value.get("answered")),
        unanswered_commands=read_texts(value.get("unanswered")),
        configurations=tuple(
            (node, _read_configuration(configuration))
            for node, configuration in read_mapping(value.get("configurations"))
        ),
        snapshots=read_numbers("snapshots"),
        machines=tuple(
            (node, key, state.text())
            for node, machine in read_mapping(value.get("machines"))
            for key, state in read_mapping(machine)
        ),
        reads=read_texts(reads) if reads else None,
        conditions=tuple(map(_read_sentence, read_list(value.get("that")))),
        broken_properties=read_texts(value.get("broken")),
    )


def _read_configuration(value: YamlValue) -> ExpectedConfiguration:
    def read_group(key: str) -> frozenset[str] | None:
        nodes = value.get(key)
        return frozenset(read_texts(nodes)) if nodes else None

    return ExpectedConfiguration(
        voters=read_group("voters"), outgoing=read_group("outgoing"), learners=read_group("learners")
    )


def _read_fork(fork: YamlValue, place: Place) -> Fork:
    return Fork(
        parent_id=read_text(fork, "of") or "",
        step=read_integer(fork, "step", 1),
        question=read_text(fork, "question") or "",
        place=place,
    )
