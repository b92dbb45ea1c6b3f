"""From values known to be right to a :class:`Scenario`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, Reads, Settings
from raftstep.core.paxos.guards import Guard as PaxosGuard
from raftstep.scenario.directives import actions, pattern, timers
from raftstep.scenario.model import (
    ConfigurationExpected,
    Expectation,
    Fork,
    Place,
    Scenario,
    Script,
    Scripted,
    Sentence,
    Waypoint,
)
from raftstep.scenario.value import Value, flag, number, pairs, parts, texts, whole, words
from raftstep.simulation.explore.bounds import STARTS
from raftstep.simulation.plan import Action, Setup
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS

START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """What a fork has from its parent: its set-up with only the actions up to the fork, its seed, and that moment."""

    setup: Setup
    seed: int
    moment_ms: int
    commands: tuple[str, ...]


def build(path: str, source: str, top: Value, inherited: Inherited | None) -> Scenario:
    """The scenario. Every value is of the right kind and every name is known: the checks have passed."""
    fork, expect = top.get("fork"), top.get("expect")
    own = [pair for action in parts(top.get("happens")) for pair in actions(action)]
    kept = inherited.setup.plan if inherited else ()
    return Scenario(
        id=PurePath(path).stem,
        path=path,
        source=source,
        title=words(top, "title") or "",
        summary=words(top, "summary") or "",
        subject=words(top, "subject"),
        setup=_setup(top, inherited, (*kept, *(action for action, _ in own))),
        seed=inherited.seed if inherited else whole(top, "seed", 0),
        action_places=(*(fork.place for _ in kept if fork), *(place for _, place in own)),
        waypoints=tuple(_waypoint(step) for step in parts(top.get("steps"))),
        expect=_expectation(expect, top.key_places["expect"]) if expect else None,
        fork=_fork(fork, top.key_places["fork"]) if fork else None,
        script=_script(top),
    )


def _script(top: Value) -> Script | None:
    if not (script := top.get("script")):
        return None
    return Script(start=words(top, "start") or STARTS[0], events=tuple(_scripted(event) for event in script.parts()))


def _scripted(event: Value) -> Scripted:
    say = event.get("say")
    [(verb, value)] = [pair for pair in event.pairs() if pair[0] != "say"]
    return Scripted(directive={verb: value.plain()}, say=_sentence(say) if say else None, place=event.key_places[verb])


def _range(value: Value | None, key: str, otherwise: tuple[int, int]) -> tuple[int, int]:
    ends = parts(value.get(key) if value else None)
    return (ends[0].whole(), ends[1].whole()) if ends else otherwise


def _setup(top: Value, inherited: Inherited | None, plan: tuple[Action, ...]) -> Setup:
    given, settings = timers(top.get("timers")), top.get("settings")
    if inherited:
        base = inherited.setup
        return replace(
            base,
            settings=_settings(settings, base.settings),
            timers=tuple({**dict(base.timers), **dict(given)}.items()),
            plan=plan,
            until_ms=whole(top, "until_ms", base.until_ms),
        )
    timeout_ms = _range(settings, "election_timeout_ms", (150, 300))
    return Setup(
        nodes=texts(top.get("nodes")),
        voters=texts(top.get("voters")) or _not_learners(top),
        learners=texts(top.get("learners")),
        settings=_settings(settings, Settings(minimum_timeout_ms=timeout_ms[0])),
        start_term=whole(settings, "start_term", 1),
        protocol=PROTOCOLS[words(settings, "protocol") or RAFT.name],
        election_timeout_ms=timeout_ms,
        heartbeat_interval_ms=whole(settings, "heartbeat_interval_ms", 50),
        latency_ms=_range(settings, "latency_ms", (10, 20)),
        loss=number(settings, "loss", 0.0),
        duplicate=number(settings, "duplicate", 0.0),
        timers=given,
        clocks=tuple((node, speed.number()) for node, speed in pairs(top.get("clocks"))),
        plan=plan,
        until_ms=whole(top, "until_ms", 1000),
    )


def _not_learners(top: Value) -> tuple[str, ...]:
    """Where only learners are named, all others vote."""
    learners = texts(top.get("learners"))
    return tuple(node for node in texts(top.get("nodes")) if node not in learners) if learners else ()


def _settings(value: Value | None, base: Settings) -> Settings:
    """What is switched on, over what was on already."""
    named = value.get("without") if value else None
    left_out = frozenset(guard for guard in (*Guard, *PaxosGuard) if guard.slug in texts(named))
    return replace(
        base,
        no_op=flag(value, "no_op", base.no_op),
        empty_heartbeats=flag(value, "empty_heartbeats", base.empty_heartbeats),
        pre_vote=flag(value, "pre_vote", base.pre_vote),
        check_quorum=flag(value, "check_quorum", base.check_quorum),
        leader_stickiness=flag(value, "leader_stickiness", base.leader_stickiness),
        membership=Membership(words(value, "membership") or base.membership),
        reads=Reads(words(value, "reads") or base.reads),
        sessions=flag(value, "sessions", base.sessions),
        snapshot_after=whole(value, "snapshot_after", base.snapshot_after),
        drift_bound=number(value, "drift_bound", base.drift_bound),
        without=cast("frozenset[Guard]", left_out) if named else base.without,
    )


def _waypoint(step: Value) -> Waypoint:
    assert step.fields is not None
    when, why, expect = step.fields["when"], step.get("why"), step.get("expect")
    return Waypoint(
        name=step.fields["name"].words(),
        title=_sentence(step.fields["title"]),
        say=_sentence(step.fields["say"]),
        why=_sentence(why) if why else None,
        when=None if when.scalar == START else pattern(when),
        after_ms=whole(step, "after_ms", 0),
        expect=_expectation(expect, step.key_places["expect"]) if expect else None,
        place=when.place,
    )


def _sentence(value: Value) -> Sentence:
    return Sentence(text=value.words(), place=value.place)


def _expectation(value: Value, place: Place) -> Expectation:
    def numbers(key: str) -> tuple[tuple[str, int], ...]:
        return tuple((node, one.whole()) for node, one in pairs(value.get(key)))

    def names(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((node, one.words()) for node, one in pairs(value.get(key)))

    reads = value.get("reads")
    return Expectation(
        place=place,
        leader=words(value, "leader"),
        terms=numbers("terms"),
        roles=names("roles"),
        votes=names("votes"),
        logs=tuple((node, texts(log)) for node, log in pairs(value.get("logs"))),
        commit_index=numbers("commit_index"),
        answered=texts(value.get("answered")),
        unanswered=texts(value.get("unanswered")),
        configurations=tuple((node, _configuration(one)) for node, one in pairs(value.get("configurations"))),
        snapshots=numbers("snapshots"),
        machines=tuple(
            (node, key, one.words()) for node, machine in pairs(value.get("machines")) for key, one in pairs(machine)
        ),
        reads=texts(reads) if reads else None,
        broken=texts(value.get("broken")),
    )


def _configuration(value: Value) -> ConfigurationExpected:
    def group(key: str) -> frozenset[str] | None:
        inner = value.get(key)
        return frozenset(texts(inner)) if inner else None

    return ConfigurationExpected(voters=group("voters"), outgoing=group("outgoing"), learners=group("learners"))


def _fork(fork: Value, place: Place) -> Fork:
    return Fork(
        of=words(fork, "of") or "",
        step=whole(fork, "step", 1),
        question=words(fork, "question") or "",
        place=place,
    )
