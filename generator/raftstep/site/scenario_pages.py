"""The Markdown of the generated pages: one for each scenario, and the list of all."""

from __future__ import annotations

import json
from collections.abc import Mapping

from raftstep.core.guards import Guard
from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.core.paxos.guards import Guard as PaxosGuard
from raftstep.document.markdown_code import longest_run
from raftstep.document.markdown_text import escape_markdown
from raftstep.scenario.model import PlayedScenario
from raftstep.simulation.describe import NUMBER_WORDS
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.short_words import join_and, number_word


def scenario_page(played: PlayedScenario, scenario_runs: Mapping[str, PlayedScenario], transcript: str) -> str:
    """A scenario's page: its steps, its source, its transcript."""
    scenario = played.scenario
    lines = [
        "---",
        f"title: {json.dumps(f'Scenario: {scenario.title}', ensure_ascii=False)}",
        f"description: {json.dumps(scenario.summary, ensure_ascii=False)}",
        "hide: [navigation, toc]",
        "---",
        f"[Scenarios](index.md) › {SUBJECTS[scenario.subject][0]}",
        "{: .raft-crumb .raft-plain }",
        "",
        # Its own id: made from the title it could be that of the stepper.
        f"# {escape_markdown(scenario.title)} {{ #scenario }}",
        "",
        escape_markdown(scenario.summary),
        "",
    ]
    if scenario.fork and scenario.fork.parent_id in scenario_runs:
        parent = scenario_runs[scenario.fork.parent_id].scenario
        lines += [
            (
                f"*{escape_markdown(scenario.fork.question)}* "
                f"The run is that of [{escape_markdown(parent.title)}]({parent.id}.md) "
                f"up to its step {scenario.fork.step}."
            ),
            "",
        ]
    protocol = PROTOCOLS[played.trace.protocol]
    lines += _settings_notes(played)
    lines += [
        f'```raft src="{scenario.id}"',
        "```",
        "",
        *_link_around(played, scenario_runs),
        "## The scenario as YAML",
        "",
        f"This file decides the run; everything above was drawn from it. [Download it]({scenario.id}.yaml).",
        "",
        *_write_code("yaml", scenario.source),
        "",
        "## The transcript",
        "",
        (
            f"The run in words, an event a line: {len(played.trace.steps)} events, "
            f"and all {NUMBER_WORDS[len(protocol.properties)]} safety properties checked after each. "
            f"[Download it]({scenario.id}.txt)."
        ),
        "",
        *_write_code("text", transcript),
        "",
    ]
    return "\n".join(lines)


def _link_around(played: PlayedScenario, scenario_runs: Mapping[str, PlayedScenario]) -> list[str]:
    """Where a reader may go from here: to the run that this one leaves, and to its neighbours in the list."""
    scenario = played.scenario
    links = []
    if scenario.fork and scenario.fork.parent_id in scenario_runs:
        parent = scenario_runs[scenario.fork.parent_id].scenario
        address = f"{parent.id}.md#step-{scenario.fork.step}"
        links.append(f"[Back to step {scenario.fork.step} of {escape_markdown(parent.title)}]({address})")
    in_order = [
        id
        for subject in SUBJECTS
        for id in sorted(scenario_runs, key=lambda id: _sort_key(scenario_runs[id]))
        if scenario_runs[id].scenario.subject == subject
    ]
    place = in_order.index(scenario.id) if scenario.id in in_order else len(in_order)
    for sign, neighbours in (
        ("Before", in_order[max(0, place - 1) : place]),
        ("Next", in_order[place + 1 : place + 2]),
    ):
        links += [f"{sign}: [{escape_markdown(scenario_runs[id].scenario.title)}]({id}.md)" for id in neighbours]
    return [" · ".join(links), "{: .raft-around .raft-plain }", ""] if links else []


def _write_code(language: str, text: str) -> list[str]:
    """Text in a fence that nothing in it can close."""
    ticks = "`" * max(4, longest_run(text) + 1)
    return [f"{ticks}{language}", text.rstrip(), ticks]


def _settings_notes(played: PlayedScenario) -> list[str]:
    """What is switched on or left out in this run, and what it breaks on purpose."""
    settings, breaks = played.scenario.setup.settings, played.scenario.broken_properties
    lines = []
    protocol = PROTOCOLS[played.trace.protocol]
    if protocol is not RAFT:
        lines += [f"The nodes run {protocol.title}, not {RAFT.title}.", ""]
    if extensions := [words for is_on, words in _switches(settings) if is_on]:
        lines += [f"Beyond the paper’s Figure 2, switched on: {', '.join(extensions)}.", ""]
    if disks := played.scenario.setup.disks:
        words = join_and(f"{write_ms} ms at {node}" for node, write_ms in disks)
        lines += [f"A write to disk takes {words}; at all other nodes it takes no time.", ""]
    if removed_rules := [f"*{guard.sentence}*" for guard in (*Guard, *PaxosGuard) if guard in settings.without]:
        lines += [f"Left out, to show what it is for: {' '.join(removed_rules)}", ""]
    if breaks:
        steps = join_and(f"[step {moment.number}](#step-{moment.number})" for moment in played.moments if moment.alarms)
        lines += [f"**This run breaks a property on purpose: {join_and(breaks)}**, at {steps}.", ""]
    return lines


def _switches(settings: Settings) -> list[tuple[object, str]]:
    return [
        (settings.no_op, "a no-op at the start of a term"),
        (settings.empty_heartbeats, "heartbeats without entries"),
        (settings.conflict_hints, "conflict hints in refusals"),
        (
            settings.entries_per_message,
            "one entry in a message"
            if settings.entries_per_message == 1
            else f"at most {settings.entries_per_message} entries in a message",
        ),
        (settings.pre_vote, "pre-vote"),
        (settings.check_quorum, "check-quorum"),
        (settings.leader_stickiness, "leader stickiness"),
        (settings.membership is Membership.JOINT, "changes of configuration by joint consensus"),
        (settings.explicit_leave, "joint configurations that end when an operator asks"),
        (settings.membership is Membership.SINGLE, "changes of one voter at a time"),
        (settings.reads is ReadMode.READ_INDEX, "reads by ReadIndex"),
        (settings.reads is ReadMode.LEASE, "reads by lease"),
        (
            settings.reads is ReadMode.LEASE and settings.drift_bound > 1,
            f"clocks may drift by {settings.drift_bound:g}",
        ),
        (settings.sessions, "client sessions"),
        (settings.session_limit, f"at most {settings.session_limit} of them"),
        (settings.renew_sessions, "a new session with any command"),
        (settings.snapshot_after, f"a snapshot after {settings.snapshot_after} entries"),
    ]


def scenario_index_page(scenario_runs: Mapping[str, PlayedScenario]) -> str:
    """All scenarios as cards, grouped by what they are about: in each group the *what ifs* come last."""
    state_count = sum(played.trace.states_checked for played in scenario_runs.values())
    broken_count = sum(1 for played in scenario_runs.values() if played.scenario.broken_properties)
    lines = [
        "---",
        "title: Scenarios",
        "description: Every run on this site, with its pictures, its source and its transcript.",
        "hide: [navigation, toc]",
        "---",
        "# Scenarios",
        "",
        f"{len(scenario_runs)} runs, each drawn by the generator and checked after every event: {state_count} states.",
    ]
    if broken_count:
        lines += [
            (
                f"{number_word(broken_count).capitalize()} of the runs break a property on purpose, and say "
                "which and where; in no other state of any run does a property break."
            ),
        ]
    else:
        lines += ["In none of them did a safety property break."]
    for subject, (heading, sentence) in SUBJECTS.items():
        group = {id: played for id, played in scenario_runs.items() if played.scenario.subject == subject}
        if group:
            lines += ["", f"## {heading}", "", sentence, ""]
            for id in sorted(group, key=lambda id: _sort_key(group[id])):
                lines += _card(id, group[id])
    return "\n".join(lines)


SUBJECTS = {
    "elections": ("Elections", "How a cluster comes to have a leader, one a term."),
    "replication": ("Replication", "How a command gets from the leader to a majority, and when it is safe there."),
    "steady-leaders": ("Leaders that stay, and leaders that go", "How a cluster keeps a healthy leader."),
    "compaction": ("Log compaction", "How a snapshot takes the place of the entries that made it."),
    "membership": ("Membership", "How nodes join and leave while the cluster works."),
    "reads": ("Reads", "How a client reads what is current, without a new entry in the log."),
    "clients": ("Clients", "How a client finds the leader, and what it may do when no answer comes."),
    "comparison": (
        "Raft and Multi-Paxos",
        "The same clients and the same faults under two protocols, and what Multi-Paxos does with a rule left out.",
    ),
    None: ("Others", "Runs without a subject."),
}
"""The groups of scenarios, each with its heading and a sentence."""


def _sort_key(played: PlayedScenario) -> tuple[bool, bool, str, int, str]:
    scenario = played.scenario
    fork = scenario.fork
    return (
        fork is not None,
        scenario.id != "leader-election",
        fork.parent_id if fork else "",
        fork.step if fork else 0,
        scenario.id,
    )


def _card(id: str, played: PlayedScenario) -> list[str]:
    """A picture that leads to the scenario.

    It is of the step at which a promise breaks; of a fork's step before its last, where things come to a head.
    """
    broken_steps = [moment.number for moment in played.moments if moment.alarms]
    picture_step = max(1, len(played.moments) - 1) if played.scenario.fork else min(4, len(played.moments))
    return [
        f'```raft src="{id}" id="card-{id}" picture="{broken_steps[0] if broken_steps else picture_step}"',
        "```",
        "",
    ]
